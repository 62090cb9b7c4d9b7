"""Baselines: they use all their look-ups, repeat themselves, beat chance where they should, and are what they claim."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.bench.optuna_searchers import nsga, parzen
from dinas_cli.bench.predictor import Predictor
from dinas_cli.bench.problems import Ledger, Problem, Spent
from dinas_cli.bench.searchers import (
    BASELINES,
    BATCH,
    PARENTS,
    POPULATION,
    STARTS,
    ask_best,
    local_search,
    search,
    start,
)
from dinas_cli.spaces.shared.protocol import Values
from tests.support.bundled import needs_weights
from tests.support.macro import macro

pytestmark = needs_weights
RIVALS = BASELINES | {"TPE": parzen}


@pytest.mark.parametrize("name", RIVALS)
def test_look_ups_are_different_all_used_and_repeatable(bench_data: Path, name: str) -> None:
    problem = macro(bench_data)
    found = search(problem, RIVALS[name], 40, 3)
    assert len(found.asked) == len({problem.space.key(row) for row in found.asked}) == 40
    assert search(problem, RIVALS[name], 40, 3).asked == found.asked
    assert search(problem, RIVALS[name], 40, 4).asked != found.asked


def test_guided_and_evolutionary_search_beat_chance(bench_data: Path) -> None:
    problem = macro(bench_data)
    best = {
        name: np.mean([max(search(problem, run, 80, seed).answers) for seed in range(4)])
        for name, run in RIVALS.items()
    }
    assert best["TPE"] > best["random search"]
    assert best["guided search"] > best["random search"]
    assert best["evolution"] > best["random search"]


def test_nsga_looks_up_different_rows_of_a_front(bench_data: Path) -> None:
    """Two metrics of one table that pull apart: its latest half is nearer to the front than its first."""
    problem = macro(bench_data)
    other = "acc@autoencoder"
    found = nsga(problem, other, 120, 0)
    assert found.tolist() == nsga(problem, other, 120, 0).tolist()
    assert len(set(problem.keys(found).tolist())) == len(found) == 120
    assert all(problem.valid(row) for row in found.tolist())
    quality = problem.sign * problem.look_up(found) - problem.table.lookup(problem.keys(found), other)
    assert np.nanmean(quality[60:]) > np.nanmean(quality[:60])


@pytest.mark.parametrize("name", BASELINES)
def test_all_look_ups_are_made_where_the_table_has_little(
    bench_data: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    problem = macro(bench_data)
    problem = dataclasses.replace(problem, pool=problem.draw(200, 0))
    known = set(problem.keys(problem.listed).tolist())
    monkeypatch.setattr(Problem, "look_up", _only(known, Problem.look_up))
    assert len(search(problem, BASELINES[name], 120, 0).asked) == 120


def test_a_search_ends_when_everything_is_looked_up(bench_data: Path) -> None:
    problem = dataclasses.replace(macro(bench_data), pool=macro(bench_data).listed[:50])
    assert problem.reachable == 50
    ledger = Ledger(problem, 60)
    for row in problem.listed.tolist():
        ledger.ask(row)
    assert ledger.left == 0
    assert Ledger(problem, 40).left == 40


class Watched(Ledger):
    """Keeps every answer, repeated ones too, and for every mutation what was answered before it."""

    def __init__(self, problem: Problem, budget: int) -> None:
        super().__init__(problem, budget)
        self.told: list[tuple[Values, float]] = []
        self.mutated: list[tuple[Values, int]] = []

    def ask(self, values: Sequence[int]) -> float:
        self.told.append((tuple(values), super().ask(values)))
        return self.told[-1][1]

    def run(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let a baseline search."""
        mutate = Problem.mutate

        def watched(problem: Problem, values: Values, rng: np.random.Generator) -> Values:
            self.mutated.append((tuple(values), len(self.told)))
            return mutate(problem, values, rng)

        monkeypatch.setattr(Problem, "mutate", watched)
        with suppress(Spent):
            BASELINES[name](self, 0)


def test_evolution_retires_the_oldest(bench_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Watched(macro(bench_data), 150)
    ledger.run("evolution", monkeypatch)
    assert len(ledger.mutated) > 100
    for parent, before in ledger.mutated:
        assert parent in [values for values, _ in ledger.told[before - POPULATION : before]]
    best = max(ledger.told, key=lambda told: told[1])[0]
    assert any(parent != best for parent, _ in ledger.mutated[-20:])


def test_guided_search_mutates_its_best(bench_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Watched(macro(bench_data), 80)
    ledger.run("guided search", monkeypatch)
    assert len(ledger.mutated) > 500
    for parent, before in ledger.mutated:
        answers = dict(ledger.told[:before])
        assert sum(answer > answers[parent] for answer in answers.values()) < PARENTS


def test_guided_search_chooses_as_the_tool_does(bench_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Predictor, "upper", lambda _self, values: values[:, 0].astype(float))
    ledger = search(macro(bench_data), BASELINES["guided search"], STARTS + BATCH, 0)
    first = [values[0] for values in ledger.asked[STARTS:]]
    assert first == sorted(first, reverse=True)


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


def _only(known: set[int], look_up: Callable[[Problem, np.ndarray], np.ndarray]) -> object:
    """Look-ups of a table that has ``known`` keys and nothing else."""

    def looked_up(problem: Problem, values: np.ndarray) -> np.ndarray:
        there = [key in known for key in problem.keys(values).tolist()]
        return np.where(there, look_up(problem, values), np.nan)

    return looked_up


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
