"""A command as it is recorded in what it makes: what decides about that, not where files lie or how it was watched."""

from __future__ import annotations

import shlex

import typer

PLACES = {
    "data": "DATA",
    "out": "OUT",
    "work": "WORK",
    "architecture": "ARCH",
    "architectures": "ARCH",
    "output": "OUT",
    "svg": "OUT",
}
"""Parameters whose value says where files are, and what stands for it."""
UNSAID = frozenset({"resume", "force", "quiet", "json"})


def recorded(context: typer.Context) -> str:
    """The command of ``context`` with the options that were given, under their long names, however they were written.

    It is put together from what was understood, so that no spelling (``-o/home/me``, ``-qo …``) takes a place along.
    """
    words = context.command_path.split()[1:]
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        if source is None or source.name not in ("COMMANDLINE", "ENVIRONMENT") or name in UNSAID:
            continue
        value, flag = context.params[name], max(parameter.opts, key=len)
        flags = [flag] if flag.startswith("-") else []  # an argument has none
        for item in value if isinstance(value, list | tuple) else [value]:
            words += flags if item is True else [*flags, PLACES.get(name, str(item))]
    return shlex.join(["dinas", *words])
