"""Random requests for training, and the exact set of architectures that answers each.

A request asks for any subset of the conditions: not asked is what the null token means. Its answer is the *target
set*: among the architectures that meet the budgets, those in the best ``top`` percent of the ranked metric. Costs come
from profiles - of real devices, of the same devices fitted from few measurements, and of virtual devices mixed from
them - so that training meets far more devices than were measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dinas_cli.diffusion.encoding import (
    ConditionSpec,
    category_features,
    rank_features,
)
from dinas_cli.files.columns import column_key, split_column
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.training.data import TrainingSet
from dinas_cli.training.limits import Limits, draw_limits
from dinas_cli.training.orders import virtual_orders
from dinas_cli.training.pools import make_pool
from dinas_cli.training.ranks import among_best, draw_ranks
from dinas_cli.training.smoothing import worths

PARTS, PART = 3, 5_208
"""A batch looks at one part of the architectures, every third by rank or, of many, some five thousand: ranks stay what
they are for less work."""
KNOWN = 0.6
"""How many requests are about a known data set for certain; the others may be about a virtual one."""
FEWEST = 2
"""Smallest target set: where noise leaves fewer safe architectures of the wanted rank, the best safe ones answer."""


@dataclass(frozen=True)
class Batch:
    """``G`` requests and their target sets as pairs ``(request, architecture)``."""

    features: list[Tensor]
    """One ``(G, L, width)`` per condition, with room for its ``L`` limits (one where it is of another kind)."""
    present: list[Tensor]
    """One ``(G, L)`` bool per condition: which are asked for."""
    request: Tensor
    architecture: Tensor


class RequestSampler:
    """Draws requests and finds their target sets."""

    def __init__(self, data: TrainingSet, surrogate: Surrogate, specs: tuple[ConditionSpec, ...], seed: int) -> None:
        self.specs = specs
        rng = np.random.default_rng(seed)
        self.datasets = next((s.categories for s in specs if s.kind == "category"), (None,))
        """The known ones; without names where the space has only one."""
        self.values = data.population
        """``(R, V)``, the architectures that answer requests."""
        quality = worths(data, surrogate, [column_key(data.space.rank_metric, None, d) for d in self.datasets])
        self.descriptors = category_features(np.arange(len(self.datasets)), len(self.datasets))
        """Of ``E`` data sets, the known ones first: ``(E, D + k)``."""
        if surrogate.ordered and len(self.datasets) > 1:
            found, valued = virtual_orders(quality, surrogate.terms(None), surrogate.spread, rng)
            self.descriptors = np.concatenate([np.eye(len(quality), found.shape[1], dtype=np.float32), found])
            quality = np.concatenate([quality, valued])
        self.order = torch.from_numpy(_deal(np.argsort(-quality, 1, kind="stable")))
        """``(E, P, R / P)``: architectures from the best to the worst."""
        self.others = [s.name for s in specs if s.kind == "rank" and s.name != data.space.rank_metric]
        self.worths = torch.from_numpy(worths(data, surrogate, self.others).astype(np.float32))
        """What architectures are worth by the further ranked metrics, ``(metrics, R)``."""
        basis = surrogate.reference_basis if data.drawn is None else surrogate.basis(self.values)
        self.pools = {s.name: make_pool(data, surrogate, s.name, basis, rng) for s in specs if s.kind == "budget"}

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        """``count`` requests; those that no architecture meets are dropped."""
        part = int(rng.integers(self.order.shape[1]))
        order = self.order[:, part]
        dataset = rng.integers(len(self.datasets), size=count)
        if len(self.descriptors) > len(self.datasets):
            dataset = np.where(rng.random(count) < KNOWN, dataset, rng.integers(len(self.descriptors), size=count))
        cells = order[torch.from_numpy(dataset)]
        ranked = rng.random(count) < 0.9
        top = np.where(rng.random(count) < 0.35, 10 ** rng.uniform(0.3, 0.9, count), 10 ** rng.uniform(-1, 2, count))
        top = np.where(ranked, np.minimum(top, 100), 100.0)
        asked = _asked_budgets(list(self.pools), count, rng)
        others = draw_ranks(self.others, count, rng) if self.others else {}
        meets, safe = torch.ones(2, *cells.shape, dtype=torch.bool)
        limits: dict[str, Limits] = {}
        latency: np.ndarray | None = None
        for spec in self.specs:
            if spec.kind != "budget":
                continue
            name, pool = spec.name, self.pools[spec.name]
            chosen = rng.integers(len(pool.descriptor), size=count)
            chosen = np.where(rng.random(count) < 0.4, rng.integers(pool.real, size=count), chosen)
            if latency is not None:
                chosen = self._same_device(name, chosen, latency, rng)
            if name == "latency":
                latency = chosen
            limits[name] = draw_limits(pool, spec, asked[name], chosen, cells, rng)
            meets &= limits[name].meets
            safe &= limits[name].safe
        # Both are ordered from the best architecture to the worst: ranks are running sums.
        wanted = torch.from_numpy(np.ceil(top / 100 * meets.sum(1).numpy()))[:, None]
        inside = safe & (meets.cumsum(1, dtype=torch.int32) <= wanted)
        sizes = inside.sum(1, keepdim=True).clamp(min=FEWEST)
        inside = safe & (safe.cumsum(1, dtype=torch.int32) <= sizes)
        for percent, worth in zip(others.values(), self.worths, strict=bool(others)):
            on = np.flatnonzero(~np.isnan(percent))
            inside[on] &= among_best(worth[cells[on]], meets[on], percent[on])
        sizes = inside.sum(1, keepdim=True).clamp(min=FEWEST)
        # Large sets are thinned: 512 architectures say as much about the targets as thousands.
        thin = torch.from_numpy(rng.random((1, cells.shape[1]), dtype=np.float32)) < 512 / sizes
        request, place = (inside & thin).nonzero(as_tuple=True)
        drop = rng.random(count) < 0.1
        features, present = [], []
        for spec in self.specs:
            if spec.kind == "budget":
                features.append(limits[spec.name].features)
                present.append(limits[spec.name].there)
                continue
            if spec.kind == "category":
                row, there = self.descriptors[dataset], ~drop
            elif spec.name in others:
                there = ~np.isnan(others[spec.name])
                row = rank_features(np.where(there, others[spec.name], 100.0))
            else:
                row, there = rank_features(top), ranked
            features.append(torch.from_numpy(row)[:, None])
            present.append(torch.from_numpy(there)[:, None])
        return Batch(features, present, request, cells[request, place])

    def _same_device(self, name: str, chosen: np.ndarray, latency: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Half of the time, the profile of the latency's own device, where it has one of this metric."""
        pool, others = self.pools[name], self.pools["latency"].names
        twins = {split_column(n)[1:]: i for i, n in enumerate(pool.names[: pool.real])}
        same = [twins.get(split_column(others[i])[1:], -1) if others[i] else -1 for i in latency]
        return np.where((np.array(same) >= 0) & (rng.random(len(chosen)) < 0.5), same, chosen)


def _deal(order: np.ndarray) -> np.ndarray:
    """Ranked architectures ``(D, R)`` -> ``(D, P, R // P)``, each part ranked; a rest of the worst goes."""
    parts = max(PARTS, round(order.shape[1] / PART))
    whole = order[:, : order.shape[1] // parts * parts]
    return np.ascontiguousarray(whole.reshape(len(order), -1, parts).swapaxes(1, 2))


def _asked_budgets(names: list[str], count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Which budgets each request has: none (15 %), one (60 %), two (20 %) or three; the first name most often.

    Where there are less than four to ask for, there is less to learn about them: more requests have none.
    """
    share = np.array([0.6, 0.2, 0.05]) / 0.85
    none = max(0.15, 0.6 / max(len(names), 1))
    number = rng.choice([0, 1, 2, 3], count, p=[none, *(1 - none) * share])
    weight = np.array([3.0] + [0.7] * (len(names) - 1))
    # Exponential races: the names with the smallest times are asked for, the likelier the larger their weight.
    times = rng.exponential(1.0, (count, len(names))) / weight
    place = times.argsort(1).argsort(1)
    return {name: place[:, i] < number for i, name in enumerate(names)}
