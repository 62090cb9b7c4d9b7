"""The network that a record's limit is about is the one that is written, or it is said that it is another."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.architectures.records import Metric, Record, to_json_line
from dinas_cli.exporting.plan import plan
from dinas_cli.spaces.darts.skeletons import CPU_1T
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.settings import Setting, published
from dinas_cli.spaces.shared.skeletons import Skeleton, count
from tests.conftest import Cli

DARTS, NB201 = get_space("darts"), get_space("nasbench201")
LIMIT = "latency/box ≤ 2.00 ms"
SMALL = Setting(Skeleton("cifar", cells=3, channels=8, classes=10, image_size=32), None, 4, True, "on the bench")


def darts(seed: int = 5, **changes: Any) -> Record:
    """A darts cell with a limit on a device whose costs are about a network of 3 cells and 8 channels."""
    values = tuple(DARTS.draw(1, seed)[0].tolist())
    record = Record(
        DARTS.canonical_id(values),
        "darts",
        DARTS.decode(values),
        {"acc": Metric(94.0, "%", "surrogate"), "latency/box": Metric(1.9, "ms", "surrogate", {"device": "box"})},
        Request("darts", None, Rank("acc", 5.0), None, (Budget("latency", 2.0, "box"),)).to_dict(),
        networks={"latency/box": SMALL.to_dict()},
    )
    return dataclasses.replace(record, **changes)


def nb201(dataset: str = "cifar10") -> Record:
    """A cell of nasbench201 with a limit on a device whose costs are about the benchmark's own network."""
    setting = published(NB201, "fpga", dataset)
    assert setting is not None
    request = Request("nasbench201", dataset, None, None, (Budget("latency", 2.0, "fpga"),))
    networks = {f"latency/fpga@{dataset}": setting.to_dict()}
    return Record("", "nasbench201", "301004", {}, request.to_dict(), networks=networks)


def comments(source: str) -> str:
    """The header as one line."""
    return " ".join(line.removeprefix("# ") for line in source.splitlines() if line.startswith("# "))


def test_the_network_of_the_limit_is_written_by_default() -> None:
    network = plan(darts())
    assert network.skeleton is not None
    assert (network.skeleton.name, network.skeleton.cells, network.skeleton.channels) == ("cifar", 3, 8)
    assert network.others == ()
    header = comments(network.source())
    of_this = "latency/box: 1.9 ms (surrogate, device box; of this network, 4 images at once, per image, on the bench)"
    assert f"{of_this} metrics of the benchmark's own network around this cell: acc: 94 % (surrogate)" in header


def test_its_sizes_are_the_defaults_of_options() -> None:
    network = plan(darts(), options={"cells": 6})
    assert network.skeleton is not None
    assert (network.skeleton.cells, network.skeleton.channels) == (6, 8)


def test_a_skeleton_that_is_named_has_its_own_defaults() -> None:
    network = plan(darts(), skeleton="cifar")
    assert network.skeleton is not None
    assert (network.skeleton.cells, network.skeleton.channels) == (20, 36)
    assert plan(darts(), skeleton="own").skeleton is None


@pytest.mark.parametrize("options", [{"skeleton": "own"}, {"skeleton": "imagenet"}, {"options": {"channels": 16}}])
def test_another_network_is_told_with_the_ratio_of_multiply_accumulates(options: Any) -> None:
    record = darts()
    network = plan(record, **options)
    values = DARTS.encode(record.genotype)
    expected = count(DARTS, values, None, network.skeleton)[1] / count(DARTS, values, None, plan(record).skeleton)[1]
    ((limit, ratio),) = network.others
    assert (limit.text, limit.setting) == (LIMIT, Setting.from_dict(DARTS, SMALL.to_dict()))
    assert ratio == pytest.approx(expected)
    assert ratio > 2
    words = "the limit latency/box ≤ 2.00 ms was for another network, the cifar network (3 cells, 8 channels, "
    header = comments(network.source())
    assert words in header
    assert f": this one has {expected:.3g} times its multiply-accumulates" in header
    assert "(surrogate, device box; of the cifar network (3 cells, 8 channels, " in header


def test_what_works_while_training_only_makes_no_other_network() -> None:
    assert plan(darts(), options={"auxiliary": True, "drop_path": 0.2}).others == ()


@pytest.mark.parametrize(
    ("options", "ratio"),
    [
        ({"skeleton": "cifar", "options": {"image_size": 224}}, 49),
        ({"dataset": "imagenet16-120"}, 0.25),
        ({"skeleton": "cifar", "options": {"classes": 11}}, 1),
        ({"skeleton": "cifar"}, None),
        ({}, None),
    ],
)
def test_nasbench201_with_other_images(options: Any, ratio: float | None) -> None:
    network = plan(nb201(), **options)
    assert [number for _, number in network.others] == ([] if ratio is None else [pytest.approx(ratio, rel=1e-3)])


def test_devices_that_were_measured_once_are_about_the_dataset_that_is_asked_for() -> None:
    setting = published(NB201, "gold_6226", None)
    assert setting is not None
    request = Request("nasbench201", "cifar100", None, None, (Budget("latency", 9.0, "gold_6226"),))
    record = Record(
        "", "nasbench201", "301004", {}, request.to_dict(), networks={"latency/gold_6226": setting.to_dict()}
    )
    assert plan(record).others == ()
    ((_, ratio),) = plan(record, skeleton="cifar", options={"image_size": 64}).others
    assert ratio == pytest.approx(4, rel=0.01)


def test_counts_are_about_the_benchmarks_own_network() -> None:
    budgets = (Budget("params", 3e6), Budget("latency", 2.0, "box"))
    network = plan(darts(request=Request("darts", None, None, None, budgets).to_dict()))
    assert network.skeleton is not None
    assert network.skeleton.cells == 3
    ((limit, ratio),) = network.others
    assert limit.text == "params ≤ 3.00 M"
    assert ratio < 1
    alone = plan(darts(request=Request("darts", None, None, None, budgets[:1]).to_dict()))
    assert alone.skeleton is None
    assert alone.others == ()


def test_where_nothing_is_known_in_closed_form_no_ratio_is_told() -> None:
    space = get_space("nasbench-graph")
    setting = published(space, "gpu", "cora")
    assert setting is not None
    request = Request(space.name, "cora", None, None, (Budget("latency", 2.0, "gpu"),))
    genotype = space.decode(space.reference()[77].tolist())
    record = Record("", space.name, genotype, {}, request.to_dict(), networks={"latency/gpu@cora": setting.to_dict()})
    header = comments(plan(record, "citeseer").source())
    assert "latency/gpu ≤ 2.00 ms was for another network, the benchmark's own network for cora" in header
    assert "multiply-accumulates" not in header


def test_records_without_limits_or_networks_are_written_as_ever() -> None:
    assert plan(darts(request={})).skeleton is None, "a metric is no wish"
    old = plan(darts(networks={}))
    assert (old.skeleton, old.others) == (None, ())
    assert plan(Record("", "darts", darts().genotype)).skeleton is None


def test_what_the_command_says(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "found.jsonl"
    path.write_text("".join(to_json_line(darts(seed)) + "\n" for seed in (5, 6)))
    result = cli("export", path, "-o", tmp_path / "nets")
    assert result.err.splitlines() == [
        f"wrote 2 networks to {tmp_path / 'nets'}",
        f"written is the cifar network (3 cells, 8 channels, 10 classes, 32 × 32 pixels), for {LIMIT} is about it "
        "(another: --skeleton)",
    ]
    other = cli("export", path, "-o", tmp_path / "nets", "--force", "--skeleton", "own")
    assert len(other.err.splitlines()) == 2
    assert other.err.splitlines()[1].startswith(f"warning: the limit {LIMIT} was for another network, the cifar ")
    assert " pixels): what is written has " in other.err.splitlines()[1]
    assert other.err.splitlines()[1].endswith(" times its multiply-accumulates")
    refused = cli("export", path, "--auxiliary", "--image-size", "33")
    assert refused.code != 0
    assert "--image-size 33 cannot be halved" in refused.err


def test_networks_that_cannot_be_read_are_named_and_the_rest_is_written(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "found.jsonl"
    broken = (
        darts(networks={"latency/box": {"skeleton": "cifer"}}),
        darts(networks={"latency/box": SMALL.to_dict() | {"image_size": 33}}),
        darts(networks={"latency/box": 3}),
    )
    path.write_text("".join(to_json_line(record) + "\n" for record in (*broken, darts())))
    result = cli("export", path, "-o", tmp_path / "nets", "-q")
    assert result.code == 1
    errors = [line for line in result.err.splitlines() if line.startswith("error: ")]
    assert [f"{path}:{line}: " in error for line, error in zip((1, 2, 3), errors, strict=True)] == [True] * 3
    assert len(list((tmp_path / "nets").iterdir())) == 1


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_pipes_keep_the_network(cli: Cli, tmp_path: Path, form: list[str]) -> None:
    path = tmp_path / "found"
    path.write_text(cli("generate", "--space", "darts", "--acc", "top20", "--latency", "9ms", "-n", "2", *form).out)
    path.write_text(cli("eval", path, "--metrics", "acc", *form).out)
    result = cli("export", path, "-o", tmp_path / "nets")
    assert result.code == 0
    assert f"written is {CPU_1T.network_words()}, for latency/cpu-1t ≤ 9.00 ms is about it" in result.err
    for source in (tmp_path / "nets").iterdir():
        assert f"CELLS = {CPU_1T.network.cells}\n" in source.read_text("utf-8")
