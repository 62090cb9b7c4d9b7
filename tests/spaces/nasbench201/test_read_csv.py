"""CSV tables of accuracies, HW-NAS-Bench and HELP: what becomes a column, and files that must be refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError, UsageProblem
from dinas_cli.oracles.tables import Table, find_table
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.benchmark_files import (
    GENOTYPES,
    HEADER,
    partial,
    rows,
    values,
    write_csv,
)


def test_csv_of_accuracies(tmp_path: Path) -> None:
    result = partial(write_csv(tmp_path / "any name.csv", HEADER, rows()))
    assert result.added == ("index", "acc@cifar10", "test_acc@cifar10", "params@cifar10")
    assert (result.rows, result.space) == (4, "nasbench201")
    assert values("acc@cifar10") == [80.5, 81.5, 82.5, 83.5]
    assert values("test_acc@cifar10") == [81.25, 82.25, 83.25, 84.25]
    assert values("index") == [0, 1, 2, 3]
    table = Table.open(SPACE.name)
    assert {name: info.unit for name, info in table.columns.items()} == {
        "index": "",
        "acc@cifar10": "%",
        "test_acc@cifar10": "%",
        "params@cifar10": "count",
    }
    assert list(table.sources) == ["any name.csv"]
    assert "12 epochs" in result.notes[0]
    assert "mflops_c10" in result.notes[1]


def test_csv_of_costs_needs_a_dataset(tmp_path: Path) -> None:
    header = "arch_str,fpga_latency_ms,fpga_energy_mj,edgetpu_latency_ms,eyeriss_arithmetic_intensity"
    lines = [f"{genotype},{1.5 + i},{20 + i},{'' if i == 2 else 3},7" for i, genotype in enumerate(GENOTYPES)]
    nameless = write_csv(tmp_path / "costs.csv", header, lines)
    with pytest.raises(UsageProblem, match=r"costs\.csv does not say which dataset") as caught:
        partial(nameless)
    assert "--dataset" in str(caught.value.hint)
    assert find_table(SPACE.name) is None
    partial(nameless, dataset="imagenet16-120")
    assert values("latency/fpga@imagenet16-120") == [1.5, 2.5, 3.5, 4.5]
    for name in ("hw_cifar100.csv", "CIFAR10-costs.csv"):
        result = partial(write_csv(tmp_path / name, header, lines))
        assert "eyeriss_arithmetic_intensity" in result.notes[0]
    assert values("energy/fpga@cifar100") == [20, 21, 22, 23]
    np.testing.assert_array_equal(values("latency/edgetpu@cifar10"), [3, 3, np.nan, 3])


def test_csv_of_help_skips_copies(tmp_path: Path) -> None:
    lines = [f"{genotype},{i},{5 + i}" for i, genotype in enumerate(GENOTYPES)]
    result = partial(write_csv(tmp_path / "help.csv", "arch_str,fpga,gold_6226", lines))
    assert result.added == ("latency/gold_6226",)
    assert "left out fpga" in result.notes[0]
    with pytest.raises(CorruptFileError, match="no column to import"):
        partial(write_csv(tmp_path / "copies.csv", "arch_str,fpga,raspi4", lines))


def test_costs_that_are_not_positive_are_missing(tmp_path: Path) -> None:
    lines = [f"{genotype},{latency}" for genotype, latency in zip(GENOTYPES, ("1", "0", "", "nan"), strict=True)]
    partial(write_csv(tmp_path / "help.csv", "arch_str,pixel2", lines))
    np.testing.assert_array_equal(values("latency/pixel2"), [1, np.nan, np.nan, np.nan])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"arch2": GENOTYPES[0]}, ".* occurs twice"),
        ({"arch2": "|conv~0|+|none~0|none~1|+|none~0|none~1|none~2|"}, "architecture 2: .*conv"),
        ({"arch0": ""}, "architecture 0"),
        ({"val1": "best"}, "line 3: c10_val_200 is 'best', not a number"),
        ({"val1": "101"}, "acc@cifar10 of .* is 101"),
        ({"val1": "inf"}, "acc@cifar10 of .* is inf"),
        ({"params1": "-5"}, "params@cifar10 of .* is -5"),
        ({"flops3": "7.9,1"}, "line 5 has 8 cells under 7 names"),
        ({"arch1": '"|none'}, "line"),
    ],
)
def test_wrong_csv_is_named_with_its_line(tmp_path: Path, changes: dict[str, str], reason: str) -> None:
    path = write_csv(tmp_path / "a.csv", HEADER, rows(**changes))
    with pytest.raises(CorruptFileError, match=rf"a\.csv is no usable file of nasbench201: {reason}") as caught:
        partial(path)
    assert "expected the official NAS-Bench-201" in str(caught.value.hint)
    assert find_table(SPACE.name) is None


@pytest.mark.parametrize(
    "header",
    [
        "hash,n_vertices,adj_upper,ops,val_acc_4",
        "index,arch_str",
        "index,arch_str,arch_str,c10_val_200",
        "index,arch_str,c10_val_200,imagenet_acc,a,b,c",
        "just text",
    ],
)
def test_foreign_headers(tmp_path: Path, header: str) -> None:
    with pytest.raises(CorruptFileError, match=r"a\.csv is no usable file of nasbench201"):
        partial(write_csv(tmp_path / "a.csv", header, rows()))
