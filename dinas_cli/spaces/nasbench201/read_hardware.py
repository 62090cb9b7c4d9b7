"""Reads the official HW-NAS-Bench pickle (Li et al., ICLR 2021) through a restricted unpickler.

Its layout: ``{"nasbench201": {dataset: {"config": [{"arch_str": …}, …], "<device>_latency": [ms, …],
"<device>_energy": [mJ, …], …}}, "fbnet": …}`` with one entry per architecture in the order of the official index.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.files.columns import Columns, foreign, measured
from dinas_cli.files.unpickle import load_plain

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Space

_COST = re.compile(r"([a-z][a-z0-9_]*)_(latency|energy)")


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read latencies and energies of every device and dataset; only ``dataset`` if one is named.

    Raises :class:`CorruptFileError` for a file that is truncated, laid out otherwise or holds more than plain data.
    """
    import numpy as np

    data = load_plain(path, "the HW-NAS-Bench pickle")
    members = data.get("nasbench201") if isinstance(data, Mapping) else None
    if not isinstance(members, Mapping):
        raise foreign(space, path, "a pickle without the member 'nasbench201'")
    columns: dict[str, np.ndarray] = {}
    genotypes: list[str] = []
    left_out: set[str] = set()
    for name, metrics in members.items():
        own = str(name).lower()
        if own not in space.datasets or (dataset is not None and own != dataset):
            left_out.add(str(name))
            continue
        if not isinstance(metrics, Mapping) or "config" not in metrics:
            raise foreign(space, path, f"member {name!r} has no 'config'")
        found = _genotypes(space, path, str(name), metrics["config"])
        if genotypes and genotypes != found:
            raise foreign(space, path, f"member {name!r} lists other architectures than the members before it")
        genotypes = found
        for metric, values in metrics.items():
            match = _COST.fullmatch(str(metric))
            if match:
                key = f"{match[2]}/{match[1]}@{own}"
                columns[key] = measured(_numbers(space, path, f"{name}/{metric}", values))
            elif metric != "config":
                left_out.add(str(metric))
    if not columns:
        raise foreign(space, path, "it has no latencies or energies to import")
    columns["index"] = np.arange(len(genotypes), dtype=np.float64)
    notes = (f"left out {', '.join(sorted(left_out))}",) if left_out else ()
    return Columns("HW-NAS-Bench pickle", genotypes, columns, notes)


def _rows(values: Any) -> Sequence[Any] | None:
    """A list, or a mapping from 0, 1, 2, … as a list; None for anything else."""
    if isinstance(values, Mapping) and set(values) == set(range(len(values))):
        return [values[row] for row in range(len(values))]
    return values if isinstance(values, list | tuple) else None


def _genotypes(space: Space, path: Path, member: str, config: Any) -> list[str]:
    rows = _rows(config)
    if rows is None or not all(isinstance(row, Mapping) and isinstance(row.get("arch_str"), str) for row in rows):
        raise foreign(space, path, f"'config' of member {member!r} is no list of architectures with 'arch_str'")
    return [row["arch_str"] for row in rows]


def _numbers(space: Space, path: Path, member: str, values: Any) -> np.ndarray:
    """A column ``(R,)`` as numbers, NaN for None and empty texts."""
    import numpy as np

    rows = _rows(values)
    if rows is None:
        raise foreign(space, path, f"member {member!r} is no list")
    try:
        return np.array([np.nan if row is None or row == "" else float(row) for row in rows], np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise foreign(space, path, f"member {member!r} holds something that is no number") from error
