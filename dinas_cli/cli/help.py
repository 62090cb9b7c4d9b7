"""Help of commands: options in panels, and only those that mean something in the space that is named beside --help."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

_ARGUMENTS, _OPTIONS = "Arguments", "Options"
_LAST = ("Output", "Files")
"""Panels that come after those of a command's own."""


class Command(TyperCommand):
    """A command whose help is in panels, see ``rich_help_panel`` of its options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, and remember the words: help is asked for before the space beside it has been looked at."""
        ctx.meta[__name__] = list(args)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options, panel by panel."""
        from dinas_cli.cli.space_help import known_words, named_space, without_meaning

        space = named_space(ctx.meta.get(__name__, ()))
        hidden = set() if space is None else without_meaning(space)
        panels: dict[str, list[tuple[str, str]]] = {_ARGUMENTS: [], _OPTIONS: []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None or parameter.name in hidden:
                continue
            usual = _ARGUMENTS if parameter.param_type_name == "argument" else _OPTIONS
            name, words = record
            if space is not None and (known := known_words(space, str(parameter.name))):
                words = f"{words.rstrip('.')}: {known}."
            panels.setdefault(getattr(parameter, "rich_help_panel", None) or usual, []).append((name, words))
        for panel in sorted(panels, key=lambda panel: _LAST.index(panel) if panel in _LAST else -1):
            if panels[panel]:
                with formatter.section(panel):
                    formatter.write_dl(panels[panel])
