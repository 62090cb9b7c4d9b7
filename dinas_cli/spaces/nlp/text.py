"""The text forms of NAS-Bench-NLP cells: the benchmark's JSON recipes and a short form, parsed strictly.

* ``recipe``: ``{"node_0": {"op": "linear", "input": ["x", "h_prev_0"]}, "h_new_0": {"op": "activation_tanh",
  "input": ["node_0"]}}``, as JSON or as Python prints it, also where it is the member ``recipe`` of a training log;
* ``compact``: ``node_0=linear(x,h_prev_0);h_new_0=tanh(node_0)``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from dinas_cli.errors import GenotypeError, suggest
from dinas_cli.spaces.nlp.cell import ACTIVATIONS, FIRST, INPUTS, OPERATIONS, STATES, Cell, Layer, canonical, check
from dinas_cli.spaces.shared import literals
from dinas_cli.spaces.shared.text import clean, shown
from dinas_cli.spaces.shared.wrapping import unwrapped

LONGEST = 20_000
"""Characters; a recipe of 11 layers, all with activations, has under 2,000."""
NAMES = OPERATIONS + ACTIVATIONS[1:]
SHORT = tuple(name.removeprefix("elementwise_").removeprefix("activation_") for name in NAMES)
OUTPUTS = tuple(f"h_new_{state}" for state in range(STATES))

_START = re.compile(r"\{|\w+\s*=\s*\w+\s*\(", re.ASCII)
_NODE = re.compile(r"\s*([A-Za-z0-9_]+)\s*=\s*([A-Za-z0-9_]+)\s*\(([A-Za-z0-9_,\s]*)\)\s*", re.ASCII)

Recipe = Mapping[str, tuple[str, tuple[str, ...]]]
"""By the name of a node its operation and the names of its inputs."""


def parse(genotype: str) -> Cell:
    """The canonical cell of a text in any dialect; raise :class:`GenotypeError` naming the rule that it breaks."""
    cell = cell_of(recipe_of(genotype))
    check(cell)
    return canonical(cell)


def recipe_of(genotype: str) -> Recipe:
    """The recipe of a text in any dialect, with its own names; raise :class:`GenotypeError` for what is none."""
    text = unwrapped(clean(genotype, LONGEST, "nlp"), _START, holders=("recipe", "genotype"))
    return _read_json(text) if text.startswith("{") else _read_compact(text)


def written(cell: Cell) -> dict[str, tuple[str, tuple[str, ...]]]:
    """A cell as a recipe; values that are no hidden state are called ``node_0``, ``node_1``, …"""
    names = dict(enumerate(INPUTS)) | dict(zip(cell.outputs, OUTPUTS, strict=False))
    recipe: dict[str, tuple[str, tuple[str, ...]]] = {}
    free = 0
    for number, (op, act, wires) in enumerate(cell.layers):
        raw = FIRST + 2 * number
        steps = [(raw, OPERATIONS[op], wires)] + ([(raw + 1, ACTIVATIONS[act], (raw,))] if act else [])
        for wire, operation, inputs in steps:
            if wire not in names:
                names[wire], free = f"node_{free}", free + 1
            recipe[names[wire]] = (operation, tuple(names[source] for source in inputs))
    return recipe


def write_json(cell: Cell) -> str:
    """The benchmark's form, on one line."""
    return json.dumps({name: {"op": op, "input": list(inputs)} for name, (op, inputs) in written(cell).items()})


def write_compact(cell: Cell) -> str:
    """The short form."""
    nodes = written(cell).items()
    return ";".join(f"{name}={SHORT[NAMES.index(op)]}({','.join(inputs)})" for name, (op, inputs) in nodes)


def cell_of(recipe: Recipe) -> Cell:
    """The layers of a recipe, in a topological order; raise :class:`GenotypeError` for what no cell can hold."""
    for name, (op, inputs) in recipe.items():
        if name in INPUTS:
            raise GenotypeError(f"node {name} is an input of the cell")
        if op not in NAMES:
            raise GenotypeError(f"node {shown(name)}: unknown operation {shown(op)}", suggest(op, NAMES, "operations"))
        for source in inputs:
            if source not in recipe and source not in INPUTS:
                raise GenotypeError(f"node {shown(name)} takes {shown(source)}, which is no node and no input")
    try:
        order = list(TopologicalSorter({name: inputs for name, (_, inputs) in recipe.items()}).static_order())
    except CycleError as error:
        raise GenotypeError(f"cyclic: {shown(' -> '.join(error.args[1]))}") from error
    wires: dict[str, int] = {name: wire for wire, name in enumerate(INPUTS)}
    layers: list[Layer] = []
    for name in order:
        if name in INPUTS:
            continue
        op, inputs = recipe[name]
        found = tuple(wires[source] for source in inputs)
        if op in OPERATIONS:
            wires[name] = FIRST + 2 * len(layers)
            layers.append(Layer(OPERATIONS.index(op), 0, found))
        else:
            wires[name] = _activate(name, op, found, layers)
    states = [name for name in recipe if name.startswith("h_new_") and name[6:].isdigit()]
    expected = OUTPUTS[: len(states)]
    if not states or set(states) != set(expected):
        had = shown(", ".join(states)) if states else "none"
        raise GenotypeError(f"the new hidden states must be h_new_0 to h_new_2 without gaps, not {had}")
    return Cell(tuple(layers), tuple(wires[name] for name in expected))


def _activate(name: str, op: str, wires: tuple[int, ...], layers: list[Layer]) -> int:
    """Add an activation to the layer that it follows; its wire."""
    if len(wires) != 1:
        raise GenotypeError(f"node {shown(name)}: {op} takes 1 input, not {len(wires)}")
    number, end = divmod(wires[0] - FIRST, 2)
    if number < 0 or end:
        raise GenotypeError(f"node {shown(name)}: {op} follows a linear, blend, product or sum node only")
    if layers[number].act:
        raise GenotypeError(f"node {shown(name)}: {op} is the second activation of one node")
    layers[number] = layers[number]._replace(act=ACTIVATIONS.index(op))
    return wires[0] + 1


def _read_json(text: str) -> Recipe:
    """Read ``{"name": {"op": …, "input": [name, …]}, …}`` with nothing else in it."""

    data = literals.read(text, _EXAMPLES)
    if not isinstance(data, dict):
        raise GenotypeError(f"genotype {shown(text)} is no object of nodes", _EXAMPLES)
    recipe = {}
    for name, node in data.items():
        if not isinstance(node, dict) or set(node) != {"op", "input"}:
            raise GenotypeError(f"node {shown(name)} must have an op and an input and nothing else", _EXAMPLES)
        op, inputs = node["op"], node["input"]
        if not isinstance(op, str) or not isinstance(inputs, list) or not all(isinstance(i, str) for i in inputs):
            raise GenotypeError(f"node {shown(name)}: op must be a text and input a list of texts", _EXAMPLES)
        recipe[name] = (op, tuple(inputs))
    return recipe


def _read_compact(text: str) -> Recipe:
    """Read ``name=operation(name,…);…``."""
    recipe: dict[str, tuple[str, tuple[str, ...]]] = {}
    for part in text.removesuffix(";").split(";"):
        match = _NODE.fullmatch(part)
        if match is None:
            raise GenotypeError(f"genotype {shown(text)}: {shown(part)} is not name=operation(inputs)", _EXAMPLES)
        name, op, inputs = match.groups()
        if name in recipe:
            raise GenotypeError(f"genotype {shown(text)}: node {name} occurs twice")
        long = NAMES[SHORT.index(op)] if op in SHORT else op
        recipe[name] = (long, tuple(source.strip() for source in inputs.split(",")) if inputs.strip() else ())
    return recipe


_EXAMPLES = (
    'write it like {"node_0": {"op": "linear", "input": ["x", "h_prev_0"]}, "h_new_0": {"op": "activation_tanh", '
    '"input": ["node_0"]}} or node_0=linear(x,h_prev_0);h_new_0=tanh(node_0)'
)
