"""Peak activation memory of NAS-Bench-101 networks, see :mod:`dinas_cli.spaces.shared.memory`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dinas_cli.spaces.nasbench101.cells import EDGES, INNER, OUTPUT
from dinas_cli.spaces.nasbench101.counts import vertex_channels
from dinas_cli.spaces.shared.memory import Tape, peaks


def memory(
    metric: str, values: np.ndarray, classes: int, channels: int, cells: int, size: int, in_channels: int
) -> np.ndarray:
    """Bytes of canonical cells ``(B, 26)`` in networks as :func:`.counts.params_and_macs` describes them: ``(B,)``."""

    def count(row: Sequence[int]) -> int:
        edges = {pair for pair, there in zip(EDGES, row[INNER:], strict=True) if there}
        tape = Tape(in_channels * size**2)
        x = tape.make(channels * size**2, [0])
        for stack in range(3):
            area = (size >> stack) ** 2
            widths = vertex_channels(np.array([row]), channels << stack)[0].tolist()
            if stack:
                x = tape.make((channels << (stack - 1)) * area, [x])
            for _ in range(min(cells, 2)):  # further ones are the same again
                x = _cell(tape, edges, [width * area for width in widths], x)
        tape.make(classes, [tape.make(channels << 2, [x])])
        return tape.peak()

    # Operations are alike, each has an input and an output of one size; which vertices there are, their edges say.
    return peaks(metric, np.concatenate([np.zeros_like(values[:, :INNER]), values[:, INNER:]], 1), count)


def _cell(tape: Tape, edges: set[tuple[int, int]], sizes: Sequence[int], x: int) -> int:
    """The output of a cell with input ``x``; ``sizes`` are elements by vertex."""
    made = {0: x}
    for vertex in range(1, OUTPUT):
        if sizes[vertex]:
            made[vertex] = tape.make(sizes[vertex], [_sum(tape, edges, sizes[vertex], vertex, made)])
    projected = tape.make(sizes[OUTPUT], [x]) if (0, OUTPUT) in edges else None
    joined = [made[source] for source in range(1, OUTPUT) if (source, OUTPUT) in edges]
    if not joined:
        assert projected is not None  # something leads to the output
        return projected
    output = tape.join(sizes[OUTPUT], joined)
    return output if projected is None else tape.make(sizes[OUTPUT], [output, projected])


def _sum(tape: Tape, edges: set[tuple[int, int]], size: int, vertex: int, made: dict[int, int]) -> int:
    """What a vertex reads: other vertices, cut to its channels, and the projected input, one added after the other."""
    parts = [made[source] for source in range(1, vertex) if (source, vertex) in edges]
    if (0, vertex) in edges:
        parts.append(tape.make(size, [made[0]]))
    total = parts[0]
    for part in parts[1:]:
        total = tape.make(size, [total, part])
    return total
