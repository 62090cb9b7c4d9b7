"""Cells of NAS-Bench-201 as operation numbers, and what they compute."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared import summing_cells
from dinas_cli.spaces.shared.protocol import Values
from dinas_cli.spaces.shared.summing_cells import EDGES

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
CELLS: int = len(OPERATIONS) ** len(EDGES)


def checked(values: Iterable[int]) -> Values:
    """Six operation numbers, ordered as ``EDGES``; raise :class:`GenotypeError` for anything else."""
    cell = tuple(map(index, values))
    if len(cell) != len(EDGES) or min(cell) < 0 or max(cell) >= len(OPERATIONS):
        raise GenotypeError(f"{cell} is no nasbench201 cell: it needs {len(EDGES)} operations numbered 0 to 4")
    return cell


def structure(values: Iterable[int]) -> str:
    """What a cell computes, see :func:`dinas_cli.spaces.shared.summing_cells.structure`."""
    return summing_cells.structure([OPERATIONS[value] for value in checked(values)])


def official_structure(values: Iterable[int]) -> str:
    """The unique-structure string of the official library, see :mod:`dinas_cli.spaces.shared.summing_cells`."""
    return summing_cells.official_structure([OPERATIONS[value] for value in checked(values)])
