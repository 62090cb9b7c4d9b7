"""Imports as a whole: recognition, completeness, conflicts, nothing written on errors, the benchmark data."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem
from dinas_cli.oracles.importers import import_files, read_file
from dinas_cli.oracles.tables import find_table
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.benchmark_files import (
    GENOTYPES,
    HEADER,
    benchmark_csvs,
    hardware_content,
    install_table,
    official_content,
    partial,
    rows,
    values,
    write_csv,
    write_pickle,
)


def test_incomplete_files_must_be_meant(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", HEADER, rows())
    with pytest.raises(CorruptFileError, match=r"a\.csv \(accuracies\) covers 4 of the 15625 architectures") as caught:
        import_files(SPACE, [path])
    assert "--partial" in str(caught.value.hint)
    assert find_table(SPACE.name) is None


def test_truncated_files_of_every_kind(tmp_path: Path) -> None:
    import torch

    text = "\n".join([HEADER, *rows()])
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_text(text[: text.rindex(",")])
    packed.write_bytes(gzip.compress(text.encode())[:-20])
    pickled = write_pickle(tmp_path / "a.pickle", hardware_content())
    pickled.write_bytes(pickled.read_bytes()[:-300])
    paths = [plain, packed, pickled]
    for legacy in (True, False):
        path = tmp_path / f"{legacy}.pth"
        torch.save(official_content(), path, _use_new_zipfile_serialization=not legacy)
        path.write_bytes(path.read_bytes()[:-500])
        paths.append(path)
    for path in paths:
        with pytest.raises(CorruptFileError, match=f"{path.name} is no") as caught:
            partial(path)
        assert "\n" not in caught.value.message
    assert find_table(SPACE.name) is None


def test_other_files(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file"):
        partial(tmp_path / "none.csv")
    with pytest.raises(DinasError, match="cannot read"):
        partial(tmp_path)
    for content, reason in ((b"", "empty"), (b"BZh9\x00\x01", "binary data"), (b"\xff\xfe\xff", "not text")):
        path = tmp_path / "some"
        path.write_bytes(content)
        with pytest.raises(CorruptFileError, match=f"some is no usable file of nasbench201: {reason}"):
            partial(path)
    with pytest.raises(UsageProblem, match="unknown dataset 'cifar1'"):
        partial(tmp_path / "none.csv", dataset="cifar1")


def test_nothing_is_written_when_one_file_of_several_is_bad(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "a.csv", HEADER, rows())
    bad = write_csv(tmp_path / "b.csv", HEADER, rows(val1="x"))
    with pytest.raises(CorruptFileError):
        partial(good, bad)
    assert find_table(SPACE.name) is None


def test_importing_again_and_conflicting_files(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", HEADER, rows())
    other = write_csv(tmp_path / "b.csv", HEADER, rows(val1="70.0"))
    partial(first)
    assert partial(first).added == ()
    with pytest.raises(DinasError, match=r"b\.csv: column acc@cifar10 is known already"):
        partial(other)
    assert values("acc@cifar10")[1] == 81.5
    assert partial(other, force=True).replaced == ("acc@cifar10",)
    assert values("acc@cifar10")[1] == 70.0
    with pytest.raises(DinasError, match=r"a\.csv: column acc@cifar10 is known already"):
        partial(first, other)
    wrong_index = write_csv(tmp_path / "c.csv", "index,arch_str,pixel2", [f"9,{GENOTYPES[0]},1"])
    with pytest.raises(DinasError, match=r"c\.csv: column index is known already"):
        partial(wrong_index)


def test_benchmark_optima(bench_data: Path) -> None:
    table = install_table(bench_data)
    assert table.rows == 15_625
    best = {"cifar10": (91.61, 94.37), "cifar100": (73.49, 73.51), "imagenet16-120": (46.73, 47.31)}
    for dataset, (validation, test) in best.items():
        assert round(float(np.nanmax(table.column(f"acc@{dataset}"))), 2) == validation
        assert round(float(np.nanmax(table.column(f"test_acc@{dataset}"))), 2) == test
        assert np.isnan(table.column(f"latency/edgetpu@{dataset}")).sum() == 4_699
        np.testing.assert_array_equal(
            table.column(f"params@{dataset}"), SPACE.closed_form("params", SPACE.reference()[table.keys], dataset)
        )
    assert len([name for name in table.columns if name.startswith("latency/")]) == 6 * 3 + 18
    assert len([name for name in table.columns if name.startswith("energy/")]) == 3 * 3


def test_benchmark_rows(bench_data: Path) -> None:
    table = install_table(bench_data)
    cell = (3, 3, 4, 1, 3, 1)
    expected = {
        "index": 1,
        "acc@cifar10": 90.7693,
        "test_acc@cifar100": 70.2933,
        "params@imagenet16-120": 809576,
        "latency/edgegpu@cifar10": 6.547689437866211,
        "energy/fpga@cifar10": 37.20752,
        "latency/gold_6226": 15.1792,
    }
    for column, value in expected.items():
        assert table.lookup(np.array([SPACE.key(cell)]), column).tolist() == [value]


def test_wrong_benchmarks_are_refused(bench_data: Path) -> None:
    for name in ("nasbench101_30k.csv.gz", "nats_bench_size.csv.gz", "nas_bench_macro.csv.gz", "accel_nasbench.tar.gz"):
        with pytest.raises(CorruptFileError, match=f"{name} is no usable file of nasbench201"):
            read_file(SPACE, bench_data / name)
    assert len(benchmark_csvs(bench_data)) == 5
