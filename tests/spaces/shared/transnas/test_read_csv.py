"""CSV tables of TransNAS-Bench-101: both spaces from one file, and files that must be refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.importers import import_files
from dinas_cli.oracles.tables import Table, find_table
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.transnas_macro import space as transnas_macro
from dinas_cli.spaces.transnas_micro import space as transnas_micro

MICRO, MACRO = transnas_micro.SPACE, transnas_macro.SPACE
HEADER = "space,arch,class_scene,room_layout,autoencoder"
ROWS = (
    "micro,64-41414-3_33_333,54.5,-0.6,0.57",
    "macro,64-1234-basic,51.25,-0.65,0.4",
    "micro,64-41414-0_00_000,7.5,-1.1,-0.01",
    "macro,64-444311-basic,52,,0.38",
)


def write(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def column(space: Space, key: str, *genotypes: str) -> list[float]:
    keys = np.array([space.key(space.encode(genotype)) for genotype in genotypes])
    return [float(value) for value in Table.open(space.name).lookup(keys, key)]


def test_each_space_takes_its_own_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "any name.csv", *ROWS)
    for space in (MICRO, MACRO):
        result = import_files(space, [path], partial=True)
        assert (result.space, result.rows) == (space.name, 2)
        assert result.added == ("acc@class_scene", "acc@room_layout", "acc@autoencoder")
        assert result.notes == ("any name.csv: passed over 2 architectures of the other space",)
    assert column(MICRO, "acc@class_scene", "3_33_333", "0_00_000") == [54.5, 7.5]
    assert column(MICRO, "acc@room_layout", "3_33_333", "0_00_000") == [-0.6, -1.1]
    assert column(MICRO, "acc@autoencoder", "0_00_000") == [-0.01]
    assert column(MACRO, "acc@class_scene", "1234", "444311") == [51.25, 52]
    np.testing.assert_array_equal(column(MACRO, "acc@room_layout", "1234", "444311"), [-0.65, np.nan])


def test_one_task_alone(tmp_path: Path) -> None:
    result = import_files(MICRO, [write(tmp_path / "a.csv", *ROWS)], partial=True, dataset="room_layout")
    assert result.added == ("acc@room_layout",)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((*ROWS, ROWS[0]), "architecture '64-41414-3_33_333' occurs twice"),
        ((*ROWS, "micro,64-1234-basic,1,-1,0"), "architecture 2: .* start with 64-41414-"),
        ((*ROWS, "nano,64-1234-basic,1,-1,0"), "architectures of a space 'nano'"),
        ((*ROWS, "micro,64-41414-3_33_332,101,-1,0"), "class_scene of 64-41414-3_33_332 is 101"),
        ((*ROWS, "micro,64-41414-3_33_332,-1,-1,0"), "class_scene of 64-41414-3_33_332 is -1"),
        ((*ROWS, "micro,64-41414-3_33_332,1,1,0"), "room_layout of 64-41414-3_33_332 is 1"),
        ((*ROWS, "micro,64-41414-3_33_332,1,-1,2"), "autoencoder of 64-41414-3_33_332 is 2"),
        ((*ROWS, "micro,64-41414-3_33_332,1,-inf,0"), "acc@room_layout of '64-41414-3_33_332' is -inf"),
        ((*ROWS, "micro,64-41414-3_33_332,1,-1"), "line 6 has 4 cells under 5 names"),
        ((*ROWS, "micro,64-41414-3_33_332,good,-1,0"), "line 6: class_scene is 'good', not a number"),
        ((ROWS[1],), "it knows no micro architecture"),
        ((), "it knows no micro architecture"),
    ],
)
def test_wrong_rows_are_refused(tmp_path: Path, rows: tuple[str, ...], reason: str) -> None:
    path = write(tmp_path / "a.csv", *rows)
    with pytest.raises(CorruptFileError, match=rf"a\.csv is no usable file of transnas-micro: {reason}"):
        import_files(MICRO, [path], partial=True)
    assert find_table(MICRO.name) is None


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("space,arch,class_scene,room_layout,imagenet", "column 'imagenet' is unknown"),
        ("space,arch,a,b,c", "its header row is 'space,arch,a,b,c'"),
        ("index,arch_str,class_scene,room_layout,jigsaw", "its header row is"),
        ("space,arch,jigsaw,jigsaw,normal", "its header row is"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, header: str, reason: str) -> None:
    path = write(tmp_path / "a.csv", *ROWS, header=header)
    with pytest.raises(CorruptFileError, match=reason) as caught:
        import_files(MICRO, [path], partial=True)
    assert "transnas-bench .pth" in str(caught.value.hint)


def test_truncated_files_are_refused(tmp_path: Path) -> None:
    packed = gzip.compress(("\n".join([HEADER, *ROWS]) + "\n").encode())
    path = tmp_path / "a.csv.gz"
    path.write_bytes(packed[:-12])
    with pytest.raises(CorruptFileError, match="truncated"):
        import_files(MICRO, [path], partial=True)
    path.write_bytes(packed)
    with pytest.raises(CorruptFileError, match="covers 2 of the 4096 architectures"):
        import_files(MICRO, [path])
    assert find_table(MICRO.name) is None


def test_the_benchmark_is_complete(bench_data: Path) -> None:
    path = bench_data / "transnas_bench_101.csv.gz"
    for space in (MICRO, MACRO):
        result = import_files(space, [path])
        assert result.rows == space.table_rows
        assert result.added == tuple(f"acc@{task}" for task in space.datasets)
        table = Table.open(space.name)
        assert not any(np.isnan(table.column(f"acc@{task}")).any() for task in space.datasets)
    # The published optima of the micro space.
    table = Table.open(MICRO.name)
    best = {task: round(float(table.column(f"acc@{task}").max()), 2) for task in MICRO.datasets}
    assert (best["class_scene"], best["jigsaw"], best["autoencoder"]) == (54.94, 95.37, 0.58)
