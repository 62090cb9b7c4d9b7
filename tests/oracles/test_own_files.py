"""Devices' own files and measurements of benchmark scripts: columns of any space's table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.device import Device
from dinas_cli.oracles.importers import import_files
from dinas_cli.oracles.tables import Table, find_table
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.registry import get_space, space_names

VALUES = SPACE.draw(12, 2)
GENOTYPES = [SPACE.decode(values) for values in VALUES.tolist()]


def values(column: str) -> list[float]:
    keys = np.array([SPACE.key(row) for row in VALUES.tolist()])
    found: list[float] = Table.open(SPACE.name).lookup(keys, column).tolist()
    return found


def device(**changes: object) -> dict[str, object]:
    """A device file of twelve architectures, the last of which does not run there."""
    costs = [1.5 + 0.1 * row for row in range(11)]
    pairs = tuple(zip(GENOTYPES, [*costs, None], strict=True))
    return Device("my-cpu", "darts", "latency", None, pairs, "idle").to_dict() | changes


OTHER_SPACE = device(space="nasbench201", measurements=[[f"3331{i:02}", 1 + i] for i in (0, 1, 2, 3, 4, 10, 11, 12)])


def test_a_device_becomes_a_column(tmp_path: Path) -> None:
    path = tmp_path / "device.json"
    path.write_text(json.dumps(device(), indent=1), "utf-8")
    assert import_files(SPACE, [path]).added == ("latency/my-cpu",)
    np.testing.assert_allclose(values("latency/my-cpu"), [*(1.5 + 0.1 * row for row in range(11)), np.nan])


@pytest.mark.parametrize("name", space_names())
def test_measurements_of_every_space(tmp_path: Path, name: str) -> None:
    """Where ``schema`` stands in the file does not matter."""
    space = get_space(name)
    genotypes = [space.decode(values) for values in space.draw(3, 0).tolist()]
    rows = [[genotype, 1.5 + row] for row, genotype in enumerate(dict.fromkeys(genotypes))]
    members = {"measurements": rows, "metrics": [space.rank_metric], "space": name, "schema": "dinas/measurements@1"}
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(members), "utf-8")
    assert import_files(space, [path], partial=True).added == (space.rank_metric,)


def assert_refused(path: Path, text: str, reason: str) -> None:
    """A file with this text is refused for this reason, and nothing of it is kept."""
    path.write_text(text, "utf-8")
    with pytest.raises(CorruptFileError, match=reason):
        import_files(SPACE, [path])
    assert find_table(SPACE.name) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (json.dumps(device())[:-20], "no usable file of darts: Unterminated"),
        (json.dumps(device(schema="dinas/device@9")), "unknown schema 'dinas/device@9'"),
        (json.dumps(device(metric="energy")), "'energy' is no metric of a device"),
        (json.dumps(device(measurements=[["x", 1.0]] * 9)), "genotype 'x' is in no dialect"),
        (json.dumps(OTHER_SPACE), "it was measured on networks of nasbench201"),
    ],
)
def test_other_device_files_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    assert_refused(tmp_path / "device.json", text, reason)


def measurements(**changes: object) -> dict[str, object]:
    """Two metrics of four architectures, as a benchmark script writes them."""
    rows = [[genotype, 20.5 + row, 1000.0 + row] for row, genotype in enumerate(GENOTYPES[:4])]
    whole = {"schema": "dinas/measurements@1", "space": "darts", "metrics": ["ntk", "linear_regions"]}
    return whole | {"note": "how", "measurements": rows} | changes


def test_measurements_become_columns(tmp_path: Path) -> None:
    path = tmp_path / "proxies.json"
    path.write_text(json.dumps(measurements()), "utf-8")
    assert import_files(SPACE, [path]).added == ("ntk", "linear_regions")
    np.testing.assert_allclose(values("ntk")[:4], 20.5 + np.arange(4))
    np.testing.assert_allclose(values("linear_regions")[:4], 1000 + np.arange(4))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (json.dumps(measurements())[:-20], "no usable file of darts: JSONDecodeError"),
        (json.dumps(measurements(space="nlp")), "it was measured on networks of nlp"),
        (json.dumps(measurements(metrics=["ntk", "regions"])), "no metric 'regions'"),
        (json.dumps(measurements(metrics=["ntk", "latency"])), "latency is measured on a device"),
        (json.dumps(measurements(metrics=["ntk"])), "ValueError"),
        (json.dumps(measurements(measurements=[[GENOTYPES[0], 0.0, 3.0]])), "ntk of .* is 0"),
        (json.dumps(measurements(measurements=[[GENOTYPES[0], 1.0]])), "ValueError"),
        (json.dumps(measurements(measurements=[["x", 1.0, 2.0]])), "genotype 'x' is in no dialect"),
    ],
)
def test_other_measurements_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    assert_refused(tmp_path / "proxies.json", text, reason)
    assert find_table(SPACE.name) is None


def test_an_import_without_rows_is_refused(tmp_path: Path) -> None:
    """Else an empty table would stand for the space."""
    path = tmp_path / "empty.json"
    path.write_text(json.dumps({"schema": "dinas/measurements@1", "space": "darts", "metrics": [], "measurements": []}))
    with pytest.raises(CorruptFileError, match="it has no architectures"):
        import_files(SPACE, [path], partial=True)
    assert find_table(SPACE.name) is None
