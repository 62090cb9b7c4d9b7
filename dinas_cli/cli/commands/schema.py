"""``dinas schema``: the JSON Schema of records; imports no numpy."""

from __future__ import annotations

from json import dumps

from dinas_cli.architectures.json_schema import record_schema
from dinas_cli.cli.output import Sink


def command() -> None:
    """Print the JSON Schema of records, dinas/architecture@1, for programs that read or write them.

    It accepts and refuses what dinas does, except for objects that are nested more than 64 levels deep, which dinas
    refuses.
    """
    Sink.open(json=True, quiet=True).line(dumps(record_schema(), indent=2))
