"""Peak activation memory: the most bytes that a network's tensors take at once while it computes one input.

Operators run one after the other in the order of the network's ``forward``. While one runs, its inputs and its output
are there, and every tensor that a later one reads; a tensor goes with its last reader. What inference runtimes do is
taken for granted: batch norm and activations are part of the operator beside them, identities and slices are views, no
edge (zeros) takes nothing, and operators that nothing reads, or that read nothing but zeros, do not run (a cell of
nothing else still gives a tensor of them). Weights and the scratch space of kernels are not counted. Numbers are
float32; int8 takes a quarter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dinas_cli.spaces.shared.protocol import MetricSpec

if TYPE_CHECKING:
    import numpy as np

BYTES = {"memory": 4, "memory_int8": 1}
"""Bytes of a number by metric."""
MEMORY = tuple(BYTES)


def specs(*, per_dataset: bool = False) -> tuple[MetricSpec, ...]:
    """The metrics of a space that knows how its networks run."""
    title = "peak activation memory for one input"
    return (
        MetricSpec("memory", "B", "min", f"{title}, float32", per_dataset, on_request=True),
        MetricSpec("memory_int8", "B", "min", f"{title}, int8", per_dataset, on_request=True),
    )


class Tape:
    """The operators of one network in their order; tensors go by their numbers, None stands for nothing but zeros."""

    def __init__(self, size: int) -> None:
        """The input, tensor 0, has ``size`` elements."""
        self._sizes = [size]
        self._inputs: list[Sequence[int]] = [()]

    def run(self, size: int, source: int | None) -> int | None:
        """An operator on one tensor with an output of ``size`` elements; None where that holds nothing but zeros."""
        return None if source is None else self.make(size, [source])

    def make(self, size: int, inputs: Sequence[int] = ()) -> int:
        """An operator with an output of ``size`` elements: the output's number."""
        self._sizes.append(size)
        self._inputs.append(inputs)
        return len(self._sizes) - 1

    def add(self, size: int, one: int | None, other: int | None) -> int | None:
        """The sum of two of ``size`` elements; of one and zeros it is that one."""
        if one is None or other is None:
            return other if one is None else one
        return self.make(size, [one, other])

    def join(self, size: int, parts: Sequence[int]) -> int:
        """The concatenation of ``parts``, of ``size`` elements in all; a single one is a view."""
        return parts[0] if len(parts) == 1 else self.make(size, parts)

    def peak(self) -> int:
        """The most elements that are there at once, on the way to the last tensor."""
        last: dict[int, int] = {len(self._sizes) - 1: len(self._sizes)}
        for number in range(len(self._sizes) - 1, 0, -1):
            if number in last:
                for each in self._inputs[number]:
                    last.setdefault(each, number)
        held = most = self._sizes[0]
        for number in range(1, len(self._sizes)):
            if number in last:
                held += self._sizes[number]
                most = max(most, held)
                held -= sum(self._sizes[each] for each in set(self._inputs[number]) if last[each] == number)
        return most


def peaks(metric: str, kinds: np.ndarray, count: Callable[[tuple[int, ...]], int]) -> np.ndarray:
    """Bytes ``(B,)`` int64 of architectures ``kinds (B, …)``, of which equal ones are walked through once."""
    import numpy as np

    rows, places = np.unique(np.asarray(kinds), axis=0, return_inverse=True)
    found = np.array([count(tuple(row)) for row in rows.tolist()], np.int64)
    return BYTES[metric] * found[places.reshape(-1)]
