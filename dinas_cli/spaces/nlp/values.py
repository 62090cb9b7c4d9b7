"""Cells of NAS-Bench-NLP as graphs of free nodes and edges: which variable holds what, there and back.

Free nodes are the eleven layers (absent ones last), each with its operation and activation, then the three new hidden
states, each naming the value that it becomes. A free edge runs from an input or an earlier layer to a layer; its type
says which of the earlier layer's two values is read, and by ``blend`` as which of its inputs.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from operator import index

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.nlp.cell import (
    ACTIVATIONS,
    BLEND,
    FIRST,
    INPUTS,
    LAYERS,
    OPERATIONS,
    STATES,
    Cell,
    Layer,
    check,
    is_activated,
    layer_of,
)
from dinas_cli.spaces.shared.protocol import Layout, Values

NONE = 0
_LAYER_TYPES = tuple(f"{op} {act}".strip() for op in OPERATIONS for act in ACTIVATIONS)
FIRST_OUTPUT = 1 + len(_LAYER_TYPES)
"""The node type of a hidden state that becomes wire :data:`FIRST`; later wires follow."""
_OUTPUT_TYPES = tuple(f"{end} of layer {layer}" for layer in range(LAYERS) for end in ("value", "activation"))
_PLACES = ("first", "second", "third")

SINGLE = tuple((place, end) for place in range(3) for end in (0, 1))
"""What edge types 1 to 6 are: the reader's place (0 unless it is ``blend``), and 1 for the activation."""
BOTH = 1 + len(SINGLE)
"""The edge type by which an unordered reader takes a layer's value and its activation."""
PAIRS = tuple(permutations(range(3), 2))
"""What the edge types after :data:`BOTH` are: where ``blend`` takes a layer's value, and where its activation."""
EDGE_TYPES = (
    "none",
    *(f"{_PLACES[place]} input{' activated' if end else ''}" for place, end in SINGLE),
    "both ends",
    *(f"{_PLACES[raw]} input, {_PLACES[act]} activated" for raw, act in PAIRS),
)
EDGES = tuple((source, FIRST + layer) for layer in range(LAYERS) for source in range(FIRST + layer))
"""Free edges as pairs of nodes, by the layer that they enter."""

LAYOUT = Layout(
    nodes=tuple(FIRST_OUTPUT + 2 * LAYERS + i for i in range(len(INPUTS))) + (NONE,) * (LAYERS + STATES),
    node_types=("none", *_LAYER_TYPES, *_OUTPUT_TYPES, *INPUTS),
    edge_types=EDGE_TYPES,
    free_nodes=tuple(range(FIRST, FIRST + LAYERS + STATES)),
    free_edges=EDGES,
    node_choices=FIRST_OUTPUT + 2 * LAYERS,
    nodes_first=True,
    calls=19,
)
FIRST_EDGE = LAYERS + STATES
"""The variable of the first edge."""
STARTS = tuple(FIRST_EDGE + FIRST * layer + layer * (layer - 1) // 2 for layer in range(LAYERS))
"""The variable of the first edge into each layer."""


def to_values(cell: Cell) -> Values:
    """The variables that hold a cell, which must keep the rules of :func:`~dinas_cli.spaces.nlp.cell.check`."""
    values = [NONE] * LAYOUT.size
    for number, (op, act, wires) in enumerate(cell.layers):
        values[number] = 1 + len(ACTIVATIONS) * op + act
        start = STARTS[number]
        for place, wire in enumerate(wires):
            source, end = (wire, 0) if wire < FIRST else (FIRST + layer_of(wire), int(is_activated(wire)))
            role = place if op == BLEND else 0
            before = values[start + source]
            if before == NONE:
                values[start + source] = 1 + 2 * role + end
            elif op != BLEND:
                values[start + source] = BOTH
            else:
                other = SINGLE[before - 1][0]
                values[start + source] = BOTH + 1 + PAIRS.index((other, role) if end else (role, other))
    for state, wire in enumerate(cell.outputs):
        values[LAYERS + state] = FIRST_OUTPUT + wire - FIRST
    return tuple(values)


def to_cell(values: Iterable[int]) -> Cell:
    """The cell that variables hold; raise :class:`GenotypeError` naming the rule that they break."""
    given = tuple(map(index, values))
    if len(given) != LAYOUT.size or not all(0 <= value < n for value, n in zip(given, LAYOUT.choices, strict=True)):
        raise GenotypeError(f"a cell of nlp is {LAYOUT.size} variables, each of a type that its layout knows")
    present = [value for value in given[:LAYERS] if value != NONE]
    if any(given[len(present) : LAYERS]):
        raise GenotypeError("a layer is absent although a later one is there")
    layers = []
    for number, kind in enumerate(present):
        if kind >= FIRST_OUTPUT:
            raise GenotypeError(f"layer {number} has the type of a hidden state")
        op, act = divmod(kind - 1, len(ACTIVATIONS))
        layers.append(Layer(op, act, _wires(given, number, op)))
    if any(given[STARTS[len(present)] :] if len(present) < LAYERS else ()):
        raise GenotypeError("an absent layer has inputs")
    outputs = [kind - FIRST_OUTPUT + FIRST for kind in given[LAYERS:FIRST_EDGE] if kind != NONE]
    if any(wire < FIRST for wire in outputs):
        raise GenotypeError("a hidden state has the type of a layer")
    if any(given[LAYERS + len(outputs) : FIRST_EDGE]):
        raise GenotypeError("a new hidden state is missing although a later one is there")
    cell = Cell(tuple(layers), tuple(outputs))
    check(cell)
    return cell


def _wires(values: Values, number: int, op: int) -> tuple[int, ...]:
    """The wires into layer ``number``, for ``blend`` in the order of their places."""
    found: list[tuple[int, int]] = []
    for source in range(FIRST + number):
        kind = values[STARTS[number] + source]
        raw = source if source < FIRST else 2 * source - FIRST
        if kind == NONE:
            continue
        if source < FIRST and (kind >= BOTH or SINGLE[kind - 1][1]):
            raise GenotypeError(f"layer {number} takes the activation of {INPUTS[source]}, which has none")
        if kind < BOTH:
            role, end = SINGLE[kind - 1]
            some = [(role, raw + end)]
        else:
            places = (0, 0) if kind == BOTH else PAIRS[kind - BOTH - 1]
            some = [(places[0], raw), (places[1], raw + 1)]
        if (kind == BOTH) if op == BLEND else any(place for place, _ in some):
            raise GenotypeError(f"layer {number} ({OPERATIONS[op]}) has an input of another operation's kind")
        found += some
    if op == BLEND and sorted(place for place, _ in found) != [0, 1, 2]:
        raise GenotypeError(f"layer {number} (blend) needs a first, a second and a third input")
    return tuple(wire for _, wire in sorted(found))
