"""The reference of all commands, written from the commands themselves: what ``--help`` says, as pages."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from dinas_cli.cli.app import COMMANDS, load_command


def write_commands(folder: Path) -> None:
    """One page per command and an index, in ``folder``; pages that say the same already are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {name: page(name) for name in COMMANDS}
    rows = "\n".join(f"| [dinas {name}]({name}.md) | {line} |" for name, line in COMMANDS.items())
    tree = "\n".join(COMMANDS)
    pages["index"] = (
        "# Commands\n\nWhat `dinas COMMAND --help` says, made from the commands themselves.\n\n"
        f"| command | what it does |\n|---|---|\n{rows}\n\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n"
    )
    for path in folder.glob("*.md"):
        if path.stem not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def page(name: str) -> str:
    """The page of one command, with its subcommands."""
    command = load_command(name)
    context = typer.Context(command, info_name=f"dinas {name}")
    text: str = get_docs_for_click(obj=command, ctx=context, name=f"dinas {name}", title=f"dinas {name}")
    return text
