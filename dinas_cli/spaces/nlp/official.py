"""Names of tensors in state dicts of NAS-Bench-NLP's own code, and here.

There a layer's linear maps are called by the nodes of the recipe as it is written, here by the places of the nodes in
the canonical cell: the two recipes are matched node by node, and with them the order of every node's inputs.

Modules are called as in the benchmark's ``model.py`` and ``custom_rnn.py``. What its linear maps call their bias, and
the undropped copies of maps that are dropped in training, is an assumption (``bias``; ``raw`` names, as in AWD-LSTM).
Names that differ from it stand for themselves, so that such weights are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import permutations

from dinas_cli.spaces.nlp.cell import INPUTS, STATES
from dinas_cli.spaces.nlp.text import Recipe, parse, recipe_of, written

_TENSOR = re.compile(
    r"rnns\.(?P<layer>[0-9])\.(?:module\.)?cell\.components\.(?P<node>\w+)\."
    r"(?:weights(?P<before>_raw)?\.(?P<input>[0-9])(?P<after>_raw)?|bias)"
)
"""Where there is a ``raw`` tensor it is the one that counts; the other is what dropping left of it in the last step."""

Match = dict[str, tuple[str, tuple[int, ...]]]
"""By a node's own name its name in the other recipe, and at which place of that its own inputs are, one by one."""


def names(genotype: str, given: Iterable[str]) -> dict[str, str | None]:
    """By the name of a tensor of the benchmark's language model its name here, None for those that are not needed.

    Names that are none of that model's stand for themselves. Raises :class:`GenotypeError` for what is no cell.
    """
    ours = written(parse(genotype))
    match = matched(recipe_of(genotype), ours)
    places = {name: place for place, name in enumerate(ours)}
    found: dict[str, str | None] = {}
    raw: set[str] = set()
    for name in given:
        tensor = _TENSOR.fullmatch(name)
        if tensor is None or tensor["node"] not in match:
            found[name] = name
            continue
        other, inputs = match[tensor["node"]]
        own = f"layers.{tensor['layer']}.linear.{places[other]}."
        if tensor["input"] is None:
            found[name] = own + "bias"
        elif int(tensor["input"]) < len(inputs):
            found[name] = f"{own}weights.{inputs[int(tensor['input'])]}"
            if tensor["before"] or tensor["after"]:
                raw.add(found[name] or "")
        else:
            found[name] = name
    return {name: None if own in raw and "_raw" not in name else own for name, own in found.items()}


def matched(one: Recipe, other: Recipe) -> Match:
    """How two recipes of isomorphic cells correspond; empty if they do not.

    The second and third hidden states may have changed places.
    """
    states = sum(name in one for name in (f"h_new_{state}" for state in range(STATES)))
    for order in permutations(range(states)):
        if order[0] == 0:
            leaves = {INPUTS[0]: INPUTS[0]} | {INPUTS[1 + i]: INPUTS[1 + j] for i, j in enumerate(order)}
            found = _extended([(f"h_new_{i}", f"h_new_{j}") for i, j in enumerate(order)], {}, one, other, leaves)
            if found is not None:
                return found
    return {}


def _extended(
    pairs: list[tuple[str, str]], found: Match, one: Recipe, other: Recipe, leaves: Mapping[str, str]
) -> Match | None:
    """``found`` with all ``pairs`` of nodes and what they are computed from; None where that contradicts itself."""
    if not pairs:
        return found
    (left, right), *rest = pairs
    if left in leaves or left in found:
        known = leaves[left] if left in leaves else found[left][0]
        return _extended(rest, found, one, other, leaves) if known == right else None
    taken = {name for name, _ in found.values()}
    if right not in other or right in taken or one[left][0] != other[right][0]:
        return None
    inputs, theirs = one[left][1], other[right][1]
    orders = [tuple(range(len(inputs)))] if one[left][0] == "blend" else permutations(range(len(inputs)))
    for order in orders:
        if len(inputs) == len(theirs):
            more = [(source, theirs[place]) for source, place in zip(inputs, order, strict=True)]
            done = _extended([*more, *rest], {**found, left: (right, order)}, one, other, leaves)
            if done is not None:
                return done
    return None
