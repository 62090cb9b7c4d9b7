"""The command line: finds the command, and turns every failure into one line, one hint and one exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from dinas_cli.cli.help import Command
from dinas_cli.cli.streams import prepare, silence
from dinas_cli.errors import DinasError, UsageProblem, reason_of, suggest
from dinas_cli.files.interrupts import Ended
from dinas_cli.files.version import __version__

COMMANDS: dict[str, str] = {
    "generate": "Draw architectures that meet constraints.",
    "front": "Show the trade-off: what nothing dominates, also as a page.",
    "eval": "Look up the metrics of architectures.",
    "export": "Write architectures as code, weights, graphs or genotypes.",
    "show": "Draw architectures in the terminal, as SVG or as PNG.",
    "convert": "Rewrite genotypes in another text form.",
    "search": "Find the best network for data of your own, by training some.",
    "train": "Train surrogate and generator of a space on its benchmark.",
    "fit": "Train one architecture on your images.",
    "predict": "Tell the class of images, with a trained network.",
    "bench": "Run the published experiments again, beside baselines.",
    "tables": "Import, list and remove benchmark tables.",
    "spaces": "List search spaces and what they have.",
    "checkpoints": "List, show, verify and remove trained models.",
    "download": "Fetch trained models and tables, from the Hub or a mirror.",
    "push": "Publish trained models on the Hub.",
    "devices": "List devices and describe new ones from measurements.",
    "datasets": "List data sets of yours, which searches leave behind.",
    "schema": "Print the JSON Schema of records.",
    "doctor": "Check this installation.",
    "version": "Show the versions of dinas and of what it uses.",
}
"""Every command with its help line, in the order of ``--help``; the code is in ``dinas_cli/commands/<name>.py``."""


class LazyGroup(TyperGroup):
    """Lists commands from :data:`COMMANDS` and imports only the one that is run."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # Typer's own context class
        """All names, in the order of ``--help``."""
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        """A stand-in that knows the help line only: all that help and completion of names need."""
        return typer.core.TyperCommand(cmd_name, help=COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """Import the command that is going to run, or raise :class:`UsageProblem` with a suggestion."""
        name = args[0]
        if name in COMMANDS:
            return name, load_command(name), args[1:]
        if ctx.resilient_parsing:
            return None, None, args[1:]
        raise UsageProblem(f"unknown command {name!r}", suggest(name, COMMANDS, "commands"))

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Parse, which also prints help and version."""
        with _quiet_ends():
            return super().make_context(*args, **options)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command."""
        with _quiet_ends():
            return super().invoke(ctx)


app = typer.Typer(
    name="dinas",
    cls=LazyGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"dinas {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Generate neural-network cells that meet constraints.

    Data go to standard output (a table on a terminal, TSV in a pipe, JSON Lines with --json), words to standard error.
    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 offline, 5 nothing satisfies, 130 interrupted.
    """
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def load_command(name: str) -> Any:
    """The ``command`` (a function) or ``app`` (a group) that ``dinas_cli.cli.commands.<name>`` defines."""
    module: ModuleType = import_module(f"dinas_cli.cli.commands.{name}")
    parent = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    parent.callback()(lambda: None)
    if hasattr(module, "app"):
        for each in module.app.registered_commands:
            each.cls = Command
        parent.add_typer(module.app, name=name)
    else:
        parent.command(name, cls=Command)(module.command)
    return get_group(parent).commands[name]


def run(args: Sequence[str] | None = None) -> int:
    """Run one command line (``sys.argv`` by default) and return its exit code; every error has been reported."""
    try:
        code = get_command(app).main(args=args, prog_name="dinas", standalone_mode=False)
        _flush()
    except DinasError as error:
        return _report(error.message, error.hint, error.exit_code)
    except typer.TyperException as error:
        return _report_usage(error, sys.argv[1:] if args is None else args)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except OSError as error:
        subject = f"{error.filename}: " if error.filename else ""
        return _report(subject + reason_of(error), None, 1)
    except MemoryError:
        return _report("out of memory", None, 1)
    except Exception as error:
        hint = "run it again with DINAS_DEBUG=1 to see where"
        return _report(f"unexpected {type(error).__name__}: {error}", hint, 1)
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """The entry point of the ``dinas`` script."""
    prepare()
    sys.exit(run())


def _report(text: str, hint: str | None, code: int) -> int:
    if _debug():
        traceback.print_exc()
    try:
        sys.stdout.flush()  # what was found before the failure comes before its message
    except OSError:
        silence(sys.stdout)
    from dinas_cli.cli.output import print_error

    print_error(text, hint, sys.stderr)
    return code


def _report_usage(error: typer.TyperException, args: Sequence[str]) -> int:
    """Typer's own complaints about ``args`` in the form of ours."""
    text = error.format_message().replace("Value error, ", "")  # what checks choices for Typer says this first
    if "\n" in text:  # not a complaint but the help of a group that was called without a command
        typer.echo(text, err=True)
        return error.exit_code
    context = getattr(error, "ctx", None)
    named = [name for name in args[:1] if name in COMMANDS]  # some complaints do not say which command they are about
    path = context.command_path if context is not None else " ".join(["dinas", *named])
    return _report(text[:1].lower() + text[1:].rstrip("."), f"{path} --help", error.exit_code)


def _debug() -> bool:
    return os.environ.get("DINAS_DEBUG", "") not in ("", "0")


def _flush() -> None:
    """Write what is still buffered; a failure must show in the exit code, and once only."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
    except OSError as error:
        silence(sys.stdout)
        from dinas_cli.cli.output import unwritable

        raise unwritable(error) from error


@contextmanager
def _quiet_ends() -> Iterator[None]:
    """A reader who has seen enough (``| head``) ends the program quietly, and a signal with its own code."""
    try:
        yield
    except Ended as ended:  # Typer takes it for Ctrl-C
        raise typer.Exit(128 + ended.number) from ended
    except BrokenPipeError as error:
        silence(sys.stdout)
        raise typer.Exit(0) from error
