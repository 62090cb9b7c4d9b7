"""The suite ``paper``: stable keys, curves that say what was found when, tables that keep protocols apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.bench import trained
from dinas_cli.bench.experiments import Options
from dinas_cli.bench.problems import Ledger, Problem
from dinas_cli.bench.searchers import BASELINES, search
from dinas_cli.bench.suites.paper import FULL, LABELS, SPACES, SUITE, curve
from dinas_cli.bench.trained import plain_samples, ranked_random, ranked_samples, ranked_space
from dinas_cli.checkpoints.registry import resolve
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import enumerable
from tests.support.bundled import needs_weights
from tests.support.macro import macro

pytestmark = needs_weights


def keys(*spaces: str, seeds: int = 2) -> list[str]:
    return [experiment.key for experiment in SUITE.experiments(Options(spaces, seeds, Path("work")))]


def test_keys_are_unique_and_more_seeds_only_add() -> None:
    few, many = keys(*SPACES, seeds=2), keys(*SPACES, seeds=3)
    assert len(set(few)) == len(few)
    assert set(few) < set(many)
    assert "nasbench201@cifar100/P dinas/seed1" in few
    assert "darts/P random search/seed0" in few


def test_protocol_h_is_for_full_tables_only() -> None:
    honest = {key.partition("/")[0].partition("@")[0] for key in keys(*SPACES) if "/H " in key}
    assert honest == set(FULL) == {name for name in SPACES if enumerable(get_space(name))}
    assert sum("/H 64 labels/" in key for key in keys(*FULL)) == 2 * len(FULL)
    assert len(LABELS) == 8


def test_curves_say_what_was_found_when(bench_data: Path) -> None:
    problem = macro(bench_data)
    ledger = Ledger(problem, 100)
    pool = problem.pool
    assert pool is not None
    values = problem.look_up(pool)
    order = values.argsort(kind="stable")
    for row in [*pool[order[:40]].tolist(), pool[order[-1]].tolist()]:
        ledger.ask(row)
    found = curve(ledger, 7)
    assert found["queries"] == [1, 2, 4, 8, 16, 24, 32], "nothing is claimed of look-ups that were not made"
    assert found["value"][0] == pytest.approx(values.min(), abs=1e-3)
    assert found["value"][-1] == pytest.approx(values[order[31]], abs=1e-3)
    assert (found["found"], found["looked_up"], found["labels"]) == (41, 41, 7)
    assert found["value"] == sorted(found["value"])
    assert curve(search(problem, BASELINES["random search"], 1, 0), 0)["found"] is None


@pytest.mark.parametrize("method", [ranked_samples, plain_samples, ranked_random, ranked_space])
def test_trained_models_find_the_best_quickly(bench_data: Path, method: object) -> None:
    problem = macro(bench_data)
    ledger = search(problem, method, 32, 0)  # type: ignore[arg-type]
    assert len(ledger.asked) == len(set(ledger.asked)) == 32
    chance = [max(search(problem, BASELINES["random search"], 32, seed).answers) for seed in range(3)]
    assert max(ledger.answers) > max(chance)


def test_our_own_search_draws_until_its_look_ups_are_made(bench_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trained, "DRAWN", 60)
    assert len(search(macro(bench_data), ranked_samples, 70, 0).asked) == 70


def test_favourites_are_told_apart_beyond_the_best_label(bench_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trained, "DRAWN", 96)
    surrogate = Surrogate.load(resolve(None, "darts", "surrogate"))
    problem = Problem(get_space("darts"), None, macro(bench_data).table, surrogate, None)
    found = search(problem, ranked_samples, 12, 0).values
    assert len(set(problem.predict(found).tolist())) < 12, "predictions in percent end at the best label"
    assert (np.diff(problem.ranking(found)) <= 0).all()


def test_a_search_that_ended_early_is_no_best_of_all_look_ups() -> None:
    run = {
        "queries": [8, 16],
        "value": [91.0, 92.0],
        "test": [90.5, 91.5],
        "looked_up": 20,
        "labels": 0,
        "source": "table",
        "pool": 100,
        "optimum": 93.0,
        "found": None,
    }
    longer = run | {"queries": [8, 16, 32], "value": [91.0, 92.0, 93.0], "test": [90.5, 91.5, 92.5], "looked_up": 32}
    results = {"nasbench101/P evolution/seed0": run, "nasbench101/P evolution/seed1": longer}
    (table,) = SUITE.tables(results)
    assert table.header[3:7] == ("best of 8", "best of 16", "best of 32", "test")
    assert table.rows[0][3:7] == ("91.00 ± 0.00", "92.00 ± 0.00", "93.00 ± 0.00 (1 of 2)", "92.50 ± 0.00 (1 of 2)")


def test_tables_keep_protocols_apart_and_name_what_is_published() -> None:
    run = {
        "queries": [8, 16],
        "value": [91.5, 91.61],
        "test": [94.0, 94.37],
        "looked_up": 16,
        "labels": 14063,
        "source": "table",
        "pool": 15625,
        "optimum": 91.61,
        "found": 12,
    }
    results: dict[str, dict[str, Any]] = {
        "nasbench201@cifar10/P dinas/seed0": run,
        "nasbench201@cifar10/P dinas/seed1": {**run, "found": None},
        "nasbench201@cifar10/H dinas/seed0": {**run, "labels": 0},
        "nasbench201@cifar10/H 64 labels/seed0": {
            "labels": 64,
            "looked_up": 96,
            "best_label": 90.0,
            "value": 91.0,
            "optimum": 91.61,
        },
    }
    paper, honest, budgets = SUITE.tables(results)
    assert "protocol P" in paper.title
    assert "192 look-ups" in paper.note
    assert paper.rows == (("dinas", "14063", "2", "91.50 ± 0.00", "91.61 ± 0.00", "94.37 ± 0.00", "12 ± 0 (1 of 2)"),)
    assert "protocol H" in honest.title
    assert honest.rows[0][1] == "in look-ups"
    assert budgets.rows == (("nasbench201@cifar10", "64", "96", "1", "90.00 ± 0.00", "91.00 ± 0.00", "91.61"),)
    for table in (paper, honest, budgets):
        assert all(len(row) == len(table.header) for row in table.rows)


def test_at_a_glance_says_where_not() -> None:
    def run(value: float) -> dict[str, Any]:
        return {
            "queries": [100, 200],
            "value": [value, value + 1],
            "test": None,
            "looked_up": 200,
            "labels": 0,
            "source": "table",
            "pool": 10,
            "optimum": 60.0,
            "found": None,
        }

    methods = {"dinas": 50.0, "random search": 40.0, "local search": 51.0, "evolution": 49.0}
    results = {f"transnas-micro@jigsaw/H {name}/seed0": run(value) for name, value in methods.items()}
    glance = SUITE.tables(results)[0]
    assert glance.rows == (
        (
            "transnas-micro@jigsaw",
            "50.00 ± 0.00",
            "not above local search: 51.00 ± 0.00",
            "51.00 ± 0.00",
            "not above local search: 52.00 ± 0.00",
        ),
    )
    del results["transnas-micro@jigsaw/H evolution/seed0"]
    assert "glance" not in SUITE.tables(results)[0].title


def test_half_split_stands_beside_what_is_published_and_what_chance_gives() -> None:
    shares = {"drawn": 1033, "found": 1000, "novel": 50.5}
    run = {
        "seen": 7812,
        "samples": 1000,
        "valid": 100.0,
        "unique": 96.8,
        "novel": 50.5,
        "different": shares,
        "excluding": {**shares, "novel": 100.0},
        "uniform": {"unique": 96.87, "novel": 50.0},
    }
    (table,) = SUITE.tables({"nasbench201/half split/seed0": run})
    assert "7,812" in table.title
    assert table.rows[0][3:] == ("100.0 ± 0.0", "96.8 ± 0.0", "50.5 ± 0.0")
    assert table.rows[2][3:] == ("100", "100", "100.0 ± 0.0")
    assert table.rows[3][-2:] == ("96.9", "50.0")
