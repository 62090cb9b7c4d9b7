"""What is here to answer metrics of a space: its imported table, its surrogate and the devices that one knows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dinas_cli.checkpoints.copies import locations
from dinas_cli.checkpoints.metadata import read_config
from dinas_cli.checkpoints.registry import default_checkpoint, resolve
from dinas_cli.errors import CorruptFileError, NotFoundError
from dinas_cli.files.columns import described_profile, split_column
from dinas_cli.files.typed import Fields
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.devices import load_all, load_surrogate
from dinas_cli.oracles.tables import find_table

if TYPE_CHECKING:
    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.spaces.shared.protocol import Space
    from dinas_cli.spaces.shared.settings import Setting


def oracles_at_hand(space: Space, *, table: bool = True, surrogate: bool = True) -> Oracles:
    """What is installed or imported here: the table (if ``table``) and the default surrogate (if ``surrogate``).

    Having neither is no error, a broken one is: :class:`CorruptFileError`. The surrogate is read when first needed.
    """
    return Oracles(
        space,
        find_table(space.name) if table else None,
        partial(_default_surrogate, space) if surrogate else None,
        partial(_own_settings, space),
    )


def shipped_devices(space: str, metric: str | None = None) -> tuple[str, ...]:
    """Devices the surrogate of a space knows (for one metric), from its file's header; empty when it is not here."""
    try:
        found = [path for _, path in locations(default_checkpoint(space, "surrogate")) if path.is_file()]
        columns = [described_profile(item)[0] for item in Fields(read_config(found[0]), "config").items("profiles")]
    except (IndexError, ValueError, NotFoundError, CorruptFileError):
        return ()
    names: dict[str, None] = {}
    for column in columns:
        name, device, _ = split_column(column)
        if device and metric in (None, name):
            names[device] = None
    return tuple(names)


def device_names(space: str, metric: str | None = None) -> tuple[str, ...]:
    """Names of all known devices, shipped ones first; reads no weights."""
    own = [device.name for device in load_all(space) if metric in (None, device.metric)]
    return tuple(dict.fromkeys([*shipped_devices(space, metric), *own]))


def names_by_metric(space: Space) -> dict[str, tuple[str, ...]]:
    """Names of all known devices for every cost that a request may limit on one."""
    return {spec.name: device_names(space.name, spec.name) for spec in space.metrics if spec.per_device}


def _own_settings(space: Space) -> dict[str, Setting]:
    """Which networks the costs of the user's devices are about, by column, where their files say it."""
    return {device.column: device.setting for device in load_all(space.name) if device.setting is not None}


def _default_surrogate(space: Space) -> Surrogate | None:
    try:
        path = resolve(None, space.name, "surrogate")
    except NotFoundError:
        return None
    return load_surrogate(path, space.name)
