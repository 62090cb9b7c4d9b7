"""The Python interface: the words of the command line as functions that return values and print nothing.

Everything that fails raises a :class:`dinas_cli.errors.DinasError`, whose ``message`` and ``hint`` are what the command
line would show. torch is imported by the functions that need it, not by this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from dinas_cli.architectures import arguments
from dinas_cli.architectures.by_device import texts_of
from dinas_cli.architectures.schema import Record
from dinas_cli.files.text import brief
from dinas_cli.spaces.registry import DEFAULT_SPACE, get_space

if TYPE_CHECKING:
    from torch import nn

    from dinas_cli.generation.arguments import Architecture, LimitArgument
    from dinas_cli.oracles.torch_devices import TorchDevice
    from dinas_cli.results import Architectures, Picture, Rows


def generate(
    space: str = DEFAULT_SPACE,
    *,
    acc: str | None = None,
    ppl: str | None = None,
    latency: LimitArgument | None = None,
    energy: LimitArgument | None = None,
    params: str | int | None = None,
    macs: str | int | None = None,
    ntk: str | float | None = None,
    linear_regions: str | int | None = None,
    limits: Mapping[str, str | int | LimitArgument] | None = None,
    device: str | Sequence[str] | None = None,
    dataset: str | None = None,
    n: int = 16,
    seed: int = 0,
    guidance: float | Mapping[str, float] = 2.0,
    steps: int | None = None,
    sampler: Literal["any-order", "ancestral", "iterative"] | None = None,
    confidence: float | None = None,
    diverse: bool = False,
    exclude: Architecture | Iterable[Architecture] = (),
    checkpoint: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Architectures:
    """Draw ``n`` different architectures that meet all constraints at once, best first; fewer where there are no more.

    ``acc`` is a rank among those that meet the limits (``"top5"``: the best 5 %), a bound (``">=72"``) or ``"best"``:
    samples improved as far as it goes; ``ppl`` is the same where a perplexity is ranked. ``diverse`` returns, of the
    best, those that differ most. Limits are quantities (``"2ms"``, ``"5mJ"``, ``"1M"``), ranges (``"2ms..3ms"``) or
    multiples of the space's median (``"0.6x"``), least ones where more is better (``linear_regions``); those of further
    metrics go into ``limits``, by metric. A limit holds on every ``device`` named, or is given by device
    (``{"pixel3": "20ms", "fpga": "3ms"}``). ``guidance`` is how much sampling sharpens the constraints: one number, or
    numbers by metric on the same scale (2 for metrics not named). ``exclude`` are records or genotypes that must not
    come out again. Every architecture was checked by the strongest source at hand; where that is the surrogate, every
    limit is met with probability ``confidence`` (None: 0.98, or as much less, down to 0.8, as it takes to find ``n``).
    ``progress`` is called now and then with how many satisfy and how many were drawn. The same arguments give the same
    records.

    Raises :class:`UnsatisfiedError` when nothing satisfies, :class:`NotFoundError` without trained weights, and
    :class:`UsageProblem` for what the space does not have or a quantity without its unit.
    """
    from dinas_cli.generation.arguments import as_records, request_from
    from dinas_cli.generation.generate import generate as draw
    from dinas_cli.results import Architectures

    arguments.check_texts(sampler=sampler, checkpoint=checkpoint)
    arguments.check_counts(n=n, seed=seed, **({} if steps is None else {"steps": steps}))
    if confidence is not None:
        arguments.check_numbers(confidence=confidence)
    named = guidance.items() if isinstance(guidance, Mapping) else ()
    weights = {f"guidance[{brief(name)}]": weight for name, weight in named} if named else {"guidance": guidance}
    arguments.check_numbers(**weights)
    arguments.check_ranges(n=n, seed=seed, steps=steps, confidence=confidence, **weights)
    request = request_from(
        space,
        acc=acc,
        ppl=ppl,
        latency=latency,
        energy=energy,
        params=params,
        macs=macs,
        ntk=ntk,
        linear_regions=linear_regions,
        limits=limits,
        device=device,
        dataset=dataset,
    )
    known = as_records(exclude, request.space)
    result = draw(
        request,
        n,
        seed=seed,
        checkpoint=checkpoint,
        guidance=guidance,
        steps=steps,
        sampler=sampler,
        confidence=confidence,
        diverse=diverse,
        exclude=[record.values for record in known if record.values is not None],
        devices=texts_of(device),
        progress=progress or (lambda _found, _drawn: None),
    )
    if result.interrupted:
        raise KeyboardInterrupt
    return Architectures(result.records)


def evaluate(
    architectures: Architecture | Iterable[Architecture],
    space: str | None = None,
    *,
    metrics: str | Iterable[str] | None = None,
    device: str | Sequence[str] | None = None,
    dataset: str | None = None,
    measure: bool | Mapping[str, str | int] = False,
) -> Architectures:
    """Look up metrics, from the table, in closed form or from the surrogate; records in the order given.

    ``metrics`` are names or column keys (``"acc,latency/fpga"`` or a list; None: all that fit the request of a record);
    ``space`` is that of plain genotypes. A record with a request gets ``satisfies`` in its provenance.

    With ``measure`` each network is timed on this machine as well (``latency/this-machine``): with network, batch and
    threads of the device whose latency is limited or that is named, or as a mapping tells
    (``{"skeleton": "cifar", "cells": 4, "batch": 16, "threads": 2}``: options of ``dinas eval``). A limit on that
    device is then checked against what was measured.

    Raises :class:`GenotypeError` for an architecture that breaks a rule, :class:`UsageProblem` for an unknown metric,
    dataset, device or network, :class:`NotFoundError` for a metric asked for by name that nothing here knows.
    """
    from dinas_cli.checkpoints.at_hand import oracles_at_hand
    from dinas_cli.generation.arguments import as_records
    from dinas_cli.generation.evaluate import evaluate as look_up
    from dinas_cli.generation.measured import Measuring
    from dinas_cli.oracles.lookup import Selection
    from dinas_cli.results import Architectures

    arguments.check_texts(space=space, dataset=dataset)
    arguments.check_names("device", device)
    records = as_records(architectures, space)
    if isinstance(metrics, str) or not isinstance(metrics, Iterable):
        arguments.check_texts(metrics=metrics)
    names = metrics.split(",") if isinstance(metrics, str) else None if metrics is None else list(metrics)
    for name in names or ():
        arguments.check_texts(metrics=name)
    wanted = None if names is None else tuple(dict.fromkeys(name.strip() for name in names))
    measuring = Measuring.of(measure if isinstance(measure, Mapping) else {}) if measure else None
    found: list[Record] = list(records)
    for name in dict.fromkeys(record.space for record in records):
        places = [place for place, record in enumerate(records) if record.space == name]
        selection = Selection(wanted, dataset, texts_of(device))
        result = look_up([records[place] for place in places], oracles_at_hand(get_space(name)), selection, measuring)
        if result.problems:
            raise result.problems[0]
        for place, record in zip(places, result.records, strict=True):
            found[place] = record
    return Architectures(found)


def show(
    architectures: Architecture | Iterable[Architecture], space: str | None = None, *, theme: str = "light"
) -> Picture:
    """A drawing of architectures, which notebooks show: ``print`` writes it as text, ``save`` as SVG or PNG.

    ``theme`` is ``"light"`` or ``"dark"``. Raises :class:`GenotypeError` for an architecture that breaks a rule.
    """
    from dinas_cli.generation.arguments import as_records
    from dinas_cli.results import Picture

    return Picture(as_records(architectures, space), theme)


def devices(space: str = DEFAULT_SPACE) -> Rows:
    """The devices whose costs a space knows, yours among them: the rows of ``dinas devices list``."""
    from dinas_cli.checkpoints.at_hand import oracles_at_hand
    from dinas_cli.oracles.described import rows
    from dinas_cli.results import Rows

    arguments.check_texts(space=space)
    return Rows(rows(oracles_at_hand(get_space(space), table=False)))


def measure(
    name: str,
    space: str = DEFAULT_SPACE,
    *,
    dataset: str | None = None,
    metric: Literal["latency", "energy"] = "latency",
    count: int = 48,
    seed: int = 0,
    skeleton: str | None = None,
    sizes: Mapping[str, int] | None = None,
    batch: int = 1,
    threads: int = 1,
    torch_device: TorchDevice | None = None,
    force: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
) -> Rows:
    """Measure this machine and keep it as the device ``name``; what :func:`devices` says of it.

    Arguments are options of ``dinas devices measure``; ``sizes`` are those of the ``skeleton``. ``progress`` is called
    after every network with how many are done, of how many, and what the last one costs.

    Raises :class:`UsageProblem` for a name, dataset or network that will not do, :class:`DinasError` for a name that is
    taken (unless ``force``), :class:`NotFoundError` where torch has no such device.
    """
    from dinas_cli.checkpoints.at_hand import shipped_devices
    from dinas_cli.generation.own_devices import Measurement, measure_devices
    from dinas_cli.oracles.devices import save
    from dinas_cli.results import Rows

    arguments.check_texts(name=name, space=space, dataset=dataset, skeleton=skeleton)
    arguments.check_counts(count=count, seed=seed, batch=batch, threads=threads)
    arguments.check_ranges(count=count, seed=seed, batch=batch, threads=threads)
    arguments.check_mapping("sizes", sizes, '{"cells": 4}')
    asked = Measurement(name, space, dataset, metric, count, seed, skeleton, sizes or {}, batch, threads, torch_device)
    made = measure_devices(asked, force=force, progress=progress or (lambda *_: None))
    for device, _ in made:
        save(device, shipped=shipped_devices(device.space), force=force)
    names = {device.name for device, _ in made}
    return Rows(row for row in devices(space) if row["device"] in names)


def build(
    architecture: Architecture,
    space: str | None = None,
    dataset: str | None = None,
    *,
    skeleton: str | None = None,
    channels: int | None = None,
    cells: int | None = None,
    classes: int | None = None,
    image_size: int | None = None,
    in_channels: int | None = None,
    drop_path: float | None = None,
    auxiliary: bool | None = None,
    features: bool | None = None,
) -> nn.Module:
    """The network of an architecture, initialised by torch's random state, as ``dinas export`` writes it.

    That is the network which a record's limit on a device is about, otherwise the benchmark's own, or ``skeleton``'s.

    ``dataset`` sets classes and image size; left out, it is that of the record's request, else the space's first. The
    other arguments are those of ``dinas export``; a skeleton takes some of them. With ``features`` it gives the maps
    after each stage.

    Raises :class:`GenotypeError` for an architecture that breaks a rule and :class:`UsageProblem` for a dataset,
    skeleton or option that the space does not have.
    """
    from dinas_cli.exporting.plan import plan
    from dinas_cli.generation.arguments import as_record
    from dinas_cli.spaces.shared import skeletons

    arguments.check_texts(dataset=dataset, skeleton=skeleton)
    sizes = {
        "channels": channels,
        "cells": cells,
        "classes": classes,
        "image_size": image_size,
        "in_channels": in_channels,
        "drop_path": drop_path,
        "auxiliary": auxiliary,
        "features": features,
    }
    network = plan(as_record(architecture, space), dataset, skeleton, sizes)
    return skeletons.build(network.space, network.values, network.dataset, network.skeleton)
