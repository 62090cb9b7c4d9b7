"""Reads the NAS-Bench-101 pickles of the package nasbenchapi: all runs of the official file, by architecture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import GenotypeError
from dinas_cli.files.columns import Columns, foreign
from dinas_cli.files.unpickle import load_plain
from dinas_cli.spaces.nasbench101 import read_tfrecord
from dinas_cli.spaces.nasbench101.records import Runs

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read a pickle ``{"entries_by_arch": {name: [{"epoch", "adjacency_str", "operations_str", "metrics_b64"}]}}``.

    Raises :class:`CorruptFileError` (truncated, foreign, or with anything but plain data in it).
    """
    with open(path, "rb") as stream:
        head = stream.read(8)
    if head[2:] == bytes(6):  # a length: the first record of a TFRecord file may have as many bytes as spell a pickle
        return read_tfrecord.read(space, path, dataset)
    content = load_plain(path, "a pickle of nasbenchapi for nasbench101")
    entries = content.get("entries_by_arch") if isinstance(content, dict) else None
    if not isinstance(entries, dict) or not all(isinstance(found, list) for found in entries.values()):
        raise foreign(space, path, "it has no entries_by_arch, as pickles of nasbenchapi do")
    runs = Runs()
    for found in entries.values():
        for run in found:
            try:
                runs.add(run["epoch"], run["adjacency_str"], run["operations_str"], run["metrics_b64"])
            except GenotypeError as error:
                raise foreign(space, path, f"run {len(runs)}: {error.message}") from error
            except (KeyError, TypeError) as error:
                raise foreign(space, path, f"run {len(runs)} is no record of a training") from error
            except ValueError as error:
                raise foreign(space, path, f"run {len(runs)}: {error}") from error
    announced = content.get("num_records", len(runs))
    if announced != len(runs):
        raise foreign(space, path, f"it holds {len(runs)} runs and announces {announced}")
    return runs.columns(space, path, "a pickle of nasbenchapi")
