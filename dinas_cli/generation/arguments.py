"""Requests and architectures from arguments in Python, whose types are checked: who writes ``latency=3`` reads why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dinas_cli.architectures import arguments
from dinas_cli.architectures.parsing import parse_request
from dinas_cli.architectures.records import check_record, parse_line, space_before
from dinas_cli.architectures.schema import Record, RecordError
from dinas_cli.checkpoints.at_hand import names_by_metric
from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import brief
from dinas_cli.generation.yardstick import Reference
from dinas_cli.oracles.datasets import likenesses
from dinas_cli.oracles.names import in_table
from dinas_cli.spaces.registry import DEFAULT_SPACE, check_device_alias, get_space

if TYPE_CHECKING:
    from dinas_cli.architectures.conditions import Request

Architecture = Record | str
"""A record; or a genotype, then its space has to be named; or the JSON of a record."""
LimitArgument = str | Sequence[str] | Mapping[str, str]
"""``"2ms"``; by device ``{"pixel3": "20ms"}``, or as options say it ``["5ms", "pixel3=20ms"]``."""
_HINT = "give a record, its JSON, or a genotype (a text) with its space"


def request_from(
    space: str,
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
) -> Request:
    """What ``dinas generate`` would be asked for with options of these names.

    Raises :class:`UsageProblem` for an argument of a wrong type, a quantity without its unit and what the space lacks.
    """
    arguments.check_texts(space=space, acc=acc, ppl=ppl, dataset=dataset)
    arguments.check_names("device", device)
    arguments.check_quantities(params=params, macs=macs, ntk=ntk, linear_regions=linear_regions)
    arguments.check_mapping("limits", limits, '{"train_time": "20min"}')
    check_device_alias(space, device)
    target = get_space(space)
    return parse_request(
        target,
        dataset=dataset,
        acc=acc,
        ppl=ppl,
        latency=arguments.by_device("latency", latency),
        energy=arguments.by_device("energy", energy),
        params=None if params is None else str(params),
        macs=None if macs is None else str(macs),
        ntk=None if ntk is None else str(ntk),
        linear_regions=None if linear_regions is None else str(linear_regions),
        limits={metric: _texts(metric, limit) for metric, limit in (limits or {}).items()},
        device=device,
        devices=names_by_metric(target),
        datasets=likenesses(target.name),
        yardstick=Reference(target),
    )


def _texts(metric: str, limit: str | int | LimitArgument) -> tuple[str, ...]:
    if isinstance(limit, Mapping | list | tuple):
        return arguments.by_device(f"limits[{brief(metric)}]", limit)
    return (str(limit),)


def as_record(architecture: Architecture, space: str | None = None) -> Record:
    """A checked record, with its values, of whatever stands for an architecture.

    Raises :class:`UsageProblem` for a genotype without a space and for what is no record, :class:`GenotypeError` for a
    genotype that breaks a rule.
    """
    arguments.check_texts(space=space)
    if not isinstance(architecture, Record | str):
        raise UsageProblem(f"{str(architecture)[:60]} ({type(architecture).__name__}) is no architecture", _HINT)
    wanted = get_space(space) if space is not None else None
    plain = isinstance(architecture, str) and not architecture.lstrip().startswith("{")
    if plain and wanted is None and space_before(str(architecture)) is None:
        raise UsageProblem("a plain genotype needs its space", f'for example space="{DEFAULT_SPACE}"')
    try:
        record = parse_line(architecture.strip(), wanted) if isinstance(architecture, str) else architecture
        return check_record(record, wanted, record.origin, in_table)
    except RecordError as error:
        raise UsageProblem(str(error), _HINT) from error


def as_records(given: Architecture | Iterable[Architecture], space: str | None = None) -> list[Record]:
    """Checked records of one architecture or several; see :func:`as_record` for the errors."""
    if isinstance(given, Record | str) or not isinstance(given, Iterable):
        return [as_record(given, space)]
    return [as_record(item, space) for item in given]
