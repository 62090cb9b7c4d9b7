"""Evaluation of records: which columns, batches of equal requests, verdicts, records that are left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.generation.evaluate import evaluate
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.lookup import Selection
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.benchmark_files import CELLS, GENOTYPES, HEADER, partial, rows, write_csv

COUNTS = ["params@cifar10", "macs@cifar10"]


@pytest.fixture
def oracles(tmp_path: Path) -> Oracles:
    """Four architectures: accuracies on cifar10, latencies 1, 2, none, 4 ms and energies on fpga, 7 ms on pixel2."""
    costs = [f"{genotype},{'' if i == 2 else i + 1},{10 + i}" for i, genotype in enumerate(GENOTYPES)]
    partial(
        write_csv(tmp_path / "a.csv", HEADER, rows()),
        write_csv(tmp_path / "cifar10.csv", "arch_str,fpga_latency_ms,fpga_energy_mj", costs),
        write_csv(tmp_path / "help.csv", "arch_str,pixel2", [f"{genotype},7" for genotype in GENOTYPES]),
    )
    return oracles_at_hand(SPACE, surrogate=False)


def record(index: int, **members: object) -> Record:
    made = Record(SPACE.canonical_id(CELLS[index]), "nasbench201", GENOTYPES[index], origin=f"in:{index + 1}")
    return replace(made, **members)  # type: ignore[arg-type]


def test_usual_columns(oracles: Oracles) -> None:
    result = evaluate([record(1), record(0)], oracles, Selection())
    assert [list(item.metrics) for item in result.records] == [["acc@cifar10", "test_acc@cifar10", *COUNTS]] * 2
    assert [item.metrics["acc@cifar10"].value for item in result.records] == [81.5, 80.5]
    metric = result.records[0].metrics["acc@cifar10"]
    assert (metric.unit, metric.source, metric.extra) == ("%", "table", {"dataset": "cifar10"})
    assert result.records[0].metrics["macs@cifar10"].source == "computed"
    assert (result.missing, result.problems, result.unjudged) == ([], [], [])
    assert "satisfies" not in result.records[0].provenance


def test_a_device_adds_what_is_known_of_it(oracles: Oracles) -> None:
    (both,) = evaluate([record(3)], oracles, Selection(devices=("fpga",))).records
    assert both.metrics["latency/fpga@cifar10"].extra == {"device": "fpga", "dataset": "cifar10"}
    assert both.metrics["energy/fpga@cifar10"].value == 13
    (once,) = evaluate([record(3)], oracles, Selection(devices=("pixel2",), dataset="cifar100")).records
    assert once.metrics["latency/pixel2"].value == 7
    assert not any(name.startswith("energy") for name in once.metrics)


def test_missing_columns_are_told(oracles: Oracles) -> None:
    result = evaluate([record(0)], oracles, Selection(dataset="cifar100"))
    assert result.missing == ["acc@cifar100", "test_acc@cifar100"]
    assert list(result.records[0].metrics) == ["params@cifar100", "macs@cifar100"]


def test_requests_decide_columns_and_verdicts(oracles: Oracles) -> None:
    fast = Request("nasbench201", "cifar10", None, None, (Budget("latency", 2.0, "fpga"),)).to_dict()
    best = Request("nasbench201", "cifar10", Rank("acc", 100.0), None, (Budget("energy", 12.0, "fpga"),)).to_dict()
    elsewhere = Request("nasbench201", "cifar100", Rank("acc", 5.0)).to_dict()
    given = [record(0, request=fast), record(3, request=fast), record(2, request=fast), record(1, request=best)]
    result = evaluate([*given, record(1), record(0, request=elsewhere)], oracles, Selection())
    assert [item.provenance.get("satisfies") for item in result.records] == [True, False, False, True, None, None]
    assert "latency/fpga@cifar10" in result.records[2].metrics
    assert "latency/fpga@cifar10" not in result.records[3].metrics
    assert "energy/fpga@cifar10" in result.records[3].metrics
    assert [item.genotype for item in result.records] == [item.genotype for item in given] + [
        GENOTYPES[1],
        GENOTYPES[0],
    ]
    assert result.unjudged == ["no source at hand knows acc@cifar100 of nasbench201"]
    assert "acc@cifar100" in result.missing


def test_values_replace_those_of_the_same_column_and_keep_others(oracles: Oracles) -> None:
    known = {"acc@cifar10": Metric(1.0, "%", "surrogate"), "latency/mine": Metric(5.0, "ms", "measured")}
    (both,) = evaluate([record(0, metrics=known)], oracles, Selection()).records
    assert both.metrics["acc@cifar10"].value == 80.5
    assert both.metrics["latency/mine"] == known["latency/mine"]
    (only,) = evaluate([record(0, metrics=known)], oracles, Selection(("test_acc",))).records
    assert list(only.metrics) == ["test_acc@cifar10"]


def test_metrics_by_name(oracles: Oracles) -> None:
    names = ("index", "latency/fpga", "latency/pixel2@cifar10", "params@cifar100", "energy")
    (found,) = evaluate([record(3)], oracles, Selection(names, devices=("fpga",))).records
    assert list(found.metrics) == [
        "index",
        "latency/fpga@cifar10",
        "latency/pixel2",
        "params@cifar100",
        "energy/fpga@cifar10",
    ]
    with pytest.raises(NotFoundError, match="no source at hand knows test_acc@cifar100 of nasbench201"):
        evaluate([record(0)], oracles, Selection(("test_acc@cifar100",)))
    with pytest.raises(NotFoundError, match="no source at hand knows latency/fpga@cifar100"):
        evaluate([record(0)], oracles, Selection(("latency/fpga",), dataset="cifar100"))


@pytest.mark.parametrize(
    ("selection", "message", "hint"),
    [
        (Selection(("latncy",)), "no metric 'latncy'", "did you mean 'latency'"),
        (Selection(("latency",)), "latency needs a device", "fpga, pixel2"),
        (Selection(("latency/fpgaa",)), "unknown device 'fpgaa'", "did you mean 'fpga'"),
        (Selection(("energy/pixel2",)), "unknown device 'pixel2'", "devices: fpga"),
        (Selection(("acc/fpga",)), "acc does not depend on a device", "write acc"),
        (Selection(("acc@cifar11",)), "unknown dataset 'cifar11'", "did you mean"),
        (Selection(dataset="imagenet"), "unknown dataset 'imagenet'", "imagenet16-120"),
        (Selection(devices=("pixel3",)), "unknown device 'pixel3'", "did you mean 'pixel2'"),
    ],
)
def test_selections_that_make_no_sense(oracles: Oracles, selection: Selection, message: str, hint: str) -> None:
    with pytest.raises(UsageProblem, match=message) as caught:
        evaluate([record(0)], oracles, selection)
    assert hint in str(caught.value.hint)


def test_a_device_where_none_is_known() -> None:
    with pytest.raises(NotFoundError, match="latency or energy of any device") as caught:
        evaluate([record(0)], Oracles(SPACE), Selection(devices=("fpga",)))
    assert "dinas tables import" in str(caught.value.hint)


def test_records_with_requests_that_cannot_be_read_are_left_out(oracles: Oracles) -> None:
    bad = [{"space": "nasbench201", "budgets": [{"metric": "latency"}]}, {"space": "nasbench201", "dataset": "svhn"}]
    result = evaluate([record(0, request=bad[0]), record(1), record(2, request=bad[1])], oracles, Selection())
    assert [item.genotype for item in result.records] == [GENOTYPES[1]]
    assert result.problems[0].message.startswith("in:1: a record's request cannot be read")
    assert result.problems[0].hint == "take 'request' out of it"
    assert result.problems[1].message == "in:3: unknown dataset 'svhn'"


def test_requests_for_what_the_space_lacks_leave_their_records_out(oracles: Oracles) -> None:
    bad = [Request("nasbench201", "cifar10", Rank("perplexity", 5.0)), Request("darts")]
    given = [record(0, request=bad[0].to_dict()), record(1), record(2, request=bad[1].to_dict())]
    result = evaluate(given, oracles, Selection())
    assert [item.genotype for item in result.records] == [GENOTYPES[1]]
    assert "perplexity" in result.problems[0].message
    assert result.problems[1].message == "in:3: its request is for space 'darts', not 'nasbench201'"


def test_plain_lines_get_an_id_and_the_usual_dialect(oracles: Oracles) -> None:
    plain = replace(record(1), id="", genotype=SPACE.decode(CELLS[1], "ops"))
    (found,) = evaluate([plain], oracles, Selection()).records
    assert (found.id, found.genotype) == (SPACE.canonical_id(CELLS[1]), GENOTYPES[1])
    assert evaluate([], oracles, Selection()).records == []
