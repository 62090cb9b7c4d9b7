"""Searches for fronts: limits decide before accuracy, look-ups are equal, the surrogate's order is a front's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.bench import limited
from dinas_cli.bench.fronts import pairs
from dinas_cli.bench.limited import METHODS, LimitedLedger, cost_of, promising, under_one_limit
from dinas_cli.bench.problems import Problem, open_problem
from dinas_cli.bench.suites.constraints import SUITE
from dinas_cli.generation.fronts import share
from tests.support.bundled import needs_weights

pytestmark = needs_weights
COLUMN = "latency/fpga@cifar10"


@cache
def tabled(folder: Path) -> Problem:
    """NAS-Bench-201 with the latencies of HW-NAS-Bench."""
    files = (folder / "nasbench201.csv.gz", folder / "hw_nas_bench_cifar10.csv.gz")
    return open_problem("nasbench201", "cifar10", files)


def test_limits_decide_before_accuracy(bench_data: Path) -> None:
    problem = tabled(bench_data)
    assert problem.pool is not None
    values = problem.draw(200, 1)
    costs = cost_of(problem, values, COLUMN)
    limit = float(np.median(costs))
    ledger = LimitedLedger(problem, 200, column=COLUMN, limit=limit)
    answers = np.array([ledger.ask(row) for row in values.tolist()])
    within = costs <= limit
    assert answers[within] == pytest.approx(problem.look_up(values)[within])
    assert answers[~within].max() < problem.look_up(problem.pool).min()
    order = np.argsort(costs[~within])
    assert (np.diff(answers[~within][order]) <= 0).all(), "the more it exceeds the limit, the worse"


def test_what_does_not_run_is_worst(bench_data: Path) -> None:
    problem = tabled(bench_data)
    assert problem.pool is not None
    column = "latency/edgetpu@cifar10"
    costs = cost_of(problem, problem.pool, column)
    broken, slow = problem.pool[np.isnan(costs)][0], problem.pool[int(np.nanargmax(costs))]
    ledger = LimitedLedger(problem, 2, column=column, limit=float(np.nanmin(costs)))
    assert ledger.ask(broken.tolist()) < ledger.ask(slow.tolist())


@pytest.mark.parametrize("name", METHODS)
def test_every_method_keeps_to_its_look_ups(bench_data: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(limited, "DRAWN", 4)
    problem = tabled(bench_data)
    found = METHODS[name](problem, COLUMN, 100, 0)
    assert len(found) <= 100
    assert len(found) > 60
    assert np.array_equal(found, METHODS[name](problem, COLUMN, 100, 0))


def test_the_tools_own_front_is_nearer_the_true_one_than_chance(bench_data: Path) -> None:
    problem = tabled(bench_data)
    assert problem.pool is not None
    true = pairs(cost_of(problem, problem.pool, COLUMN), problem.look_up(problem.pool))
    shares = {}
    for name in ("dinas", "random search"):
        found = METHODS[name](problem, COLUMN, 100, 0)
        shares[name] = share(pairs(cost_of(problem, found, COLUMN), problem.look_up(found)), true)
    assert shares["dinas"] > 0.98
    assert shares["dinas"] > shares["random search"]


def test_promising_ones_come_first_and_once(bench_data: Path) -> None:
    problem = tabled(bench_data)
    values = problem.draw(50, 0)
    order = promising(problem, COLUMN, np.concatenate([values, values]), 60)
    assert len(order) == 50
    cost = problem.surrogate.predict(order, COLUMN)
    quality = problem.predict(order)
    assert not any(cost[i] < cost[0] and quality[i] > quality[0] for i in range(50)), "the first is on the front"


def test_one_limit(bench_data: Path) -> None:
    problem = tabled(bench_data)
    found = under_one_limit(problem, COLUMN, 5.0, 16, 0)
    assert 0 < len(found) <= 16
    assert (cost_of(problem, found, COLUMN) <= 5.0).mean() > 0.9
    assert (np.diff(problem.predict(found)) <= 1e-9).all()


def test_tables_of_the_suite() -> None:
    results: dict[str, dict[str, Any]] = {
        "fpga@cifar10/true front": {"front": [[1.0, 90.0]]},
        "fpga@cifar10/dinas/seed0": {"share": 0.99, "looked_up": 200},
        "fpga@cifar10/dinas/seed1": {"share": 1.0, "looked_up": 200},
        "fpga@cifar10/random search/seed0": {"share": 0.9, "looked_up": 200},
        "fpga@cifar100/at most 4 ms/seed0": {
            "looked_up": 16,
            "violations": 1,
            "latency": 3.9,
            "value": 70.0,
            "test": 70.5,
        },
    }
    front, single = SUITE.tables(results)
    assert front.header == ("device", "dinas", "random search")
    assert front.rows == (("fpga", "99.50 ± 0.50", "90.00 ± 0.00"),)
    assert single.rows[0][0] == "4 ms"
    assert single.rows[0][-2:] == ("1", "70.2")
    assert SUITE.tables({}) == []
