"""Reads what NAS-Bench-NLP's trainings left: the official logs, one or a .zip of them, or recipes as JSON Lines.

An official log is a JSON object with ``recepie`` (the recipe as JSON text; spelled so), ``test_losses`` (nats per token
after each epoch), ``status`` and ``num_params``, which tells a training on other words apart. A line of JSON Lines has
``recipe`` and ``ptb_test_loss_last``, the last loss of every run of it, null where the run diverged.
"""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import GenotypeError, reason_of
from dinas_cli.files.columns import Columns, foreign
from dinas_cli.files.csv_files import text_lines
from dinas_cli.files.packed import TooLarge, check_archive

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

LARGEST = 4_000_000
"""Bytes of one log, far more than any has."""
DIVERGED = "loss is nan!"
"""The status of a run that diverged."""
MOST = 200.0
"""Losses above this are divergence too: their perplexity is no number."""


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read perplexity and share of diverged runs, averaged over the runs of each architecture.

    Recipes that break a rule of the space are left out and counted. Raises :class:`CorruptFileError` (truncated,
    foreign).
    """
    import numpy as np

    runs: dict[tuple[int, ...], list[float | None]] = {}
    left_out: list[str] = []
    untrained, strange = 0, 0
    for where, entry in _entries(space, path):
        recipe, losses = _understood(space, path, where, entry)
        try:
            values = space.encode(recipe)
        except GenotypeError as problem:
            left_out.append(problem.message)
            continue
        if "num_params" in entry and entry["num_params"] != int(space.closed_form("params", np.array([values]))[0]):
            strange += 1
            continue
        untrained += not losses
        runs.setdefault(values, []).extend(losses)
    if not any(runs.values()):
        raise foreign(space, path, "other words than Penn Treebank's" if strange else "no recipe that was trained")
    trained = {values: losses for values, losses in runs.items() if losses}
    columns = {"ppl": np.empty(len(trained)), "diverged": np.empty(len(trained))}
    for row, losses in enumerate(trained.values()):
        finite = [loss for loss in losses if loss is not None and loss < MOST]
        columns["ppl"][row] = sum(map(math.exp, finite)) / len(finite) if finite else math.nan
        columns["diverged"][row] = 100 * (1 - len(finite) / len(losses))
    notes = []
    if left_out:
        notes.append(f"left out {len(left_out)} recipes that break a rule, the first because {left_out[0]}")
    if strange:
        notes.append(f"left out {strange} logs of networks of another size, trained on other words")
    if untrained:
        notes.append(f"left out {untrained} recipes without a run")
    return Columns("training logs", [space.decode(values) for values in trained], columns, tuple(notes))


def _understood(space: Space, path: Path, where: str, entry: Any) -> tuple[str, list[float | None]]:
    """The recipe of one entry as text, and the last loss of each of its runs, None where it diverged."""
    try:
        if "recepie" in entry:
            # Whoever stopped a training said so in its status, and nothing about the architecture.
            ends = {"OK": entry["test_losses"][-1:], DIVERGED: [None]}
            return str(entry["recepie"]), [_number(loss) for loss in ends.get(entry["status"], [])]
        return json.dumps(entry["recipe"]), [_number(loss) for loss in entry["ptb_test_loss_last"]]
    except (LookupError, TypeError, ValueError) as error:
        raise foreign(space, path, f"{where} is no recipe with losses ({type(error).__name__}: {error})") from error


def _number(loss: Any) -> float | None:
    if loss is None or (isinstance(loss, float) and not math.isfinite(loss)):
        return None
    if isinstance(loss, bool) or not isinstance(loss, int | float) or loss < 0:
        raise ValueError(f"{loss!r} is no loss")
    return float(loss)


def _entries(space: Space, path: Path) -> Iterator[tuple[str, Any]]:
    """Every entry of a file with its place in it."""
    try:
        if not zipfile.is_zipfile(path):
            for number, line in enumerate(text_lines(space, path), start=1):
                if line.strip():
                    yield f"line {number}", json.loads(line)
            return
        with zipfile.ZipFile(path) as archive:
            check_archive(archive, path.stat().st_size)
            for member in archive.infolist():
                if not member.filename.endswith(".json"):
                    continue
                if member.file_size > LARGEST:
                    raise foreign(space, path, f"{member.filename!r} has {member.file_size} bytes")
                if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise foreign(space, path, f"{member.filename!r} is encrypted or packed in an unusual way")
                yield member.filename, json.loads(archive.read(member))
    except (zipfile.BadZipFile, EOFError, zlib.error, OSError) as error:
        detail = reason_of(error) if isinstance(error, OSError) and error.errno else str(error)
        raise foreign(space, path, f"damaged, truncated? ({detail})") from error
    except UnicodeDecodeError as error:
        raise foreign(space, path, "not text") from error
    except TooLarge as error:
        raise foreign(space, path, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise foreign(space, path, f"not JSON ({error})") from error
