"""Records to standard output, or as JSON Lines into a file of the user's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.cli.values import counted

if TYPE_CHECKING:
    from dinas_cli.architectures.schema import Record
    from dinas_cli.cli.output import Sink


def write(sink: Sink, records: Sequence[Record], output: Path | None, force: bool) -> None:
    """Write records to ``output``, or show them; nothing at all when there are none."""
    if not records:
        return
    if output is None:
        sink.records(records)
        return
    from dinas_cli.architectures.schema import to_json_line
    from dinas_cli.files.atomic import atomic_write

    atomic_write(output, "".join(to_json_line(record) + "\n" for record in records), force=force)
    sink.say(f"wrote {counted(len(records), 'architecture')} to {output}")
