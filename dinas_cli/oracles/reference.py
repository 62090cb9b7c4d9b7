"""A space's reference architectures: which of them an architecture is, and what was predicted for all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.files.cache import kept

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

CODE = tuple(f"dinas_cli.oracles.{name}" for name in ("predictions", "basis", "perceptrons", "uncertainty"))
"""Modules that predictions depend on beside the space's own."""


class Reference:
    """Gone through when the first is asked about."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def rows(self, values: np.ndarray) -> np.ndarray:
        """Row numbers ``(B,)`` of architectures ``(B, V)``, -1 for one that is not in the reference."""
        cells = np.ascontiguousarray(values, np.int8)
        return np.fromiter((self._rows.get(row.tobytes(), -1) for row in cells), np.int64, len(cells))

    def predicted(self, part: str, sha256: str | None, predict: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """What ``predict`` makes of all of them, from disk if it was made before by the file with that ``sha256``."""
        if sha256 is None:
            return predict(self._space.reference())
        code = (type(self._space).__module__, "dinas_cli.spaces.shared", *CODE)
        return kept(f"{self._space.name}-{part}", (sha256,), code, lambda: predict(self._space.reference()))

    @cached_property
    def _rows(self) -> dict[bytes, int]:
        return {row.tobytes(): number for number, row in enumerate(self._space.reference().astype(np.int8))}
