"""Predictions of NAS-Bench-301 kept as CSV."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.importers import ImportResult, import_files
from dinas_cli.oracles.tables import Table, find_table
from dinas_cli.spaces.darts.counts import affine_of_operations, counts, params_and_macs
from dinas_cli.spaces.darts.space import SPACE

VALUES = SPACE.draw(12, 2)
GENOTYPES = [SPACE.decode(values) for values in VALUES.tolist()]
HEADER = "genotype,nb301_xgb_val_acc_mean,params_M,flops_M"


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def write(path: Path, header: str, *columns: list[str]) -> Path:
    path.write_text("\n".join([header, *map(",".join, zip(*columns, strict=True))]) + "\n", "utf-8")
    return path


def published(path: Path, **changes: str) -> Path:
    """A small file of the layout of v1.0's labels, in JSON genotypes; ``changes`` replace cells of the fourth line."""
    params = (SPACE.closed_form("params", VALUES) - affine_of_operations(counts(VALUES), 8, 32)) / 1e6
    columns = {
        "genotype": [quoted(SPACE.decode(values, "json")) for values in VALUES.tolist()],
        "nb301_xgb_val_acc_mean": [f"{91 + 0.1 * row}" for row in range(12)],
        "params_M": [f"{each:.6f}" for each in params],
        "flops_M": ["137.5"] * 12,
    }
    for name, cell in changes.items():
        columns[name][2] = cell
    return write(path, HEADER, *columns.values())


def values(column: str) -> list[float]:
    table = Table.open(SPACE.name)
    keys = np.array([SPACE.key(row) for row in VALUES.tolist()])
    found: list[float] = table.lookup(keys, column).tolist()
    return found


def read(*paths: Path) -> ImportResult:
    return import_files(SPACE, paths)


def test_csv_plain_and_gzipped(tmp_path: Path) -> None:
    path = published(tmp_path / "any name.csv", nb301_xgb_val_acc_mean="")
    zipped = tmp_path / "b.csv.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    result = read(path)
    assert result.added == ("acc",)
    np.testing.assert_allclose(values("acc")[:4], [91, 91.1, np.nan, 91.3])
    assert any("flops_M: counts batch norm" in note for note in result.notes)
    assert read(zipped).unchanged == ("acc",)
    architectures = Table.open(SPACE.name).architectures
    assert architectures is not None
    assert {tuple(row) for row in architectures.tolist()} == {tuple(row) for row in VALUES.tolist()}


def test_noisy_labels_beside_the_others(tmp_path: Path) -> None:
    products = params_and_macs(counts(VALUES), cells=20, channels=36, classes=10, size=16)[1]
    cells = [list(map(quoted, GENOTYPES)), ["93.5"] * 12, ["5000.25"] * 12, [str(float(each)) for each in products]]
    header = "genotype,xgb_v09_noisy_val_acc,lgb_v09_train_runtime_s,flops_raw"
    result = read(write(tmp_path / "v09.csv", header, *cells), published(tmp_path / "v1.csv"))
    assert set(result.added) == {"acc_v09", "train_time", "acc"}
    assert result.rows == 12
    assert values("train_time") == [5000.25] * 12
    cells[3][5] = "1"
    with pytest.raises(CorruptFileError, match="flops_raw of architecture 5 is 1, not"):
        read(write(tmp_path / "other.csv", header, *cells))


def test_own_columns(tmp_path: Path) -> None:
    """A file of one's own, in any dialect, with the names of the metrics."""
    compact = [SPACE.decode(row, "compact") for row in VALUES.tolist()]
    assert read(write(tmp_path / "own.csv", "genotype,acc", compact, ["92"] * 12)).added == ("acc",)
    assert values("acc") == [92] * 12


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"genotype": quoted(SPACE.decode(VALUES[0].tolist()))}, "occurs twice"),
        ({"genotype": quoted("Genotype()")}, "architecture 2: .*has no member 'normal'"),
        ({"genotype": quoted(GENOTYPES[2].replace("2, 3, 4, 5", "2, 3", 1))}, "architecture 2: normal_concat"),
        ({"nb301_xgb_val_acc_mean": "best"}, "line 4: nb301_xgb_val_acc_mean is 'best', not a number"),
        ({"nb301_xgb_val_acc_mean": "140"}, "is 140"),
        ({"params_M": "3.3"}, "params_M of architecture 2 is 3.3, not"),
        ({"params_M": ""}, "params_M of architecture 2 is nan, not"),
    ],
)
def test_other_content_is_refused(tmp_path: Path, changes: dict[str, str], reason: str) -> None:
    with pytest.raises(CorruptFileError, match=reason):
        read(published(tmp_path / "a.csv", **changes))
    assert find_table(SPACE.name) is None


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("genotype", "it lists genotypes without a value to import"),
        ("arch_str,c10_val_200", "its header row is 'arch_str,c10_val_200'"),
        ("genotype,energy", "column 'energy' is unknown"),
        ("{}", "its header row is '{}'"),
        ("genotype,acc,nb301_xgb_val_acc_mean", "mean the same"),
    ],
)
def test_other_headers_are_refused(tmp_path: Path, header: str, reason: str) -> None:
    columns = [list(map(quoted, GENOTYPES)), *[["92"] * 12] * header.count(",")]
    with pytest.raises(CorruptFileError, match=reason):
        read(write(tmp_path / "a.csv", header, *columns))
    assert find_table(SPACE.name) is None


def test_truncated_files_are_refused(tmp_path: Path) -> None:
    data = published(tmp_path / "a.csv").read_bytes()
    (tmp_path / "cut.csv").write_bytes(data[:-9])
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(data)[:-30])
    for name in ("cut.csv", "cut.csv.gz"):
        with pytest.raises(CorruptFileError, match=r"cut\.csv"):
            read(tmp_path / name)


def test_published_rows(bench_data: Path) -> None:
    folder = bench_data / "nasbench301"
    result = read(folder / "xgb_v1_labels_1218.csv.gz", folder / "xgb_v09_labels_10000.csv.gz")
    assert set(result.added) == {"acc", "acc_v09", "train_time"}
    assert result.rows == 11_213  # five are in both files
    accuracies = Table.open(SPACE.name).column("acc")
    assert np.isfinite(accuracies).sum() == 1218
    assert (np.nanmin(accuracies), np.nanmax(accuracies)) == pytest.approx((90.73, 94.49), abs=0.01)
    with pytest.raises(CorruptFileError, match="genotypes without a value"):
        read(folder / "genotypes_11221.csv.gz")
