"""The networks that a record's limits are about, beside the network that is written of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from dinas_cli.architectures.conditions import Request, check_dataset, find_metric
from dinas_cli.architectures.limits import bounded
from dinas_cli.architectures.schema import Record
from dinas_cli.errors import UsageProblem
from dinas_cli.files.columns import column_key
from dinas_cli.spaces.shared import skeletons
from dinas_cli.spaces.shared.protocol import Space, Values
from dinas_cli.spaces.shared.settings import Setting
from dinas_cli.spaces.shared.skeletons import OWN, Options, Skeleton


@dataclass(frozen=True)
class NetworkLimit:
    """A limit on what a network costs, and which network it is about."""

    text: str
    """``latency/cpu-1t ≤ 2.00 ms``."""
    setting: Setting
    on_device: bool


def limits_of(record: Record, request: Request, space: Space) -> tuple[NetworkLimit, ...]:
    """Limits on costs whose network is known: on devices as the record tells, on counts the benchmark's own.

    Raises :class:`UsageProblem` for what is no network in ``space``.
    """
    dataset = check_dataset(space, request.dataset)
    found = []
    for budget in request.budgets:
        if budget.device is not None:
            keys = (column_key(budget.metric, budget.device, dataset), column_key(budget.metric, budget.device))
            known = next((record.networks[key] for key in keys if key in record.networks), None)
            setting = None if known is None else Setting.from_dict(space, known)
        else:
            counted = budget.metric in space.closed_forms
            setting = Setting(skeletons.own(space, dataset), dataset) if counted else None
        if setting is not None:
            key = column_key(budget.metric, budget.device)
            text = bounded(find_metric(space, budget.metric), key, budget.limit, reverse=budget.reverse)
            found.append(NetworkLimit(text, setting, budget.device is not None))
    return tuple(found)


def on_device(limits: Iterable[NetworkLimit]) -> NetworkLimit | None:
    """The first limit on a device, if any."""
    return next((limit for limit in limits if limit.on_device), None)


def choose(
    space: Space, own: Setting | None, name: str | None, options: Mapping[str, int | float | bool | None]
) -> Skeleton | None:
    """The skeleton ``name`` with ``options``; where none is named that of ``own``, sizes and all, if there is one.

    The benchmark's own network gives features as a skeleton of its sizes. Raises as :func:`.skeletons.choose`.
    """
    if options.get("features") and (name == OWN or (name is None and (own is None or own.network.name == OWN))):
        name, options = _own_features(space, options)
    if name is not None or own is None:
        return skeletons.choose(space, name, **options)
    sizes = {} if own.network.name == OWN else own.sizes
    given = {option: value for option, value in options.items() if value is not None}
    return skeletons.choose(space, own.network.name, **{**sizes, **given})


def _own_features(space: Space, options: Mapping[str, int | float | bool | None]) -> tuple[str, Options]:
    """The skeleton that is the benchmark's own network in its sizes, and gives features."""
    known = skeletons.skeletons_of(space)
    name = next((name for name, takes in known.items() if "features" in takes), None)
    if name is None:
        raise UsageProblem(f"networks of {space.name} have no maps of images", "leave out --features")
    sizes = asdict(skeletons.own(space))
    usual = {size: sizes[size] for size in ("channels", "cells") if size in known[name]}
    return name, usual | {option: value for option, value in options.items() if value is not None}


def ratio(
    space: Space, values: Values, dataset: str | None, skeleton: Skeleton | None, setting: Setting
) -> float | None:
    """Multiply-accumulates of the network of a cell in ``skeleton`` by those of its network in ``setting``.

    None where they are one network, judged by what it costs; NaN where they are not and nothing is known in closed
    form.
    """
    ours, theirs = (dataset, skeleton), (setting.dataset or dataset, setting.chosen)
    if ours == theirs:
        return None
    if not skeletons.counted_exactly(space):
        return float("nan")
    # An auxiliary head and drop path are there while training only, and features cost what the whole network does.
    plain = skeleton and replace(skeleton, auxiliary=False if skeleton.auxiliary else None, features=None)
    ours_counts = skeletons.count(space, values, dataset, plain)
    their_counts = skeletons.count(space, values, *theirs)
    return None if ours_counts == their_counts else ours_counts[1] / their_counts[1]


def times(ratios: Iterable[float], subject: str) -> str:
    """``: this one has 49 times its multiply-accumulates``, a range of them, or nothing where they are not known.

    ``subject`` are the first words.
    """
    known = sorted(number for number in ratios if number == number)
    if not known:
        return ""
    first, last = (f"{number:.3g}" for number in (known[0], known[-1]))
    return f": {subject} {first if first == last else f'{first} to {last}'} times its multiply-accumulates"


def described(limit: NetworkLimit, space: Space) -> str:
    """Which network a limit was for, in words."""
    return f"the limit {limit.text} was for another network, {limit.setting.network_words(skeletons.counted(space))}"


def grouped(pairs: Iterable[tuple[str, float]]) -> Iterator[str]:
    """One line per text of :func:`described`, with the ratios of all networks that it is about."""
    found: dict[str, list[float]] = {}
    for text, number in pairs:
        found.setdefault(text, []).append(number)
    for text, numbers in found.items():
        yield text + times(numbers, "what is written has")
