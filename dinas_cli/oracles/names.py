"""Finds architectures by official names that only a benchmark table can tell, such as hashes."""

from __future__ import annotations

from dinas_cli.errors import GenotypeError
from dinas_cli.oracles.tables import find_table
from dinas_cli.spaces.shared.protocol import Space, Values
from dinas_cli.spaces.shared.text import NamedInTable


def in_table(space: Space, name: NamedInTable) -> Values:
    """The architecture of that key in the imported table; raise :class:`GenotypeError` where there is none."""
    import numpy as np

    table = find_table(space.name)
    if table is None or table.architectures is None:
        raise GenotypeError(name.message, f"dinas tables import {space.name} FILE...") from name
    row = int(np.searchsorted(table.keys, name.key))
    if row == table.rows or table.keys[row] != name.key:
        raise GenotypeError(
            f"{name.message}; the imported one has no such", f"dinas tables list {space.name}"
        ) from name
    return tuple(table.architectures[row].tolist())
