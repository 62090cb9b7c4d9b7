"""What there is to say about devices, as rows of a table: their ranges, how good their profiles are, which network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dinas_cli.files.columns import split_column
from dinas_cli.oracles.devices import load_all
from dinas_cli.spaces.shared.hardware import hardware_of
from dinas_cli.spaces.shared.skeletons import counted

if TYPE_CHECKING:
    from dinas_cli.oracles.answers import Oracles
    from dinas_cli.oracles.surrogate import Surrogate


def rows(oracles: Oracles) -> Iterator[dict[str, object]]:
    """A row per device, metric and dataset that the surrogate knows, as ``dinas devices list`` shows them."""
    surrogate = oracles.surrogate
    if surrogate is None:
        return
    own = {device.column for device in load_all(oracles.space.name)}
    hardware = hardware_of(oracles.space)
    for column in surrogate.columns():
        metric, device, dataset = split_column(column)
        if device is not None:
            name = {"device": device, "metric": metric, "dataset": dataset or "all"}
            origin = "yours" if column in own else "shipped"
            if (metric, device) in surrogate.own.disputed:
                yield {**name, "origin": "shipped, and a file of yours: see dinas doctor"}
                continue
            known = None if column in own else hardware.get(device)
            about = {
                "origin": origin,
                "hardware": known and known.title,
                "aliases": known and (", ".join(known.aliases) or None),
                "network": network_of(oracles, column),
            }
            yield {**name, **describe(surrogate, column), **about}


def describe(surrogate: Surrogate, column: str) -> dict[str, object]:
    """What there is to say about a cost profile: its range over the space, and how good it is."""
    profile = surrogate.profile(column)
    # The outermost 1 % are left out: of the cheapest few cells a linear fit can say nonsense.
    # Of costs less is better, of their metric perhaps more: values are put into their order.
    lowest, median, highest = sorted(profile.plausible(profile.edges)[[1, len(profile.edges) // 2, -2]].tolist())
    return {
        "unit": profile.unit,
        "lowest": lowest,
        "median": median,
        "highest": highest,
        "measured": profile.measured,
        "kendall_tau": surrogate.kendall_tau(column),
    }


def network_of(oracles: Oracles, column: str) -> str | None:
    """Which network the costs of a device are about, in words; None where nobody said."""
    setting = oracles.setting(column)
    return None if setting is None else setting.describe(counted(oracles.space))
