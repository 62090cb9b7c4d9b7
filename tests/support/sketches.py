"""Cells to draw: random ones of every shape that spaces have, and random ones of every registered space."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations

from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.protocol import Sketch

OPERATIONS = (("sep 3×3", "conv"), ("dil 5×5", "conv"), ("max 3×3", "pool"), ("avg 3×3", "pool"), ("skip", "skip"))
STEPS = (("linear", "linear"), ("mul", "gate"), ("sum", "sum"), ("tanh", "activation"), ("leaky relu", "activation"))


def two_inputs(chance: random.Random) -> Sketch:
    """Two inputs and four nodes with two labelled edges each, all of them concatenated."""
    edges = [
        (start, node, *chance.choice(OPERATIONS)) for node in range(2, 6) for start in chance.sample(range(node), 2)
    ]
    nodes = (("c{k-2}", "input"), ("c{k-1}", "input"), *((str(i), "sum") for i in range(4)), ("out", "output"))
    return Sketch("cell", nodes, (*edges, *((node, 6, "", "") for node in range(2, 6))))


def any_dag(chance: random.Random, most: int = 20) -> Sketch:
    """Up to ``most`` nodes, any edges without operations, several inputs and outputs, loose ends."""
    count = chance.randrange(1, most)
    nodes = [chance.choice(STEPS) for _ in range(count)]
    for place in range(min(count, chance.randrange(1, 4))):
        nodes[place] = (f"h{place}", "input")
    for place in range(max(0, count - chance.randrange(3)), count):
        nodes[place] = ("out", "output")
    pairs = list(combinations(range(count), 2))
    edges = chance.sample(pairs, min(len(pairs), chance.randrange(2 * count)))
    return Sketch("cell", tuple(nodes), tuple((start, end, "", "") for start, end in sorted(edges)))


def mixed(chance: random.Random) -> Sketch:
    """Operations on nodes and edges, several edges between the same nodes."""
    sketch = any_dag(chance, 9)
    edges = [(a, b, *(chance.choice(OPERATIONS) if chance.random() < 0.6 else ("", ""))) for a, b, *_ in sketch.edges]
    return Sketch("cell", sketch.nodes, (*edges, *chance.choices(edges, k=2 if edges else 0)))


def random_sketches(each: int = 40, seed: int = 0) -> Iterator[Sketch]:
    """Cells of all shapes, made up and of every registered space."""
    chance = random.Random(seed)
    for _ in range(each):
        yield from (two_inputs(chance), any_dag(chance), mixed(chance))
    for name in space_names():
        space = get_space(name)
        for values in space.draw(each, seed):
            yield from space.sketch(tuple(map(int, values)))
