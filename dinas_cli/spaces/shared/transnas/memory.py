"""Peak activation memory of the networks of TransNAS-Bench-101, see :mod:`dinas_cli.spaces.shared.memory`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from dinas_cli.spaces.shared.memory import Tape, peaks
from dinas_cli.spaces.shared.transnas.counts import _SEGMENTER, _STEM, _TRANSLATOR
from dinas_cli.spaces.shared.transnas.tasks import Task

_SKIP = 1


def memory(metric: str, modules: np.ndarray, cells: np.ndarray | None, task: Task, in_channels: int = 3) -> np.ndarray:
    """Bytes of networks as :func:`.counts.params_and_macs` describes them: ``(B,)`` int64."""
    size, tiles = task.shape[-1], task.shape[0] if task.network == "Jigsaw" else 1
    if cells is None:
        kinds = modules
    else:  # convolutions are alike, each has an input and an output
        types = np.broadcast_to(modules, (len(cells), modules.shape[1]))
        kinds = np.concatenate([types, np.minimum(cells, 2)], 1)

    def count(row: Sequence[int]) -> int:
        types, cell = row[: modules.shape[1]], row[modules.shape[1] :]
        tape = Tape(tiles * in_channels * size**2)
        features = []
        for _ in range(tiles):
            middle, side, channels = -(-size // 2), -(-size // 4), _STEM
            x = tape.make(_STEM * side**2, [tape.make(_STEM // 2 * middle**2, [0])])
            for kind in filter(None, types):
                before = channels * side**2, channels, side
                channels, side = channels * (2 if kind in (2, 4) else 1), -(-side // (2 if kind > 2 else 1))
                for shape in (before, (channels * side**2, channels, side)):
                    block = _Block(tape, shape, channels, side)
                    x = block.cell(cell, x) if cell else block.residual(x)
            features.append(x)
        if task.network in ("Classifier", "Jigsaw"):
            joined = tape.join(tiles * channels * side**2, features)
            tape.make(task.outputs, [tape.make(tiles * channels, [joined])])
        else:
            _decoder(tape, x, side, task)
        return tape.peak()

    return peaks(metric, kinds, count)


class _Block:
    """One block of a module: a cell, or two convolutions beside a skip connection."""

    def __init__(self, tape: Tape, before: tuple[int, int, int], channels: int, side: int) -> None:
        """``before`` are elements, channels and side of what it reads."""
        self.tape, self.before, self.channels = tape, before, channels
        self.size = channels * side**2
        self.changes = before[1:] != (channels, side)

    def cell(self, kinds: Sequence[int], x: int) -> int:
        tape, size = self.tape, self.size

        def inner(kind: int, source: int | None) -> int | None:
            return None if kind == 0 else source if kind == _SKIP else tape.run(size, source)

        def outer(kind: int) -> int | None:
            return self._halved(x) if kind == _SKIP and self.changes else inner(kind, x)

        node1 = outer(kinds[0])
        node2 = tape.add(size, outer(kinds[1]), inner(kinds[2], node1))
        node3 = tape.add(size, outer(kinds[3]), inner(kinds[4], node1))
        node3 = tape.add(size, node3, inner(kinds[5], node2))
        return tape.make(size) if node3 is None else node3

    def residual(self, x: int) -> int:
        beside = self.tape.make(self.size, [x]) if self.changes else x
        inner = self.tape.make(self.size, [self.tape.make(self.size, [x])])
        return self.tape.make(self.size, [beside, inner])

    def _halved(self, x: int) -> int:
        """A skip connection that changes the shape: of the image with a row and a column more, and of the image."""
        _, channels, side = self.before
        shifted = self.tape.make(channels * (side + 1) ** 2, [x])
        parts = [self.tape.make(self.size // 2, [each]) for each in (x, shifted)]
        return self.tape.make(self.size, parts)


def _decoder(tape: Tape, x: int, side: int, task: Task) -> None:
    """Layers one after the other, some of which double the side, see :func:`.counts._image_decoder`."""
    size = task.shape[-1]
    halvings = (size // 4 // side).bit_length() - 1
    widths: tuple[int, ...] = _TRANSLATOR
    doubling: Callable[[int], bool] = lambda step: step >= 10 - 2 * halvings and step % 2 == 0  # noqa: E731
    if task.network == "Segmenter":
        widths, doubling = _SEGMENTER, lambda step: step >= 5 - halvings
    x = tape.make(widths[0] * side**2, [x])
    for step, (_, width) in enumerate(pairwise(widths), 1):
        side *= 2 if doubling(step) else 1
        x = tape.make(width * side**2, [x])
    tape.make(task.outputs * size**2, [x])
