"""The one sink for everything the program says: data to stdout in one of three forms, words to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any, Literal, TextIO

from dinas_cli.architectures.schema import Record, to_json_line
from dinas_cli.cli.screen import Screen, fold
from dinas_cli.cli.streams import ClosedOutput, say
from dinas_cli.cli.tables import Column, Sheet, lay_out
from dinas_cli.cli.values import counted, plain, tsv_cell
from dinas_cli.errors import DinasError, UsageProblem, reason_of
from dinas_cli.files.text import flat, one_line, visible

__all__ = ["Bar", "Column", "Mode", "Sink", "choose_mode", "print_error", "unwritable"]

Mode = Literal["human", "tsv", "json"]


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
        self,
        mode: Mode,
        quiet: bool = False,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        *,
        wide: bool = False,
        chosen: Sequence[str] = (),
    ) -> None:
        self.mode: Mode = mode
        self.quiet = quiet
        self.stdout: TextIO = sys.stdout if stdout is None else stdout
        self.stderr: TextIO = sys.stderr if stderr is None else stderr
        self.wide, self._chosen = wide, chosen
        self._columns: list[Column] = []
        """Those of the records written so far, in TSV."""
        self._left_out: list[str] = []
        """Columns that people do not see, and know it."""

    @classmethod
    def open(
        cls,
        *,
        json: bool = False,
        quiet: bool = False,
        summary: bool = False,
        wide: bool = False,
        columns: str | None = None,
    ) -> Sink:
        """The sink of a command with these options, on the process's own streams.

        ``summary``: what it writes are files, and what it says about them on standard output nobody needs to hear.
        Raises :class:`UsageProblem` for ``columns`` that name none, or with ``json``.
        """
        chosen = [name.strip() for name in columns.split(",") if name.strip()] if columns is not None else []
        if columns is not None and (json or not chosen):
            problem = "--columns has no meaning with --json" if json else f"--columns {columns[:60]!r} names no column"
            raise UsageProblem(problem, "for example: --columns id,acc,params")
        lost = summary and not json and isinstance(sys.stdout, ClosedOutput)
        mode = choose_mode(json, sys.stdout.isatty())
        return cls(mode, quiet, StringIO() if lost else None, wide=wide, chosen=chosen)

    def table(self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows: the columns on a terminal and in TSV, all members of a row with ``--json``.

        Missing and ``None`` cells are empty (``null`` in JSON). Numbers are rounded on a terminal only, where no line
        is wider than it, see :func:`dinas_cli.cli.tables.lay_out`.
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
            self._show(lay_out(columns, rows, self.screen, wide=self.wide))

    def records(
        self,
        records: Sequence[Record],
        extra: Sequence[Column] = (),
        *,
        all_asked: bool = False,
        named: Sequence[str] = (),
    ) -> None:
        """Write architectures: what was asked for to people, or TSV with all there is (see ``architecture_table.py``).

        May be called again with further ones: TSV has another header row only where they have other columns.
        ``extra`` columns take their cells from a record's ``provenance`` by key; ``all_asked``: the user has named the
        metrics, so that people see every one; ``named`` are those that people see first.
        """
        from dinas_cli.architectures.shown import compact_genotype
        from dinas_cli.cli import architecture_table as made

        if self.mode == "json":
            for record in records:
                self._write(to_json_line(record))
        elif self.mode == "tsv":
            columns = made.piped_columns(records, extra)
            if self._chosen:
                columns = made.chosen_columns(self._chosen, records, extra)
            elif {column.key for column in columns} <= {column.key for column in self._columns}:
                columns = self._columns
            self.table(columns, map(made.cells_of, records))
            self._columns = columns
        else:
            columns = made.seen_columns(records, extra, all_asked=all_asked, datasets_told=not self.quiet, named=named)
            genotypes = True
            if self._chosen:
                columns = made.chosen_columns(self._chosen, records, extra)
                genotypes = any(column.key == "genotype" for column in columns)
                columns = [column for column in columns if column.key != "genotype"]
            under = [compact_genotype(record) for record in records] if genotypes else []
            self._show(lay_out(columns, map(made.seen_cells, records), self.screen, wide=self.wide, under=under))

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

    @property
    def screen(self) -> Screen:
        """What standard output can show."""
        return Screen.of(self.stdout)

    def say(self, text: str) -> None:
        """One line of words for people, whatever is in it, to stderr; nothing when quiet. Folded on a terminal."""
        self._words(text)

    def drawn(self, text: str) -> None:
        """Lines for people whose colours are meant, to stderr; nothing when quiet."""
        if not self.quiet:
            say(text, self.stderr)

    def warn(self, text: str) -> None:
        """Something the user should know although the command goes on; to stderr, nothing when quiet."""
        self._words(text, "warning")

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

    def _show(self, sheet: Sheet) -> None:
        """Write the lines of a table for people, and say once which columns it leaves out."""
        for line in sheet.lines:
            self._write(line)
        if sheet.left_out and sheet.left_out != self._left_out:
            self._left_out = sheet.left_out
            self.say(f"+{counted(len(sheet.left_out), 'column')} ({', '.join(sheet.left_out)}): --wide")

    def _words(self, text: str, kind: str = "") -> None:
        if self.quiet:
            return
        screen = Screen.of(self.stderr)
        text = screen.spell(visible(f"{kind}: {text}" if kind else text))
        lines = [*fold(text, screen.width)] if self.stderr.isatty() else [text]
        if kind:
            lines[0] = screen.paint(f"{kind}:", kind) + lines[0].removeprefix(f"{kind}:")
        say("\n".join(lines), self.stderr)


def unwritable(error: OSError) -> DinasError:
    """What to say when standard output goes to a full disk."""
    return DinasError(f"cannot write to standard output: {reason_of(error)}")


def print_error(text: str, hint: str | None, stream: TextIO) -> None:
    """``error: …`` and ``hint: …``, each one line whatever is in the texts; a command in it can be copied as it is."""
    screen = Screen.of(stream)
    say(f"{screen.paint('error:', 'error')} {screen.spell(one_line(text))}", stream)
    if hint:
        say(f"{screen.paint('hint:', 'hint')} {screen.spell(one_line(hint))}", stream)
