"""Files written by ``torch.save`` that hold plain data, read in torch's strict mode so that they cannot run code."""

from __future__ import annotations

import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

from dinas_cli.files.columns import HasFiles, foreign
from dinas_cli.files.packed import check_archive
from dinas_cli.files.pickles import check, check_file
from dinas_cli.files.unpickle import NUMPY

BROKEN = (KeyError, TypeError, AttributeError, ValueError, IndexError, ZeroDivisionError, AssertionError)
"""What is raised over data of another layout."""


_LEGACY = 5
"""Pickles with which a file of before 2020 begins: magic number, version, machine, content, names of tensors."""


def load_torch(space: HasFiles, path: Path) -> Any:
    """The content of a benchmark file of ``space``; numpy's scalars and arrays become Python's numbers and lists.

    Raises :class:`CorruptFileError` for a damaged file, one that asks for anything but plain data and one that comes to
    more than its size allows.
    """
    import torch

    stand_ins = [(stand_in, f"{module}.{name}") for (module, name), stand_in in NUMPY.items()]
    try:
        _check(path)
        with torch.serialization.safe_globals(stand_ins):  # type: ignore[arg-type]
            return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, MemoryError, zipfile.BadZipFile, *BROKEN) as error:
        asked = re.search(r"(?:GLOBAL|class) ([\w.]+)", str(error))
        reason = f"it asks for {asked[1]}" if asked else str(error).partition("\n")[0].strip()
        raise foreign(space, path, f"torch cannot read it: {reason or type(error).__name__}") from error


def _check(path: Path) -> None:
    """Raise ValueError for a file that would come to more than its size allows."""
    with open(path, "rb") as stream:
        if not zipfile.is_zipfile(stream):
            stream.seek(0)
            check_file(stream, _LEGACY, torch=True)
            return
        with zipfile.ZipFile(stream) as archive:
            check_archive(archive, path.stat().st_size)
            for name in archive.namelist():
                if name.rpartition("/")[2] == "data.pkl":
                    check(archive.read(name), torch=True)
