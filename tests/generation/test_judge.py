"""The judge: budgets, floors and ranks inside the feasible set, on small tables and on the whole benchmark."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Budget, Floor, Rank, Request
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.generation.judge import Judge
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.benchmark_files import install_table
from tests.support.bundled import guess, needs_weights

FPGA = "latency/fpga@cifar10"


@pytest.fixture
def oracles() -> Oracles:
    """The whole space with accuracy = key / 200 and latency = key + 1, but for the last architecture unmeasured."""
    keys = np.arange(15_625)
    latency = np.where(keys == 15_624, np.nan, keys + 1.0)
    columns = {"acc@cifar10": NewColumn(keys / 200, "%", "a"), FPGA: NewColumn(latency, "ms", "a")}
    merge(SPACE.name, [Part(keys, columns)], {})
    return Oracles(SPACE, Table.open(SPACE.name))


def satisfying(oracles: Oracles, **members: object) -> list[int]:
    """Keys of the architectures that satisfy a request for cifar10."""
    request = Request("nasbench201", "cifar10", **members)  # type: ignore[arg-type]
    return np.flatnonzero(Judge(oracles, request).satisfied(SPACE.reference())).tolist()


def test_budgets_and_floors(oracles: Oracles) -> None:
    assert satisfying(oracles, budgets=(Budget("latency", 3.0, "fpga"),)) == [0, 1, 2]
    assert satisfying(oracles, floor=Floor("acc", 78.11)) == [15_622, 15_623, 15_624]
    both = {"budgets": (Budget("latency", 15_624.0, "fpga"),), "floor": Floor("acc", 78.11)}
    assert satisfying(oracles, **both) == [15_622, 15_623]
    assert len(satisfying(oracles)) == 15_625


def test_unmeasured_is_not_satisfying(oracles: Oracles) -> None:
    assert 15_624 not in satisfying(oracles, budgets=(Budget("latency", 1e9, "fpga"),))


def test_rank_is_taken_among_the_feasible(oracles: Oracles) -> None:
    budget = Budget("latency", 100.0, "fpga")
    assert satisfying(oracles, rank=Rank("acc", 5.0), budgets=(budget,)) == [95, 96, 97, 98, 99]
    assert satisfying(oracles, rank=Rank("acc", 0.001), budgets=(budget,)) == [99]
    assert satisfying(oracles, rank=Rank("acc", 100.0), budgets=(budget,)) == list(range(100))
    assert len(satisfying(oracles, rank=Rank("acc", 5.0))) == 781


def test_ties_at_the_threshold_all_count() -> None:
    keys = np.arange(15_625)
    merge(SPACE.name, [Part(keys, {"acc@cifar10": NewColumn(np.minimum(keys, 15_000) / 200, "%", "a")})], {})
    assert len(satisfying(Oracles(SPACE, Table.open(SPACE.name)), rank=Rank("acc", 1.0))) == 625


def test_nothing_feasible(oracles: Oracles) -> None:
    request = Request("nasbench201", "cifar10", Rank("acc", 5.0), None, (Budget("latency", 0.5, "fpga"),))
    judge = Judge(oracles, request)
    assert np.isnan(judge.threshold)
    assert not judge.satisfied(SPACE.reference()).any()
    assert not judge.reference_chance.any()


def test_rank_by_a_metric_where_less_is_better(oracles: Oracles) -> None:
    assert satisfying(oracles, rank=Rank("params", 0.001)) != []
    smallest = SPACE.reference()[satisfying(oracles, rank=Rank("params", 0.001))]
    assert not np.isin(smallest, (2, 3)).any()


def test_computed_budgets_need_no_table() -> None:
    met = satisfying(Oracles(SPACE), budgets=(Budget("params", 100_000.0),))
    assert met
    assert all(3 not in cell for cell in SPACE.reference()[met])


def test_what_cannot_be_judged(oracles: Oracles) -> None:
    with pytest.raises(NotFoundError, match="no source at hand knows latency/pixel9@cifar10") as caught:
        Judge(oracles, Request("nasbench201", "cifar10", None, None, (Budget("latency", 1.0, "pixel9"),)))
    assert "dinas tables import" in str(caught.value.hint)
    with pytest.raises(UsageProblem, match="no metric 'beauty'"):
        Judge(oracles, Request("nasbench201", "cifar10", Rank("beauty", 5.0)))
    columns = Judge(oracles, Request("nasbench201", None, Rank("acc", 5.0), None, (Budget("latency", 1.0, "fpga"),)))
    assert columns.columns == (FPGA, "acc@cifar10")


def test_on_the_benchmark(bench_data: Path) -> None:
    install_table(bench_data)
    oracles = oracles_at_hand(SPACE, surrogate=False)
    latency = oracles.reference(FPGA)
    limit = float(np.quantile(latency, 0.35))
    request = Request("nasbench201", "cifar10", Rank("acc", 5.0), None, (Budget("latency", limit, "fpga"),))
    judge = Judge(oracles, request)
    feasible = latency <= limit
    accuracy = oracles.reference("acc@cifar10")
    met = judge.satisfied(SPACE.reference())
    assert (feasible == judge.reference_chance.astype(bool)).all()
    assert 0 < abs(met.sum() / feasible.sum() - 0.05) < 0.001
    assert accuracy[met].min() > accuracy[feasible & ~met].max()


@needs_weights
def test_a_verdict_does_not_depend_on_how_many_are_judged_at_once() -> None:
    cells = SPACE.reference()[::7]
    for top in (0.1, 1.0, 20.0):
        for confidence in (None, 0.9):
            judge = Judge(guess(), Request("nasbench201", "cifar10", Rank("acc", top)), confidence)
            whole = judge.satisfied(cells)
            assert judge.reference_satisfied.any()
            parts = [judge.satisfied(cells[start : start + 37]) for start in range(0, len(cells), 37)]
            assert (np.concatenate(parts) == whole).all()
            assert (judge.reference_satisfied[::7] == whole).all()
