"""What people see of records first: the columns that were asked for, values as far as they are good."""

from __future__ import annotations

from dinas_cli.architectures.conditions import Request
from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.files.columns import column_key, split_column
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import compact_dialect
from dinas_cli.units import format_number, format_uncertain

_SIZE = "params"
"""What is shown of every architecture, asked for or not."""


def asked_for(record: Record) -> list[str]:
    """The columns of a record that it is about: what was measured, what it was made for, its goal first, its size.

    Of a record without a goal what it is ranked by.
    """
    space = get_space(record.space)
    request = Request.from_dict(record.request) if record.request else Request(record.space)
    names: list[tuple[str, str | None, str | None]]
    names = [(goal.metric, None, request.judged) for goal in request.goals]
    names += [(budget.metric, budget.device, request.dataset) for budget in request.budgets]
    if not request.goals:
        names.insert(0, (space.rank_metric, None, request.judged))
    names.append((_SIZE, None, request.dataset))
    found = [key for key, metric in record.metrics.items() if metric.source == "measured"]
    for metric, device, dataset in names:
        exact = [column_key(metric, device, dataset), column_key(metric, device, None)]
        others = [key for key in record.metrics if split_column(key)[:2] == (metric, device)]
        found += [key for key in exact if key in record.metrics][:1] or others[:1]
    return list(dict.fromkeys(found))


def in_words(metric: Metric) -> str:
    """A value without its unit: ``90.5 ± 0.4`` where it is predicted, ``≥ 94.48`` where it is a bound."""
    if metric.relation:
        return metric.relation + format_number(metric.value, metric.unit)
    deviation = metric.extra.get("uncertainty")
    if isinstance(deviation, float):
        return format_uncertain(metric.value, deviation, metric.unit)
    return format_number(metric.value, metric.unit)


def compact_genotype(record: Record) -> str:
    """The genotype in the dialect of its space that takes the least room."""
    space = get_space(record.space)
    return space.decode(record.values or space.encode(record.genotype), compact_dialect(space))
