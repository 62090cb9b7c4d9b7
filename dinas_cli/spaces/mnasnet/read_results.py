"""Reads the results of Accel-NASBench: an archive of JSON objects, one per trained network, as published."""

from __future__ import annotations

import json
import math
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import GenotypeError, reason_of
from dinas_cli.files.columns import Columns, column_key, foreign
from dinas_cli.files.packed import TooLarge, read_tar
from dinas_cli.files.typed import short
from dinas_cli.spaces.mnasnet.blocks import PUBLISHED, values_of
from dinas_cli.spaces.mnasnet.devices import HARDWARE, LATENCY, OFFICIAL
from dinas_cli.spaces.mnasnet.text import members

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

LARGEST = 100_000
"""Bytes of one result, far more than any has."""
_COSTS = {
    column_key(metric, device): f"{metric}_{OFFICIAL.get(device, device)}"
    for device in HARDWARE
    for metric in (*(("latency",) if device in LATENCY else ()), "throughput")
}
"""By column key the member of ``platform_perf``."""
_COUNTS = {"params": "params", PUBLISHED: "macs"}


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read a .tar or .tar.gz of results; networks that occur several times get the means of their values.

    Counts in the file, in millions, are compared with the closed forms. Raises :class:`CorruptFileError` (truncated,
    foreign).
    """
    import numpy as np

    rows: dict[tuple[int, ...], list[dict[str, float]]] = {}
    for name, result in _results(space, path):
        try:
            values = values_of(members(result["architecture"]))
            found = {"acc": _number(result["metrics"]["val_top1"])}
            found |= {metric: _number(result["model_info"][member]) for metric, member in _COUNTS.items()}
            for key, member in _COSTS.items():
                found[key] = _number(result["platform_perf"][member][f"{member.partition('_')[0]}_mean"])
        except (GenotypeError, LookupError, TypeError, ValueError) as error:
            reason = error.message if isinstance(error, GenotypeError) else f"{type(error).__name__}: {error}"
            raise foreign(space, path, f"{name} is no result ({reason})") from error
        rows.setdefault(values, []).append(found)
    if not rows:
        raise foreign(space, path, "no result in it")
    architectures = np.array(list(rows))
    for metric in _COUNTS:
        counted = space.closed_form(metric, architectures)
        for number, (values, results) in zip(counted.tolist(), rows.items(), strict=True):
            if any(round(1e6 * one[metric]) != number for one in results):
                raise foreign(space, path, f"{metric} of {space.decode(values)} is not {number}")
    every = rows.values()
    columns = {key: np.array([_mean(one[key] for one in results) for results in every]) for key in ("acc", *_COSTS)}
    again = sum(len(results) > 1 for results in every)
    notes = (f"{again} networks occur several times: their means are kept",) if again else ()
    return Columns("trained networks", [space.decode(values) for values in rows], columns, notes)


def _results(space: Space, path: Path) -> Iterator[tuple[str, Any]]:
    """Every result of the archive with its name."""
    try:
        for name, content in read_tar(path, LARGEST):
            if name.endswith(".json"):
                yield name, json.loads(content)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        detail = reason_of(error) if isinstance(error, OSError) and error.errno else str(error)
        raise foreign(space, path, f"no archive, or a damaged one ({detail})") from error
    except TooLarge as error:
        raise foreign(space, path, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise foreign(space, path, f"not JSON ({error})") from error


def _number(value: Any) -> float:
    """A positive number; NaN for null."""
    if value is None:
        return math.nan
    if type(value) not in (int, float) or not 0 < value < 1e12:
        raise ValueError(f"{short(value)} is no such value")
    return float(value)


def _mean(values: Iterator[float]) -> float:
    """The mean of those that are known; NaN where none is."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
