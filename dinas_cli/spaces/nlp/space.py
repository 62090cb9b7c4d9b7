"""NAS-Bench-NLP: recurrent cells of a language model on Penn Treebank (Klyuchnikov et al., 2020).

Genotype dialects, each able to express every cell:

* ``recipe``, the benchmark's JSON: ``{"node_0": {"op": "linear", "input": ["x", "h_prev_0"]}, "h_new_0": …}``;
* ``compact``, the same with less to type: ``node_0=linear(x,h_prev_0);h_new_0=tanh(node_0)``.

Names of nodes do not matter, and neither does their order. The rules that every published recipe keeps are those of
:func:`dinas_cli.spaces.nlp.cell.check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from operator import index
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import find_name
from dinas_cli.spaces.nlp import official
from dinas_cli.spaces.nlp.cell import FIRST, INPUTS, Cell, canonical
from dinas_cli.spaces.nlp.text import NAMES, SHORT, parse, write_compact, write_json, written
from dinas_cli.spaces.nlp.values import LAYOUT, to_cell, to_values
from dinas_cli.spaces.shared.protocol import MetricSpec, Sketch, Space, Values

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

WORDS = 10_000
REFERENCE = 2048
STEPS, BATCH = 35, 2  # tokens of the example of an exported file
LABELS = {"linear": "linear", "blend": "gate", "prod": "gate", "sum": "sum"}
"""What operations are for the colours of a drawing; activations are all others."""


class NasBenchNLP:
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    name = "nlp"
    aliases: tuple[str, ...] = ("nasbench-nlp", "nasbenchnlp")
    device_aliases: tuple[str, ...] = ()
    title = "NAS-Bench-NLP: recurrent cells, up to 11 operations with activations, 1 to 3 hidden states"
    layout = LAYOUT
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("ppl", "", "min", "test perplexity on Penn Treebank, mean of the runs that trained", absent="worst"),
        MetricSpec("diverged", "%", "min", "share of training runs that diverged"),
        MetricSpec("params", "count", "min", "parameters of the language model"),
        MetricSpec("macs", "count", "min", "multiply-accumulates per word, of linear maps"),
    )
    rank_metric = "ppl"
    datasets: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ("recipe", "compact")
    table_rows: int | None = None
    closed_forms: tuple[str, ...] = ("params", "macs")
    default_device: str | None = None
    readers: Mapping[str, str] = {"csv": "dinas_cli.spaces.nlp.read_logs", "torch": "dinas_cli.spaces.nlp.read_logs"}
    files = (
        "a training log of the benchmark (JSON), a .zip of them, or JSON Lines (plain or .gz) with recipes and losses"
    )

    official = staticmethod(official.names)

    def encode(self, genotype: str) -> Values:
        """Parse any dialect into canonical values; raise :class:`GenotypeError` naming the broken rule."""
        return to_values(parse(genotype))

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write ``values`` as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
        cell, chosen = _cell(values), find_name(dialect, self.dialects, "dialect")
        return write_compact(cell) if chosen == "compact" else write_json(cell)

    def key(self, values: Iterable[int]) -> int:
        """The first 60 bits of the cell's hash, equal for isomorphic cells."""
        return int(_hash(tuple(map(index, values)))[:15], 16)

    def canonical_id(self, values: Iterable[int]) -> str:
        """``nlp-<12 hex digits>``, equal for isomorphic cells."""
        return f"nlp-{_hash(tuple(map(index, values)))[:12]}"

    def reference(self) -> np.ndarray:
        """A fixed sample of :meth:`draw`, ``(2048, V)`` int8; more would take seconds."""
        return _reference()

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Different random cells ``(count, V)`` int8, as frequent of each kind as the benchmark's."""
        from dinas_cli.spaces.nlp.draw import draw

        return draw(count, seed)

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """Types with which every layer still gets its inputs and every value a reader."""
        from dinas_cli.spaces.nlp.legal import legal_types

        return legal_types(values, variables)

    def features(self, values: np.ndarray) -> np.ndarray:
        """``(B, V)`` -> ``(B, F)`` float32, see :mod:`dinas_cli.spaces.nlp.features`."""
        from dinas_cli.spaces.nlp.features import features

        return features(values)

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """None that add up: whether a cell diverges does not add up from its operations."""
        return ()

    def closed_form(self, metric: str, values: np.ndarray, dataset: str | None = None) -> np.ndarray:
        """Exact ``params`` or ``macs`` of cells ``(B, V)``: ``(B,)`` int64."""
        from dinas_cli.spaces.nlp.counts import params_and_macs

        return params_and_macs(values)[self.closed_forms.index(metric)]

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """One cell: inputs, operations and new hidden states as nodes."""
        cell = _cell(values)
        nodes = [("x", "input"), *((f"h{state}", "input") for state in range(len(cell.outputs)))]
        place = dict(zip(INPUTS, range(len(nodes)), strict=False))
        edges = []
        recipe = written(cell)
        for name, (operation, inputs) in recipe.items():
            short = SHORT[NAMES.index(operation)]
            place[name] = len(nodes)
            nodes.append((short, LABELS.get(short, "activation")))
            roles = ("gate", "1", "0") if short == "blend" else ("",) * len(inputs)
            edges += [(place[source], place[name], role, "") for source, role in zip(inputs, roles, strict=True)]
        for name in [name for name in recipe if name.startswith("h_new_")]:
            edges.append((place[name], len(nodes), "", ""))
            nodes.append((f"h{name.removeprefix('h_new_')}'", "output"))
        return (Sketch("cell", tuple(nodes), tuple(edges)),)

    def build(self, values: Iterable[int], dataset: str | None = None) -> nn.Module:
        """The benchmark's language model: word numbers ``(T, B)`` int64 -> logits ``(T, B, 10000)``."""
        from dinas_cli.spaces.nlp.network import Network

        steps = _steps(_cell(values))
        return Network(steps["OPERATIONS"], steps["FAN_IN"], steps["INPUTS"], steps["OUTPUTS"], WORDS)

    def example(self, dataset: str | None = None, batch: int = 1) -> tuple[Tensor, ...]:
        """Random word numbers ``(35, batch)``."""
        import torch

        return (torch.randint(WORDS, (STEPS, batch)),)

    def source(self, values: Iterable[int], dataset: str | None = None, header: str = "") -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        from dinas_cli.spaces.shared.source import standalone

        values = tuple(values)
        steps = _steps(_cell(values))
        names = [(name, f"node {FIRST + node}") for node, name in enumerate(steps["OPERATIONS"])]
        return standalone(
            "dinas_cli.spaces.nlp.network",
            title=f"NAS-Bench-NLP language model, cell {self.canonical_id(values)}.",
            header=header,
            arguments={**steps, "OPERATIONS": names, "WORDS": WORDS},
            example=f"torch.randint(WORDS, ({STEPS}, {BATCH}))",
        )


def _cell(values: Iterable[int]) -> Cell:
    return canonical(to_cell(values))


def _steps(cell: Cell) -> dict[str, Any]:
    """A cell as the network takes it: operations, how many inputs each has, all inputs in turn, and the new states."""
    recipe = written(cell)
    place = {name: number for number, name in enumerate([*INPUTS, *recipe])}
    return {
        "OPERATIONS": [SHORT[NAMES.index(operation)] for operation, _ in recipe.values()],
        "FAN_IN": [len(inputs) for _, inputs in recipe.values()],
        "INPUTS": [place[source] for _, inputs in recipe.values() for source in inputs],
        "OUTPUTS": [place[f"h_new_{state}"] for state in range(len(cell.outputs))],
    }


@lru_cache(maxsize=1 << 16)
def _hash(values: Values) -> str:
    return sha256(repr(_cell(values)).encode()).hexdigest()


@lru_cache(maxsize=1)
def _reference() -> np.ndarray:
    from dinas_cli.files.cache import kept
    from dinas_cli.spaces.nlp.draw import draw

    return kept("nlp-reference", (), (__name__,), lambda: draw(REFERENCE, 0))


SPACE = NasBenchNLP()

if TYPE_CHECKING:
    _conforms: Space = SPACE
