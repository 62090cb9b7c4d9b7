"""Peak activation memory of NAS-Bench-201 networks, see :mod:`dinas_cli.spaces.shared.memory`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dinas_cli.spaces.nasbench201.cells import OPERATIONS
from dinas_cli.spaces.shared.memory import Tape, peaks

_NONE, _SKIP = OPERATIONS.index("none"), OPERATIONS.index("skip_connect")
_OTHER = 2


def memory(
    metric: str, values: np.ndarray, classes: int, size: int, channels: int = 16, cells: int = 5, in_channels: int = 3
) -> np.ndarray:
    """Bytes of cells ``(B, 6)`` in networks as :func:`.counts.params_and_macs` describes them: ``(B,)`` int64."""

    def count(kinds: Sequence[int]) -> int:
        tape = Tape(in_channels * size**2)
        x = tape.make(channels * size**2, [0])
        for stage in range(3):
            area = (size >> stage) ** 2
            width = channels << stage
            if stage:
                x = _residual(tape, x, width * area)
            for _ in range(min(cells, 2)):  # further ones are the same again
                x = _cell(tape, kinds, x, width * area)
        tape.make(classes, [tape.make(width, [x])])
        return tape.peak()

    kinds = np.where(values == _NONE, 0, np.where(values == _SKIP, 1, _OTHER))
    return peaks(metric, kinds, count)


def _cell(tape: Tape, kinds: Sequence[int], x: int, size: int) -> int:
    def edge(kind: int, source: int | None) -> int | None:
        return None if kind == 0 else source if kind == 1 else tape.run(size, source)

    node1 = edge(kinds[0], x)
    node2 = tape.add(size, edge(kinds[1], x), edge(kinds[2], node1))
    node3 = tape.add(size, edge(kinds[3], x), edge(kinds[4], node1))
    node3 = tape.add(size, node3, edge(kinds[5], node2))
    return tape.make(size) if node3 is None else node3


def _residual(tape: Tape, x: int, size: int) -> int:
    """Between stages: an output of ``size``, twice the channels of ``x`` and half its height and width."""
    beside = tape.make(size, [tape.make(size // 2, [x])])
    return tape.make(size, [beside, tape.make(size, [tape.make(size, [x])])])
