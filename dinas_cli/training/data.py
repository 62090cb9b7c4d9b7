"""The training set: a benchmark table as torch-geometric graphs, and the arrays both trainings read from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.files.columns import column_key, split_column
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.shared.protocol import enumerable

if TYPE_CHECKING:
    from torch import Tensor
    from torch_geometric.data import Data

    from dinas_cli.diffusion.variables import Variables
    from dinas_cli.spaces.shared.protocol import MetricSpec, Space

FEWEST = 50
"""Labels of a column below which there is nothing to learn from."""
POPULATION = 120_000
"""Architectures drawn for the generator to learn from where the space is too large to hold."""


@dataclass(frozen=True)
class TrainingSet:
    """Architectures of one space with what is known about them; ``R`` architectures, ``V`` variables."""

    space: Space
    values: np.ndarray
    """``(R, V)`` int8: the reference where it is all of the space, otherwise what the table has."""
    known: np.ndarray
    """``(R,)`` bool: labelled architectures that training may see; the others are held out, or have no label."""
    quality: dict[str, np.ndarray]
    """Ranked metrics ``(R,)`` by column key."""
    costs: dict[str, np.ndarray]
    """Budgeted metrics ``(R,)`` by column key, in their units; NaN where it does not run on the device."""
    units: dict[str, str]
    sources: dict[str, str] = field(default_factory=dict)
    drawn: np.ndarray | None = None
    """``(P, V)`` int8, random architectures that the generator learns from where ``values`` are not all there are."""

    @property
    def label_budget(self) -> int:
        """How many labelled architectures training sees."""
        return int(self.known.sum())

    @property
    def population(self) -> np.ndarray:
        """The architectures ``(R, V)`` that a generator learns from."""
        return self.values if self.drawn is None else np.concatenate([self.values[self.known], self.drawn])

    @property
    def held_out(self) -> np.ndarray:
        """Which architectures ``(R,)`` have labels that training may not see."""
        return _labelled(self.space, {**self.quality, **self.costs}) & ~self.known

    def metric(self, column: str) -> MetricSpec:
        """What a column is about."""
        return find_metric(self.space, split_column(column)[0])

    def unknown_is_worst(self, column: str) -> bool:
        """Whether a missing value of a column says that it does not run there; otherwise it says nothing."""
        return self.metric(column).absent == "worst"


def load_training_set(
    space: Space, table: Table, *, holdout: float = 0.1, seed: int = 0, without_devices: Iterable[str] = ()
) -> TrainingSet:
    """Read a table; hold out a share of the architecture ids and every column of ``without_devices``.

    A table may hold a part of its space. Columns with fewer than :data:`FEWEST` known labels are left out.

    Raises :class:`UsageProblem` when the table lacks the ranked metric, or labels of it, or a device to be left out.
    """
    whole = enumerable(space)
    values = space.reference() if whole or table.architectures is None else table.architectures
    keys = np.array([space.key(row) for row in values.tolist()])
    left_out = set(without_devices)
    devices = dict.fromkeys(device for column in table.columns if (device := split_column(column)[1]))
    for device in sorted(left_out - devices.keys()):
        raise UsageProblem(f"the table has no device {device!r} to leave out", suggest(device, devices, "devices"))
    quality: dict[str, np.ndarray] = {}
    costs: dict[str, np.ndarray] = {}
    for column in table.columns:
        metric, device, _ = split_column(column)
        spec = find_metric(space, metric)
        if metric in space.closed_forms:  # exact and free: these need no labels
            continue
        if spec.better and (not spec.bound or spec.ranked or metric == space.rank_metric):
            quality[column] = table.lookup(keys, column)
        elif spec.bound and device not in left_out:
            costs[column] = table.lookup(keys, column)
    if not any(split_column(column)[0] == space.rank_metric for column in quality):
        raise UsageProblem(
            f"the table has no {space.rank_metric!r} to train on", f"import one: dinas tables import {space.name} FILE"
        )
    there = _labelled(space, {**quality, **costs}) if whole else np.ones(len(values), bool)
    for column, labels in quality.items():
        spec = find_metric(space, split_column(column)[0])
        if spec.absent == "worst" and not np.isnan(labels).all():
            worst = np.nanmin(labels) if spec.better == "max" else np.nanmax(labels)
            quality[column] = np.where(np.isnan(labels) & there, worst, labels)
    units = {column: table.columns[column].unit for column in (*quality, *costs)}
    for dataset in space.datasets or (None,):
        for metric in space.closed_forms:
            if find_metric(space, metric).on_request:
                continue
            column = column_key(metric, None, dataset)
            costs[column] = np.asarray(space.closed_form(metric, values, dataset), np.float64)
            units[column] = find_metric(space, metric).unit
    known = np.zeros(len(values), bool)
    known[there] = ~_held_out([space.canonical_id(row) for row in values[there].tolist()], holdout, seed)
    quality, costs = (
        {column: labels for column, labels in columns.items() if (known & ~np.isnan(labels)).sum() >= FEWEST}
        for columns in (quality, costs)
    )
    if not any(split_column(column)[0] == space.rank_metric for column in quality):
        raise UsageProblem(
            f"{int(known.sum())} labels of {space.rank_metric!r} are too few to learn from",
            f"at least {FEWEST} besides those held out; 200 are advised",
        )
    drawn = None if whole else space.draw(POPULATION, seed + 1)
    return TrainingSet(space, values, known, quality, costs, units, dict(table.sources), drawn)


def _labelled(space: Space, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Which architectures ``(R,)`` have a label in some of the ``columns`` that are not computed."""
    told = [labels for column, labels in columns.items() if split_column(column)[0] not in space.closed_forms]
    return np.asarray(~np.isnan(np.stack(told)).all(0))


def graphs(space: Space, values: np.ndarray) -> list[Data]:
    """Architectures ``(B, V)`` as torch-geometric graphs: node types ``x (N,)``, ``edge_index``, ``edge_attr``."""
    import torch
    from torch_geometric.data import Data

    from dinas_cli.diffusion.variables import Variables

    layout = space.layout
    split, vocabulary = len(layout.free_nodes), torch.from_numpy(Variables(layout).vocabulary)
    free_edges = torch.tensor(layout.free_edges, dtype=torch.long).reshape(-1, 2).T
    out = []
    for row in torch.from_numpy(values).long():
        x = torch.tensor(layout.nodes)
        x[list(layout.free_nodes)] = vocabulary.gather(1, row[:split, None])[:, 0]
        kinds = row[split:]
        present = kinds > 0
        out.append(Data(x=x, edge_index=free_edges[:, present], edge_attr=kinds[present], num_nodes=len(x)))
    return out


def dense(data: list[Data], variables: Variables) -> Tensor:
    """torch-geometric graphs -> the free variables ``(B, V)`` int64 that kernels and samplers act on."""
    import torch
    from torch_geometric.loader import DataLoader
    from torch_geometric.utils import to_dense_adj, to_dense_batch

    layout, vocabulary = variables.layout, torch.from_numpy(variables.vocabulary[:, :-1])
    nodes, edges = list(layout.free_nodes), torch.tensor(layout.free_edges, dtype=torch.long).view(-1, 2)
    rows = []
    for batch in DataLoader(data, batch_size=1024):
        x, _ = to_dense_batch(batch.x, batch.batch, max_num_nodes=len(layout.nodes))
        e = to_dense_adj(batch.edge_index, batch.batch, batch.edge_attr, max_num_nodes=len(layout.nodes))
        values = (x[:, nodes, None] == vocabulary).long().argmax(2)
        rows.append(torch.cat([values, e[:, edges[:, 0], edges[:, 1]]], 1))
    return torch.cat(rows)


def _held_out(ids: list[str], share: float, seed: int) -> np.ndarray:
    """Which rows ``(R,)`` to hold out: whole architecture ids in an order drawn from ``seed``, up to ``share`` of rows.

    Ids that cover over 1 % of the space stay in training: only degenerate cells (no path from input to output) do.
    """
    counts = Counter(ids)
    order = sorted(counts, key=lambda name: sha256(f"{seed}:{name}".encode()).digest())
    chosen: set[str] = set()
    rows = 0
    for name in order:
        if counts[name] <= max(1, 0.01 * len(ids)) and rows + counts[name] <= share * len(ids):
            chosen.add(name)
            rows += counts[name]
    return np.array([name in chosen for name in ids])
