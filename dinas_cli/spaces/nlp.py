"""NAS-Bench-NLP: recurrent cells for language modelling (Klyuchnikov et al. 2020), perplexity on Penn Treebank.

A cell is a graph of linear, blend, product and sum nodes, each followed by at most one activation, that makes 1 to 3
new hidden states from the word vector ``x`` and as many previous ones. All 4,322 published recipes keep the rules of
:func:`dinas_cli.spaces.nlp_cell.check`; so do the LSTM and the GRU.

Genotype dialects, each able to express every cell; nodes are renamed, and put into a canonical order, when read:

* ``recipe``, the benchmark's own JSON: ``{"node_0": {"op": "linear", "input": ["x", "h_prev_0"]}, "h_new_0": …}``;
* ``compact``: ``node_0=linear(x,h_prev_0);h_new_0=tanh(node_0)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.base import MetricSpec, Sketch, Space, Values, suggest
from dinas_cli.spaces.nlp_cell import INPUTS, Cell, canonical
from dinas_cli.spaces.nlp_text import NAMES, OUTPUTS, SHORT, parse, write_compact, write_json, written
from dinas_cli.spaces.nlp_values import LAYOUT, to_cell, to_values

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

REFERENCE = 8192
WORDS = 10_000
"""Vocabulary of Penn Treebank as the benchmark reads it."""
STEPS = 35
"""Words in a row of an example input."""
_LABELS = {
    "linear": ("linear", "linear"),
    "blend": ("blend", "gate"),
    "elementwise_prod": ("×", "gate"),
    "elementwise_sum": ("+", "sum"),
    "activation_tanh": ("tanh", "activation"),
    "activation_sigm": ("sigmoid", "activation"),
    "activation_leaky_relu": ("leaky relu", "activation"),
}
_PLACES = ("gate", "if 1", "if 0")


class NasBenchNlp:
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.base.Space` for what the members mean."""

    name = "nlp"
    aliases: tuple[str, ...] = ("nasbenchnlp", "nasbench-nlp")
    title = "NAS-Bench-NLP: recurrent cells for language modelling, up to 11 nodes besides activations"
    layout = LAYOUT
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec(
            "ppl", "", "min", "test perplexity on Penn Treebank, mean of the runs that trained", absent="worst"
        ),
        MetricSpec("diverged", "%", "min", "share of training runs that diverged"),
        MetricSpec("params", "count", "min", "parameters of the language model, embedding included"),
        MetricSpec("macs", "count", "min", f"multiply-accumulates of the language model for {STEPS} words"),
    )
    rank_metric = "ppl"
    datasets: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ("recipe", "compact")
    table_rows: int | None = None
    closed_forms: tuple[str, ...] = ("params", "macs")
    default_device: str | None = None
    readers: Mapping[str, str] = {"csv": "dinas_cli.oracles.nlp_text", "torch": "dinas_cli.oracles.nlp_zip"}
    files = (
        "a zip of the official training logs (log_stats_model_*.json), one such log, or JSON Lines with members recipe "
        "and ptb_test_loss_last (plain or .gz)"
    )

    def encode(self, genotype: str) -> Values:
        """Parse any dialect into the canonical variables ``(113,)``; raise :class:`GenotypeError`."""
        return to_values(parse(genotype))

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write a cell as a genotype, on one line; raise :class:`UsageProblem` for an unknown dialect."""
        cell = _canonical(values)
        if dialect in (None, "recipe"):
            return write_json(cell)
        if dialect == "compact":
            return write_compact(cell)
        raise UsageProblem(f"unknown dialect {dialect!r}", suggest(str(dialect), self.dialects, "dialects"))

    def key(self, values: Iterable[int]) -> int:
        """A number below 2**60 that isomorphic cells share."""
        return int(_hash(_canonical(values))[:15], 16)

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``nlp-<12 hex digits>``, equal for isomorphic cells; raise :class:`GenotypeError`."""
        return f"nlp-{_hash(_canonical(values))[:12]}"

    def reference(self) -> np.ndarray:
        """A fixed sample of 8,192 different cells ``(8192, 113)`` int8."""
        return _reference().copy()

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Random cells ``(count, 113)`` int8, distributed like the published recipes, each another architecture."""
        from dinas_cli.spaces.nlp_draw import draw

        return draw(count, seed)

    def legal(self, values: np.ndarray) -> np.ndarray | None:
        """Which types partly masked cells ``(B, 113)`` may still take: ``(B, 113, 39)`` bool."""
        from dinas_cli.spaces.nlp_legal import legal_types

        return legal_types(values)

    def features(self, values: np.ndarray) -> np.ndarray:
        """Surrogate inputs ``(B, F)`` float32: what a cell is made of and how signals run through it."""
        from dinas_cli.spaces.nlp_features import features

        return features(values)

    def operators(self, values: np.ndarray) -> np.ndarray | None:
        """None: the benchmark measured no device."""
        return None

    def closed_form(self, metric: str, values: np.ndarray, dataset: str | None = None) -> np.ndarray:
        """Exact ``params`` or ``macs`` of cells ``(B, 113)``: ``(B,)`` int64."""
        from dinas_cli.spaces.nlp_counts import params_and_macs

        _only(dataset)
        params, per_word = params_and_macs(values)
        return {"params": params, "macs": per_word * STEPS}[metric]

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """The cell with its inputs on the left and the new hidden states on the right."""
        cell = _canonical(values)
        recipe, states = written(cell), len(cell.outputs)
        names = [*INPUTS[: 1 + states], *recipe, *(f"new {state}" for state in range(states))]
        place = {name: number for number, name in enumerate(names)}
        nodes = [("x", "input"), *((f"h{state}", "input") for state in range(states))]
        edges = []
        for name, (op, inputs) in recipe.items():
            nodes.append(_LABELS[op])
            for number, source in enumerate(inputs):
                edges.append((place[source], place[name], _PLACES[number] if op == "blend" else "", ""))
        for state in range(states):
            nodes.append((f"new h{state}", "output"))
            edges.append((place[OUTPUTS[state]], place[f"new {state}"], "", ""))
        return (Sketch("cell", tuple(nodes), tuple(edges)),)

    def build(self, values: Iterable[int], dataset: str | None = None) -> nn.Module:
        """The benchmark's language model: word numbers ``(T, B)`` int64 -> logits ``(T, B, 10000)``."""
        from dinas_cli.nets.nlp import Network

        _only(dataset)
        operations, fan_in, inputs, outputs = _program(_canonical(values))
        return Network([name for name, _ in operations], fan_in, inputs, outputs, WORDS)

    def source(self, values: Iterable[int], dataset: str | None = None, header: str = "") -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        from dinas_cli.nets.source import standalone

        _only(dataset)
        cell = _canonical(values)
        operations, fan_in, inputs, outputs = _program(cell)
        return standalone(
            "nlp",
            title=f"NAS-Bench-NLP language model, cell nlp-{_hash(cell)[:12]}.",
            header=header,
            arguments={
                "OPERATIONS": operations,
                "FAN_IN": fan_in,
                "INPUTS": inputs,
                "OUTPUTS": outputs,
                "WORDS": WORDS,
            },
            example=f"torch.randint(WORDS, ({STEPS}, 2))",
        )

    def example(self, dataset: str | None = None, batch: int = 1) -> tuple[Tensor, ...]:
        """Random word numbers ``(35, batch)`` int64."""
        import torch

        _only(dataset)
        return (torch.randint(WORDS, (STEPS, batch)),)


Program = tuple[list[tuple[str, str]], tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def _program(cell: Cell) -> Program:
    """A cell as the arguments of its network: operations with what they make of what, input counts, inputs, outputs."""
    recipe = written(cell)
    place = {name: number for number, name in enumerate([*INPUTS, *recipe])}
    operations = [
        (SHORT[NAMES.index(op)], f"{place[name]}: {name} = {SHORT[NAMES.index(op)]}({', '.join(inputs)})")
        for name, (op, inputs) in recipe.items()
    ]
    fan_in = tuple(len(inputs) for _, inputs in recipe.values())
    inputs = tuple(place[source] for _, sources in recipe.values() for source in sources)
    return operations, fan_in, inputs, tuple(place[name] for name in OUTPUTS[: len(cell.outputs)])


def _canonical(values: Iterable[int]) -> Cell:
    return _canonical_of(tuple(values))


@lru_cache(maxsize=16_384)
def _canonical_of(values: Values) -> Cell:
    return canonical(to_cell(values))


@lru_cache(maxsize=16_384)
def _hash(cell: Cell) -> str:
    return sha256(bytes(to_values(cell))).hexdigest()


@lru_cache(maxsize=1)
def _reference() -> np.ndarray:
    from dinas_cli.spaces.nlp_draw import draw

    return draw(REFERENCE, 0)


def _only(dataset: str | None) -> None:
    """Refuse any dataset: the benchmark has one, which needs no name."""
    if dataset is not None:
        raise UsageProblem(f"nlp has no datasets to choose from, so not {dataset!r} either", "leave --dataset out")


SPACE = NasBenchNlp()

if TYPE_CHECKING:
    _conforms: Space = SPACE
