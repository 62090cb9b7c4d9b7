"""The page of a front, as :mod:`dinas_cli.report` takes it: records, what was asked for, where values come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dinas_cli.architectures.conditions import Request, find_metric
from dinas_cli.architectures.schema import Record
from dinas_cli.errors import UsageProblem
from dinas_cli.files.columns import split_column
from dinas_cli.files.version import __version__
from dinas_cli.report.page import Page, render
from dinas_cli.report.pictures import pictures
from dinas_cli.report.rows import Column, Rows, columns_of
from dinas_cli.report.words import sources
from dinas_cli.spaces.registry import get_space

if TYPE_CHECKING:
    from dinas_cli.cli.front_view import Asked
    from dinas_cli.generation.front import Front


def page_of(front: Front, asked: Asked | None) -> str:
    """The HTML of a front's page; raises :class:`NotFoundError` without plotly."""
    return render(front_page(front, asked))


def front_page(front: Front, asked: Asked | None) -> Page:
    """The page of a front: its members first, what is dominated after them."""
    from dinas_cli.cli.front_view import front_axes
    from dinas_cli.generation.front import describe

    records = [*front.records, *front.dominated]
    space = get_space(records[0].space)
    across, up = front_axes(front)
    order = [across, up, *(place for place in range(len(front.objectives)) if place not in (across, up))]
    objectives = [front.objectives[place] for place in order]
    columns = ordered(columns_of(records, lambda key: better_of(records, key)), [each.column for each in objectives])
    knee = next((row for row, record in enumerate(front.records) if record.provenance.get("knee") is True), None)
    layers = [record.provenance["layer"] for record in front.records] + [None] * len(front.dominated)
    request = asked.request(space.name) if asked is not None else None
    names = [each.column for each in objectives]
    text = (
        f"{len(front.records)} architectures of {space.title}. On the front are those that no other beats in "
        f"{', '.join(names[:-1])} and {names[-1]} at once: what is better in one of them is worse in another. "
        f"{front.compared:,} were compared."
    )
    return Page(
        title=f"Front of {' and '.join(names)}",
        caption=[text, *sources(records), *(f"{note[:1].upper()}{note[1:]}." for note in front.notes)],
        rows=Rows(records, columns, {"layer": layers}, knee),
        objectives=[Column(each.column, each.unit, "max" if each.upwards else "min") for each in objectives],
        cloud=front.cloud[:, order].T.round(6).tolist() if front.cloud.size else [],
        facts=[
            ("request", "any architecture" if request is None else request.describe(space)),
            ("result", describe(front)),
            *provenance(records, asked.command if asked is not None else ""),
        ],
        pictures=pictures(records, range(len(records))),
    )


def better_of(records: Sequence[Record], key: str) -> str:
    """Which direction of a column is better, where the records' space knows it."""
    try:
        return find_metric(get_space(records[0].space), split_column(key)[0]).better
    except UsageProblem:
        return ""


def ordered(columns: Sequence[Column], first: Sequence[str]) -> list[Column]:
    """The columns, those called ``first`` before the others."""
    by_key = {column.key: column for column in columns}
    ahead = [by_key[key] for key in first if key in by_key]
    return [*ahead, *(column for column in columns if column not in ahead)]


def provenance(records: Sequence[Record], command: str) -> list[tuple[str, str]]:
    """What the records say of their making, as far as all say the same; the command, and this program's version."""
    hidden = {"index", "layer", "knee", "changes", "version", "trial", "satisfies"}
    common: dict[str, Any] = dict(records[0].provenance) if records else {}
    for record in records:
        common = {key: value for key, value in common.items() if record.provenance.get(key) == value}
    told = [(key, str(value)) for key, value in common.items() if key not in hidden]
    asked = {_described(record.request) for record in records if record.request}
    if len(asked) == 1:
        told.insert(0, ("records made for", asked.pop()))
    return [*told, ("command", command), ("dinas", __version__)]


def _described(request: Mapping[str, Any]) -> str:
    try:
        found = Request.from_dict(request)
        return found.describe(get_space(found.space))
    except UsageProblem as problem:
        return problem.message
