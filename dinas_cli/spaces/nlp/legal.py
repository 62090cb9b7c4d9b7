"""Which types the variables of a partly drawn NAS-Bench-NLP graph may still take, so that a valid recipe comes out.

A type is legal if every layer can still get as many inputs as one of its possible operations takes, in places that
are free, and every value can still find a reader (:mod:`dinas_cli.spaces.nlp.matching`).
"""

from __future__ import annotations

import numpy as np

from dinas_cli.spaces.nlp.cell import ACTIVATIONS, FIRST, LAYERS, OPERATIONS, STATES, X
from dinas_cli.spaces.nlp.matching import STATES_BIT, Matching
from dinas_cli.spaces.nlp.state import GRID, PLACE, SOURCES, State
from dinas_cli.spaces.nlp.values import BOTH, FIRST_EDGE, FIRST_OUTPUT, LAYOUT, NONE, PAIRS, SINGLE

_WIDTH = max(LAYOUT.choices)
_TYPES = (1 << np.arange(len(LAYOUT.edge_types))).astype(np.int16)
_EVERY = _TYPES.sum(dtype=np.int16)


def legal_types(values: np.ndarray) -> np.ndarray:
    """Partly masked ``values (B, V)`` -> ``(B, V, W)`` bool; a variable for which nothing is left may be anything."""
    state = State(values)
    batch = len(values)
    least = Matching(state, np.zeros(batch, bool))
    full = Matching(state, np.ones(batch, bool))
    opened = full.perfect
    if not opened.all():
        full = Matching(state, opened)
    legal = np.zeros((batch, LAYOUT.size, _WIDTH), bool)
    nodes = legal[:, :FIRST_EDGE]
    nodes[:, :LAYERS] = _layers(state, full, least, opened)
    nodes[:, LAYERS:] = _outputs(state, full, least, opened)
    nodes |= ~nodes.any(2, keepdims=True) & (np.arange(_WIDTH) < LAYOUT.choices[0])
    codes = _edges(state, full, opened)
    codes[codes == 0] = _EVERY
    np.not_equal(codes[:, :, None] & _TYPES, 0, out=legal[:, FIRST_EDGE:, : len(_TYPES)])
    return legal


def _edges(state: State, full: Matching, opened: np.ndarray) -> np.ndarray:
    """Legal edge types ``(B, V - 14)`` as bits."""
    batch = len(opened)
    inputs = state.inputs[:, None]
    x = np.zeros((SOURCES, 1), bool)
    x[X] = True
    # What the reader can get without this edge.
    reach = state.reach[:, None] - state.gain
    reach_no_x = state.reach_no_x[:, None] - np.where(x, 0, state.gain)
    linear, blend, other = state.linear[:, None], state.blend[:, None], state.other[:, None]
    none = (linear & (reach >= 2)) | (blend & (reach_no_x >= 3)) | (other & (reach_no_x >= 2)) | ~state.present[:, None]
    held = full.holds
    none &= ~held | full.movable[:, :, None]

    # Room that the matching can do without: spare, one of its own, or one that somebody else can leave.
    spare, yields = full.spare[:, None, :LAYERS], full.yields[:, None, :LAYERS]
    # Reading the value of a layer whose activation has no reader uses this edge up without helping it.
    wasted = held & (np.concatenate([np.zeros((batch, FIRST), np.int16), state.act], 1) > 0)[:, :, None]
    one = [np.where(wasted, yields & full.movable[:, :, None], yields | held), yields | held]
    leaving = (held & full.leaving[:, :, None]).view(np.int8)
    two = spare + held + (leaving.sum(1, dtype=np.int8)[:, None] > leaving) >= 2
    possible = (state.gain > 0) & (state.present | (state.open & opened[:, None]))[:, None]
    possible[:, 3] &= (state.state_must[:, 1] | state.used[:, 2] | full.movable[:, 2])[:, None]
    act = np.concatenate([np.zeros((batch, FIRST), bool), state.act_may], 1)[:, :, None]
    two &= possible & act
    one[0] &= possible
    one[1] &= possible
    # x may lose this reader only if it has another.
    unlinear = ~held[:, X, None] | full.movable[:, X, None, None]
    plain_1 = (linear & (inputs <= 2) & (reach >= 1)) | (other & (inputs <= 1) & (reach_no_x >= 1) & ~x)
    plain_2 = (linear & (inputs <= 1)) | (other & (inputs == 0) & ~x)
    blend_1 = blend & (inputs <= 2) & (reach_no_x >= 2) & ~x & unlinear
    blend_2 = blend & (inputs <= 1) & (reach_no_x >= 1) & ~x & unlinear
    codes = none.astype(np.int16)
    free = [(state.facts & place == 0)[:, None] for place in PLACE]
    for number, (place, end) in enumerate(SINGLE, 1):
        fit = blend_1 & free[place]
        if place == 0:
            fit |= plain_1
        fit &= one[end]
        if end:
            fit &= act
        codes |= fit * _TYPES[number]
    codes |= (two & plain_2) * _TYPES[BOTH]
    two &= blend_2
    for number, (raw, activated) in enumerate(PAIRS, BOTH + 1):
        codes |= (two & (free[raw] & free[activated])) * _TYPES[number]
    drawn: np.ndarray = codes.reshape(batch, -1)[:, GRID]
    return drawn


def _layers(state: State, full: Matching, least: Matching, opened: np.ndarray) -> np.ndarray:
    """Legal types of layers ``(B, T, W)``."""
    legal = np.zeros((len(opened), LAYERS, _WIDTH), bool)
    values = ((1 + state.act_may) * ~state.absent - state.pointed.sum(2)).cumsum(1)
    before = np.concatenate([np.zeros((len(opened), 1), values.dtype), values[:, :-1]], 1)
    legal[..., NONE] = state.absent | (state.open & least.perfect[:, None] & (before >= state.due[:, None]))
    may = state.present | (state.open & opened[:, None])
    unlinear = ~full.holds[:, X] | full.movable[:, X, None]
    over = state.inputs + full.holds.sum(1) - 2
    other = may & state.other & unlinear & (over <= (full.holds & full.leaving[:, :, None]).any(1))
    fits = (may & state.linear, may & state.blend & unlinear, other, other)
    plain = ~state.act_used & (values[:, -1] > state.due)[:, None]
    # An activation that nothing reads yet needs a reader where the value alone had one.
    active = ~(state.raw_used & ~state.act_used) | full.movable[:, FIRST:]
    for op in range(len(OPERATIONS)):
        first = 1 + len(ACTIVATIONS) * op
        legal[..., first] = fits[op] & plain
        legal[..., first + 1 : first + len(ACTIVATIONS)] = (fits[op] & active)[..., None]
    return legal


def _outputs(state: State, full: Matching, least: Matching, opened: np.ndarray) -> np.ndarray:
    """Legal types of hidden states ``(B, 3, W)``."""
    batch, layers = len(opened), np.arange(LAYERS)
    ends = np.stack([~state.absent, state.act_may], 2) & ~state.pointed
    ends &= (state.present | (state.open & opened[:, None]))[:, :, None]
    # The value that is to be read, for layers that need a reader.
    wanted = np.stack([state.act <= 0, state.act != 0], 2)
    keeps = _keeps(full, wanted)
    # The last hidden state settles which layers there are: none of those still open, or those up to its own.
    final, beyond = (state.free == 1)[:, None], layers > state.last[:, None]
    end = layers == (~state.absent).sum(1)[:, None] - 1
    covers = (np.maximum(state.top[:, None], layers) >= state.last[:, None]) & least.perfect[:, None]
    exact = np.where(beyond[:, :, None], keeps & (end | covers)[:, :, None], _keeps(least, wanted) & covers[:, :, None])
    ends &= np.where(final[:, :, None], exact, keeps)

    legal = np.zeros((batch, STATES, _WIDTH), bool)
    spare = full.spare[:, :LAYERS].sum(1)
    for number in range(STATES):
        may = state.state_may[:, number].copy()
        extra = np.zeros(batch, int)
        for lower in range(1, number + 1):
            new = ~state.state_must[:, lower] & ~state.used[:, 1 + lower]
            extra += new
            may &= ~new | full.movable[:, 1 + lower]
        may &= (extra < 2) | (spare >= 2)
        legal[:, number, FIRST_OUTPUT:] = (ends & may[:, None, None]).reshape(batch, -1)
        if number:
            lost = (state.state_may & ~state.state_known)[:, number:].sum(1)
            fine = (full.spare[:, LAYERS] >= lost) | ((lost == 1) & full.yields[:, LAYERS])
            fine &= _feeds(state, number)
            fine &= (state.free > lost) | ((state.top >= state.last) & least.perfect & (least.spare[:, LAYERS] >= lost))
            legal[:, number, NONE] = ~state.state_must[:, number] & fine
    return legal


def _feeds(state: State, number: int) -> np.ndarray:
    """Whether every layer gets its inputs ``(B,)`` if there are no previous hidden states from ``number`` on."""
    lost = state.gain[:, 1 + number : FIRST].sum(1)
    reach, reach_no_x = state.reach - lost, state.reach_no_x - lost
    fed = (state.linear & (reach >= 2)) | (state.blend & (reach_no_x >= 3)) | (state.other & (reach_no_x >= 2))
    enough: np.ndarray = (fed | ~state.present).all(1)
    return enough


def _keeps(matching: Matching, wanted: np.ndarray) -> np.ndarray:
    """Whether the hidden states can spare one for each value ``(B, T, 2)``, or its layer needs it anyway."""
    yields = matching.yields[:, LAYERS, None]
    serves = matching.needs[:, FIRST:] & ((matching.held[:, FIRST:] == STATES_BIT) | yields)
    kept: np.ndarray = (serves[:, :, None] & wanted) | yields[:, :, None]
    return kept
