"""Devices and measurements where no weights are bundled: another space, files of any content, latencies from here."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError, UsageProblem
from dinas_cli.oracles import devices
from dinas_cli.oracles.device import FEWEST, Device
from dinas_cli.oracles.measurements import read_measurements
from dinas_cli.oracles.measuring import latency, setting_here
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.shared.protocol import Space
from tests.support import toy as toys


@pytest.fixture(autouse=True)
def _registered(toy: Space) -> None:
    """All tests here may use the toy."""


def measured(count: int = 48, noise: float = 0.02, **changes: Any) -> Device:
    """A device of the toy space that charges like ``latency/b`` of its training set, times a thousand."""
    costs = toys.training_set().costs["latency/b"]
    rng = np.random.default_rng(2)
    rows = rng.choice(512, count, replace=False)
    pairs = tuple(
        (toys.SPACE.decode(toys.SPACE.reference()[row].tolist()), float(1000 * costs[row] * np.exp(noise * step)))
        for row, step in zip(rows, rng.normal(size=count), strict=True)
    )
    return replace(Device("mine", "toy", "latency", None, pairs, "on the kitchen table"), **changes)


def test_a_device_is_fitted_when_asked_for() -> None:
    surrogate = toys.surrogate()
    devices.attach(surrogate, [measured(), measured(metric="energy", name="other")])
    assert surrogate.columns()["latency/mine"] == "ms"
    assert surrogate.columns()["energy/other"] == "mJ"
    assert "mine" in surrogate.devices("latency")
    truth = toys.training_set().costs["latency/b"]
    profile = surrogate.profile("latency/mine")
    assert profile.measured == 48
    assert np.corrcoef(surrogate.predict(toys.SPACE.reference(), "latency/mine"), truth)[0, 1] > 0.85
    assert profile.descriptor @ surrogate.profile("latency/b").descriptor > 0.9, "its unit does not matter"
    tau = surrogate.kendall_tau("latency/mine")
    assert tau is not None
    assert 0.5 < tau <= 1


def test_what_does_not_run_counts_as_slow() -> None:
    pairs = measured().measurements
    slowest = sorted(pairs, key=lambda pair: -(pair[1] or 0))[:6]
    broken = tuple((genotype, None if (genotype, cost) in slowest else cost) for genotype, cost in pairs)
    profile, tau = replace(measured(), measurements=broken).fit(toys.surrogate())
    assert np.isfinite(profile.weights).all()
    assert tau is not None
    predicted = profile.predict(toys.surrogate().basis(np.array([toys.SPACE.encode(g) for g, _ in slowest])))
    assert predicted.mean() > profile.level


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "cannot name a device"),
        ({"name": "a/b"}, "cannot name a device"),
        ({"name": "-rf"}, "cannot name a device"),
        ({"name": "x" * 41}, "cannot name a device"),
        ({"metric": "latancy"}, "no metric of a device"),
        ({"metric": "params"}, "no metric of a device"),
        ({"dataset": "hrad"}, "unknown dataset"),
        ({"space": "toyy"}, "unknown space"),
        ({"measurements": ()}, f"0 architectures measured; at least {FEWEST}"),
        ({"measurements": measured(FEWEST - 1).measurements}, f"at least {FEWEST} different"),
        ({"measurements": measured(1).measurements * 30}, "1 architectures measured"),
        ({"measurements": tuple((genotype, 1.0) for genotype, _ in measured().measurements)}, "different"),
        ({"measurements": tuple((genotype, None) for genotype, _ in measured().measurements)}, "0 architectures"),
        ({"measurements": (*measured().measurements, ("1111111", -1.0))}, "not a positive number"),
        ({"measurements": (*measured().measurements, ("1111111", float("nan")))}, "not a positive number"),
        ({"measurements": (*measured().measurements, ("9111111", 1.0))}, "no toy cell"),
    ],
)
def test_refused(changes: dict[str, Any], message: str, home: Path) -> None:
    with pytest.raises(UsageProblem, match=message) as caught:
        devices.save(measured(**changes))
    assert caught.value.exit_code == 2
    assert not (home / "devices").exists()


def test_files_that_are_no_devices(home: Path) -> None:
    path = devices.save(measured())
    data = json.loads(path.read_text("utf-8"))
    contents = [b"", b"\xff\xfe", b"[]", b"{", b"[" * 100_000, b'"text"', path.read_bytes()[:-20]]
    for change in ({"schema": "dinas/device@2"}, {"measurements": [[1]]}, {"measurements": 3}, {"name": 3}):
        contents.append(json.dumps(data | change).encode())
    contents += [json.dumps({k: v for k, v in data.items() if k != gone}).encode() for gone in data if gone != "note"]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(CorruptFileError, match="is not a device") as caught:
            devices.load_all("toy")
        assert str(path) in caught.value.message
        assert str(path) in str(caught.value.hint)
        assert devices.own_names("toy") == []


def test_latency_measured_here() -> None:
    found = {
        size: latency(toys.SPACE, (1,) * 7, setting_here(toys.SPACE, "hard", None, size), seconds=0.02)
        for size in (1, 512)
    }
    assert found[1].runs >= 1
    assert found[1].spread >= 0
    assert 0 < found[1].median < found[512].median, "more images take longer"
    words = setting_here(toys.SPACE, "hard", None, 4, threads=2).describe()
    assert words.startswith("the benchmark's own network for hard, 4 inputs at once, per call, float32")
    assert "2 CPU threads, torch " in words


def test_any_text_is_read_or_refused(tmp_path: Path) -> None:
    """Random cuts and mixtures of what such files are made of: a result or a usage problem, never anything else."""
    rng = np.random.default_rng(3)
    pieces = [
        SPACE.decode((1,) * 6),
        "301004",
        "\t",
        ",",
        "\n",
        "\r",
        '"',
        "#",
        "1.5",
        "-",
        "nan",
        "1e999",
        "\0",
        "\x0b",
        "é",
        "(((",
        "|",
    ]
    refused, path = 0, tmp_path / "costs.txt"
    for _ in range(400):
        text = "".join(pieces[i] for i in rng.integers(len(pieces), size=rng.integers(1, 14)))
        try:
            path.write_bytes(text.encode())
            found = read_measurements(SPACE, path).pairs
        except UsageProblem:
            refused += 1
            continue
        assert all(SPACE.decode(SPACE.encode(genotype)) == genotype for genotype, _ in found)
        assert all(cost is None or 0 < cost < float("inf") for _, cost in found)
    assert 0 < refused < 400
