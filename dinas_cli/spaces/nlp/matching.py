"""Every value of a cell needs a reader: a matching of those without one to the inputs that could still be them.

What needs a reader (inputs of the cell and layers, ``S`` = 15 sources) is matched to layers with room for another
input and, as a twelfth target, to the hidden states that have no value yet. While such a matching exists a partly
drawn graph can be completed; alternating paths tell which rooms others may take without breaking it. Sets of targets
are bits of one number.
"""

from __future__ import annotations

import numpy as np

from dinas_cli.spaces.nlp.cell import FIRST, LAYERS, X
from dinas_cli.spaces.nlp.state import State

TARGETS = LAYERS + 1
STATES_BIT = np.int16(1 << LAYERS)
_BITS = (1 << np.arange(TARGETS)).astype(np.int16)
_COUNT = np.array([number.bit_count() for number in range(1 << TARGETS)], np.int8)
_ROUNDS = 3


class Matching:
    """A matching for every graph of a batch, with the open layers present where ``opened (B,)``, else absent."""

    def __init__(self, state: State, opened: np.ndarray) -> None:
        there = state.present | (state.open & opened[:, None])
        self.spare = np.concatenate([state.room * there, state.free[:, None]], 1)
        """Room that is not matched ``(B, 12)``."""
        self.option = _options(state, self.spare)
        """Who could read each source ``(B, S)``."""
        # Layers that no edge can serve will take hidden states, whose previous ones must then be read.
        layers = there & ~state.satisfied
        lost = (layers & (self.option[:, FIRST:] == STATES_BIT)).sum(1)
        undrawn = state.state_may & ~state.state_known
        must = state.state_must | (undrawn & (undrawn.cumsum(1) <= lost[:, None]))
        self.needs = np.concatenate([~state.used[:, :1], must & ~state.used[:, 1:], layers], 1)
        """Sources without a reader ``(B, S)``."""
        self.held = np.zeros_like(self.option)
        """The target that each needy source is matched to ``(B, S)``; no bit where it needs, or finds, none."""
        self._greedy()
        lonely = self.needs & (self.held == 0)
        for row, source in np.argwhere(lonely).tolist():
            lonely[row, source] = not self._augment(row, source, set())
        self.perfect = ~lonely.any(1)
        """Whether everybody finds a reader ``(B,)``."""
        self._alternate()

    def _greedy(self) -> None:
        """Those with the fewest options choose first, and take the nearest layer; hidden states come last."""
        order = np.where(self.needs, _COUNT[self.option], TARGETS + 1).argsort(1, kind="stable")
        rows = np.arange(len(order))
        vacant = _pack(self.spare > 0)
        for turn in range(int(self.needs.sum(1).max(initial=0))):
            source = order[:, turn]
            choice = np.where(self.needs[rows, source], self.option[rows, source] & vacant, 0)
            choice &= -choice
            self.held[rows, source] = choice
            found = np.flatnonzero(choice)
            target = _COUNT[choice[found] - 1]
            self.spare[found, target] -= 1
            vacant[found] &= ~np.where(self.spare[found, target] > 0, 0, choice[found])

    def _augment(self, row: int, source: int, tried: set[int]) -> bool:
        """Match one more source, if need be by moving others (Kuhn's algorithm)."""
        held, spare = self.held[row], self.spare[row]
        targets = [target for target in range(TARGETS) if self.option[row, source] >> target & 1]
        for target in targets:
            if spare[target] > 0:
                spare[target] -= 1
                held[source] = 1 << target
                return True
        for target in targets:
            if target not in tried:
                tried.add(target)
                for other in np.flatnonzero(held == 1 << target):
                    if self._augment(row, int(other), tried):
                        held[source] = 1 << target
                        return True
        return False

    def _alternate(self) -> None:
        """Which targets can give up room, and which sources can go elsewhere."""
        others = self.option & ~self.held
        vacant = _pack(self.spare > 0)
        yields = vacant
        for _ in range(_ROUNDS):
            movable = others & yields[:, None] != 0
            yields = yields | np.bitwise_or.reduce(np.where(movable, self.held, 0), 1)
        self.movable = others & yields[:, None] != 0
        """Sources that could be matched elsewhere, or as well ``(B, S)``."""
        self.leaving = (others & vacant[:, None] != 0) & self.needs
        """Matched sources that could go straight to room elsewhere ``(B, S)``."""
        self.yields = yields[:, None] & _BITS != 0
        """Targets that can give up one room ``(B, 12)``."""
        self.holds = self.held[:, :, None] & _BITS[:LAYERS] != 0
        """``held`` without the hidden states ``(B, S, T)`` bool."""


def _options(state: State, room: np.ndarray) -> np.ndarray:
    """The targets with room that each source has an edge to, or may be the value of, as bits ``(B, S)``."""
    edges = state.gain > 0
    option = _pack(edges) & _pack(room[:, :LAYERS] > 0)[:, None]
    option[:, X] &= _pack(state.linear)
    option[:, FIRST:] |= STATES_BIT
    return option


def _pack(flags: np.ndarray) -> np.ndarray:
    """``(…, 11 or 12)`` bool -> bits ``(…)`` int16."""
    packed = np.packbits(flags, axis=-1, bitorder="little")
    bits: np.ndarray = packed[..., 0] | packed[..., 1].astype(np.int16) << 8
    return bits
