"""Keeps a device that was just described, and says how far its measurements can be believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dinas_cli.cli.output import Sink
    from dinas_cli.oracles.device import Device, Doubt

TRUSTED = 0.6
"""Kendall tau of an own device below which a warning is due; the shipped ones have 0.7 and more."""
NAMED = 8
"""Measurements that are named one by one."""


def keep(sink: Sink, device: Device, force: bool, lines: Mapping[str, str]) -> None:
    """Save a device and show what its fit is like; ``lines`` say where genotypes were read."""
    from dinas_cli.checkpoints.at_hand import oracles_at_hand, shipped_devices
    from dinas_cli.oracles import devices
    from dinas_cli.oracles.described import describe, network_of
    from dinas_cli.spaces.registry import DEFAULT_SPACE, get_space

    path = devices.save(device, shipped=shipped_devices(device.space), force=force)
    details: dict[str, object] = {"device": device.name, "column": device.column, "file": str(path)}
    oracles = oracles_at_hand(get_space(device.space), table=False)
    surrogate = oracles.surrogate
    details["network"] = network_of(oracles, device.column)
    if surrogate is None:
        details["measured"] = len(device.measurements)
        sink.warn(f"no surrogate of {device.space} here to make use of it")
    else:
        doubts = device.doubtful(surrogate)
        details |= describe(surrogate, device.column) | {"left_out": len(doubts)}
        for line in _named(doubts, device.unit, lines):
            sink.warn(line)
    sink.details(details)
    tau = details.get("kendall_tau")
    if surrogate is not None and not (isinstance(tau, float) and tau >= TRUSTED):
        ranks = "cannot be judged" if tau is None else f"rank architectures poorly (τ {tau:.2f})"
        sink.warn(f"costs fitted to these measurements {ranks}: measure more architectures, or on a quieter machine")
    where = f" --space {device.space}" if device.space != DEFAULT_SPACE else ""
    where += f" --dataset {device.dataset}" if device.dataset is not None else ""
    sink.say(f"now: dinas generate --acc top5 --{device.metric} … --device {device.name}{where}")


def _named(doubts: Sequence[Doubt], unit: str, lines: Mapping[str, str]) -> Iterator[str]:
    """A line per measurement that the others contradict, and why it is left out; after :data:`NAMED` their number."""
    for doubt in doubts[:NAMED]:
        where = lines.get(doubt.genotype)
        subject = f"{where}: {doubt.genotype}" if where else doubt.genotype
        told = "does not run, as hardly any" if doubt.measured is None else f"{doubt.measured:.4g} {unit} measured"
        yield f"{subject}: {told}, {doubt.predicted:.4g} {unit} by the others: left out"
    if len(doubts) > NAMED:
        yield f"{len(doubts) - NAMED} more are left out because the others contradict them"
