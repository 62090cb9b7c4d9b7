"""The table to train from: the imported one, or one made of benchmark files for this training alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dinas_cli.errors import DinasError, NotFoundError
from dinas_cli.files.columns import Columns
from dinas_cli.oracles.tables import Table, find_table
from dinas_cli.spaces.shared.protocol import Space

LeftOut = Callable[[Path, str], None]
"""Called with a file that was passed over, and the reason."""


def open_table(
    space: Space,
    files: Sequence[Path],
    left_out: LeftOut = lambda _file, _reason: None,
    labels: Columns | None = None,
) -> tuple[Table, Any]:
    """The table to train from: the imported one, or one made of ``files`` in a temporary folder (kept by the second).

    ``labels`` are one's own; with them the imported table is not looked at. Of a folder, the files that are no
    benchmark files of the space are passed over; ``left_out`` is told each. Raises :class:`NotFoundError` when there is
    nothing.
    """
    if not files and labels is None:
        table = find_table(space.name)
        return (table or Table.open(space.name)), None
    from dinas_cli.oracles.importers import import_files, make_part
    from dinas_cli.oracles.merging import merge

    chosen = [file for entry in files for file in (_understood(space, entry, left_out) if entry.is_dir() else [entry])]
    folder = TemporaryDirectory(prefix="dinas-table-")
    path = Path(folder.name) / "table.safetensors"
    try:
        if chosen:
            import_files(space, chosen, path=path, partial=True)
        if labels is not None:
            name = Path(labels.kind)
            merge(space.name, [make_part(space, name, labels)], {labels.kind: ""}, path=path)
        return Table.open(space.name, path), folder
    except BaseException:
        folder.cleanup()
        raise


def _understood(space: Space, folder: Path, left_out: LeftOut) -> list[Path]:
    """The files of a folder that are benchmark files of ``space``; raise :class:`NotFoundError` without any."""
    from dinas_cli.oracles.importers import make_part, read_file

    found = []
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        try:
            make_part(space, file, read_file(space, file))
        except DinasError as reason:
            left_out(file, reason.message)
        else:
            found.append(file)
    if not found:
        raise NotFoundError(f"no benchmark file of {space.name} in {folder}", "name the files one by one with --data")
    return found
