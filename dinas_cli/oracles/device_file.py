"""Reads a device's own measurements (``dinas/device@1``) as a column of any space's table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles import devices
from dinas_cli.oracles.importers import Parsed, foreign, make_part

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


def is_json(path: Path) -> bool:
    """Whether a file starts like a JSON object."""
    with open(path, "rb") as stream:
        return stream.read(64).lstrip().startswith(b"{")


def read(space: Space, path: Path, dataset: str | None) -> Parsed:
    """Read what ``dinas devices`` or a benchmark script wrote; a missing cost means that it does not run there.

    ``dataset`` does not matter: the file says so itself. Raises :class:`CorruptFileError` for a truncated file, one of
    another schema and one of another space.
    """
    try:
        device = devices.load(path)
    except CorruptFileError as error:
        raise foreign(space, path, error.message.removeprefix(f"{path} is not a device: ")) from error
    if device.space != space.name:
        raise foreign(space, path, f"it was measured on networks of {device.space}")
    genotypes = [genotype for genotype, _ in device.measurements]
    costs = [float("nan") if cost is None else cost for _, cost in device.measurements]
    part = make_part(space, path, genotypes, {device.column: costs})
    return Parsed(f"{device.metric} of device {device.name}", part)
