"""Search from few labels: exact requests, look-ups that count, and better than chance."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.bench import few_labels
from dinas_cli.bench.few_labels import FewLabels, RankRequests, at_once, fresh, in_rounds, whole_space
from dinas_cli.bench.problems import Ledger
from dinas_cli.bench.searchers import search, start
from tests.support.bundled import needs_weights
from tests.support.macro import macro

pytestmark = needs_weights


def test_requests_are_answered_by_the_best_of_the_pool(bench_data: Path) -> None:
    problem = macro(bench_data)
    assert problem.pool is not None
    requests = RankRequests(problem, problem.pool)
    requests.order = np.argsort(-problem.look_up(problem.pool), kind="stable")
    batch = requests.draw(64, np.random.default_rng(0))
    place = np.empty(len(problem.pool), int)
    place[requests.order] = np.arange(len(problem.pool))
    sizes = np.bincount(batch.request.numpy(), minlength=64)
    assert sizes.min() >= 1
    assert sizes.max() <= few_labels.ANSWERS
    for request in range(64):
        ranks = place[batch.architecture.numpy()[batch.request.numpy() == request]]
        assert len(set(ranks)) == len(ranks)
        if sizes[request] < few_labels.ANSWERS:
            assert sorted(ranks) == list(range(len(ranks)))


def test_a_request_for_nothing_is_answered_by_anything(bench_data: Path) -> None:
    problem = macro(bench_data)
    batch = RankRequests(problem, problem.listed).draw(400, np.random.default_rng(0))
    request, place = batch.request.numpy(), batch.architecture.numpy()  # scores are as the pool is ordered
    silent = np.flatnonzero(~batch.present[0][:, 0].numpy())
    assert 0.05 < len(silent) / 400 < 0.15
    answers = place[np.isin(request, silent)]
    assert len(answers) == few_labels.ANSWERS * len(silent)
    assert abs(answers.mean() / len(problem.listed) - 0.5) < 0.02
    assert place[~np.isin(request, silent)].mean() < answers.mean() / 2


def test_only_new_ones_remain(bench_data: Path) -> None:
    problem = macro(bench_data)
    values = problem.draw(6, 0).astype(np.int64)
    ledger = Ledger(problem, 10)
    ledger.ask(values[2].tolist())
    assert fresh(ledger, values[[0, 1, 0, 2, 5, 1]]).tolist() == values[[0, 1, 5]].tolist()
    assert fresh(ledger, values[[2]]).shape == (0, 6)


@pytest.mark.parametrize("method", [in_rounds, whole_space, partial(at_once, labels=24)])
def test_labels_are_look_ups(bench_data: Path, monkeypatch: pytest.MonkeyPatch, method: object) -> None:
    monkeypatch.setattr(few_labels, "FIRST", 3)
    monkeypatch.setattr(few_labels, "NEXT", 1)
    problem = macro(bench_data)
    found = search(problem, method, 32, 1)  # type: ignore[arg-type]
    assert len(found.asked) == len(set(found.asked)) == 32
    assert search(problem, method, 32, 1).asked == found.asked  # type: ignore[arg-type]


def test_the_generator_learns_where_the_best_are(bench_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_labels, "FIRST", 60)
    problem = macro(bench_data)
    ledger = Ledger(problem, 64)
    start(ledger, 64, 0)
    search = FewLabels(problem, 0, 60)
    search.learn(ledger, 60)
    expected = search.predictor.mean(search.candidates(ledger, 0))
    assert expected.mean() > search.predictor.mean(problem.draw(500, 1)).mean() + 0.5
