"""Finds search spaces by name, without importing those that nobody asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem, suggest

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

_BUILT_IN = ("nasbench201", "nasbench101", "darts", "nlp", "nasbench-graph", "transnas-micro", "transnas-macro")
"""The spaces of this package, in the order they are listed; the folder of each has its name with ``_`` for ``-``."""

_MODULES = {name: f"dinas_cli.spaces.{name.replace('-', '_')}" for name in _BUILT_IN}

DEFAULT_SPACE = _BUILT_IN[0]
"""The space that is meant where none is named."""


def space_names() -> tuple[str, ...]:
    """Names of every space, in the order they are listed."""
    return tuple(_MODULES)


def get_space(name: str) -> Space:
    """Find a space by name or alias; raise :class:`UsageProblem` with a suggestion otherwise."""
    if name in _MODULES:
        return _load(name)
    spaces = [_load(known) for known in space_names()]
    for space in spaces:
        if name in (*space.aliases, *space.device_aliases):
            return space
    names = [name for space in spaces for name in (space.name, *space.aliases, *space.device_aliases)]
    raise UsageProblem(f"unknown space {name!r}", suggest(name, names, "spaces"))


def check_device_alias(name: str | None, device: str | None) -> None:
    """Raise :class:`UsageProblem` when ``name`` stands for a space on a device, and no device is named."""
    if name is not None and device is None and name not in space_names() and name in get_space(name).device_aliases:
        raise UsageProblem(f"space {name} needs a device", f"see: dinas devices list --space {name}")


def _load(name: str) -> Space:
    space: Space = import_module(_MODULES[name]).SPACE
    return space
