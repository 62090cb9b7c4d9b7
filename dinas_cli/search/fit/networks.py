"""Which network a record is trained as: the skeleton that takes such images, in the sizes of a trial or of the end."""

from __future__ import annotations

from collections.abc import Mapping
from math import log

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import UsageProblem
from dinas_cli.exporting.limits import limits_of, on_device
from dinas_cli.exporting.plan import Network, plan, request_of
from dinas_cli.search.data.images import Facts
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared import skeletons
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.shared.skeletons import OWN

NEEDED = frozenset({"classes", "image_size", "in_channels"})
"""Options without which a skeleton cannot be fitted to images."""
TRIAL_CHANNELS = ((16, 16), (1024, 8))
"""By the largest edge: channels of the first cells of a trial's network. Small images leave time for more."""
TRIAL_CELLS = {"cells per stage": 1, "cells": 5}
"""By what a space counts: one cell per stage, or two stages of one cell around two that halve and one more."""


def network_of(
    record: Record,
    facts: Facts,
    skeleton: str | None = None,
    sizes: Mapping[str, int | None] | None = None,
    *,
    trial: bool = False,
) -> Network:
    """The network to train for the images that ``facts`` tell of.

    ``skeleton`` and ``sizes`` (``channels``, ``cells``) come first; then, in a trial, :data:`TRIAL_CHANNELS` and
    :data:`TRIAL_CELLS`; otherwise the sizes of the network that the record's limit on a device is about, else those of
    the benchmark's own. Raises :class:`UsageProblem` for a space without networks for images of any size and classes,
    and for sizes that cannot be built.
    """
    space = get_space(record.space)
    chosen = skeleton or suited(space, facts.image_size)
    given = {name: size for name, size in (sizes or {}).items() if size is not None}
    known = skeletons.skeletons_of(space).get(chosen, {})
    usual = trial_sizes(space, facts.image_size) if trial else _meant(record, space, chosen)
    options: dict[str, int | float | bool | None] = {name: size for name, size in usual.items() if name in known}
    options |= given
    options |= {"classes": len(facts.classes), "image_size": facts.image_size, "in_channels": facts.channels}
    dataset = space.datasets[0] if space.datasets else None
    return plan(record, dataset, chosen, options)


def suited(space: Space, size: int) -> str:
    """The skeleton of a space for images of ``size``: of those that take them, the one whose usual size is nearest."""
    fitting = {name: have for name, have in skeletons.skeletons_of(space).items() if have.keys() >= NEEDED}
    if not fitting:
        raise UsageProblem(f"space {space.name!r} has no networks for images", "see: dinas spaces")
    return min(fitting, key=lambda name: abs(log(size / (fitting[name].get("image_size") or size))))


def trial_sizes(space: Space, size: int) -> dict[str, int]:
    """Channels and cells of a trial's network."""
    channels = next(number for edge, number in TRIAL_CHANNELS if size <= edge)
    return {"channels": channels, "cells": TRIAL_CELLS.get(skeletons.counted(space), 1)}


def _meant(record: Record, space: Space, chosen: str) -> dict[str, int]:
    """The sizes of the network that a record's limit is about; where there is none, those of the benchmark's own."""
    limit = on_device(limits_of(record, request_of(record), space))
    network = limit.setting.network if limit is not None else skeletons.own(space)
    if network.name not in (OWN, chosen):
        return {}
    found = {"channels": network.channels, "cells": network.cells}
    return {name: size for name, size in found.items() if size is not None}
