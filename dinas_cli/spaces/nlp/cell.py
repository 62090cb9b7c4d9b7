"""Recurrent cells of NAS-Bench-NLP as data: layers, wires between them, the rules they keep, their canonical order.

A *layer* is one operation on several inputs together with the activation that may follow it. It offers two values,
raw and activated; a *wire* is the number of a value: 0 is ``x``, 1 to 3 are ``h_prev_0`` to ``h_prev_2``, ``4 + 2 i``
is what layer ``i`` computes and ``5 + 2 i`` its activation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from dinas_cli.errors import GenotypeError

OPERATIONS = ("linear", "blend", "elementwise_prod", "elementwise_sum")
LINEAR, BLEND, PROD, SUM = range(4)
ARITIES = ((2, 3), (3, 3), (2, 2), (2, 2))
"""Fewest and most inputs of each operation."""
ACTIVATIONS = ("", "activation_tanh", "activation_sigm", "activation_leaky_relu")
"""The first one stands for no activation."""
INPUTS = ("x", "h_prev_0", "h_prev_1", "h_prev_2")
X = 0
FIRST = len(INPUTS)
"""The first wire that is not an input."""
STATES = 3
LAYERS = 11
"""Most layers of a cell; no published recipe has more."""


class Layer(NamedTuple):
    """One operation with its activation."""

    op: int
    """Index of :data:`OPERATIONS`."""
    act: int
    """Index of :data:`ACTIVATIONS`."""
    wires: tuple[int, ...]
    """Its inputs; for ``blend`` their order counts: gate, value where the gate is 1, value where it is 0."""


class Cell(NamedTuple):
    """A recurrent cell: layers in topological order and the wires that become the new hidden states."""

    layers: tuple[Layer, ...]
    outputs: tuple[int, ...]


def layer_of(wire: int) -> int:
    """The layer that computes a wire; negative for inputs."""
    return (wire - FIRST) // 2


def is_activated(wire: int) -> bool:
    """Whether a wire is the activation of a layer."""
    return wire >= FIRST and (wire - FIRST) % 2 == 1


def check(cell: Cell) -> None:
    """Raise :class:`GenotypeError` naming the first rule that a cell breaks.

    Published recipes keep all of them: 1 to 3 hidden states, each its own value; distinct inputs, as many as the
    operation takes; ``x``, whose size differs from that of hidden states, enters linear layers alone; ``x``, every
    previous state and every value are used.
    """
    count, states = len(cell.layers), len(cell.outputs)
    if not 1 <= count <= LAYERS:
        raise GenotypeError(f"a cell has 1 to {LAYERS} nodes besides activations, not {count}")
    if not 1 <= states <= STATES:
        raise GenotypeError(f"a cell has 1 to {STATES} new hidden states, not {states}")
    used = set(cell.outputs)
    if len(used) != states:
        raise GenotypeError("two new hidden states are one and the same value")
    for number, (op, _, wires) in enumerate(cell.layers):
        name = f"layer {number} ({OPERATIONS[op]})"
        fewest, most = ARITIES[op]
        if not fewest <= len(wires) <= most:
            wanted = f"{fewest}" if fewest == most else f"{fewest} or {most}"
            raise GenotypeError(f"{name} has {len(wires)} inputs; {OPERATIONS[op]} takes {wanted}")
        if len(set(wires)) != len(wires):
            raise GenotypeError(f"{name} has the same input twice")
        if X in wires and op != LINEAR:
            raise GenotypeError(f"{name} takes x, which has another size and enters linear nodes only")
        for wire in wires:
            _check_wire(cell, wire, number, name)
        used.update(wires)
    for state, wire in enumerate(cell.outputs):
        _check_wire(cell, wire, count, f"h_new_{state}")
        if wire < FIRST:
            raise GenotypeError(f"h_new_{state} is an input of the cell")
    for wire in range(1 + states):
        if wire not in used:
            raise GenotypeError(f"{INPUTS[wire]} is not used")
    for number, layer in enumerate(cell.layers):
        value = FIRST + 2 * number + (layer.act > 0)
        if value not in used:
            end = "the activation of " if layer.act else ""
            raise GenotypeError(f"{end}layer {number} ({OPERATIONS[layer.op]}) is not used")


def _check_wire(cell: Cell, wire: int, number: int, name: str) -> None:
    """Whether a wire exists for a reader at layer ``number``."""
    if 1 + len(cell.outputs) <= wire < FIRST:
        raise GenotypeError(f"{name} takes {INPUTS[wire]}, but there are {len(cell.outputs)} new hidden states")
    if layer_of(wire) >= number:
        raise GenotypeError(f"{name} takes the output of a later layer")
    if is_activated(wire) and not cell.layers[layer_of(wire)].act:
        raise GenotypeError(f"{name} takes the activation of layer {layer_of(wire)}, which has none")


def canonical(cell: Cell) -> Cell:
    """The same for isomorphic cells: layers ordered by depth and by what surrounds them.

    Inputs are unordered but for ``blend``, and the second and third hidden state may change places, because the next
    layer of the network only sees the first.
    """
    best = _ordered(cell)
    if len(cell.outputs) < STATES:
        return best
    swapped = {2: 3, 3: 2}
    layers = tuple(Layer(op, act, tuple(swapped.get(w, w) for w in wires)) for op, act, wires in cell.layers)
    return min(best, _ordered(Cell(layers, (cell.outputs[0], cell.outputs[2], cell.outputs[1]))))


def _ordered(cell: Cell) -> Cell:
    """Layers in the order of their colours, inputs sorted."""
    colours = _colours(cell)
    order = sorted(range(len(colours)), key=colours.__getitem__)
    place = list(range(FIRST)) + [0] * (2 * len(order))
    for new, old in enumerate(order):
        place[FIRST + 2 * old], place[FIRST + 2 * old + 1] = FIRST + 2 * new, FIRST + 2 * new + 1
    layers = []
    for old in order:
        op, act, wires = cell.layers[old]
        moved = [place[wire] for wire in wires]
        layers.append(Layer(op, act, tuple(moved if op == BLEND else sorted(moved))))
    return Cell(tuple(layers), tuple(place[wire] for wire in cell.outputs))


def _colours(cell: Cell) -> list[int]:
    """A different number for every layer, the same for corresponding layers of isomorphic cells.

    Colour refinement: a layer's colour is the rank of its own kind, depth and role, then of its neighbours' colours
    too, until nothing changes. Layers that still look alike can be exchanged (telling others apart takes more layers
    than a cell has), so one of them is marked and refinement goes on.
    """
    count = len(cell.layers)
    role = dict(zip(cell.outputs, range(1, STATES + 1), strict=False))
    readers: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    depth: list[int] = []
    kinds: list[tuple[int, ...]] = []
    for number, (op, act, wires) in enumerate(cell.layers):
        depth.append(1 + max((depth[layer_of(wire)] for wire in wires if wire >= FIRST), default=0))
        raw = FIRST + 2 * number
        kinds.append((depth[number], op, act, role.get(raw, 0), role.get(raw + 1, 0)))
        for place, wire in enumerate(wires):
            if wire >= FIRST:
                end = is_activated(wire)
                readers[layer_of(wire)].append((number, 2 * place + end if op == BLEND else int(end)))
    colours, classes = _ranked(kinds)
    while classes < count:
        signatures = []
        for number, (op, _, wires) in enumerate(cell.layers):
            before = [
                wire if wire < FIRST else FIRST + 2 * colours[layer_of(wire)] + is_activated(wire) for wire in wires
            ]
            after = sorted((colours[reader], place) for reader, place in readers[number])
            signatures.append((colours[number], tuple(before if op == BLEND else sorted(before)), tuple(after)))
        colours, found = _ranked(signatures)
        if found == classes:
            tied = min(colour for colour in colours if colours.count(colour) > 1)
            colours = [2 * colour for colour in colours]
            colours[colours.index(2 * tied)] -= 1
            found += 1
        classes = found
    return colours


def _ranked(signatures: Sequence[tuple[Any, ...]]) -> tuple[list[int], int]:
    """The rank of every signature among the different ones, and how many those are."""
    rank = {signature: number for number, signature in enumerate(sorted(set(signatures)))}
    return [rank[signature] for signature in signatures], len(rank)
