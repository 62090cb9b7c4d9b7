"""Files written by ``torch.save`` that hold plain data, read in torch's strict mode so that they cannot run code."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

from dinas_cli.files.columns import HasFiles, foreign
from dinas_cli.files.unpickle import NUMPY

BROKEN = (KeyError, TypeError, AttributeError, ValueError, IndexError, ZeroDivisionError, AssertionError)
"""What is raised over data of another layout."""


def load_torch(space: HasFiles, path: Path) -> Any:
    """The content of a benchmark file of ``space``; numpy's scalars and arrays become Python's numbers and lists.

    Raises :class:`CorruptFileError` for a damaged file and one that asks for anything but plain data.
    """
    import torch

    stand_ins = [(stand_in, f"{module}.{name}") for (module, name), stand_in in NUMPY.items()]
    try:
        with torch.serialization.safe_globals(stand_ins):  # type: ignore[arg-type]
            return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, MemoryError, *BROKEN) as error:
        asked = re.search(r"(?:GLOBAL|class) ([\w.]+)", str(error))
        reason = f"it asks for {asked[1]}" if asked else str(error).partition("\n")[0].strip()
        raise foreign(space, path, f"torch cannot read it: {reason or type(error).__name__}") from error
