"""Reads the official NAS-Bench-101 TFRecord files without TensorFlow, a block of records at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import CorruptFileError, GenotypeError, reason_of
from dinas_cli.files.columns import Columns, foreign
from dinas_cli.files.tfrecord import FramingError, records
from dinas_cli.spaces.nasbench101.records import Runs

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read ``nasbench_full.tfrecord`` or ``nasbench_only108.tfrecord``.

    Every record is a JSON list: module hash, epochs, adjacency matrix, operations, metrics. Checksums are verified.
    Raises :class:`CorruptFileError` (truncated, foreign).
    """
    runs = Runs()
    try:
        for record in records(path):
            run = json.loads(record)
            if not isinstance(run, list) or len(run) != 5 or not isinstance(run[0], str):
                raise ValueError("not a list of hash, epochs, matrix, operations and metrics")
            module_hash, epochs, adjacency, operations, metrics = run
            runs.add(epochs, adjacency, operations, metrics, module_hash)
    except FramingError as error:
        raise foreign(space, path, str(error)) from error
    except GenotypeError as error:
        raise foreign(space, path, f"run {len(runs)}: {error.message}") from error
    except (ValueError, RecursionError) as error:
        raise foreign(space, path, f"run {len(runs)}: {error}") from error
    except OSError as error:
        raise CorruptFileError(f"cannot read {path}: {reason_of(error)}") from error
    return runs.columns(space, path, "the official TFRecord")
