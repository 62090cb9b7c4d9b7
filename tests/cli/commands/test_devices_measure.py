"""``dinas devices measure``: this machine becomes a device."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dinas_cli.oracles import devices, energy, measuring
from dinas_cli.oracles.energy import Counter
from dinas_cli.oracles.measuring import Latency
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.shared.protocol import Space, Values
from dinas_cli.spaces.shared.settings import Setting
from tests.conftest import Cli
from tests.support.bundled import needs_weights
from tests.support.devices_made_up import costs
from tests.support.terminals import DINAS, interrupted

pytestmark = needs_weights


def setting_here() -> Setting:
    """That of a quick measurement."""
    return measuring.setting_here(SPACE, "cifar10", None, 1, 1)


def test_what_is_contradicted_is_measured_again(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that was busy once is not for the second time."""
    seen: list[str] = []
    price = dict(zip(devices.anchors(SPACE.name, 16), costs(devices.anchors(SPACE.name, 16)), strict=True))

    def latency(space: Space, values: Values, setting: Setting, threads: int, device: str) -> Latency:
        genotype = space.decode(values)
        seen.append(genotype)
        busy = seen.count(genotype) == 1 and len(seen) == 5
        return replace(timed, median=float(price[genotype]) * (8 if busy else 1))

    timed = measuring.latency(SPACE, SPACE.encode(next(iter(price))), setting_here(), 1, seconds=0.01)
    monkeypatch.setattr(measuring, "latency", latency)
    result = cli("devices", "measure", "here", "-n", 16, "--json")
    assert (result.code, json.loads(result.out)["left_out"]) == (0, 0)
    assert re.search(r"measured \d again, which the others contradict", result.err)
    (one,) = devices.load_all(SPACE.name)
    assert dict(one.measurements) == pytest.approx(price)


def test_measure_here(cli: Cli) -> None:
    result = cli("devices", "measure", "here", "-n", 8, "--dataset", "imagenet16-120", "--json")
    assert result.code == 0
    shown = json.loads(result.out)
    assert (shown["column"], shown["measured"]) == ("latency/here@imagenet16-120", 8)
    (one,) = devices.load_all(SPACE.name)
    assert all(cost is not None and 0 < cost < 10_000 for _, cost in one.measurements)
    assert [genotype for genotype, _ in one.measurements] == devices.anchors(SPACE.name, 8)
    assert one.setting is not None
    assert one.setting.describe().startswith("the benchmark's own network for imagenet16-120 (5 cells, 16 channels, ")
    assert ", 1 image at once, float32, channels last, 1 CPU thread, torch " in one.setting.describe()
    assert shown["network"].startswith("the benchmark's own network for imagenet16-120 (5 cells per stage, 16 channels")
    assert result.err.splitlines()[-1].endswith("--device here --dataset imagenet16-120")


def test_measure_in_a_space_without_datasets(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """One network is timed and stands for the others: cells of this space take half a second each."""
    timed: list[Latency] = []

    def latency(space: Space, values: Values, setting: Setting, threads: int, device: str) -> Latency:
        timed[:] = timed or [measure(space, values, setting, threads, seconds=0.01)]
        return replace(timed[0], median=timed[0].median + sum(values))

    measure = measuring.latency
    monkeypatch.setattr(measuring, "latency", latency)
    result = cli("devices", "measure", "here", "-n", 8, "--space", "darts", "--json")
    assert result.code == 0
    assert json.loads(result.out)["column"] == "latency/here"
    (one,) = devices.load_all("darts")
    assert one.dataset is None
    assert all(cost is not None and 0 < cost < 60_000 for _, cost in one.measurements)
    assert one.setting is not None
    assert one.setting.sizes == {"cells": 8, "channels": 32, "classes": 10, "image_size": 32}
    assert one.setting.run.startswith("float32, channels last, 1 CPU thread, torch ")
    assert result.err.splitlines()[-1].endswith("--device here --space darts")


def test_a_limit_can_be_about_a_network_of_ones_own(cli: Cli, tmp_path: Path) -> None:
    sizes = ["--skeleton", "cifar", "--channels", 4, "--cells", 1, "--image-size", 16]
    assert cli("devices", "measure", "here", "-n", 8, "--batch", 2, *sizes, "-q").code == 0
    (one,) = devices.load_all(SPACE.name)
    assert one.setting is not None
    assert one.setting.to_dict() | {"run": ""} == {
        "skeleton": "cifar",
        "cells": 1,
        "channels": 4,
        "classes": 10,
        "image_size": 16,
        "dataset": "cifar10",
        "batch": 2,
        "run": "",
    }
    listed = [json.loads(line) for line in cli("devices", "list", "--json").out.splitlines()]
    (network,) = [row["network"] for row in listed if row["device"] == "here"]
    assert "the cifar network for cifar10 (1 cells per stage, 4 channels, " in network
    found = tmp_path / "found.jsonl"
    found.write_text(cli("generate", "--latency", "9s", "--device", "here", "-n", 1, "--json").out)
    assert json.loads(found.read_text())["networks"]["latency/here@cifar10"] == one.setting.to_dict()
    source = cli("export", found).out
    assert "CHANNELS = 4\nCELLS = 1\nIN_CHANNELS = 3\nINPUT_SHAPE = (3, 16, 16)\n" in source


def test_a_space_without_devices_is_told_before_anything_is_measured(cli: Cli) -> None:
    result = cli("devices", "measure", "here", "--space", "nasbench101")
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines() == [
        "error: 'latency' is no metric of a device in nasbench101",
        "hint: known: none",
    ]


def test_energy_by_the_counters_of_this_machine(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is one that the test writes; a call takes as many millijoules as its network costs."""
    domain = tmp_path / "intel-rapl:0"
    domain.mkdir()
    for name, text in (("name", "package-0"), ("max_energy_range_uj", "262143328850"), ("energy_uj", "7000")):
        (domain / name).write_text(text)
    price = dict(zip(devices.anchors(SPACE.name, 16), costs(devices.anchors(SPACE.name, 16)), strict=True))

    def used(space: Space, values: Values, setting: Setting, counter: Counter, threads: int, device: str) -> float:
        before = counter.read()
        (domain / "energy_uj").write_text(str(7000 + round(1e3 * float(price[space.decode(values)]))))
        found = counter.since(before)
        (domain / "energy_uj").write_text("7000")
        return found

    monkeypatch.setattr(measuring, "energy", used)
    monkeypatch.setattr(energy, "POWERCAP", tmp_path)
    result = cli("devices", "measure", "here", "-n", 16, "--metric", "energy", "--json")
    assert (result.code, json.loads(result.out)["column"]) == (0, "energy/here@cifar10")
    (one,) = devices.load_all(SPACE.name)
    assert (one.metric, one.unit) == ("energy", "mJ")
    assert dict(one.measurements) == pytest.approx(price, abs=1e-3)
    assert one.setting is not None
    assert one.setting.run.endswith(", RAPL (packages)")
    assert "dinas generate --acc top5 --energy … --device here" in result.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--torch-device", "cuda"), "torch finds no cuda device here"),
        (("--torch-device", "mps", "--metric", "energy"), "torch finds no mps device here"),
        (("--metric", "energy"), "no energy counter of this CPU is readable: no RAPL package in /nowhere"),
    ],
)
def test_what_cannot_be_measured_here_is_told_before_anything_is(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], message: str
) -> None:
    for name in ("cuda", "mps"):
        if getattr(torch, name).is_available():
            pytest.skip(f"this machine has {name}")
    monkeypatch.setattr(energy, "POWERCAP", Path("/nowhere"))
    result = cli("devices", "measure", "here", *options)
    assert (result.code, result.out) == (3, "")
    first, second = result.err.splitlines()
    assert first == f"error: {message}"
    assert second.startswith("hint: ")
    assert not devices.folder().exists()


def test_ctrl_c_while_measuring_keeps_nothing() -> None:
    result = interrupted([*DINAS, "devices", "measure", "here", "-n", "500"], r"\d+\.\d+ ms")
    assert (result.code, result.out) == (130, "")
    assert not devices.folder().exists()
