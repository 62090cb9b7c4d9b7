"""Columns of numbers by architecture: how they are called, and what readers of benchmark files return.

A reader is a function ``read(space, path, dataset) -> Columns`` that knows its file and its space, and no tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dinas_cli.errors import CorruptFileError
from dinas_cli.files.typed import short

if TYPE_CHECKING:
    import numpy as np


_LONGEST = 300
"""Characters of a reason."""


@dataclass(frozen=True)
class Columns:
    """What a reader found in one file, ``R`` architectures in the file's order."""

    kind: str
    """What the file is, in words."""
    genotypes: Sequence[str]
    """``(R,)``, of any dialect."""
    columns: Mapping[str, np.ndarray]
    """By column key: values ``(R,)`` in the metric's unit, NaN where missing."""
    notes: tuple[str, ...] = ()
    """What was left out, and why."""
    check: Callable[[np.ndarray, np.ndarray], None] = lambda keys, architectures: None
    """Called with keys ``(R,)`` and values ``(R, V)`` once the genotypes have been parsed, which readers leave undone;
    raises :class:`CorruptFileError` where the file says something of them that is not so."""


class HasFiles(Protocol):
    """What the refusal of a file tells of its space."""

    name: str
    files: str
    """The benchmark files it reads, in words."""


def foreign(space: HasFiles, path: Path, reason: str) -> CorruptFileError:
    """The refusal of a file: its name, why (cut where it quotes much of the file), and what was expected."""
    reason = " ".join(reason.split())
    reason = reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]}…"
    return CorruptFileError(f"{path} is no usable file of {space.name}: {reason}", f"expected {space.files}")


def measured(values: np.ndarray) -> np.ndarray:
    """Costs with what no measurement can give (zero or less) as NaN."""
    import numpy as np

    return np.where(values > 0, values, np.nan)


def column_key(metric: str, device: str | None = None, dataset: str | None = None) -> str:
    """The key of a metric's column: ``metric[/device][@dataset]``."""
    return metric + (f"/{device}" if device else "") + (f"@{dataset}" if dataset else "")


def split_column(key: str) -> tuple[str, str | None, str | None]:
    """``(metric, device, dataset)`` of a column key; the inverse of :func:`column_key`."""
    rest, _, dataset = key.partition("@")
    metric, _, device = rest.partition("/")
    return metric, device or None, dataset or None


def described_profile(item: object) -> tuple[str, str, int]:
    """Column, unit and number of measurements of a profile in a file's config; raise ValueError for anything else."""
    if not isinstance(item, list) or [type(part) for part in item] != [str, str, int]:
        raise ValueError(f"its profile {short(item)} is no column, unit and number of measurements")
    return item[0], item[1], item[2]
