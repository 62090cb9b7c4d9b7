"""Architectures as a table: for people what was asked for and the genotype, in TSV all that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dinas_cli.architectures.schema import Record
from dinas_cli.architectures.shown import asked_for, in_words
from dinas_cli.cli.tables import Column
from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.files.columns import split_column

_PIPED = ("sources", "networks", "request", "provenance")


def known_columns(records: Sequence[Record], extra: Sequence[Column]) -> list[Column]:
    """All columns of the records: what names them, their metrics in the order they come in, the ``extra`` ones."""
    return [Column("id"), Column("space"), Column("genotype"), *_metric_columns(records), *extra]


def piped_columns(records: Sequence[Record], extra: Sequence[Column]) -> list[Column]:
    """The columns of TSV that keeps all of a record, and can be read again."""
    wanted = [name for name in _PIPED if name != "networks" or any(record.networks for record in records)]
    return [*known_columns(records, extra), *map(Column, wanted)]


def seen_columns(
    records: Sequence[Record],
    extra: Sequence[Column],
    *,
    all_asked: bool,
    datasets_told: bool,
    named: Sequence[str] = (),
) -> list[Column]:
    """What people see: the ``named`` metrics, what was asked for, then the rest as minor columns.

    ``all_asked``: they have named all metrics. A dataset that all columns share is not repeated in their titles where
    words tell it. The genotype has lines of its own.
    """
    metrics = _metric_columns(records)
    datasets = {dataset for column in metrics if (dataset := split_column(column.key)[2]) is not None}
    shared = f"@{datasets.pop()}" if datasets_told and len(datasets) == 1 else ""
    first = dict.fromkeys([*named, *(key for record in records for key in asked_for(record))])
    order = sorted(metrics, key=lambda column: [*first].index(column.key) if column.key in first else len(first))
    several = len({record.space for record in records}) > 1
    return [
        Column("id"),
        *([Column("space")] if several else []),
        *(
            replace(
                column,
                title=column.key.removesuffix(shared),
                minor=not (all_asked or not first or column.key in first),
            )
            for column in order
        ),
        *extra,
    ]


def chosen_columns(names: Sequence[str], records: Sequence[Record], extra: Sequence[Column]) -> list[Column]:
    """The columns that ``--columns`` names, by their keys or what stands before ``@`` and ``/`` in these.

    Members of the provenance (``seed``) are columns, too. Raises :class:`UsageProblem` with a suggestion.
    """
    known = {column.key: column for column in piped_columns(records, extra)}
    known |= {name: Column(name) for record in records for name in record.provenance if name not in known}
    found: dict[str, Column] = {}
    for name in names:
        keys = [key for key in known if name in (key, key.partition("@")[0], key.partition("@")[0].partition("/")[0])]
        if not keys:
            raise UsageProblem(f"no column {name[:60]!r} here", suggest(name, known, "columns"))
        found |= {key: known[key] for key in ([name] if name in known else keys)}
    return list(found.values())


def cells_of(record: Record) -> dict[str, Any]:
    """The cells of a record in TSV, whose numbers are exact."""
    metrics: dict[str, Any] = {
        key: int(metric.value) if metric.unit == "count" and float(metric.value).is_integer() else metric.value
        for key, metric in record.metrics.items()
    }
    return {
        **record.provenance,
        **metrics,
        "id": record.id,
        "space": record.space,
        "genotype": record.genotype,
        "sources": ";".join(f"{key}={metric.source}" for key, metric in record.metrics.items()),
        "networks": record.networks or None,
        "request": record.request or None,
        "provenance": record.provenance or None,
    }


def seen_cells(record: Record) -> dict[str, Any]:
    """The cells that people see: values to the digits that they are good for, bounds as such."""
    return cells_of(record) | {key: in_words(metric) for key, metric in record.metrics.items()}


def _metric_columns(records: Sequence[Record]) -> list[Column]:
    units = {key: metric.unit for record in records for key, metric in record.metrics.items()}
    return [Column(key, unit=unit, right=True) for key, unit in units.items()]
