"""Devices of the user's own beside those that a surrogate knows: fitted when first asked about, replacing none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem
from dinas_cli.files.columns import split_column

if TYPE_CHECKING:
    from dinas_cli.oracles.profiles import Profile

Fit = Callable[[], "tuple[Profile, float | None]"]
"""Makes a cost profile, with its Kendall tau where that is defined."""


class OwnDevices:
    """Fits of the user's devices by column, until they are made."""

    def __init__(self, space: str, shipped: Iterable[str]) -> None:
        """``shipped`` are the columns that the surrogate of ``space`` has itself."""
        self._space = space
        self._shipped = {split_column(column)[:2] for column in shipped}
        self._fits: dict[str, tuple[str, Fit]] = {}
        self.disputed: set[tuple[str, str | None]] = set()
        """Metric and name of devices that the surrogate and a file of the user's both describe."""

    def add(self, column: str, unit: str, fit: Fit) -> None:
        """Make a device known. One of a shipped device's name is not: whoever asks about that is told."""
        named = split_column(column)[:2]
        if named in self._shipped:
            self.disputed.add(named)
        else:
            self._fits[column] = unit, fit

    @property
    def units(self) -> dict[str, str]:
        """Columns that have not been fitted yet, and their units."""
        return {column: unit for column, (unit, _) in self._fits.items()}

    def take(self, column: str) -> tuple[Profile, float | None] | None:
        """What the fit of a column makes, once; None where there is none to be made."""
        return self._fits.pop(column)[1]() if column in self._fits else None

    def check(self, column: str) -> None:
        """Raise :class:`UsageProblem` for a column of a disputed device."""
        metric, device, _ = split_column(column)
        if (metric, device) in self.disputed:
            hint = f"keep yours under another name, and: dinas devices rm {device} --space {self._space}"
            raise UsageProblem(f"{device!r} is a device of dinas, and a file of yours has other costs for it", hint)
