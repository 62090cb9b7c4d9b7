"""The training set: what is held out, what is read from a table, and graphs there and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from dinas_cli.diffusion.variables import Variables
from dinas_cli.errors import UsageProblem
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.training.data import TrainingSet, dense, graphs, load_training_set
from tests.support import toy as toys

VALUES = SPACE.reference()
KEYS = np.array([SPACE.key(row) for row in VALUES.tolist()])
IDS = np.array([SPACE.canonical_id(row) for row in VALUES.tolist()])


def write_table(path: Path, leave_out: int = 0) -> Table:
    """A table of all cells with made-up numbers that tell their cell and column."""
    rows = np.arange(len(KEYS), dtype=float)
    names = {
        "acc@cifar10": "%",
        "acc@cifar100": "%",
        "test_acc@cifar10": "%",
        "latency/fpga@cifar10": "ms",
        "latency/gpu": "ms",
        "energy/fpga@cifar10": "mJ",
        "index": "",
        "params@cifar10": "count",
    }
    columns = {name: NewColumn(rows + 1e5 * i, unit, "made-up.csv") for i, (name, unit) in enumerate(names.items())}
    kept = slice(leave_out, None)
    part = Part(KEYS[kept], {n: NewColumn(c.values[kept], c.unit, c.source) for n, c in columns.items()})
    merge(SPACE.name, [part], {"made-up.csv": "ab"}, path=path)
    return Table.open(SPACE.name, path)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return write_table(tmp_path_factory.mktemp("table") / "t.safetensors")


def test_columns_are_sorted_by_what_they_are(table: Table) -> None:
    data = load_training_set(SPACE, table)
    assert list(data.quality) == ["acc@cifar10", "acc@cifar100", "test_acc@cifar10"]
    computed_columns = [f"{metric}@{dataset}" for dataset in SPACE.datasets for metric in ("params", "macs")]
    measured = ["latency/fpga@cifar10", "latency/gpu", "energy/fpga@cifar10"]
    assert sorted(data.costs) == sorted([*measured, *computed_columns])
    assert np.array_equal(data.quality["acc@cifar100"], np.arange(15_625) + 1e5)
    assert np.array_equal(data.costs["latency/gpu"], np.arange(15_625) + 4e5)
    assert np.array_equal(data.costs["params@cifar10"], SPACE.closed_form("params", VALUES, "cifar10")), (
        "exact, not the table's"
    )
    assert data.units["energy/fpga@cifar10"] == "mJ"
    assert data.sources == {"made-up.csv": "ab"}
    assert np.array_equal(data.values, VALUES)


def test_devices_left_out_leave_no_trace(table: Table) -> None:
    data = load_training_set(SPACE, table, without_devices=["fpga"])
    assert not [column for column in (*data.costs, *data.units) if "fpga" in column]
    assert "latency/gpu" in data.costs


@pytest.mark.parametrize(("share", "seed"), [(0.1, 0), (0.1, 7), (0.5, 1)])
def test_held_out_architectures_are_unknown_in_every_guise(table: Table, share: float, seed: int) -> None:
    data = load_training_set(SPACE, table, holdout=share, seed=seed)
    assert not set(IDS[data.known]) & set(IDS[~data.known])
    assert share - 0.002 < (~data.known).mean() <= share
    assert data.label_budget == data.known.sum()
    again = load_training_set(SPACE, table, holdout=share, seed=seed)
    assert np.array_equal(again.known, data.known)
    other = load_training_set(SPACE, table, holdout=share, seed=seed + 1)
    assert not np.array_equal(other.known, data.known)


def test_nothing_held_out(table: Table) -> None:
    assert load_training_set(SPACE, table, holdout=0.0).known.all()


def test_tables_that_do_not_do(tmp_path: Path) -> None:
    part = Part(KEYS, {"latency/gpu": NewColumn(KEYS * 1.0, "ms", "x.csv")})
    merge(SPACE.name, [part], {}, path=tmp_path / "t.safetensors")
    with pytest.raises(UsageProblem, match="has no 'acc' to train on") as caught:
        load_training_set(SPACE, Table.open(SPACE.name, tmp_path / "t.safetensors"))
    assert "dinas tables import nasbench201" in str(caught.value.hint)
    few = write_table(tmp_path / "u.safetensors", leave_out=len(KEYS) - 40)
    with pytest.raises(UsageProblem, match="36 labels of 'acc'") as caught:
        load_training_set(SPACE, few)
    assert "200 are advised" in str(caught.value.hint)


def test_part_of_a_table_is_enough(tmp_path: Path) -> None:
    """Labels are held out among those that there are; what has none is neither known nor held out."""
    table = write_table(tmp_path / "part.safetensors", leave_out=len(KEYS) - 200)
    data = load_training_set(SPACE, table)
    assert len(data.values) == len(KEYS)
    assert 180 <= data.label_budget < 200
    assert data.label_budget + data.held_out.sum() == 200
    assert not (data.known & data.held_out).any()
    assert set(np.flatnonzero(data.known | data.held_out)) == set(range(len(KEYS) - 200, len(KEYS)))
    assert not set(IDS[data.known]) & set(IDS[data.held_out])


@pytest.mark.parametrize("space", [SPACE, toys.SPACE], ids=["nasbench201", "toy"])
def test_graphs_there_and_back(space: Space) -> None:
    values = space.reference()[:: 7 if space is SPACE else 1]
    data, variables = graphs(space, values), Variables(space.layout)
    assert len(data) == len(values)
    back = dense(data, variables)
    assert back.dtype == torch.int64
    assert torch.equal(back, torch.from_numpy(values).long())


def test_graphs_of_nodes_with_vocabularies_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toys.ToySpace, "layout", toys.OWN)
    values = np.array(list(np.ndindex(toys.OWN.choices)), np.int8)
    data = graphs(toys.SPACE, values)
    assert data[-1].x.tolist() == [6, 1, 5, 2]
    assert torch.equal(dense(data, Variables(toys.OWN)), torch.from_numpy(values).long())


def test_a_graph_is_what_its_cell_says() -> None:
    graph = graphs(toys.SPACE, np.array([[1, 3, 0, 1, 1, 0, 1]], np.int8))[0]
    assert graph.x.tolist() == [0, 1, 3, 0]
    assert graph.edge_index.tolist() == [[0, 1, 2], [2, 2, 3]]
    assert graph.edge_attr.tolist() == [1, 1, 1]
    empty = graphs(SPACE, np.zeros((1, 6), np.int8))[0]
    assert (empty.num_nodes, empty.edge_index.shape) == (4, (2, 0))


def test_the_benchmark_itself(bench_data: Path) -> None:
    from tests.support.benchmark_files import install_table

    data: TrainingSet = load_training_set(SPACE, install_table(bench_data))
    assert len({column.partition("/")[2].partition("@")[0] for column in data.costs if "/" in column}) == 24
    assert data.label_budget == pytest.approx(0.9 * 15_625, abs=50)
    assert np.isnan(data.costs["latency/edgetpu@cifar10"]).sum() == 4699
