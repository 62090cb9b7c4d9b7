"""``dinas show``: architectures drawn as text, SVG or PNG; imports no torch, and Pillow for PNG only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from dinas_cli.architectures.records import Record
from dinas_cli.cli.inputs import Inputs
from dinas_cli.cli.options import Architectures, ForceOption, GenotypeSpaceOption, JsonOption, OutputOption, QuietOption
from dinas_cli.cli.output import Sink
from dinas_cli.cli.style import style_of
from dinas_cli.cli.values import counted
from dinas_cli.draw.pictures import FORMATS, Format, as_data, facts, file_name, picture, sketches_of
from dinas_cli.draw.text import draw_text, key, wrap
from dinas_cli.errors import UsageProblem
from dinas_cli.exporting.plan import renew
from dinas_cli.files.atomic import atomic_paths, atomic_write, check_target, new_dir
from dinas_cli.spaces.shared.protocol import Sketch

FormatOption = Annotated[
    Literal["svg", "png"] | None, typer.Option("--format", help="Of the files in a folder (default: svg).")
]
ThemeOption = Annotated[
    Literal["light", "dark"] | None, typer.Option("--theme", help="Colours of pictures (default: light).")
]


def command(
    architectures: Architectures,
    space: GenotypeSpaceOption = None,
    output: OutputOption = None,
    form: FormatOption = None,
    theme: ThemeOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Draw architectures: as text on standard output, or as pictures.

    -o NAME.svg or -o NAME.png gets one picture of all architectures, -o FOLDER one file for each, named by its id.
    PNG needs the extra draw (pip install 'dinas[draw]'). With --json, what there is to draw is written as data: nodes
    and edges of every cell, with labels and kinds.

    Exit codes: 0 all drawn, 1 some lines could not be used or a file exists already, 2 wrong usage, 3 no such file, or
    no Pillow for PNG.
    """
    check_meaning(output, form, theme, json)
    sink = Sink.open(json=json, quiet=quiet)
    usable = Inputs(sink, architectures, space)
    if output is None and json:
        for record in usable.each(renew):
            sink.table((), [as_data(record)])
    elif output is None:
        show_text(sink, usable.each(renew))
    elif (ending := ending_of(output)) is not None:
        check_target(output, force=force)
        if records := list(usable.each(renew)):
            atomic_write(output, picture(records, ending, theme or "light"), force=force)
            sink.say(f"drew {counted(len(records), 'architecture')} in {output}")
    else:
        write_folder(sink, list(usable.each(renew)), output, form or "svg", theme or "light", force)
    if usable.failed():
        raise typer.Exit(1)


def ending_of(output: Path) -> Format | None:
    """The form of the picture that ``output`` names; None for a folder."""
    return next((form for form in FORMATS if output.suffix.lower() == f".{form}" and not output.is_dir()), None)


def check_meaning(output: Path | None, form: str | None, theme: str | None, json: bool) -> None:
    """Raise :class:`UsageProblem` for options that have no meaning together, and for other files than pictures."""
    if output is None:
        for name, value in (("format", form), ("theme", theme)):
            if value is not None:
                raise UsageProblem(f"--{name} has no meaning for text", "name a file or folder: -o PATH")
        return
    if json:
        raise UsageProblem("--json has no meaning with -o", "leave one of them out")
    ending = ending_of(output)
    if ending is None and output.suffix and not output.is_dir():
        raise UsageProblem(f"{output} is neither .svg nor .png", "name such a file, or a folder without an ending")
    if form is not None and ending is not None and form != ending:
        raise UsageProblem(f"--format {form} contradicts -o {output}", "leave --format out")


def show_text(sink: Sink, records: Iterable[Record]) -> None:
    """Drawings with titles on standard output, each as soon as it is read; then what brackets and colours mean."""
    style = style_of(sink)
    shown: list[Sketch] = []
    for number, record in enumerate(records):
        cells = sketches_of(record)
        head = [record.id, *wrap(facts(record), style), ""]
        for line in [""] * (number > 0) + head + draw_text(cells, style):
            sink.line(line)
        shown += cells
    if shown:
        sink.drawn("\n" + key(shown, style))


def write_folder(sink: Sink, records: Sequence[Record], folder: Path, form: Format, theme: str, force: bool) -> None:
    """A picture for each; no file is written unless all names are free and all pictures are made."""
    if not records:
        return
    # Reversed, so that of equal cells the first one is kept, with its metrics.
    different = {folder / file_name(record, form): record for record in reversed(records)}
    with new_dir(folder), atomic_paths(list(different), force=force) as temporary:
        for path, record in zip(temporary, different.values(), strict=True):
            path.write_bytes(picture([record], form, theme))
    repeated = len(records) - len(different)
    sink.say(
        f"drew {counted(len(different), 'architecture')} in {folder}" + (f" ({repeated} repeated)" if repeated else "")
    )
