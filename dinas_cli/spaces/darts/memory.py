"""Peak activation memory of DARTS networks, see :mod:`dinas_cli.spaces.shared.memory`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dinas_cli.spaces.darts.cells import OPERATIONS, SKIP, arrays
from dinas_cli.spaces.darts.counts import STEM_MULTIPLIER, Place, places
from dinas_cli.spaces.shared.memory import Tape, peaks

_POOLS = [place for place, name in enumerate(OPERATIONS) if "pool" in name]
_SEPARABLE = [place for place, name in enumerate(OPERATIONS) if name.startswith("sep")]
_KINDS = np.select([np.isin(range(8), _POOLS), np.arange(8) == SKIP, np.isin(range(8), _SEPARABLE)], [1, 0, 4], 2)
"""By operation the convolutions or pools that it is made of, 0 for none."""


def memory(
    metric: str,
    values: np.ndarray,
    cells: int,
    channels: int,
    classes: int,
    size: int,
    *,
    imagenet: bool = False,
    in_channels: int = 3,
    auxiliary: bool = False,
) -> np.ndarray:
    """Bytes of valid architectures ``(B, 28)`` in networks as :func:`.counts.params_and_macs` describes: ``(B,)``.

    An ``auxiliary`` head does not run.
    """
    chain = list(places(cells, channels, size, imagenet=imagenet))

    def count(row: Sequence[int]) -> int:
        tape = Tape(in_channels * size**2)
        s0 = s1 = _stem(tape, channels, size, imagenet)
        if imagenet:
            s1 = tape.make(channels * (size // 8) ** 2, [s0])
        shrinks = imagenet
        for place in chain:
            first = 16 if place.reduction else 0
            inputs = list(zip(row[first : first + 8], row[first + 8 : first + 16], strict=True))
            s0, s1 = s1, _cell(tape, inputs, place, s0, s1, shrinks)
            shrinks = place.reduction
        last = 4 * chain[-1].channels
        tape.make(classes, [tape.make(last, [s1])])
        return tape.peak()

    sources, operations = (each.reshape(len(each), 2, 1, 8) for each in arrays(values))
    return peaks(metric, np.concatenate([sources, _KINDS[operations]], 2).reshape(len(sources), 32), count)


def _stem(tape: Tape, channels: int, size: int, imagenet: bool) -> int:
    if not imagenet:
        return tape.make(STEM_MULTIPLIER * channels * size**2, [0])
    first = tape.make(max(1, channels // 2) * (size // 2) ** 2, [0])
    return tape.make(channels * (size // 4) ** 2, [first])


def _halved(tape: Tape, x: int, channels: int, area: int) -> int:
    """A factorised reduction: half of the channels by either convolution, then both together."""
    parts = [tape.make(half * area, [x]) for half in (channels // 2, channels - channels // 2)]
    return tape.make(channels * area, parts)


def _cell(tape: Tape, inputs: Sequence[tuple[int, int]], place: Place, s0: int, s1: int, shrinks: bool) -> int:
    before, after = place.channels * place.size**2, place.channels * place.output**2
    first = _halved(tape, s0, place.channels, place.size**2) if shrinks else tape.make(before, [s0])
    states, outputs = [first, tape.make(before, [s1])], []
    for source, steps in inputs:
        x = states[source]
        if steps == 0 and place.reduction and source < 2:
            x = _halved(tape, x, place.channels, place.output**2)
        for _ in range(steps):
            x = tape.make(after, [x])
        outputs.append(x)
        if len(outputs) % 2 == 0:
            states.append(tape.make(after, outputs[-2:]))
    return tape.make(4 * after, states[2:])
