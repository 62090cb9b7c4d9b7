"""Which types the variables of a partly drawn NAS-Bench-NLP graph may still take, so that a valid recipe comes out.

A type is legal if every layer can still get as many inputs as one of its possible operations takes, in places that
are free, and every value can still find a reader (:mod:`dinas_cli.spaces.nlp.matching`).
"""

from __future__ import annotations

import numpy as np

from dinas_cli.spaces.nlp.cell import ACTIVATIONS, FIRST, LAYERS, OPERATIONS, STATES, X
from dinas_cli.spaces.nlp.matching import STATES_BIT, Matching
from dinas_cli.spaces.nlp.state import PLACE, State
from dinas_cli.spaces.nlp.values import BOTH, EDGES, FIRST_EDGE, FIRST_OUTPUT, LAYOUT, NONE, PAIRS, SINGLE

_WIDTH = max(LAYOUT.choices)
_TYPES = (1 << np.arange(len(LAYOUT.edge_types))).astype(np.int16)
_NODES = np.arange(_WIDTH) < LAYOUT.choices[0]
_ENDS = np.array(EDGES).T
"""The nodes that each edge leaves and enters, ``(2, E)``."""


def legal_types(values: np.ndarray, variables: np.ndarray) -> np.ndarray:
    """What one variable of each row of partly masked ``values (B, V)`` may be: ``(B, W)`` bool.

    A variable for which nothing is left may be anything.
    """
    legal = np.zeros((len(values), _WIDTH), bool)
    nodes = variables < FIRST_EDGE
    rows = np.flatnonzero(nodes)
    if len(rows):
        legal[rows] = _node_types(values[rows], variables[rows])
    rows = np.flatnonzero(~nodes)
    if len(rows):
        source, target = _ENDS[:, variables[rows] - FIRST_EDGE]
        # No edge joins a layer that is not there: most edges of small cells need no further thought.
        idle = (values[rows, target - FIRST] == NONE) | (values[rows, source - FIRST] == NONE) & (source >= FIRST)
        legal[rows[idle], NONE] = True
        rows, source, target = rows[~idle], source[~idle], target[~idle] - FIRST
        legal[rows, : len(_TYPES)] = _edge_types(values[rows], source, target)
    return legal


def _node_types(values: np.ndarray, variables: np.ndarray) -> np.ndarray:
    """Legal types ``(B, W)`` of one layer or hidden state of each row."""
    state = State(values)
    least, full, opened = _matchings(state)
    legal = np.empty((len(values), _WIDTH), bool)
    layers = variables < LAYERS
    if layers.any():
        legal[layers] = _layers(state, full, least, opened)[layers, variables[layers]]
    if not layers.all():
        legal[~layers] = _outputs(state, full, least, opened)[~layers, variables[~layers] - LAYERS]
    legal[~legal.any(1)] = _NODES
    return legal


def _edge_types(values: np.ndarray, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Legal types ``(B, M)`` of the edge from ``source (B,)`` to layer ``target (B,)``."""
    state = State(values)
    _, full, opened = _matchings(state)
    rows = np.arange(len(values))
    at = rows, target
    inputs, gain = state.inputs[at], state.gain[rows, source, target]
    # What the reader can get without this edge.
    reach = state.reach[at] - gain
    x = source == X
    reach_no_x = state.reach_no_x[at] - np.where(x, 0, gain)
    linear, blend, other, present = state.linear[at], state.blend[at], state.other[at], state.present[at]
    held, movable = full.held[rows, source] == _bits(target), full.movable[rows, source]
    none = (linear & (reach >= 2)) | (blend & (reach_no_x >= 3)) | (other & (reach_no_x >= 2)) | ~present
    none &= ~held | movable

    # Room that the matching can do without: spare, one of its own, or one that somebody else can leave.
    spare, yields = full.spare[at], full.yields[at]
    act, act_may = state.act[rows, source - FIRST], state.act_may[rows, source - FIRST]
    # Reading the value of a layer whose activation has no reader uses this edge up without helping it.
    wasted = held & (source >= FIRST) & (act > 0)
    possible = (gain > 0) & (present | (state.open[at] & opened))
    possible &= (source != STATES) | state.state_must[:, 1] | state.used[:, 2] | full.movable[:, 2]
    one = [possible & np.where(wasted, yields & movable, yields | held), possible & (yields | held)]
    leaving = (full.held == _bits(target)[:, None]) & full.leaving
    two = spare + held + (leaving.sum(1, dtype=np.int8) > leaving[rows, source]) >= 2
    act_may &= source >= FIRST
    two &= possible & act_may
    # x may lose this reader only if it has another.
    unlinear = (full.held[:, X] != _bits(target)) | full.movable[:, X]
    plain_1 = (linear & (inputs <= 2) & (reach >= 1)) | (other & (inputs <= 1) & (reach_no_x >= 1) & ~x)
    plain_2 = (linear & (inputs <= 1)) | (other & (inputs == 0) & ~x)
    blend_1 = blend & (inputs <= 2) & (reach_no_x >= 2) & ~x & unlinear
    blend_2 = blend & (inputs <= 1) & (reach_no_x >= 1) & ~x & unlinear
    legal = np.empty((len(_TYPES), len(values)), bool)
    legal[NONE] = none
    facts = state.facts[at]
    free = [facts & place == 0 for place in PLACE]
    for number, (place, end) in enumerate(SINGLE, 1):
        fit = blend_1 & free[place]
        if place == 0:
            fit |= plain_1
        legal[number] = fit & one[end] & act_may if end else fit & one[end]
    legal[BOTH] = two & plain_2
    two &= blend_2
    for number, (raw, activated) in enumerate(PAIRS, BOTH + 1):
        legal[number] = two & free[raw] & free[activated]
    legal[:, ~legal.any(0)] = True
    return legal.T


def _bits(targets: np.ndarray) -> np.ndarray:
    return np.int16(1) << targets.astype(np.int16)


def _matchings(state: State) -> tuple[Matching, Matching, np.ndarray]:
    """The matchings without open layers and with as many as can be, and whether those are there ``(B,)``."""
    least = full = Matching(state, np.zeros(len(state.open), bool))
    opened = np.ones(len(state.open), bool)
    if state.open.any():
        full = Matching(state, opened)
        opened = full.perfect
        if not opened.all():
            full = Matching(state, opened)
    return least, full, opened


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
