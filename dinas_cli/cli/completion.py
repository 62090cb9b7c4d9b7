"""What the shell offers for values of options: names of spaces, datasets, devices and checkpoints; imports no torch."""

from __future__ import annotations

import typer

from dinas_cli.spaces.registry import BUILT_IN, get_space, offers, space_names
from dinas_cli.spaces.shared import skeletons


def complete_space(incomplete: str) -> list[str]:
    """Names of spaces; those of other packages are not imported for it."""
    return [name for name in dict.fromkeys(offer.name for offer in offers()) if name.startswith(incomplete)]


def complete_dataset(context: typer.Context, incomplete: str) -> list[str]:
    """Datasets of the space already on the command line, of all spaces otherwise."""
    datasets = dict.fromkeys(dataset for space in named_spaces(context) for dataset in get_space(space).datasets)
    return [dataset for dataset in (*datasets, *_own_datasets(context)) if dataset.startswith(incomplete)]


def complete_own_dataset(context: typer.Context, incomplete: str) -> list[str]:
    """The user's own data sets."""
    return [name for name in _own_datasets(context) if name.startswith(incomplete)]


def _own_datasets(context: typer.Context) -> list[str]:
    from dinas_cli.oracles.datasets import likenesses

    return list(dict.fromkeys(name for space in named_spaces(context) for name in likenesses(space)))


def complete_checkpoint(incomplete: str) -> list[str]:
    """Names in the registry of checkpoints."""
    from dinas_cli.checkpoints.registry import load_registry

    return [name for name in load_registry() if name.startswith(incomplete)]


def complete_device(context: typer.Context, incomplete: str) -> list[str]:
    """Devices, the user's own among them, of the space already on the command line, of all spaces otherwise."""
    from dinas_cli.checkpoints.at_hand import shipped_devices

    spaces = named_spaces(context)
    names = [*(device for space in spaces for device in shipped_devices(space)), *_own_devices(spaces)]
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


def complete_own_device(context: typer.Context, incomplete: str) -> list[str]:
    """The user's own devices."""
    return [name for name in _own_devices(named_spaces(context)) if name.startswith(incomplete)]


def named_spaces(context: typer.Context) -> list[str]:
    """The space on the command line, or all."""
    name = context.params.get("space")
    return [name] if name in BUILT_IN or name in space_names() else list(space_names())


def complete_dialect(context: typer.Context, incomplete: str) -> list[str]:
    """Dialects of the space already on the command line, of all spaces otherwise."""
    dialects = dict.fromkeys(dialect for space in named_spaces(context) for dialect in get_space(space).dialects)
    return [dialect for dialect in dialects if dialect.startswith(incomplete)]


def complete_skeleton(context: typer.Context, incomplete: str) -> list[str]:
    """Skeletons of the space already on the command line, of all spaces otherwise."""
    spaces = map(get_space, named_spaces(context))
    known = dict.fromkeys([skeletons.OWN, *(name for space in spaces for name in skeletons.skeletons_of(space))])
    return [name for name in known if name.startswith(incomplete)]


def _own_devices(spaces: list[str]) -> list[str]:
    from dinas_cli.oracles.devices import own_names

    return list(dict.fromkeys(name for space in spaces for name in own_names(space)))
