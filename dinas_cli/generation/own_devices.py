"""Describes this machine as a device: some dozen networks of a space are measured on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dinas_cli.architectures.conditions import check_dataset
from dinas_cli.checkpoints.at_hand import oracles_at_hand, shipped_devices
from dinas_cli.oracles import devices
from dinas_cli.oracles.device import Device, Doubt, check
from dinas_cli.oracles.energy import counter_of
from dinas_cli.oracles.torch_devices import CPU, TorchDevice
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared import skeletons
from dinas_cli.spaces.shared.phases import phases_of

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.settings import Setting

Progress = Callable[[int, int, str], None]
"""Called after every network: how many are done, of how many, and what the last one costs."""


@dataclass(frozen=True)
class Measurement:
    """What is to be measured, in the words of ``dinas devices measure``."""

    name: str
    space: str
    dataset: str | None = None
    metric: str = "latency"
    """``"latency"`` or ``"energy"``."""
    count: int = 48
    seed: int = 0
    skeleton: str | None = None
    sizes: Mapping[str, int | float | bool | None] = field(default_factory=dict)
    """Options of the skeleton."""
    batch: int = 1
    threads: int = 1
    torch_device: TorchDevice | None = None
    """None: the CPU."""


def measure_devices(
    asked: Measurement, *, force: bool = False, progress: Progress = lambda *_: None
) -> list[tuple[Device, int]]:
    """The device, or one for each phase of a language model, with how many networks were measured twice.

    What the others contradict is measured again. Nothing is kept. Raises :class:`UsageProblem` for a name, dataset or
    network that will not do, and :class:`NotFoundError` for what is not here: torch's device, a counter of energy.
    """
    from dinas_cli.oracles.measuring import energy, latency, setting_here

    space = get_space(asked.space)
    chosen = skeletons.choose(space, asked.skeleton, **asked.sizes)
    dataset = check_dataset(space, asked.dataset)
    phases: tuple[str | None, ...] = tuple(phases_of(space)) or (None,)
    names = [asked.name if phase is None else f"{asked.name}-{phase}" for phase in phases]
    for name in names:
        devices.target(name, space.name, asked.metric, dataset, shipped=shipped_devices(space.name), force=force)
    on = asked.torch_device or CPU
    settings = [setting_here(space, dataset, chosen, asked.batch, asked.threads, on, phase) for phase in phases]
    counter = counter_of(on) if asked.metric == "energy" else None
    if counter is not None:
        settings = [replace(setting, run=f"{setting.run}, {counter.name}") for setting in settings]

    def cost(genotype: str, setting: Setting) -> float:
        values = space.encode(genotype)
        if counter is not None:
            return energy(space, values, setting, counter, asked.threads, on)
        return latency(space, values, setting, asked.threads, on).median

    unit = "ms" if counter is None else "mJ"
    pairs: list[list[tuple[str, float | None]]] = [[] for _ in names]
    for number, genotype in enumerate(devices.anchors(space.name, asked.count, asked.seed), start=1):
        costs = [cost(genotype, setting) for setting in settings]
        for measured, found in zip(pairs, costs, strict=True):
            measured.append((genotype, found))
        progress(number, asked.count, f"{', '.join(f'{found:.2f}' for found in costs)} {unit}")
    made = []
    for name, measured, setting in zip(names, pairs, settings, strict=True):
        device = Device(name, space.name, asked.metric, dataset, tuple(measured), setting=setting)
        again = {doubt.genotype: cost(doubt.genotype, setting) for doubt in doubtful(device)}
        kept = tuple((text, again.get(text, found)) for text, found in measured)
        made.append((replace(device, measurements=kept), len(again)))
    return made


def doubtful(device: Device) -> list[Doubt]:
    """The measurements that the others contradict, as far as there is a surrogate to tell."""
    surrogate = oracles_at_hand(get_space(device.space), table=False).surrogate
    return [] if surrogate is None else check(device).doubtful(surrogate)
