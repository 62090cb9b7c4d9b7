"""Spaces without rules: any choice of a variable goes with any choice of the others."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from operator import index
from typing import TYPE_CHECKING

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared.protocol import Layout, Values
from dinas_cli.spaces.shared.text import shown

if TYPE_CHECKING:
    import numpy as np


class Combinations:
    """What such a space answers by its layout alone."""

    name: str
    layout: Layout

    def checked(self, values: Iterable[int]) -> Values:
        """Values that are a choice of every variable; raise :class:`GenotypeError` for others."""
        found, choices = tuple(map(index, values)), self.layout.choices
        if len(found) != len(choices) or not all(0 <= v < n for v, n in zip(found, choices, strict=True)):
            raise GenotypeError(f"{shown(str(list(found)))} is no {self.name} network: it needs {len(choices)} choices")
        return found

    def key(self, values: Iterable[int]) -> int:
        """The number of an architecture when the last variable counts fastest."""
        number = 0
        for value, choices in zip(self.checked(values), self.layout.choices, strict=True):
            number = number * choices + value
        return number

    def counts(self) -> dict[str, int]:
        """How many architectures can be written."""
        return {"genotypes": prod(self.layout.choices)}

    def reference(self) -> np.ndarray:
        """All architectures ``(R, V)`` int8 in the order of their keys."""
        import numpy as np

        return np.indices(self.layout.choices, np.int8).reshape(self.layout.size, -1).T.copy()

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Uniformly random architectures ``(count, V)`` int8."""
        import numpy as np

        random = np.random.default_rng(seed)
        return random.integers(0, self.layout.choices, (count, self.layout.size), np.int8)

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """Types ``(B, W)`` of one variable each: all that it has; None where they all have as many."""
        import numpy as np

        choices = np.array(self.layout.choices)
        if choices.min() == choices.max():
            return None
        return np.arange(choices.max()) < choices[np.asarray(variables), None]

    def features(self, values: np.ndarray) -> np.ndarray:
        """Choices ``(B, V)`` one-hot, variable after variable: ``(B, sum of choices)`` float32."""
        import numpy as np

        cells = np.asarray(values, np.int64)
        columns = [np.eye(n, dtype=np.float32)[cells[:, v]] for v, n in enumerate(self.layout.choices)]
        return np.concatenate(columns, 1)
