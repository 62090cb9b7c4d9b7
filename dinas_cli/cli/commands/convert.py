"""``dinas convert``: genotypes from one text form into another; imports no torch."""

from __future__ import annotations

import typer

from dinas_cli.architectures.conditions import check_dialect
from dinas_cli.architectures.records import Record, to_json_line
from dinas_cli.cli.inputs import Inputs
from dinas_cli.cli.options import Architectures, DialectOption, GenotypeSpaceOption, JsonOption, QuietOption
from dinas_cli.cli.output import Sink
from dinas_cli.exporting.plan import renew
from dinas_cli.spaces.registry import get_space


def command(
    architectures: Architectures,
    dialect: DialectOption = None,
    space: GenotypeSpaceOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Rewrite genotypes in another dialect of their space: one per line, in the order of the input.

    All dialects are read everywhere. With --json whole records are written, with the genotype rewritten and the id
    computed anew. A line that cannot be used is named by file and number, the rest goes on.

    Exit codes: 0 all rewritten, 1 some lines could not be used, 2 wrong usage, 3 no such file.
    """
    sink = Sink.open(json=json, quiet=quiet)
    usable = Inputs(sink, architectures, space)
    if space is not None:
        check_dialect(get_space(space), dialect)

    def rewritten(record: Record) -> str:
        renewed = renew(record, dialect)
        return to_json_line(renewed) if json else renewed.genotype

    for line in usable.each(rewritten, lambda record: check_dialect(get_space(record.space), dialect)):
        sink.line(line)
    if usable.failed():
        raise typer.Exit(1)
