"""Reads what a benchmark script measured of many architectures (``dinas/measurements@1``) as columns of a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.errors import UsageProblem
from dinas_cli.files.columns import Columns, foreign

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

SCHEMA = "dinas/measurements@1"


def read(space: Space, path: Path) -> Columns:
    """Read the columns of a file: metrics by name, and a genotype with a number for each of them per architecture.

    Raises :class:`CorruptFileError` for a truncated file and for one of another space.
    """
    import numpy as np

    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        if data["space"] != space.name:
            raise foreign(space, path, f"it was measured on networks of {data['space']}")
        metrics, rows = list(data["metrics"]), data["measurements"]
        for name in metrics:
            if find_metric(space, name).per_device:
                raise ValueError(f"{name} is measured on a device")
        genotypes = [str(genotype) for genotype, *_ in rows]
        values = [[float(value) for value in found] for _, *found in rows]
        columns = dict(zip(metrics, map(np.array, zip(*values, strict=True)), strict=True))
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError, UsageProblem) as error:
        raise foreign(space, path, f"{type(error).__name__}: {error}") from error
    return Columns(f"measurements of {', '.join(metrics)}", genotypes, columns)
