"""Records and pages of reports, made up."""

from __future__ import annotations

from collections.abc import Sequence

from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.report.page import Page
from dinas_cli.report.pictures import pictures
from dinas_cli.report.rows import Column, Rows
from dinas_cli.spaces.nasbench201.space import SPACE

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
AXES = (Column("latency/fpga@cifar10", "ms", "min"), Column("acc@cifar10", "%", "max"))
CELLS = SPACE.reference()
FRONT = 6
"""Records on the made-up front, the first ones."""


def a_record(number: int) -> Record:
    """Cell ``number`` of the space: the first :data:`FRONT` are better the more they cost, the others are worse."""
    values = tuple(CELLS[number % len(CELLS)].tolist())
    cost = 1.0 + number if number < FRONT else 2.0 + number % 97 / 20
    metrics = {
        AXES[0].key: Metric(cost, "ms", "surrogate", {"kendall_tau": 0.97, "uncertainty": 0.1}),
        AXES[1].key: Metric(80.0 + number if number < FRONT else 60 + number % 83 / 8, "%", "table"),
        "params@cifar10": Metric(100e3 * (1 + number % 11), "count", "computed"),
    }
    return Record(f"cell-{number}", SPACE.name, SPACE.decode(values), metrics, values=values)


def some_records(count: int) -> list[Record]:
    """So many, the front first."""
    return [a_record(number) for number in range(count)]


def a_page(records: Sequence[Record]) -> Page:
    """A page of a front with all its parts."""
    columns = [*AXES, Column("params@cifar10", "count", "min")]
    layers = [1 if place < FRONT else None for place in range(len(records))]
    return Page(
        "A front",
        ["What there is to see."],
        Rows(records, columns, {"layer": layers}, knee=1 if len(records) > 1 else None),
        objectives=AXES,
        facts=[("command", "dinas front")],
        pictures=pictures(records, range(min(len(records), FRONT))),
    )
