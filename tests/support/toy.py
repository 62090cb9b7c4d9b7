"""A small search space with free nodes and free edges, its labels and models: what nasbench201 cannot show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.errors import GenotypeError
from dinas_cli.oracles.surrogate import SCHEMA, Surrogate
from dinas_cli.spaces.shared.protocol import Layout, MetricSpec, Sketch, Space, Values
from dinas_cli.training.data import TrainingSet

if TYPE_CHECKING:
    from torch import Tensor, nn

LAYOUT = Layout(
    nodes=(0, 0, 0, 0),
    node_types=("ends", "conv", "pool", "skip"),
    edge_types=("none", "plain"),
    free_nodes=(1, 2),
    free_edges=((0, 1), (0, 2), (1, 2), (1, 3), (2, 3)),
)
"""Two free nodes of four types, five free edges of two; the edge (0, 3) is never there."""
OWN = Layout(
    nodes=(6, 0, 0, 0),
    node_types=("narrow", "wide", "plain", "short", "long", "odd", "input"),
    edge_types=("none", "plain"),
    free_nodes=(1, 2, 3),
    free_edges=((0, 1), (1, 2)),
    node_choices=6,
    vocabularies=((0, 1), (1, 2, 5), (3, 4, 2)),
)
"""Three free nodes, each of which may be something else."""
DATASETS = ("easy", "hard")
IMAGE_SIZE = {"easy": 8, "hard": 16}
SIZES: dict[str, Any] = {"layers": 1, "nodes": 8, "edges": 8, "glob": 16, "heads": 2}
"""Of a denoiser that takes no time to run."""


class ToySpace:
    """512 cells, every one legal; its genotypes are seven digits."""

    name = "toy"
    aliases: tuple[str, ...] = ()
    device_aliases: tuple[str, ...] = ()
    title = "a toy"
    layout = LAYOUT
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("acc", "%", "max", "accuracy", per_dataset=True),
        MetricSpec("latency", "ms", "min", "latency", per_device=True, absent="worst"),
        MetricSpec("energy", "mJ", "min", "energy", per_device=True, absent="worst"),
        MetricSpec("params", "count", "min", "parameters", per_dataset=True),
    )
    rank_metric = "acc"
    datasets: tuple[str, ...] = DATASETS
    dialects: tuple[str, ...] = ("digits",)
    table_rows: int | None = 512
    closed_forms: tuple[str, ...] = ()
    default_device: str | None = None
    readers: Mapping[str, str] = {}
    files = "nothing"

    def encode(self, genotype: str) -> Values:
        values = tuple(int(digit) for digit in genotype if digit.isdigit())
        if len(genotype) != len(values) or len(values) != LAYOUT.size or any(map(int.__ge__, values, LAYOUT.choices)):
            raise GenotypeError(f"{genotype!r} is no toy cell")
        return values

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        return "".join(str(int(value)) for value in values)

    def key(self, values: Iterable[int]) -> int:
        return int(np.ravel_multi_index(tuple(values), LAYOUT.choices))

    def canonical_id(self, values: Iterable[int]) -> str:
        return f"toy-{self.key(values)}"

    def reference(self) -> np.ndarray:
        return np.array(list(product(*map(range, LAYOUT.choices))), dtype=np.int8)

    def features(self, values: np.ndarray) -> np.ndarray:
        columns = [np.eye(n, dtype=np.float32)[values[:, i]] for i, n in enumerate(LAYOUT.choices)]
        return np.concatenate(columns, 1)

    def build(self, values: Iterable[int], dataset: str | None = None) -> nn.Module:
        from torch import nn

        size = IMAGE_SIZE[dataset or DATASETS[0]]
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * (size - 2) ** 2, 2))

    def draw(self, count: int, seed: int) -> np.ndarray:
        return np.random.default_rng(seed).integers(0, LAYOUT.choices, (count, LAYOUT.size), np.int8)

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        return None

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        return ()

    def closed_form(self, metric: str, values: np.ndarray, dataset: str | None = None) -> np.ndarray:
        raise KeyError(metric)

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        return ()

    def example(self, dataset: str | None = None, batch: int = 1) -> tuple[Tensor, ...]:
        import torch

        size = IMAGE_SIZE[dataset or DATASETS[0]]
        return (torch.randn(batch, 3, size, size),)

    def source(self, values: Iterable[int], dataset: str | None = None, header: str = "") -> str:
        return f"CELL = {tuple(values)}\n"


SPACE = ToySpace()
if TYPE_CHECKING:
    _conforms: Space = SPACE


@lru_cache
def training_set() -> TrainingSet:
    """Labels of every cell: two accuracies, latencies of three devices, energy of one, parameters of both datasets."""
    rng = np.random.default_rng(11)
    values = SPACE.reference()
    features = SPACE.features(values)
    good, other = rng.normal(size=(2, features.shape[1]))
    bend = np.tanh(features @ good) * 5 + (values[:, 0] == values[:, 1]) * 2.0
    quality = {"acc@easy": 80 + bend, "acc@hard": 40 + bend + features @ other}
    costs: dict[str, np.ndarray] = {}
    for name in ("latency/a@easy", "latency/a@hard", "latency/b", "latency/c", "energy/a"):
        charge = rng.uniform(0.1, 1, features.shape[1])
        costs[name] = 5 + (features @ charge) * np.exp(0.03 * rng.normal(size=len(values)))
    costs["latency/c"][(values[:, 0] == 3) & (values[:, 1] == 3)] = np.nan
    sizes = 1000.0 + (values[:, :2] == 1).sum(1) * 500 + values[:, 2:].sum(1) * 10
    costs |= {"params@easy": sizes, "params@hard": sizes + 90}
    units = dict.fromkeys(quality, "%") | {name: "mJ" if name[0] == "e" else "ms" for name in costs}
    units |= {"params@easy": "count", "params@hard": "count"}
    known = rng.random(len(values)) > 0.1
    return TrainingSet(SPACE, values, known, quality, costs, units, {"toy.csv": "00"})


@lru_cache
def surrogate_parts() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Tensors and config of a surrogate trained for a moment; the space must be registered (fixture ``toy``)."""
    from dinas_cli.training.surrogate import train_surrogate

    return train_surrogate(training_set(), steps=150)


def surrogate() -> Surrogate:
    """That surrogate, as from its file."""
    tensors, config = surrogate_parts()
    return Surrogate(dict(tensors), config)


def surrogate_file(folder: Path) -> Path:
    """That surrogate in a file."""
    from safetensors.numpy import save_file

    tensors, config = surrogate_parts()
    path = folder / "surrogate.safetensors"
    whole = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    save_file(whole, path, {"schema": SCHEMA, "config": json.dumps(config)})
    return path


def generator_file(path: Path, kernel: str = "absorbing", target: Space = SPACE, **config: Any) -> Path:
    """A generator with random weights in a file; ``config`` replaces entries of its config, None removes one."""
    import torch
    from safetensors.numpy import save_file

    from dinas_cli.diffusion.encoding import ConditionSpec
    from dinas_cli.diffusion.generator import SCHEMA
    from dinas_cli.diffusion.parameters import DenoiserConfig
    from dinas_cli.diffusion.variables import Variables
    from dinas_cli.training.denoiser import Denoiser

    specs = (
        ConditionSpec("dataset", "category", target.datasets),
        ConditionSpec("acc", "rank"),
        ConditionSpec("latency", "budget", descriptor=8),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        sizes = DenoiserConfig(**SIZES, time=kernel == "marginal")
        network = Denoiser(target.layout, tuple(spec.width for spec in specs), sizes)
    tensors = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    if kernel == "marginal":
        allowed = (~Variables(target.layout).padding).astype(np.float32)
        tensors["kernel.marginals"] = allowed / allowed.sum(1, keepdims=True)
    about: dict[str, Any] = {
        "space": target.name,
        "conditions": [spec.to_dict() for spec in specs],
        "denoiser": sizes.to_dict(),
        "kernel": kernel,
        "kernel_steps": 12 if kernel == "marginal" else None,
    } | config
    about = {name: entry for name, entry in about.items() if entry is not None or name == "kernel_steps"}
    save_file(tensors, path, {"schema": SCHEMA, "config": json.dumps(about)})
    return path
