"""Limits on several devices at once: one text for all of them, or ``pixel3=20ms`` for one alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dinas_cli.architectures.limits import option_for, option_of
from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.files.text import brief
from dinas_cli.spaces.shared.hardware import OTHERS, check_device, device_named
from dinas_cli.spaces.shared.protocol import MetricSpec, Space

ALL = "all"
"""Stands for every device that is known."""
_ONE = re.compile(r"\s*([^\s=<>≤≥][^=<>≤≥]*?)\s*=(?!=)\s*(.*)", re.DOTALL)

Texts = str | Sequence[str]
"""A limit, or several: ``"5ms"``, ``["5ms", "fpga=3ms"]``."""


def texts_of(limit: Texts | None) -> tuple[str, ...]:
    """The limits on one metric, each a text."""
    if limit is None:
        return ()
    return (limit,) if isinstance(limit, str) else tuple(limit)


def devices_named(space: Space, names: Sequence[str], known: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The devices that ``names`` stand for, each once, ``all`` for all; ``known`` are those by metric.

    Raises :class:`UsageProblem` with a suggestion for a name that stands for nothing.
    """
    every = list(dict.fromkeys(device for devices in known.values() for device in devices))
    found: dict[str, None] = {}
    for name in names:
        found |= dict.fromkeys(every if name == ALL and name not in every else [check_device(space, name, every)])
    return tuple(found)


def or_default(space: Space, devices: Sequence[str]) -> tuple[str, ...]:
    """The ``devices`` that were asked about, else the one that stands for all in the space, if there is one."""
    return tuple(devices) or ((space.default_device,) if space.default_device else ())


def limits_by_device(
    space: Space,
    spec: MetricSpec,
    texts: Sequence[str],
    devices: Sequence[str],
    known: Sequence[str],
    *,
    every: bool = False,
) -> dict[str | None, str]:
    """The limit on each device, or on None where the metric has no devices.

    ``devices`` are those that were asked about, ``known`` those of the metric. A limit that names no device is one on
    each of ``devices``, or on the space's default where none was asked about; with ``every`` those of them that do not
    have the metric are passed over. Raises :class:`UsageProblem` for a metric that is limited twice, for a device that
    is not known or not among ``devices``, and where there is none.
    """
    option = option_of(spec.name)
    found: dict[str | None, str] = {}
    general: str | None = None
    for text in texts:
        match = _ONE.fullmatch(text)
        if match is None:
            if general is not None:
                raise UsageProblem(f"{spec.name} is limited twice", f"name it once: {option}")
            general = text
            continue
        if not spec.per_device:
            raise UsageProblem(
                f"{option}: {brief(text)} names a device, on which {spec.name} does not depend",
                f"write {option_for(spec.name, brief(match[2]).strip(chr(39)))}",
            )
        device = _device(space, spec, match[1], known)
        if devices and device not in devices:
            raise UsageProblem(
                f"{option}: {brief(text)} is about a device that is not asked for", f"add --device {device}"
            )
        if device in found:
            raise UsageProblem(f"{spec.name} on {device} is limited twice", "give each device one limit")
        found[device] = match[2]
    if general is None:
        return found
    if not spec.per_device:
        return {None: general}
    chosen = or_default(space, devices)
    if not chosen:
        raise UsageProblem(f"{option} needs --device", f"devices: {', '.join(known) or 'none'}; {OTHERS}")
    able = tuple(device for device in chosen if device in known) if every else chosen
    for device in able or chosen[:1]:
        found.setdefault(_device(space, spec, device, known), general)
    return found


def _device(space: Space, spec: MetricSpec, name: str, known: Sequence[str]) -> str:
    device = device_named(space, name, known)
    if device not in known:
        hint = f"{suggest(name, known, f'{spec.name} devices')}; {OTHERS}"
        raise UsageProblem(f"{spec.name} is not known on device {brief(name)}", hint)
    return device
