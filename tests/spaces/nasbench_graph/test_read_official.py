"""The files of the package nas-bench-graph: found, read with restraint, completed where the benchmark left some out."""

from __future__ import annotations

import importlib.machinery
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError, NotFoundError
from dinas_cli.files.unpickle import load_plain
from dinas_cli.oracles.importers import import_files, make_part, read_file
from dinas_cli.oracles.tables import find_table
from dinas_cli.spaces.nasbench_graph import read_official
from dinas_cli.spaces.nasbench_graph.read_official import find_installed
from dinas_cli.spaces.nasbench_graph.space import SPACE
from dinas_cli.spaces.nasbench_graph.trees import numbers

Entries = dict[Any, Any]


def installed(dataset: str) -> Path:
    """The package's own file of a dataset."""
    return next(path for path in find_installed() if path.stem == dataset)


def entries(dataset: str = "cora", count: int = 30) -> Entries:
    """A small file's content for architectures that every dataset has."""
    proteins = np.flatnonzero(np.isin(SPACE.reference()[:, :4], (1, 4, 5, 7, 8)).all(1))[:count]
    params = SPACE.closed_form("params", SPACE.reference()[proteins], dataset)
    return {
        int(number): {"valid_perf": 0.5 + i / 100, "perf": 0.25, "latency": 0.002, "para": int(count) / 1e6}
        for i, (number, count) in enumerate(zip(numbers()[proteins], params, strict=True))
    }


def write(folder: Path, content: object, name: str = "some.bench") -> Path:
    """A pickle as the benchmark writes it."""
    path = folder / name
    path.write_bytes(pickle.dumps(content, 3))
    return path


def test_the_package_brings_nine_files() -> None:
    assert {path.stem for path in find_installed()} == set(SPACE.datasets)


def test_without_the_package_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> importlib.machinery.ModuleSpec | None:
        return None

    monkeypatch.setattr(read_official, "find_spec", nothing)
    with pytest.raises(NotFoundError, match="package nas-bench-graph, which is not installed") as caught:
        find_installed()
    assert "pip install 'dinas[graph]'" in str(caught.value.hint)


def test_official_values_in_our_units() -> None:
    official = load_plain(installed("pubmed"), "the official file")
    found = read_file(SPACE, installed("pubmed"))
    part = make_part(SPACE, installed("pubmed"), found)
    columns = part.columns
    assert (found.kind, found.notes) == ("NAS-Bench-Graph on pubmed", ())
    assert set(columns) == {"acc@pubmed", "test_acc@pubmed", "latency/gpu@pubmed", "params@pubmed"}
    row = int(np.flatnonzero(part.keys == 61327)[0])
    entry = official[61327]
    assert columns["acc@pubmed"].values[row] == pytest.approx(100 * entry["valid_perf"])
    assert columns["test_acc@pubmed"].values[row] == pytest.approx(100 * entry["perf"])
    assert columns["latency/gpu@pubmed"].values[row] == pytest.approx(1000 * entry["latency"])
    assert columns["params@pubmed"].values[row] == round(1e6 * entry["para"])
    assert [columns[key].unit for key in sorted(columns)] == ["%", "ms", "count", "%"]


def test_counts_of_several_networks_are_left_out() -> None:
    found = read_file(SPACE, installed("physics"))
    assert np.isnan(found.columns["params@physics"]).sum() == 1567
    assert not np.isnan(found.columns["acc@physics"]).any()
    assert len(found.notes) == 1
    assert "left out 1567 parameter counts of physics" in found.notes[0]


def test_proteins_get_a_row_for_every_architecture() -> None:
    result = import_files(SPACE, [installed("proteins")])
    table = find_table(SPACE.name)
    assert result.rows == 26_206
    assert result.notes == ("proteins.bench: the benchmark ran 2021 of the 26206 architectures on proteins",)
    assert table is not None
    assert all((~np.isnan(table.column(key))).sum() == 2021 for key in table.columns)
    known = ~np.isnan(table.column("acc@proteins"))
    values = {SPACE.key(row): row for row in SPACE.reference()}
    ran = {int(operation) for key in table.keys[known] for operation in values[int(key)][:4]}
    assert ran == {1, 4, 5, 7, 8}


@pytest.mark.parametrize("dataset", SPACE.datasets)
def test_the_counts_say_which_dataset_it_is(tmp_path: Path, dataset: str) -> None:
    path = write(tmp_path, entries(dataset), "cora_of_mine.bench")
    result = import_files(SPACE, [path], partial=True)
    assert result.added == tuple(f"{name}@{dataset}" for name in ("acc", "test_acc", "latency/gpu", "params"))
    assert read_file(SPACE, path, dataset).kind == f"NAS-Bench-Graph on {dataset}"
    other = SPACE.datasets[SPACE.datasets.index(dataset) - 1]
    with pytest.raises(CorruptFileError, match=f"counts are those of {dataset}, not of {other}"):
        read_file(SPACE, path, other)


def test_incomplete_files_must_be_meant(tmp_path: Path) -> None:
    with pytest.raises(CorruptFileError, match="covers 30 of the 26206 architectures") as caught:
        import_files(SPACE, [write(tmp_path, entries())])
    assert "--partial" in str(caught.value.hint)
    assert find_table(SPACE.name) is None


def test_truncated_files(tmp_path: Path) -> None:
    path = tmp_path / "cora.bench"
    content = installed("cora").read_bytes()
    for length in (2, 1000, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(CorruptFileError, match=r"cora\.bench is no"):
            import_files(SPACE, [installed("pubmed"), path])
    assert find_table(SPACE.name) is None


def changed(number: int = 0, **values: object) -> Callable[[Entries], Entries]:
    """A change of one entry of a file's content; a value of None removes it."""

    def change(content: Entries) -> Entries:
        key = list(content)[number]
        entry = {**content[key], **values}
        content[key] = {name: value for name, value in entry.items() if value is not None}
        return content

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: [], "no dictionary by number"),
        (lambda content: {}, "no dictionary by number"),
        (lambda content: {str(number): entry for number, entry in content.items()}, "no dictionary by number"),
        (lambda content: content | {88_888: content[1111]}, "88888 is not the number"),
        (lambda content: content | {1: content[1111], -1: content[1111]}, "-1 is not the number"),
        (lambda content: content | {10**30: content[1111]}, "is not the number"),
        (lambda content: content | {10_001: 3}, "architecture 10001 lacks or has more than"),
        (changed(perf=None), "architecture 1111 lacks or has more than valid_perf, perf, latency, para"),
        (changed(energy=1.0), "architecture 1111 lacks or has more than"),
        (changed(dur=[]), "every epoch of one run"),
        (changed(perf="high"), "architecture 1111 has values that are no numbers"),
        (changed(perf=[0.5]), "architecture 1111 has values that are no numbers"),
        (changed(valid_perf=50.0), "acc@cora of '01111' is 5000"),
        (changed(valid_perf=-0.5), "acc@cora of '01111' is -50"),
        (changed(latency=float("inf")), "latency/gpu@cora of '01111' is inf"),
        (
            lambda content: {number: entry | {"para": 2 * entry["para"]} for number, entry in content.items()},
            "counts are those of no dataset",
        ),
    ],
)
def test_foreign_files(tmp_path: Path, change: Callable[[Entries], object], reason: str) -> None:
    path = write(tmp_path, change(entries()))
    with pytest.raises(CorruptFileError) as caught:
        import_files(SPACE, [path], partial=True)
    assert reason in caught.value.message
    assert caught.value.message.startswith(f"{path} is no")
    assert find_table(SPACE.name) is None


class Hostile:
    """Runs a command when unpickled the ordinary way."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.marker}",)


def test_files_cannot_run_code(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    path = write(tmp_path, entries() | {1: Hostile(marker)})
    with pytest.raises(CorruptFileError, match="which plain data do not need"):
        read_file(SPACE, path)
    assert not marker.exists()
