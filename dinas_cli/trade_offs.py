"""``dinas front`` in Python: the whole trade-off instead of one threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dinas_cli.architectures import arguments
from dinas_cli.architectures.by_device import texts_of
from dinas_cli.architectures.schema import Record
from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.registry import DEFAULT_SPACE, get_space

if TYPE_CHECKING:
    from dinas_cli.generation.arguments import Architecture, LimitArgument
    from dinas_cli.results import Architectures


def front(
    space: str | None = None,
    *,
    of: str | Sequence[str] | None = None,
    architectures: Architecture | Iterable[Architecture] | None = None,
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
    n: int | None = None,
    seed: int = 0,
    confidence: float | None = None,
    checkpoint: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Architectures:
    """What nothing dominates in two or three metrics, from one end of the trade-off to the other.

    ``of`` are the metrics (``"acc,latency/pixel3"``, or a list; None: the ranked one and the latency on ``device``, or
    parameters without one). Limits, ``device``, ``dataset`` and ``confidence`` are those of ``dinas_cli.generate``.
    With ``architectures`` it is the front of these, by the values that they have. ``n`` asks for so many, layer behind
    layer (None: the front alone). ``layer`` (1: the front) and ``knee`` are in the records' provenance. ``progress`` is
    called now and then with how many are on the front and how many architectures were looked at.

    Raises :class:`UsageProblem` for metrics that are no trade-off or that the space does not have,
    :class:`UnsatisfiedError` when nothing keeps to the limits, :class:`NotFoundError` without trained weights.
    """
    from dinas_cli.generation.arguments import as_records, request_from
    from dinas_cli.generation.front import front_of_space
    from dinas_cli.generation.front_of_records import default_of, front_of_records, space_of
    from dinas_cli.generation.objectives import default_names
    from dinas_cli.results import Architectures

    arguments.check_texts(space=space, checkpoint=checkpoint)
    arguments.check_counts(seed=seed, **({} if n is None else {"n": n}))
    if confidence is not None:
        arguments.check_numbers(confidence=confidence)
    arguments.check_ranges(n=n, seed=seed, confidence=confidence)
    names = _names(of)
    records: list[Record] = []
    if architectures is not None:
        for name, value in {"n": n, "checkpoint": checkpoint, "confidence": confidence}.items():
            if value is not None:
                raise UsageProblem(f"{name} is for the front of a space, not of architectures", f"leave out {name}")
        records = as_records(architectures, space)
        space = space_of(records).name
    request = request_from(
        space or DEFAULT_SPACE,
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
    devices, target = texts_of(device), get_space(request.space)
    if architectures is not None:
        found = front_of_records(records, names or default_of(target, records, devices), request, devices)
    else:
        found = front_of_space(
            request,
            names or default_names(target, devices),
            count=n,
            seed=seed,
            checkpoint=checkpoint,
            confidence=confidence,
            devices=devices,
            progress=progress or (lambda _found, _seen: None),
        )
    if found.interrupted:
        raise KeyboardInterrupt
    return Architectures(found.records)


def _names(of: str | Sequence[str] | None) -> tuple[str, ...]:
    """The metrics, none for None; raises :class:`UsageProblem` for what is no text."""
    if of is None:
        return ()
    items = of.split(",") if isinstance(of, str) else of if isinstance(of, list | tuple) else (of,)
    for item in items:
        if not isinstance(item, str):
            raise UsageProblem(f"of={item!r} is not a text", 'for example of="acc,latency/fpga"')
    return tuple(item.strip() for item in items if item.strip())
