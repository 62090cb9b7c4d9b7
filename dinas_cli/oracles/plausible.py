"""Whether the unit of a device's costs can be right: seconds taken for milliseconds are refused, not believed."""

from __future__ import annotations

import math
import statistics

from dinas_cli.oracles.device import Device
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared import skeletons

USUAL = {"latency": 9.7, "energy": 9.7}
"""Decimal logarithm of multiply-accumulates per second, or joule: middle of the devices of HW-NAS-Bench and HELP, all
within 9.2 and 10.7."""
FASTER, SLOWER = 1.9, 2.5
"""Powers of ten above and below it beyond which a cost of some other unit is more likely."""
UNITS = {"latency": ("us", "ms", "s"), "energy": ("uJ", "mJ", "J")}
"""By a thousand apart, the metric's own in the middle."""


def likelier_unit(device: Device) -> str | None:
    """The unit that the costs of ``device`` more likely have than the one they were taken to have, if any.

    None where the network's multiply-accumulates are not known in closed form, too.
    """
    rate = work_rate(device)
    if rate is None:
        return None
    less, _, more = UNITS[device.metric]
    off = rate - USUAL[device.metric]
    # Of many inputs at once a device takes anything between as long as for one and as many times as long.
    inputs = 1 if device.setting is None or device.setting.per_input else device.setting.batch or 1
    return more if off > FASTER else less if off + math.log10(inputs) < -SLOWER else None


def work_rate(device: Device) -> float | None:
    """Decimal logarithm of the multiply-accumulates of one input per second, or joule, of the median measurement."""
    space, setting = get_space(device.space), device.setting
    if not skeletons.counted_exactly(space):
        return None
    skeleton = None if setting is None else setting.chosen
    dataset = (device.dataset if setting is None else setting.dataset) or next(iter(space.datasets), None)
    rates = [
        skeletons.count(space, space.encode(genotype), dataset, skeleton)[1] * 1e3 / cost
        for genotype, cost in device.measurements
        if cost is not None
    ]
    middle = statistics.median(rates)
    return math.log10(middle) if middle > 0 else None
