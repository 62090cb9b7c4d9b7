"""The devices of the user's own, kept as the measurements they were made of, one JSON file each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem, suggest
from dinas_cli.files.atomic import atomic_write, data_dir, make_dir
from dinas_cli.oracles import datasets
from dinas_cli.oracles.device import NAME, SCHEMA, Device, check, check_metric, check_name
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.hardware import OTHERS, device_named
from dinas_cli.spaces.shared.settings import Setting

if TYPE_CHECKING:
    from dinas_cli.oracles.surrogate import Surrogate


def folder() -> Path:
    """Where the user's devices are kept."""
    return data_dir() / "devices"


def target(
    name: str, space: str, metric: str, dataset: str | None, *, shipped: Sequence[str] = (), force: bool = False
) -> Path:
    """The file of a new device; raise when the name cannot be taken, before anything is measured for it.

    ``shipped`` are the devices that come with the space's surrogate: all their names are taken for good.
    """
    check_name(name)
    check_metric(get_space(space), metric)
    known = device_named(get_space(space), name, shipped)
    if known in shipped:
        other = "" if known == name else f", as {known}"
        raise UsageProblem(
            f"{name!r} is a device that dinas knows already{other}", f"choose another name, such as my-{name}"
        )
    path = _path(name, space, metric, dataset)
    if path.exists() and not force:
        raise DinasError(
            f"{metric} of device {name!r} is known already", "replace it with --force, or choose another name"
        )
    return path


def save(device: Device, *, shipped: Sequence[str] = (), force: bool = False) -> Path:
    """Keep a device; returns its file. An existing one stays unless ``force``; see :func:`target` for ``shipped``."""
    check(device)
    path = target(device.name, device.space, device.metric, device.dataset, shipped=shipped, force=force)
    make_dir(folder())
    atomic_write(path, json.dumps(device.to_dict(), indent=1), force=force)
    return path


def load(path: Path) -> Device:
    """Read one file; raise :class:`CorruptFileError` when it is no device."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError(f"unknown schema {data['schema']!r}")
        pairs = tuple((str(genotype), None if cost is None else float(cost)) for genotype, cost in data["measurements"])
        setting = Setting.from_dict(get_space(data["space"]), data["network"]) if "network" in data else None
        note = str(data.get("note", ""))
        return check(Device(data["name"], data["space"], data["metric"], data["dataset"], pairs, note, setting))
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError, UsageProblem) as error:
        reason = " ".join(str(error).split())[:300]
        raise CorruptFileError(f"{path} is not a device: {reason}", f"remove it: rm {path}") from error


def load_all(space: str) -> list[Device]:
    """The user's devices of a space."""
    if not folder().is_dir():
        return []
    devices = (load(path) for path in sorted(folder().glob(f"{space}-*.json")))
    return [device for device in devices if device.space == space]


def remove(name: str, space: str, *, shipped: Sequence[str] = ()) -> int:
    """Remove a user's device with all its metrics, unread; raise :class:`NotFoundError` when there is none."""
    known = (None, *get_space(space).datasets)
    metrics = [spec.name for spec in get_space(space).metrics if spec.per_device]
    found = [path for metric in metrics for each in known if (path := _path(name, space, metric, each)).is_file()]
    if not found or not NAME.fullmatch(name):
        if name in shipped:
            raise UsageProblem(
                f"{name!r} is not a device of yours: it comes with dinas and stays", "dinas devices list"
            )
        hint = f"{suggest(name, own_names(space), 'yours')}; {OTHERS}"
        raise NotFoundError(f"no device {name!r} of yours in {space}", hint)
    for path in found:
        path.unlink()
    return len(found)


def own_names(space: str) -> list[str]:
    """Names of the user's devices that can be read; the others are passed over."""
    names: dict[str, None] = {}
    for path in sorted(folder().glob(f"{space}-*.json")) if folder().is_dir() else ():
        with suppress(CorruptFileError):
            device = load(path)
            if device.space == space:
                names[device.name] = None
    return list(names)


def anchors(space_name: str, count: int, seed: int = 0) -> list[str]:
    """Genotypes to measure on a new device: a random, repeatable sample of the space without repeated ids."""
    import numpy as np

    space = get_space(space_name)
    reference = space.reference()
    chosen: dict[str, str] = {}
    for row in np.random.default_rng(seed).permutation(len(reference)):
        values = reference[row].tolist()
        chosen.setdefault(space.canonical_id(values), space.decode(values))
        if len(chosen) == count:
            break
    return list(chosen.values())


def attach(surrogate: Surrogate, devices: Sequence[Device]) -> None:
    """Make devices known to a surrogate; each is fitted when it is first asked about."""
    for device in devices:
        surrogate.own.add(device.column, device.unit, partial(device.fit, surrogate))


def load_surrogate(path: Path, space: str) -> Surrogate:
    """The surrogate in a file, knowing the user's devices and data sets of ``space``.

    Raises as :meth:`Surrogate.load` does.
    """
    from dinas_cli.oracles.surrogate import Surrogate

    surrogate = Surrogate.load(path)
    attach(surrogate, load_all(space))
    datasets.attach(surrogate)
    return surrogate


def _path(name: str, space: str, metric: str, dataset: str | None) -> Path:
    return folder() / f"{space}-{name}-{metric}-{dataset or 'all'}.json"
