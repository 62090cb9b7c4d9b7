"""The one sink for everything the program says: data to stdout in one of three forms, words to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import Any, Literal, TextIO

from dinas_cli.architectures.schema import Record, to_json_line
from dinas_cli.cli.streams import ClosedOutput, say
from dinas_cli.cli.values import human_cell, plain, tsv_cell
from dinas_cli.errors import DinasError, reason_of
from dinas_cli.files.columns import split_column
from dinas_cli.files.text import flat, one_line, visible
from dinas_cli.units import format_number

Mode = Literal["human", "tsv", "json"]


@dataclass(frozen=True)
class Column:
    """A column of a table: ``key`` heads it in TSV, ``title`` (and the unit) on a terminal."""

    key: str
    title: str = ""
    unit: str = ""
    align: Literal["left", "right"] = "left"


class Bar:
    """What :meth:`Sink.progress` yields; does nothing where no bar is shown."""

    def __init__(self, progress: Any = None, task: Any = None) -> None:
        self._progress, self._task = progress, task

    def advance(self, steps: float = 1, note: str | None = None) -> None:
        """Move on by ``steps``; ``note`` (a loss, for example) replaces the text behind the bar."""
        if self._progress is not None:
            self._progress.update(self._task, advance=steps, **({} if note is None else {"note": note}))

    def update(self, done: float, note: str | None = None) -> None:
        """Set how many steps are done."""
        if self._progress is not None:
            self._progress.update(self._task, completed=done, **({} if note is None else {"note": note}))


def choose_mode(json: bool, stdout_is_terminal: bool) -> Mode:
    """JSON Lines when asked for, a table on a terminal, TSV in a pipe or file."""
    if json:
        return "json"
    return "human" if stdout_is_terminal else "tsv"


class Sink:
    """Writes rows and records to stdout, words and progress to stderr; built once per command."""

    def __init__(
        self, mode: Mode, quiet: bool = False, stdout: TextIO | None = None, stderr: TextIO | None = None
    ) -> None:
        self.mode: Mode = mode
        self.quiet = quiet
        self.stdout: TextIO = sys.stdout if stdout is None else stdout
        self.stderr: TextIO = sys.stderr if stderr is None else stderr
        self._columns: list[Column] = []
        """Those of the records written so far, in TSV."""

    @classmethod
    def open(cls, *, json: bool = False, quiet: bool = False, summary: bool = False) -> Sink:
        """The sink of a command with these options, on the process's own streams.

        ``summary``: what it writes are files, and what it says about them on standard output nobody needs to hear.
        """
        lost = summary and not json and isinstance(sys.stdout, ClosedOutput)
        return cls(choose_mode(json, sys.stdout.isatty()), quiet, StringIO() if lost else None)

    def table(self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows: the columns on a terminal and in TSV, all members of a row with ``--json``.

        Missing and ``None`` cells are empty (``null`` in JSON). Numbers are rounded on a terminal only.
        """
        if self.mode == "json":
            for row in rows:
                self._write(json.dumps(plain(dict(row)), allow_nan=False, separators=(", ", ": ")))
        elif self.mode == "tsv":
            if columns != self._columns:
                self._write("\t".join(tsv_cell(column.key) for column in columns))
            for row in rows:
                self._write("\t".join(tsv_cell(row.get(column.key)) for column in columns))
        else:
            self._rich_table(columns, rows)

    def records(self, records: Sequence[Record], extra: Sequence[Column] = ()) -> None:
        """Write architectures: a table of their metrics, or TSV that keeps all of a record (see ``records.py``).

        May be called again with further ones: TSV has another header row only where they have other columns.
        ``extra`` columns take their cells from a record's ``provenance`` by key.
        """
        if self.mode == "json":
            for record in records:
                self._write(to_json_line(record))
            return
        units = {key: metric.unit for record in records for key, metric in record.metrics.items()}
        columns = [Column("id"), Column("space"), Column("genotype")]
        if self.mode == "human" and len({record.space for record in records}) == 1:
            del columns[1]  # the genotype needs the room
        datasets = {dataset for key in units if (dataset := split_column(key)[2]) is not None}
        shared = f"@{next(iter(datasets))}" if len(datasets) == 1 and not self.quiet else ""  # the summary says it once
        columns += [Column(key, key.removesuffix(shared), unit, align="right") for key, unit in units.items()]
        columns += extra
        if self.mode == "tsv":
            networks = [Column("networks")] if any(record.networks for record in records) else []
            columns += [Column("sources"), *networks, Column("request"), Column("provenance")]
            if not {column.key for column in columns} <= {column.key for column in self._columns}:
                self._columns = []
            columns = self._columns or columns
        self.table(columns, (_record_row(record, human=self.mode == "human") for record in records))
        self._columns = columns

    def details(self, data: Mapping[str, Any]) -> None:
        """Write one thing in full: a row per property, members of members named with dots; one object with ``--json``.

        Lists become comma-separated on a terminal and in TSV.
        """
        if self.mode == "json":
            self.table((), [data])
        else:
            rows = [{"property": key, "value": value} for key, value in flat(data)]
            self.table([Column("property"), Column("value")], rows)

    def flush(self) -> None:
        """Let those who read standard output see what was written so far."""
        self._write("", end="", flush=True)

    def line(self, text: str) -> None:
        """Write one line of data to stdout as it is (a path, a version, generated source)."""
        self._write(text)

    def say(self, text: str) -> None:
        """One line of words for people, whatever is in it, to stderr; nothing when quiet."""
        self.drawn(visible(text))

    def drawn(self, text: str) -> None:
        """Lines for people whose colours are meant, to stderr; nothing when quiet."""
        if not self.quiet:
            say(text, self.stderr)

    def warn(self, text: str) -> None:
        """Something the user should know although the command goes on; to stderr, nothing when quiet."""
        self.say(f"warning: {text}")

    def error(self, text: str, hint: str | None = None) -> None:
        """What went wrong in one line, and the next command to try; to stderr, quiet or not."""
        print_error(text, hint, self.stderr)

    @contextmanager
    def progress(self, title: str, total: float | None = None) -> Iterator[Bar]:
        """A progress bar on stderr with the time left; silent unless stderr is a terminal and not quiet."""
        if self.quiet or not self.stderr.isatty() or os.environ.get("TERM") == "dumb":
            yield Bar()
            return
        from rich import progress as bars
        from rich.console import Console

        console = Console(file=self.stderr, highlight=False, markup=False, emoji=False)
        parts = (
            bars.TextColumn("{task.description}", markup=False),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeRemainingColumn(),
            bars.TextColumn("{task.fields[note]}", markup=False),
        )
        with bars.Progress(*parts, console=console, transient=True) as progress:
            yield Bar(progress, progress.add_task(title, total=total, note=""))

    def _write(self, text: str, end: str = "\n", *, flush: bool = False) -> None:
        try:
            print(text, end=end, file=self.stdout, flush=flush)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise unwritable(error) from error

    def _rich_table(self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        # Data are never read as markup, never coloured by content, and folded rather than cut: on a terminal too
        # narrow for the numbers, lines grow longer than it.
        console = Console(file=self.stdout, force_terminal=True, markup=False, highlight=False, emoji=False)
        cells = [[human_cell(row.get(column.key), column.unit) for column in columns] for row in rows]
        units = [f" ({column.unit})" if column.unit not in ("", "count") else "" for column in columns]
        titles = [visible((column.title or column.key) + unit) for column, unit in zip(columns, units, strict=True)]
        widths = _least_widths(cells, titles)
        console.width = max(console.width, sum(widths) + 3 * len(columns))
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
        for column, title, width in zip(columns, titles, widths, strict=True):
            table.add_column(Text(title), justify=column.align, overflow="fold", min_width=width)
        for line in cells:
            table.add_row(*map(Text, line))
        with console.capture() as capture:
            console.print(table)
        self._write(capture.get().rstrip("\n"))


def _least_widths(cells: Sequence[Sequence[str]], titles: Sequence[str]) -> list[int]:
    """Widths that keep titles and short cells (names, numbers) whole; long cells (genotypes) may fold."""
    widths = []
    for index, title in enumerate(titles):
        longest = max((len(line[index]) for line in cells), default=0)
        widths.append(max(longest if longest <= 24 else 20, len(title)))
    return widths


def unwritable(error: OSError) -> DinasError:
    """What to say when standard output goes to a full disk."""
    return DinasError(f"cannot write to standard output: {reason_of(error)}")


def print_error(text: str, hint: str | None, stream: TextIO) -> None:
    """``error: …`` and ``hint: …``, each one line whatever is in the texts."""
    say(f"error: {one_line(text)}", stream)
    if hint:
        say(f"hint: {one_line(hint)}", stream)


def _record_row(record: Record, *, human: bool) -> dict[str, Any]:
    """The cells of a record; where people read them, a value that is only a bound says so."""
    metrics: dict[str, Any] = {
        key: int(metric.value) if metric.unit == "count" and float(metric.value).is_integer() else metric.value
        for key, metric in record.metrics.items()
    }
    if human:
        bounds = {key: metric for key, metric in record.metrics.items() if metric.relation}
        metrics |= {key: metric.relation + format_number(metric.value, metric.unit) for key, metric in bounds.items()}
    sources = ";".join(f"{key}={metric.source}" for key, metric in record.metrics.items())
    return {
        **record.provenance,
        **metrics,
        "id": record.id,
        "space": record.space,
        "genotype": record.genotype,
        "sources": sources,
        "networks": record.networks or None,
        "request": record.request or None,
        "provenance": record.provenance or None,
    }
