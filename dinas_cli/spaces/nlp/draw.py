"""Random NAS-Bench-NLP cells, drawn the way the benchmark's were, so that their kinds are as frequent as there.

As the paper describes (Klyuchnikov et al. 2020, section 3): a surplus of nodes is attached at random, half of them
linear with an activation behind, which read the inputs and activations; the others read hidden states and any node.
Some of the nodes become the new hidden states, and what none of these needs is dropped. Kept are cells that use all
their inputs and in which no previous hidden state is read right before a new one.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from dinas_cli.spaces.nlp.cell import (
    ACTIVATIONS,
    ARITIES,
    BLEND,
    FIRST,
    LAYERS,
    LINEAR,
    PROD,
    SUM,
    Cell,
    Layer,
    X,
    canonical,
)
from dinas_cli.spaces.nlp.values import LAYOUT, to_values

if TYPE_CHECKING:
    import numpy as np

OPERATIONS = (LINEAR, LINEAR, LINEAR, BLEND, PROD, SUM)
STATES, STATES_WEIGHTS = (1, 2, 3), (37, 83, 100)
"""Numbers of hidden states and, summed up, how many percent of the published recipes have them."""
THIRD_INPUT = 0.2
"""How often a linear node has three inputs."""
NODES = 12
"""How many nodes are attached besides one for each hidden state."""
_TRIES = 8


def draw(count: int, seed: int) -> np.ndarray:
    """Random cells ``(count, V)`` int8, each another architecture, canonical."""
    import numpy as np

    random = Random(seed)
    cells: dict[Cell, None] = {}
    while len(cells) < count:
        states = random.choices(STATES, cum_weights=STATES_WEIGHTS)[0]
        before = len(cells)
        while len(cells) == before:
            found = _cut(random, _grown(random, states), states)
            if found is not None:
                cells[canonical(found)] = None
    drawn = [to_values(cell) for cell in cells]
    return np.array(drawn, np.int8).reshape(count, LAYOUT.size)


def _grown(random: Random, states: int) -> list[Layer]:
    """Layers attached at random to the inputs and to each other."""
    layers: list[Layer] = []
    sources = list(range(1 + states))
    values = sources[1:]
    left = NODES + states
    while left > 0:
        op = OPERATIONS[int(random.random() * len(OPERATIONS))]
        wire = FIRST + 2 * len(layers)
        if op == LINEAR:
            wanted = ARITIES[LINEAR][random.random() < THIRD_INPUT]
            chosen = random.sample(sources, min(wanted, len(sources)))
            layers.append(Layer(op, 1 + int(random.random() * (len(ACTIVATIONS) - 1)), tuple(chosen)))
            sources.append(wire + 1)
            values += (wire, wire + 1)
            left -= 2
        elif len(values) >= ARITIES[op][0]:
            layers.append(Layer(op, 0, tuple(random.sample(values, ARITIES[op][0]))))
            values.append(wire)
            left -= 1
    return layers


def _cut(random: Random, layers: list[Layer], states: int) -> Cell | None:
    """Some of the values as new hidden states and what they need; None if that makes no proper cell."""
    values = [FIRST + 2 * number + end for number, layer in enumerate(layers) for end in range(2 if layer.act else 1)]
    for _ in range(_TRIES):
        outputs = random.sample(values, states)
        if any(not wire & 1 and _reads_state(layers[(wire - FIRST) // 2]) for wire in outputs):
            continue
        live = set(outputs)
        for number in reversed(range(len(layers))):
            raw = FIRST + 2 * number
            if raw in live or raw + 1 in live:
                live.update((raw, *layers[number].wires))
        kept = [number for number in range(len(layers)) if FIRST + 2 * number in live]
        if len(kept) > LAYERS or X not in live or not live.issuperset(range(1, 1 + states)):
            continue
        place = list(range(FIRST)) + [0] * (2 * len(layers))
        for new, old in enumerate(kept):
            place[FIRST + 2 * old], place[FIRST + 2 * old + 1] = FIRST + 2 * new, FIRST + 2 * new + 1
        return Cell(
            tuple(
                Layer(op, act if FIRST + 2 * old + 1 in live else 0, tuple([place[wire] for wire in wires]))
                for old, (op, act, wires) in ((old, layers[old]) for old in kept)
            ),
            tuple(place[wire] for wire in outputs),
        )
    return None


def _reads_state(layer: Layer) -> bool:
    return any(X < wire < FIRST for wire in layer.wires)
