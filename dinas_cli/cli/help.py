"""Help of commands: options in panels, and only those that mean something in the space that is named beside --help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand

from dinas_cli.architectures.limits import LIMITS
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.shared.skeletons import skeletons_of

_ARGUMENTS, _OPTIONS = "Arguments", "Options"
_LAST = ("Output", "Files")
"""Panels that come after those of a command's own."""
_NETWORKS = ("skeleton", "channels", "cells", "classes", "image_size", "in_channels")


class Command(TyperCommand):
    """A command whose help is in panels, see ``rich_help_panel`` of its options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, and remember the words: help is asked for before the space beside it has been looked at."""
        ctx.meta[__name__] = list(args)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options, panel by panel."""
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


def named_space(args: Sequence[str]) -> Space | None:
    """The space that ``--space`` or ``-s`` names among the words of a command line, if any.

    Raises :class:`UsageProblem` for one that does not exist.
    """
    for word, following in zip(args, [*args[1:], ""], strict=True):
        option, sign, value = word.partition("=")
        if option in ("--space", "-s"):
            return get_space(value if sign else following)
    return None


def without_meaning(space: Space) -> set[str]:
    """Names of the parameters that ask for what a space does not have."""
    limited = {spec.name for spec in space.metrics if spec.bound}
    found = {name for name in LIMITS if name not in limited}
    if space.rank_metric != "ppl":
        found.add("ppl")
    elif "acc" not in {spec.name for spec in space.metrics}:
        found.add("acc")
    if not any(spec.per_device for spec in space.metrics):
        found.add("device")
    if not space.datasets:
        found.add("dataset")
    if not skeletons_of(space):
        found.update(_NETWORKS)
    return found


def known_words(space: Space, parameter: str) -> str:
    """What a space has that an option can name; empty for other options."""
    if parameter == "dataset":
        return ", ".join(space.datasets)
    if parameter == "limit":
        others = [spec.name for spec in space.metrics if spec.bound and spec.name not in (*LIMITS, space.rank_metric)]
        return ", ".join(others)
    return ""
