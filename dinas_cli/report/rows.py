"""Records as columns, compact enough for ten thousand of them in one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.files.text import visible

DIGITS = 6
"""Significant digits of values."""


@dataclass(frozen=True)
class Column:
    """A column of numbers."""

    key: str
    unit: str
    better: str
    """``max``, ``min``, or empty."""


@dataclass(frozen=True)
class Rows:
    """Records, all of one space or not."""

    records: Sequence[Record]
    columns: Sequence[Column]
    labels: Mapping[str, Sequence[Any]]
    """Further columns that are no metrics, by name: ``layer``, ``trial``."""
    knee: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """What is embedded: values by column, and what is not so of all of a column's values."""
        found: list[dict[str, Any]] = []
        for column in self.columns:
            metrics = [record.metrics.get(column.key) for record in self.records]
            sources = Counter(metric.source for metric in metrics if metric is not None)
            usual = sources.most_common(1)[0][0] if sources else ""
            taus = [metric.extra.get("kendall_tau") for metric in metrics if metric is not None]
            found.append(
                {
                    **asdict(column),
                    "values": [None if metric is None else short(metric.value) for metric in metrics],
                    "source": usual,
                    "sources": _others(metrics, partial(_unusual, usual)),
                    "uncertainty": _others(metrics, lambda metric: _number(metric.extra.get("uncertainty"))),
                    "probability": _others(metrics, lambda metric: _number(metric.extra.get("probability"))),
                    "bound": _others(metrics, lambda metric: metric.relation.strip() or None),
                    "outside": _others(metrics, lambda metric: metric.extra.get("outside_labels") or None),
                    "tau": next((tau for tau in taus if isinstance(tau, float)), None),
                }
            )
        return {
            "id": [visible(record.id) for record in self.records],
            "space": [record.space for record in self.records]
            if len({record.space for record in self.records}) > 1
            else self.records[0].space
            if self.records
            else "",
            "genotype": [visible(record.genotype) for record in self.records],
            "columns": found,
            "labels": {name: list(cells) for name, cells in self.labels.items()},
            "knee": self.knee,
        }


def columns_of(records: Sequence[Record], better: Callable[[str], str]) -> list[Column]:
    """All columns of the records, in the order in which they come; ``better`` says which direction is."""
    units = {key: metric.unit for record in records for key, metric in record.metrics.items()}
    return [Column(key, unit, better(key)) for key, unit in units.items()]


def short(value: float) -> float | int | None:
    """A value with :data:`DIGITS` significant digits; None for one that is missing."""
    if value != value or value in (float("inf"), float("-inf")):
        return None
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def _unusual(usual: str, metric: Metric) -> str | None:
    return None if metric.source == usual else metric.source


def _number(value: Any) -> float | int | None:
    return short(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _others(metrics: Sequence[Metric | None], of: Callable[[Metric], Any]) -> dict[int, Any]:
    """By row what ``of`` a metric is to be said."""
    found = {row: of(metric) for row, metric in enumerate(metrics) if metric is not None}
    return {row: said for row, said in found.items() if said is not None}
