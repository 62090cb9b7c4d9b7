"""Baselines: they keep to their look-ups, repeat themselves, and beat chance where they should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.bench.predictor import Predictor
from dinas_cli.bench.problems import Ledger, Problem
from dinas_cli.bench.searchers import BASELINES, ask_best, local_search, search, start
from tests.support.bundled import needs_weights
from tests.support.macro import macro

pytestmark = needs_weights


@pytest.mark.parametrize("name", BASELINES)
def test_look_ups_are_different_all_used_and_repeatable(bench_data: Path, name: str) -> None:
    problem = macro(bench_data)
    found = search(problem, BASELINES[name], 40, 3)
    assert len(found.asked) == len({problem.space.key(row) for row in found.asked}) == 40
    assert search(problem, BASELINES[name], 40, 3).asked == found.asked
    assert search(problem, BASELINES[name], 40, 4).asked != found.asked


def test_guided_and_evolutionary_search_beat_chance(bench_data: Path) -> None:
    problem = macro(bench_data)
    best = {
        name: np.mean([max(search(problem, BASELINES[name], 80, seed).answers) for seed in range(4)])
        for name in BASELINES
    }
    assert best["guided search"] > best["random search"]
    assert best["evolution"] > best["random search"]


def test_local_search_ends_in_a_local_optimum_and_starts_anew(bench_data: Path) -> None:
    problem = macro(bench_data)
    ledger = search(problem, local_search, 200, 0)
    values = dict(zip(ledger.asked, ledger.answers, strict=True))
    tops = [row for row in values if all(values.get(n, np.inf) < values[row] for n in problem.neighbours(row))]
    assert len(tops) >= 2, "more than one summit was climbed"


def test_the_best_are_asked_first_and_known_ones_passed_over(bench_data: Path) -> None:
    problem = macro(bench_data)
    values = problem.draw(10, 0)
    ledger = Ledger(problem, 10)
    ledger.ask(values[9].tolist())
    ask_best(ledger, (values, np.arange(10.0)), 3)
    assert ledger.asked == [tuple(values[i].tolist()) for i in (9, 8, 7, 6)]


def learned(problem: Problem, labels: int) -> tuple[Ledger, Predictor]:
    """Random look-ups and a predictor fitted to them."""
    ledger = Ledger(problem, labels)
    start(ledger, labels, 0)
    return ledger, Predictor(problem, ledger.values, np.array(ledger.answers), 0)


def test_the_predictor_ranks_what_it_has_not_seen(bench_data: Path) -> None:
    from scipy.stats import kendalltau

    problem = macro(bench_data)
    _, predictor = learned(problem, 128)
    others = problem.draw(1000, 9)
    assert kendalltau(predictor.mean(others), problem.look_up(others)).statistic > 0.5
    draws = [predictor.sample(others, np.random.default_rng(seed))[1] for seed in range(30)]
    assert np.mean(draws, 0) == pytest.approx(predictor.mean(others), abs=0.6)
    assert np.std(draws, 0).min() > 0
    assert len(predictor.mean(others[:0])) == len(predictor.upper(others[:0])) == 0


def test_what_is_known_is_promised_less_than_what_is_not(bench_data: Path) -> None:
    problem = macro(bench_data)
    ledger, predictor = learned(problem, 64)
    others = problem.draw(500, 9)
    known, unknown = (predictor.upper(values) - predictor.mean(values) for values in (ledger.values, others))
    assert known.min() >= 0
    assert known.max() < unknown.mean()
    spread = np.std([predictor.sample(others, np.random.default_rng(seed))[1] for seed in range(200)], axis=0)
    assert (unknown < spread).mean() > 0.95, "noise of look-ups is no reason to look"
