"""Inputs of the surrogate for NAS-Bench-NLP: what a cell is made of and how signals run through it.

All of them are the same for isomorphic graphs. ``B`` graphs, ``L`` = 11 layers, ``W`` = 26 wires (four inputs, then the
value and the activation of each layer).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dinas_cli.spaces.nlp.cell import ACTIVATIONS, BLEND, FIRST, LAYERS, LINEAR, OPERATIONS, PROD, STATES
from dinas_cli.spaces.nlp.counts import grid, operations
from dinas_cli.spaces.nlp.flow import WIRES, Wiring, flow
from dinas_cli.spaces.nlp.values import BOTH, EDGE_TYPES, FIRST_EDGE, FIRST_OUTPUT, NONE, PAIRS, SINGLE

KINDS = FIRST + len(OPERATIONS) + len(ACTIVATIONS) - 1
"""Kinds of wires: the four inputs, four operations, three activations."""
_FAR = 9.0


def features(values: np.ndarray) -> np.ndarray:
    """Surrogate inputs ``(B, F)`` float32 of graphs ``(B, V)``."""
    values = np.asarray(values)
    op, act = operations(values)
    places = places_of(grid(values))
    reads = (places >= 0).astype(np.float32)
    gates = ((places == 0) & (op == BLEND)[:, :, None]).astype(np.float32)
    kind = _kinds(op, act)
    outputs = values[:, LAYERS:FIRST_EDGE].astype(np.int64)
    wires = np.where(outputs == NONE, WIRES, outputs - FIRST_OUTPUT + FIRST)
    is_kind = (kind[:, :, None] == np.arange(KINDS)).astype(np.float32)
    parts = [
        _composition(op, act, outputs),
        _neighbours(op, reads, gates, is_kind),
        _at_outputs(reads, is_kind, wires),
        _signals(op, act, reads, gates, wires),
        flow(Wiring(op, act, places, wires)),
    ]
    return np.concatenate([part.reshape(len(values), -1) for part in parts], 1).astype(np.float32)


def places_of(edges: np.ndarray) -> np.ndarray:
    """As which of its inputs each layer reads each wire ``(B, L, W)`` int8; -1 where it does not."""
    raw, act = np.full(len(EDGE_TYPES), -1, np.int8), np.full(len(EDGE_TYPES), -1, np.int8)
    for number, (single, end) in enumerate(SINGLE, 1):
        (act if end else raw)[number] = single
    raw[BOTH] = act[BOTH] = 0
    for number, (first, second) in enumerate(PAIRS, BOTH + 1):
        raw[number], act[number] = first, second
    places = np.full((len(edges), LAYERS, WIRES), -1, np.int8)
    places[:, :, np.r_[:FIRST, FIRST + 1 : WIRES : 2]] = act.take(edges).transpose(0, 2, 1)
    from_raw = raw.take(edges).transpose(0, 2, 1)
    places[:, :, :FIRST] = np.maximum(places[:, :, :FIRST], from_raw[:, :, :FIRST])
    places[:, :, FIRST:WIRES:2] = from_raw[:, :, FIRST:]
    return places


def _kinds(op: np.ndarray, act: np.ndarray) -> np.ndarray:
    """The kind of each wire ``(B, W)``; -1 where there is none."""
    kind = np.full((len(op), WIRES), -1)
    kind[:, :FIRST] = np.arange(FIRST)
    kind[:, FIRST::2] = np.where(op >= 0, FIRST + op, -1)
    kind[:, FIRST + 1 :: 2] = np.where(act > 0, FIRST + len(OPERATIONS) + act - 1, -1)
    return kind


def _composition(op: np.ndarray, act: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """How many layers of each operation and activation there are, how many in all, and hidden states."""
    pair = np.where(op >= 0, op * len(ACTIVATIONS) + act, -1)
    pairs = (pair[:, :, None] == np.arange(len(OPERATIONS) * len(ACTIVATIONS))).sum(1)
    count, states = (op >= 0).sum(1), (outputs != NONE).sum(1)
    depth = count[:, None] == np.arange(1, LAYERS + 1)
    return np.concatenate([pairs / 2, depth, count[:, None] / 4, states[:, None] == np.arange(1, STATES + 1)], 1)


def _neighbours(op: np.ndarray, reads: np.ndarray, gates: np.ndarray, is_kind: np.ndarray) -> np.ndarray:
    """How often each kind of wire enters each operation (gates of ``blend`` apart), and how often it is read at all."""
    kinds = reads @ is_kind
    gate_kinds = gates @ is_kind
    parts = [((op == which)[:, :, None] * (kinds - gate_kinds)).sum(1) for which in range(len(OPERATIONS))]
    several = ((op == LINEAR) & (reads.sum(2) > 2)).sum(1, keepdims=True)
    fan = reads.sum(1)
    shared = ((fan > 1)[:, None] @ is_kind)[:, 0]
    return np.concatenate([*parts, gate_kinds.sum(1), shared, several], 1) / 2


def _at_outputs(reads: np.ndarray, is_kind: np.ndarray, wires: np.ndarray) -> np.ndarray:
    """The kinds of each new hidden state, and of what is one, two and three steps before it ``(B, 3, 4 KINDS)``."""
    batch = len(wires)
    up = np.zeros((batch, WIRES + 1, WIRES), np.float32)
    up[:, FIRST:WIRES:2] = reads
    layers = np.arange(LAYERS)
    up[:, FIRST + 1 + 2 * layers, FIRST + 2 * layers] = 1
    here = np.zeros((batch, STATES, WIRES), np.float32)
    rows = np.arange(batch)[:, None]
    seen = wires < WIRES
    here[rows, np.arange(STATES), np.minimum(wires, WIRES - 1)] = seen
    # A layer's value stands for its activation too where only the kinds above matter.
    one = here @ up[:, :WIRES]
    two = one @ up[:, :WIRES]
    three = two @ up[:, :WIRES]
    return np.concatenate([level @ is_kind for level in (here, one, two, three)], 2)


def _signals(op: np.ndarray, act: np.ndarray, reads: np.ndarray, gates: np.ndarray, wires: np.ndarray) -> np.ndarray:
    """What a signal meets on its way from each input to each new hidden state ``(B, …)``.

    Fewest and most layers, linear maps and squashing activations; and the degree in the hidden states as a polynomial,
    squashing counting as bounded: over one, values run away.
    """
    linear, squash = op == LINEAR, (act == 1) | (act == 2)
    gated = (gates.sum(2) > 0) | (op == PROD)
    steps = [np.ones_like(op), linear, gated]
    acts = [act > 0, np.zeros_like(squash), np.zeros_like(squash)]
    out: list[np.ndarray] = []
    for at_layer, at_act in zip(steps, acts, strict=True):
        out.append(_walk(reads, wires, at_layer, at_act, np.minimum, _FAR))
    out.append(_walk(reads, wires, np.zeros_like(op), squash, np.minimum, _FAR))
    for at_layer, at_act in ((np.ones_like(op), act > 0), (linear, np.zeros_like(squash)), (np.zeros_like(op), squash)):
        out.append(_walk(reads, wires, at_layer, at_act, np.maximum, -_FAR))
    reached = out[0] < _FAR
    walks = [np.where(reached, part, -1) / 4 for part in out]
    degree = _degree(op, squash, reads, gates)
    final = np.concatenate([degree, np.zeros((len(op), 1), np.float32)], 1)[np.arange(len(op))[:, None], wires]
    grows = [final[:, :, None] == level for level in (0, 1, 2)] + [np.minimum(final, 8)[:, :, None] / 4]
    return np.concatenate([part.reshape(len(op), -1) for part in (*walks, reached, *grows)], 1)


def _walk(
    reads: np.ndarray,
    wires: np.ndarray,
    at_layer: np.ndarray,
    at_act: np.ndarray,
    best: Callable[..., np.ndarray],
    none: float,
) -> np.ndarray:
    """Least (or most) weight on the way from each of the four inputs to each new hidden state ``(B, 3, 4)``."""
    batch = len(reads)
    cost = np.full((batch, WIRES + 1, FIRST), none, np.float32)
    cost[:, np.arange(FIRST), np.arange(FIRST)] = 0
    reduce: Callable[..., np.ndarray] = best.reduce  # type: ignore[attr-defined]
    for layer in range(LAYERS):
        wire = FIRST + 2 * layer
        before = np.where(reads[:, layer, :wire, None] > 0, cost[:, :wire], none)
        least = reduce(before, 1)
        cost[:, wire] = np.where(np.abs(least) < _FAR, least + at_layer[:, layer, None], none)
        cost[:, wire + 1] = np.where(np.abs(least) < _FAR, cost[:, wire] + at_act[:, layer, None], none)
    return cost[np.arange(batch)[:, None], wires]


def _degree(op: np.ndarray, squash: np.ndarray, reads: np.ndarray, gates: np.ndarray) -> np.ndarray:
    """The degree of every wire in the previous hidden states ``(B, W)``; what is squashed has degree zero."""
    degree = np.zeros((len(op), WIRES), np.float32)
    degree[:, 1:FIRST] = 1
    for layer in range(LAYERS):
        wire = FIRST + 2 * layer
        given = reads[:, layer, :wire] * degree[:, :wire]
        gate = (gates[:, layer, :wire] * degree[:, :wire]).sum(1)
        rest = ((reads[:, layer, :wire] - gates[:, layer, :wire]) * degree[:, :wire]).max(1)
        raw = np.where(op[:, layer] == PROD, given.sum(1), np.where(op[:, layer] == BLEND, gate + rest, given.max(1)))
        degree[:, wire] = raw
        degree[:, wire + 1] = np.where(squash[:, layer], 0, raw)
    return degree
