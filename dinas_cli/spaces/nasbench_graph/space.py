"""NAS-Bench-Graph: trees of four operations on the nodes of a graph, 26,206 in all (Qin et al., NeurIPS 2022).

Genotype dialects, each able to express every architecture; links are 0 for the input, otherwise the number of the
operation, counted from 1, whose output is taken:

* ``arch``, the benchmark's links and operations: ``([0, 1, 1, 2], ['gcn', 'cheb', 'gin', 'fc'])``, also as JSON (two
  lists in a list) or written ``Arch([...], [...])``;
* ``compact``, the same with less to type: ``0112:gcn,cheb,gin,fc``;
* ``hash``, the benchmark's number of the architecture, the key of its files: ``61327``.

Whatever the benchmark measured as one is one here: its order of operations and its rules for skips
(:func:`dinas_cli.spaces.nasbench_graph.trees.canonical`) are applied while reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from operator import index
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem, find_name
from dinas_cli.spaces.nasbench_graph.settings import DEVICE, HARDWARE, SETTINGS, published
from dinas_cli.spaces.nasbench_graph.text import LONGEST, read
from dinas_cli.spaces.nasbench_graph.trees import (
    EDGES,
    NODES,
    OPERATIONS,
    ROWS,
    canonical,
    from_values,
    number,
    to_values,
)
from dinas_cli.spaces.shared.protocol import Layout, MetricSpec, Sketch, Space, Values
from dinas_cli.spaces.shared.text import clean

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.hardware import Hardware
    from dinas_cli.spaces.shared.settings import Setting

KINDS = {"fc": "linear", "skip": "skip"}
EXAMPLE_NODES, EXAMPLE_EDGES = 100, 400  # of one graph of :meth:`NasBenchGraph.example`


class NasBenchGraph:
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean.

    The nodes of a layout's graph are the four operations; an operation without an edge into it takes the input.
    """

    name = "nasbench-graph"
    aliases: tuple[str, ...] = ("nbgraph", "nasbenchgraph")
    device_aliases: tuple[str, ...] = ()
    title = "NAS-Bench-Graph: node classification, trees of 4 of 9 graph operations"
    layout = Layout(
        nodes=(0,) * NODES,
        node_types=OPERATIONS,
        edge_types=("none", "link"),
        free_nodes=tuple(range(NODES)),
        free_edges=EDGES,
    )
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("acc", "%", "max", "validation accuracy (proteins: area under the ROC curve)", per_dataset=True),
        MetricSpec("test_acc", "%", "max", "test accuracy (proteins: area under the ROC curve)", per_dataset=True),
        MetricSpec("latency", "ms", "min", "inference latency for the whole graph", per_dataset=True, per_device=True),
        MetricSpec("params", "count", "min", "parameters", per_dataset=True),
    )
    rank_metric = "acc"
    datasets: tuple[str, ...] = tuple(SETTINGS)
    dialects: tuple[str, ...] = ("arch", "compact", "hash")
    table_rows: int | None = ROWS
    closed_forms: tuple[str, ...] = ("params",)
    default_device: str | None = DEVICE
    hardware: Mapping[str, Hardware] = HARDWARE
    readers: Mapping[str, str] = {"pickle": "dinas_cli.spaces.nasbench_graph.read_official"}
    files = "the .bench files of the Python package nas-bench-graph, one per dataset"

    def setting(self, device: str, dataset: str | None) -> Setting | None:
        """What latencies on the benchmark's GPU are about; None for other devices."""
        return published(device, dataset)

    def encode(self, genotype: str) -> Values:
        """Parse any dialect into canonical values ``(10,)``; raise :class:`GenotypeError` naming the broken rule."""
        return _encoded(clean(genotype, LONGEST, self.name))

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write canonical ``values`` as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
        values = tuple(values)
        links, names = _tree(values)
        chosen = find_name(dialect, self.dialects, "dialect")
        if chosen == "arch":
            return f"({list(links)}, {list(names)})"
        if chosen == "compact":
            return f"{''.join(map(str, links))}:{','.join(names)}"
        return f"{self.key(values):05d}"

    def key(self, values: Iterable[int]) -> int:
        """The benchmark's own number of the architecture, 0 to 88,887."""
        return _key(tuple(map(index, values)))

    def canonical_id(self, values: Iterable[int]) -> str:
        """``nbg-`` and the five digits of the benchmark's number; equal for what it measured as one."""
        return f"nbg-{self.key(values):05d}"

    def reference(self) -> np.ndarray:
        """All architectures ``(26206, 10)`` int8 in the order of their numbers."""
        from dinas_cli.spaces.nasbench_graph.trees import rows

        return rows()

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Uniformly random architectures ``(count, 10)`` int8."""
        import numpy as np

        reference = self.reference()
        drawn: np.ndarray = reference[np.random.default_rng(seed).integers(len(reference), size=count)]
        return drawn

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """Exactly the types with which an architecture of :meth:`reference` can still come about."""
        from dinas_cli.spaces.nasbench_graph.trees import legal

        return legal(values, variables)

    def features(self, values: np.ndarray) -> np.ndarray:
        """``(B, 10)`` -> ``(B, F)`` float32, see :mod:`dinas_cli.spaces.nasbench_graph.features`."""
        from dinas_cli.spaces.nasbench_graph.features import features

        return features(values)

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """None that add up: latencies of a GPU, which overlaps operations, do not add up from them."""
        return ()

    def closed_form(self, metric: str, values: np.ndarray, dataset: str | None = None) -> np.ndarray:
        """Exact ``params`` of ``(B, 10)``: ``(B,)`` int64."""
        from dinas_cli.spaces.nasbench_graph.counts import parameters

        return parameters(values, SETTINGS[self.dataset(dataset)])

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """One graph: the input, four operations, the output."""
        links, names = _tree(values)
        nodes = [("in", "input"), *((name, KINDS.get(name, "graph")) for name in names), ("out", "output")]
        taken = [(link, node, "", "") for node, link in enumerate(links, 1)]
        ends = [(node, NODES + 1, "", "") for node in range(1, NODES + 1) if node not in links]
        return (Sketch("cell", tuple(nodes), (*taken, *ends)),)

    def build(self, values: Iterable[int], dataset: str | None = None) -> nn.Module:
        """The benchmark's network around these operations, randomly initialised and without dropout.

        It takes node features ``(N, F)`` and an edge index ``(2, E)``, and gives logits ``(N, classes)``. The
        benchmark ran proteins with a normalised adjacency matrix, for which an edge index stands in here. Raises
        :class:`UsageProblem` where torch-geometric is missing.
        """
        (links, names), setting = _tree(values), SETTINGS[self.dataset(dataset)]
        try:
            from dinas_cli.spaces.nasbench_graph.network import Network
        except ModuleNotFoundError as error:
            raise UsageProblem(
                "networks of nasbench-graph need the package torch-geometric", "pip install 'dinas[graph]'"
            ) from error
        shape = (setting.features, setting.width, setting.classes)
        return Network(names, links, *shape, setting.before, setting.after)

    def example(self, dataset: str | None = None, batch: int = 1) -> tuple[Tensor, ...]:
        """``batch`` random graphs side by side as one: features ``(100 B, F)`` and an edge index ``(2, 400 B)``."""
        import torch

        setting = SETTINGS[self.dataset(dataset)]
        edges = [graph * EXAMPLE_NODES + torch.randint(EXAMPLE_NODES, (2, EXAMPLE_EDGES)) for graph in range(batch)]
        return torch.randn(batch * EXAMPLE_NODES, setting.features), torch.cat(edges, 1)

    def source(self, values: Iterable[int], dataset: str | None = None, header: str = "") -> str:
        """The network of :meth:`build` as one Python file that imports torch and torch-geometric."""
        from dinas_cli.spaces.shared.source import standalone

        values = tuple(values)
        (links, names), name = _tree(values), self.dataset(dataset)
        setting = SETTINGS[name]
        sources = ["the input" if link == 0 else f"operation {link}" for link in links]
        return standalone(
            "dinas_cli.spaces.nasbench_graph.network",
            title=f"NAS-Bench-Graph network for {name}, architecture {self.canonical_id(values)}.",
            header=header,
            arguments={
                "CELL": [
                    (operation, f"operation {node}, of {source}")
                    for node, (operation, source) in enumerate(zip(names, sources, strict=True), 1)
                ],
                "LINKS": links,
                "FEATURES": setting.features,
                "WIDTH": setting.width,
                "CLASSES": setting.classes,
                "BEFORE": setting.before,
                "AFTER": setting.after,
            },
            example=f"torch.randn({EXAMPLE_NODES}, FEATURES), torch.randint({EXAMPLE_NODES}, (2, {EXAMPLE_EDGES}))",
        )

    def dataset(self, name: str | None) -> str:
        """The dataset called ``name``, or the default one; raise :class:`UsageProblem` with a suggestion otherwise."""
        return find_name(name, self.datasets, "dataset")


def _tree(values: Iterable[int]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Links and names of operations in canonical form."""
    links, operations = canonical(from_values(values))
    return links, tuple(OPERATIONS[operation] for operation in operations)


@lru_cache(maxsize=1 << 15)
def _encoded(text: str) -> Values:
    return to_values(canonical(read(text)))


@lru_cache(maxsize=1 << 15)
def _key(values: Values) -> int:
    return number(from_values(values))


SPACE = NasBenchGraph()

if TYPE_CHECKING:
    _conforms: Space = SPACE
