"""The search space ``stack``: four layers in a row that read 8 x 8 images of digits, at most two poolings."""

from collections.abc import Iterable, Mapping
from itertools import product
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.errors import GenotypeError, find_name
from dinas_cli.spaces.shared.protocol import Layout, MetricSpec, Sketch, Space, Values
from dinas_cli.spaces.shared.source import standalone
from dinas_cli.spaces.shared.text import clean, shown

if TYPE_CHECKING:
    from torch import Tensor, nn

OPERATIONS = ("skip", "conv1x1", "conv3x3", "maxpool")
KINDS = ("skip", "conv", "conv", "pool")
PARAMETERS, REST = (0, 72, 584, 0), 170  # of a layer; of stem and classifier
LAYERS, POOL, MOST_POOLS = 4, OPERATIONS.index("maxpool"), 2


class Stack:
    """See :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    name = "stack"
    aliases: tuple[str, ...] = ()
    device_aliases: tuple[str, ...] = ()
    title = "stacks of 4 layers for images of digits, 4 operations, at most two poolings"
    layout = Layout(
        nodes=(4, 0, 0, 0, 0, 4),
        node_types=(*OPERATIONS, "end"),
        edge_types=("none", "next"),
        free_nodes=(1, 2, 3, 4),
        free_edges=(),
        node_choices=len(OPERATIONS),
        fixed_edges=tuple((node, node + 1, 1) for node in range(LAYERS + 1)),
    )
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("acc", "%", "max", "accuracy on 597 held-out digits"),
        MetricSpec("params", "count", "min", "parameters"),
    )
    rank_metric = "acc"
    datasets: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ("layers",)
    table_rows: int | None = 243
    closed_forms: tuple[str, ...] = ("params",)
    default_device: str | None = None
    readers: Mapping[str, str] = {"csv": "dinas_stack.read_csv"}
    files = "a CSV with the columns genotype and acc"
    checkpoints = Path(__file__).parent / "checkpoints.toml"

    def encode(self, genotype: str) -> Values:
        names = clean(genotype, 100, self.name).split("-")
        if not set(names) <= set(OPERATIONS):
            raise GenotypeError(f"genotype {shown(str(genotype))} has other layers than {', '.join(OPERATIONS)}")
        return _checked(map(OPERATIONS.index, names))

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        find_name(dialect, self.dialects, "dialect")
        return "-".join(OPERATIONS[value] for value in _checked(values))

    def key(self, values: Iterable[int]) -> int:
        return int("".join(map(str, _checked(values))), len(OPERATIONS))

    def canonical_id(self, values: Iterable[int]) -> str:
        """Skips do nothing, so stacks that differ in them alone are one architecture."""
        return "stack-" + ("".join(str(value) for value in _checked(values) if value) or "0")

    def reference(self) -> np.ndarray:
        every = np.array(list(product(range(len(OPERATIONS)), repeat=LAYERS)), np.int8)
        return every[(every == POOL).sum(1) <= MOST_POOLS]

    def draw(self, count: int, seed: int) -> np.ndarray:
        return np.random.default_rng(seed).choice(self.reference(), count)

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        allowed = np.ones((len(values), len(OPERATIONS)), bool)
        allowed[:, POOL] = (values == POOL).sum(1) < MOST_POOLS
        return allowed

    def features(self, values: np.ndarray) -> np.ndarray:
        return np.eye(len(OPERATIONS), dtype=np.float32)[values].reshape(len(values), -1)

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        return ()

    def closed_form(self, metric: str, values: np.ndarray, dataset: str | None = None) -> np.ndarray:
        return REST + np.array(PARAMETERS)[values].sum(1)

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        layers = tuple((OPERATIONS[value], KINDS[value]) for value in _checked(values))
        edges = tuple((node, node + 1, "", "") for node in range(LAYERS + 1))
        return (Sketch("stack", (("in", "input"), *layers, ("out", "output")), edges),)

    def build(self, values: Iterable[int], dataset: str | None = None) -> "nn.Module":
        from dinas_stack.network import Network

        return Network([OPERATIONS[value] for value in _checked(values)])

    def example(self, dataset: str | None = None, batch: int = 1) -> "tuple[Tensor, ...]":
        import torch

        return (torch.randn(batch, 1, 8, 8),)

    def source(self, values: Iterable[int], dataset: str | None = None, header: str = "") -> str:
        layers = [(OPERATIONS[value], f"layer {place}") for place, value in enumerate(_checked(values), 1)]
        return standalone(
            "dinas_stack.network",
            title=f"A stack of layers, {self.decode(values)}.",
            header=header,
            arguments={"LAYERS": layers},
            input_shape=(1, 8, 8),
        )


def _checked(values: Iterable[int]) -> Values:
    stack = tuple(map(index, values))
    if len(stack) != LAYERS or not all(0 <= value < len(OPERATIONS) for value in stack):
        raise GenotypeError(f"{stack} is no stack: it needs {LAYERS} layers numbered 0 to {len(OPERATIONS) - 1}")
    if stack.count(POOL) > MOST_POOLS:
        raise GenotypeError(f"a stack has at most {MOST_POOLS} poolings, not {stack.count(POOL)}")
    return stack


SPACE: Space = Stack()
