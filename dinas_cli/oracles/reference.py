"""Which of a space's reference architectures an architecture is."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


class RowNumbers:
    """Finds architectures among the reference; these are gone through when the first is asked about."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Row numbers ``(B,)`` of architectures ``(B, V)``, -1 for one that is not in the reference."""
        cells = np.ascontiguousarray(values, np.int8)
        return np.fromiter((self._rows.get(row.tobytes(), -1) for row in cells), np.int64, len(cells))

    @cached_property
    def _rows(self) -> dict[bytes, int]:
        return {row.tobytes(): number for number, row in enumerate(self._space.reference().astype(np.int8))}
