"""Tables with holes: the surrogate fills them in and says so, but for what is known not to run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Budget, Floor, Rank, Request
from dinas_cli.errors import UnsatisfiedError
from dinas_cli.generation.feasibility import check_feasible
from dinas_cli.generation.generate import generate
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.summary import Summary
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.lookup import look_up
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.bundled import guess, needs_weights, quantile

pytestmark = needs_weights
ACC, FPGA, EDGE = "acc@cifar10", "latency/fpga@cifar10", "latency/edgegpu@cifar10"
KNOWN = 300


@pytest.fixture
def holed(tmp_path: Path) -> Oracles:
    """A table of 300 accuracies, and of two devices' latencies of every tenth cell, of which one runs only half."""
    keys = np.arange(0, 15_625, 10)
    edge = np.where(keys % 20 == 0, 5.0, np.nan)
    first = Part(keys, {FPGA: NewColumn(1.0 + keys / 1e4, "ms", "a"), EDGE: NewColumn(edge, "ms", "a")})
    second = Part(np.arange(KNOWN), {ACC: NewColumn(np.linspace(60, 95, KNOWN), "%", "b")})
    merge(SPACE.name, [first, second], {}, path=tmp_path / "t.safetensors")
    return Oracles(SPACE, Table.open(SPACE.name, tmp_path / "t.safetensors"), guess().surrogate)


def test_holes_are_filled_in_value_by_value(holed: Oracles) -> None:
    cells = SPACE.reference()[[5, 10, 20, 9000, 9001]]
    keys = [SPACE.key(row) for row in cells.tolist()]
    assert keys == [5, 10, 20, 9000, 9001]
    values, source = holed.metric(cells, FPGA)
    assert source == "table"
    assert holed.sources(cells, FPGA) == ["surrogate", "table", "table", "table", "surrogate"]
    assert values[[1, 2, 3]] == pytest.approx([1.001, 1.002, 1.9])
    expected = guess().metric(cells, FPGA)[0]
    assert values[[0, 4]] == pytest.approx(expected[[0, 4]], rel=1e-5)
    made = look_up(holed, cells, [FPGA])[FPGA]
    assert [metric.source for metric in made] == ["surrogate", "table", "table", "table", "surrogate"]
    assert ["kendall_tau" in metric.extra for metric in made] == [True, False, False, False, True]


def test_what_is_known_not_to_run_stays_empty(holed: Oracles) -> None:
    cells = SPACE.reference()[[10, 20, 21]]  # measured but does not run; runs; not measured
    values = holed.metric(cells, EDGE)[0]
    assert np.isnan(values[0])
    assert values[1] == 5.0
    assert holed.sources(cells, EDGE) == ["table", "table", "surrogate"]
    judge = Judge(holed, Request(SPACE.name, "cifar10", None, None, (Budget("latency", 1e6, "edgegpu"),)), 0.98)
    assert judge.satisfied(cells).tolist() == [False, True, True]


def test_a_complete_table_asks_no_surrogate(tmp_path: Path) -> None:
    keys = np.arange(15_625)
    merge(SPACE.name, [Part(keys, {ACC: NewColumn(keys / 200, "%", "b")})], {}, path=tmp_path / "t.safetensors")

    def unwanted() -> None:
        raise AssertionError("the surrogate is read although the table knows everything")

    oracles = Oracles(SPACE, Table.open(SPACE.name, tmp_path / "t.safetensors"), unwanted)
    assert Judge(oracles, Request(SPACE.name, "cifar10", Rank("acc", 5.0)), 0.98).count_satisfied() > 0
    assert look_up(oracles, SPACE.reference()[:3], [ACC])[ACC][0].source == "table"


def test_known_and_guessed_values_rank_on_one_scale(holed: Oracles) -> None:
    ranking = holed.ranking(None, ACC)
    known = ranking[:KNOWN]
    assert (np.diff(known) >= 0).all()
    middle = float(np.median(guess().reference(ACC)))
    below = known[np.linspace(60, 95, KNOWN) < middle]
    assert below.max() < np.median(ranking) + 0.1
    best = holed.metric(SPACE.reference()[np.argsort(-ranking)[:200]], ACC)[0]
    assert best.min() > np.quantile(guess().reference(ACC), 0.9)


def test_requests_are_answered_in_spite_of_holes(holed: Oracles) -> None:
    request = Request(SPACE.name, "cifar10", Rank("acc", 5.0), None, (Budget("latency", quantile(FPGA, 0.4), "fpga"),))
    result = generate(request, 8, oracles=holed)
    assert (len(result.records), result.source) == (8, "surrogate")
    lines = "\n".join(Summary(SPACE).add(result.records).source_lines())
    sources = {record.metrics[FPGA].source for record in result.records}
    assert ("of 8)" in lines) == (len(sources) > 1)
    assert all(
        ("probability" in record.metrics[FPGA].extra) == (record.metrics[FPGA].source == "surrogate")
        for record in result.records
    )


def test_a_mixed_column_says_how_much_is_whose(holed: Oracles) -> None:
    from dinas_cli.architectures.schema import Record

    made = look_up(holed, SPACE.reference()[[5, 10, 20]], [FPGA])[FPGA]
    lines = Summary(SPACE).add([Record("", SPACE.name, "", {FPGA: metric}) for metric in made]).source_lines()
    tau = guess().tau(FPGA)
    assert lines == [
        f"from surrogate, agrees on held-out architectures with measurements: {FPGA} (τ {tau:.3f}, 1 of 3)",
        f"from table: {FPGA} (2 of 3)",
    ]


def test_a_refusal_names_the_table_that_knows_little(holed: Oracles) -> None:
    alone = Oracles(SPACE, holed.table)
    with pytest.raises(UnsatisfiedError) as caught:
        check_feasible(Judge(alone, Request(SPACE.name, "cifar10", None, Floor("acc", 99.0))))
    assert str(caught.value.hint).endswith(
        "feasible from --acc '>=95.00%' (the table of nasbench201 has acc@cifar10 of 300 of 15625 architectures only)"
    )
