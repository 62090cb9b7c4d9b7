"""Oracles: which source answers, look-ups by column, devices, and what happens where nothing is at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.errors import NotFoundError
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.benchmark_files import CELLS, GENOTYPES, HEADER, install_table, partial, rows, write_csv

VALUES = np.array(CELLS)


@pytest.fixture
def small_table(tmp_path: Path) -> Oracles:
    """Four architectures with accuracies and the latency of two devices, one of them measured per dataset."""
    costs = [f"{genotype},{1 + index},{'' if index == 2 else 9}" for index, genotype in enumerate(GENOTYPES)]
    partial(
        write_csv(tmp_path / "a.csv", HEADER, rows()),
        write_csv(tmp_path / "hw_cifar10.csv", "arch_str,fpga_latency_ms,fpga_energy_mj", costs),
        write_csv(tmp_path / "help.csv", "arch_str,pixel2", [f"{genotype},7" for genotype in GENOTYPES]),
    )
    return oracles_at_hand(SPACE, surrogate=False)


def test_without_anything_counts_are_still_computed() -> None:
    oracles = oracles_at_hand(SPACE, surrogate=False)
    assert (oracles.table, oracles.surrogate) == (None, None)
    assert set(oracles.columns()) == {f"{metric}@{name}" for metric in SPACE.closed_forms for name in SPACE.datasets}
    counts, source = oracles.metric(VALUES, "macs@imagenet16-120")
    assert (counts.tolist(), source) == (SPACE.closed_form("macs", VALUES, "imagenet16-120").tolist(), "computed")
    assert counts.dtype == np.float64
    with pytest.raises(NotFoundError, match=r"no source at hand knows acc@cifar10 of nasbench201") as caught:
        oracles.metric(VALUES, "acc@cifar10")
    assert "dinas tables import nasbench201" in str(caught.value.hint)
    assert oracles.tau("acc@cifar10") is None
    assert oracles.devices("latency") == ()


def test_the_table_comes_first(small_table: Oracles) -> None:
    values, source = small_table.metric(VALUES, "acc@cifar10")
    assert (values.tolist(), source) == ([80.5, 81.5, 82.5, 83.5], "table")
    # The table's figure, wrong on purpose in this test, wins over the closed form; cifar100 has the closed form only.
    assert small_table.metric(VALUES, "params@cifar10")[0].tolist() == [73306.0] * 4
    assert small_table.metric(VALUES, "params@cifar100")[1] == "computed"
    answer = small_table.columns()["latency/fpga@cifar10"]
    assert (answer.unit, answer.source, answer.kendall_tau) == ("ms", "table", None)


def test_missing_values_stay_missing(small_table: Oracles) -> None:
    np.testing.assert_array_equal(small_table.metric(VALUES, "energy/fpga@cifar10")[0], [9, 9, np.nan, 9])
    unknown = np.array([(4, 4, 4, 4, 4, 4), CELLS[1]])
    np.testing.assert_array_equal(small_table.metric(unknown, "acc@cifar10")[0], [np.nan, 81.5])
    assert small_table.metric(VALUES[:0], "acc@cifar10")[0].shape == (0,)


def test_look_ups_do_not_remember_changed_arrays(small_table: Oracles) -> None:
    values = VALUES.copy()
    first = small_table.metric(values, "acc@cifar10")[0].tolist()
    values[:] = values[::-1].copy()
    assert small_table.metric(values, "acc@cifar10")[0].tolist() == first[::-1]


def test_columns_of_devices_measured_once(small_table: Oracles) -> None:
    assert small_table.devices("latency") == ("fpga", "pixel2")
    assert small_table.devices("energy") == ("fpga",)
    assert small_table.find("latency", dataset="cifar100", device="pixel2") == "latency/pixel2"
    assert small_table.find("latency", dataset="cifar10", device="fpga") == "latency/fpga@cifar10"
    assert small_table.find("latency", dataset="cifar100", device="fpga") is None
    assert small_table.find("index", dataset="cifar10") == "index"
    assert small_table.find("acc") is None


def test_reference_values_of_the_whole_space(bench_data: Path) -> None:
    install_table(bench_data)
    oracles = oracles_at_hand(SPACE, surrogate=False)
    values = oracles.reference("test_acc@cifar100")
    assert values.shape == (15_625,)
    assert round(float(values.max()), 2) == 73.51
    assert values is oracles.reference("test_acc@cifar100")
    best = SPACE.reference()[[int(values.argmax())]]
    assert oracles.metric(best, "test_acc@cifar100")[0].tolist() == [values.max()]


def test_the_bundled_surrogate_answers_without_a_table() -> None:
    oracles = oracles_at_hand(SPACE)
    if oracles.surrogate is None:
        pytest.skip("this installation has no surrogate of nasbench201")
    answer = oracles.answer("acc@cifar100")
    assert answer is not None
    assert answer.source == "surrogate"
    assert answer.kendall_tau is not None
    assert 0.5 < answer.kendall_tau <= 1
    assert oracles.tau("acc@cifar100") == answer.kendall_tau
    values, source = oracles.metric(VALUES, "acc@cifar100")
    assert source == "surrogate"
    assert values.dtype == np.float64
    np.testing.assert_allclose(oracles.reference("acc@cifar100")[oracles.keys(VALUES)], values)
    assert oracles.metric(VALUES, "params@cifar100")[1] == "computed"
    assert oracles.metric(VALUES, "latency/fpga@cifar10")[1] == "surrogate"
