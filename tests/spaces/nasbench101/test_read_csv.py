"""NAS-Bench-101 tables kept as CSV."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.tables import Table, find_table
from dinas_cli.spaces.nasbench101.space import SPACE
from tests.support.benchmark_files import write_csv
from tests.support.nasbench101_files import CELLS, GENOTYPES, partial, values

HEADER = "hash,n_vertices,adj_upper,ops,val_acc_12,val_acc_108,train_time_s,params"


def lines() -> list[str]:
    found = []
    for index, (cell, text) in enumerate(zip(CELLS, GENOTYPES, strict=True)):
        name = SPACE.canonical_id(cell).removeprefix("nb101-")
        found.append(
            f"{name},{text.replace(':', ',')},0.{index + 3},{'' if index == 2 else f'0.{index + 5}'},12.5,700{index}"
        )
    return found


def test_csv_plain_and_gzipped(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", HEADER, lines())
    zipped = tmp_path / "b.csv.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    result = partial(path)
    assert set(result.added) == {"acc_12", "acc", "train_time", "params"}
    np.testing.assert_allclose(values("acc"), [50, 60, np.nan, 80])
    np.testing.assert_allclose(values("acc_12"), [30, 40, 50, 60])
    assert values("params") == [7000, 7001, 7002, 7003]
    assert set(partial(zipped).unchanged) == set(result.added)


def test_the_published_sample(bench_data: Path, tmp_path: Path) -> None:
    """Its first 500 rows; all of it takes some seconds."""
    with gzip.open(bench_data / "nasbench101_30k.csv.gz", "rt") as stream:
        head = [next(stream).strip() for _ in range(501)]
    assert partial(write_csv(tmp_path / "a.csv", head[0], head[1:])).rows == 500
    table = Table.open(SPACE.name)
    row = dict(zip(head[0].split(","), head[7].split(","), strict=True))
    key = np.array([int(row["hash"][:15], 16)])
    assert table.lookup(key, "acc")[0] == pytest.approx(100 * float(row["val_acc_108"]))
    assert table.lookup(key, "acc_4")[0] == pytest.approx(100 * float(row["val_acc_4"]))
    assert table.lookup(key, "train_time")[0] == pytest.approx(float(row["train_time_s"]))
    assert table.architectures is not None
    assert SPACE.canonical_id(table.architectures[int(np.flatnonzero(table.keys == key)[0])]) == f"nb101-{row['hash']}"


@pytest.mark.parametrize(
    ("header", "change", "reason"),
    [
        ("index,arch_str,c10_val_200", ("", ""), "its header row is 'index,arch_str,c10_val_200'"),
        (HEADER.replace("params", "flops"), ("", ""), "column 'flops' is unknown"),
        (HEADER.replace("params", "train_time_s"), ("", ""), "its header row"),
        (HEADER, (",7003", ""), r"line 5 has 7 cells under 8 names \(truncated\?\)"),
        (HEADER, (",7003", ",many"), "line 5: params is 'many', not a number"),
        (HEADER, ("0.8", "80"), "acc of .* is 8000"),
        (HEADER, (",120,", ",123,"), "architecture 3: .* is in no dialect"),
        (HEADER, ("5,1011101011", "5,1111111111"), "architecture 3: .*10 edges"),
        (HEADER, ("00005c", "10005c"), "is not the hash of architecture 0"),
        (HEADER, ("0.8", '"0.8'), "line"),
    ],
)
def test_wrong_tables_are_refused(tmp_path: Path, header: str, change: tuple[str, str], reason: str) -> None:
    rows = [line.replace(*change) if change[0] else line for line in lines()]
    if "arch_str" in header:
        rows = ["0,|none~0|,90"]
    with pytest.raises(CorruptFileError, match=rf"a\.csv is no usable file of nasbench101: .*{reason}"):
        partial(write_csv(tmp_path / "a.csv", header, rows))
    assert find_table(SPACE.name) is None


def test_repeated_and_damaged_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorruptFileError, match="occurs twice"):
        partial(write_csv(tmp_path / "a.csv", HEADER, lines() + lines()[:1]))
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress("\n".join([HEADER, *lines()]).encode())[:-20])
    with pytest.raises(CorruptFileError, match="damaged gzip data"):
        partial(tmp_path / "b.csv.gz")
    (tmp_path / "c.csv").write_bytes(b"hash,\xff\xfe")
    with pytest.raises(CorruptFileError, match="not text"):
        partial(tmp_path / "c.csv")
