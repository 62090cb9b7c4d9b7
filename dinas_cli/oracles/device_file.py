"""Reads a device's own measurements (``dinas/device@1``) as a column of any space's table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import CorruptFileError
from dinas_cli.files.columns import Columns, foreign
from dinas_cli.oracles import devices

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


def read(space: Space, path: Path) -> Columns:
    """Read what ``dinas devices`` or a benchmark script wrote; a missing cost means that it does not run there.

    Raises :class:`CorruptFileError` for a truncated file, one of another schema and one of another space.
    """
    import numpy as np

    try:
        device = devices.load(path)
    except CorruptFileError as error:
        raise foreign(space, path, error.message.removeprefix(f"{path} is not a device: ")) from error
    if device.space != space.name:
        raise foreign(space, path, f"it was measured on networks of {device.space}")
    genotypes = [genotype for genotype, _ in device.measurements]
    costs = np.array([np.nan if cost is None else cost for _, cost in device.measurements], np.float64)
    return Columns(f"{device.metric} of device {device.name}", genotypes, {device.column: costs})
