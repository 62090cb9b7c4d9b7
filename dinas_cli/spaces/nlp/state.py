"""What partly drawn NAS-Bench-NLP graphs already fix: the facts that :mod:`dinas_cli.spaces.nlp.legal` decides by.

Axes: ``B`` batch, ``S`` = 15 sources (four inputs, eleven layers), ``T`` = 11 layers as targets. A layer is *present*
or *absent* once that follows from what is drawn, otherwise *open*.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from dinas_cli.spaces.nlp.cell import ACTIVATIONS, BLEND, FIRST, LAYERS, LINEAR, X
from dinas_cli.spaces.nlp.values import EDGES, FIRST_EDGE, FIRST_OUTPUT, LAYOUT, NONE, PAIRS, SINGLE

MASKED_NODE, MASKED_EDGE = LAYOUT.choices[0], LAYOUT.choices[-1]
SOURCES = FIRST + LAYERS
GRID = np.array([source * LAYERS + target - FIRST for source, target in EDGES])
"""Where the edges stand in a flattened ``(S, T)`` grid."""

# Facts about an edge type as bits of one number; the first two can be added up over all edges into a layer.
INPUTS, FIRSTS = 1, 1 << 6
COUNT = FIRSTS - 1
PLACE = tuple(1 << 12 + place for place in range(3))
UNORDERED, ORDERED, RAW, ACT, THERE = (1 << 15 + bit for bit in range(5))


@cache
def edge_facts() -> np.ndarray:
    """By edge type, the mask token last, what such an edge is ``(M + 1,)`` int32."""
    facts = [0]
    for place, end in SINGLE:
        facts.append(INPUTS + PLACE[place] | (ORDERED if place else FIRSTS) | (ACT if end else RAW) | THERE)
    facts.append(2 * INPUTS | UNORDERED | RAW | ACT | THERE)
    facts += [2 * INPUTS | PLACE[raw] | PLACE[act] | ORDERED | RAW | ACT | THERE for raw, act in PAIRS]
    return np.array([*facts, 0], np.int32)


class State:
    """Facts about partly masked ``values (B, V)``."""

    def __init__(self, values: np.ndarray) -> None:
        batch = len(values)
        flat = np.full((batch, SOURCES * LAYERS), NONE, np.int16)
        flat[:, GRID] = values[:, FIRST_EDGE:]
        edges = flat.reshape(batch, SOURCES, LAYERS)
        self.masked = edges == MASKED_EDGE
        """Edges still to be drawn ``(B, S, T)``."""
        facts = edge_facts().take(edges)
        into, out = np.bitwise_or.reduce(facts, 1), np.bitwise_or.reduce(facts, 2)
        counts = facts.sum(1, dtype=np.int32)
        self.facts = into
        """All that edges into a layer are ``(B, T)``."""
        self.inputs = counts & COUNT
        """How many inputs each layer has ``(B, T)``."""
        self.firsts = counts // FIRSTS & COUNT
        self.has_x = facts[:, X] > 0

        types = values[:, :LAYERS].astype(np.int16)
        self.known = types != MASKED_NODE
        self.op = np.where(self.known, (types - 1) // len(ACTIVATIONS), -1)
        self.act = np.where(self.known, (types - 1) % len(ACTIVATIONS), -1)
        """Operation and activation of each layer ``(B, T)``; -1 unless drawn."""
        self._pointers(values[:, LAYERS:FIRST_EDGE].astype(np.int16), out[:, 1:FIRST] > 0)

        self.used = out[:, :FIRST] > 0
        """Whether each input has a reader ``(B, 4)``."""
        self.raw_used = (out[:, FIRST:] & RAW > 0) | self.pointed[:, :, 0]
        self.act_used = (out[:, FIRST:] & ACT > 0) | self.pointed[:, :, 1]
        act_needed, either = self.act > 0, self.raw_used | self.act_used
        self.satisfied = np.where(self.known, np.where(act_needed, self.act_used, self.raw_used), either)
        """Whether what a layer offers has a reader ``(B, T)``; its kind being open, whether it can have."""
        present = (self.known & (types != NONE)) | (into > 0) | self.raw_used | self.act_used
        present[:, 0] = True
        self.present = np.logical_or.accumulate(present[:, ::-1], 1)[:, ::-1]
        self.last = self.present.sum(1) - 1
        """The last layer that must be there ``(B,)``."""
        # Once every hidden state is settled, what comes after the last one could not be used.
        absent = (self.known & (types == NONE)) | ((self.free == 0)[:, None] & (np.arange(LAYERS) > self.top[:, None]))
        self.absent = np.logical_or.accumulate(absent, 1)
        self.open = ~self.present & ~self.absent
        self._operations()

    def _pointers(self, outputs: np.ndarray, used: np.ndarray) -> None:
        """What the new hidden states ``(B, 3)`` are, must be and may be; ``used`` previous ones make them needed."""
        known = outputs != MASKED_NODE
        self.state_set = known & (outputs != NONE)
        wires = np.where(self.state_set, outputs - FIRST_OUTPUT, 2 * LAYERS)
        pointed = np.zeros((len(outputs), 2 * LAYERS + 1), bool)
        np.put_along_axis(pointed, wires, True, 1)
        self.pointed = pointed[:, :-1].reshape(-1, LAYERS, 2)
        """Which values, raw and activated, are new hidden states ``(B, T, 2)``."""
        self.top = np.where(self.state_set, wires // 2, -1).max(1)
        """The last layer that a new hidden state comes from ``(B,)``; -1 for none."""
        must, may = self.state_set | used, self.state_set | ~known
        must[:, 0] = True
        must[:, 1] |= must[:, 2]
        may[:, 1] &= may[:, 0]
        may[:, 2] &= may[:, 1]
        self.state_must, self.state_may, self.state_known = must, may, known
        self.free, self.due = (may & ~known).sum(1), (must & ~known).sum(1)
        """How many hidden states may, and must, still be given a value ``(B,)``."""

    def _operations(self) -> None:
        """Which operations each layer can still have, and how many inputs that leaves it."""
        self.act_may = (self.act != 0) & ~self.absent
        gain = self.masked.astype(np.int16)
        gain[:, FIRST:] *= ((1 + self.act_may) * ~self.absent)[:, :, None]
        gain[:, 2:FIRST] *= self.state_may[:, 1:, None]
        self.gain = gain
        """Inputs that each masked edge can be at most ``(B, S, T)``."""
        reach = self.inputs + gain.sum(1)
        self.reach = reach
        """Inputs that each layer can get ``(B, T)``, and the same without x."""
        self.reach_no_x = reach - gain[:, X]
        ordered, unordered = self.facts & ORDERED > 0, self.facts & UNORDERED > 0
        fits = self.inputs <= 3
        self.linear = np.where(self.known, self.op == LINEAR, fits & ~ordered & (reach >= 2))
        no_x = fits & ~self.has_x
        blend = no_x & ~unordered & (self.firsts <= 1) & (self.reach_no_x >= 3)
        self.blend = np.where(self.known, self.op == BLEND, blend)
        other = no_x & ~ordered & (self.inputs <= 2) & (self.reach_no_x >= 2)
        self.other = np.where(self.known, self.op > BLEND, other)
        """Whether each layer can be linear, blend, product or sum ``(B, T)``."""
        most = np.where(self.linear | self.blend, 3, np.where(self.other, 2, 0))
        self.room = np.where(self.absent, 0, most - self.inputs).clip(0)
        """How many more inputs each layer can take ``(B, T)``."""
