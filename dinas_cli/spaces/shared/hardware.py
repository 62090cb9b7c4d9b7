"""What the devices are whose costs were published with a benchmark, and by which other names people call them.

A space that knows this has a member ``hardware``, a mapping from the names of its devices to :class:`Hardware`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.files.text import brief

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

OTHERS = "another: dinas devices measure NAME (this machine), or dinas devices add NAME FILE (measured elsewhere)"
"""What to do about a device that nobody has measured yet."""


@dataclass(frozen=True)
class Hardware:
    """A published device."""

    title: str
    """Maker and model, as the paper names it; also how it ran where the paper says so."""
    aliases: tuple[str, ...] = ()
    """Further names, in the case and with the hyphens that people should see; :func:`device_named` heeds neither."""


def hardware_of(space: Space) -> Mapping[str, Hardware]:
    """What the devices of a space are, by name; empty where it does not say."""
    found: Mapping[str, Hardware] = getattr(space, "hardware", {})
    return found


def device_named(space: Space, name: str, known: Collection[str]) -> str:
    """The device that ``name`` stands for: one of the ``known`` of that very name, else the one that has such an alias.

    Case, spaces, hyphens and underscores do not count in aliases. A name that stands for nothing is returned as it is.
    """
    return name if name in known else _aliases(space).get(_letters(name), name)


def check_device(space: Space, name: str, known: Collection[str]) -> str:
    """The device that ``name`` stands for; raises :class:`UsageProblem` with what there is and how to add another."""
    device = device_named(space, name, known)
    if device not in known:
        raise UsageProblem(f"unknown device {brief(name)}", f"{suggest(name, known, 'devices')}; {OTHERS}")
    return device


def _aliases(space: Space) -> dict[str, str]:
    """Devices by the letters and digits of every name they have."""
    return {
        _letters(name): device
        for device, hardware in hardware_of(space).items()
        for name in (device, *hardware.aliases)
    }


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())
