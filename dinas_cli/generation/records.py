"""Records of what was found, with every metric that fits the request, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.files.version import __version__
from dinas_cli.oracles.lookup import DIGITS, Selection, checked, columns_of, look_up, networks_of
from dinas_cli.units import significant

if TYPE_CHECKING:
    from dinas_cli.generation.judge import Judge
    from dinas_cli.generation.rejection import Found


def make_records(
    found: Sequence[Found],
    judge: Judge,
    provenance: Mapping[str, object],
    devices: Sequence[str] = (),
    columns: Sequence[str] = (),
) -> list[Record]:
    """A record of every architecture ``found``, the best first as ranks are taken.

    ``devices`` add their metrics, ``columns`` are looked up besides; ``provenance`` is what all of them share.
    """
    request, oracles = judge.request, judge.oracles
    space = oracles.space
    if not found:
        return []
    # A space may have several encodings of one architecture: records hold the canonical one.
    encoded = [space.encode(space.decode(each.values)) for each in found]
    limited = dict.fromkeys(budget.device for budget in request.budgets if budget.device)
    selection = checked(Selection(None, None, tuple(devices or limited)), oracles)
    usual, _ = columns_of(request, oracles, selection)
    columns = list(dict.fromkeys([*usual, *columns]))
    cells = np.array(encoded, np.int64)
    metrics = with_probabilities(look_up(oracles, cells, columns), judge, cells)
    networks = networks_of(oracles, columns)
    records = [
        Record(
            id=each.name,
            space=space.name,
            genotype=space.decode(values),
            metrics={column: known[place] for column, known in metrics.items()},
            networks=networks,
            request=request.to_dict(),
            provenance={
                **provenance,
                "index": each.number,
                **({"changes": each.changes} if each.changes else {}),
                "version": __version__,
            },
            values=values,
        )
        for place, (each, values) in enumerate(zip(found, encoded, strict=True))
    ]
    ranked = oracles.find(space.rank_metric, dataset=request.judged or next(iter(space.datasets), None))
    if ranked is None:
        return records
    return [records[place] for place in np.argsort(-oracles.ranking(cells, ranked), kind="stable")]


def with_probabilities(
    metrics: Mapping[str, list[Metric]], judge: Judge, values: np.ndarray
) -> Mapping[str, list[Metric]]:
    """The ``metrics`` of architectures ``(B, V)`` with the probability of every uncertain one to keep to its limit."""
    found = dict(metrics)
    asked = {column: chances for column, chances in judge.probabilities(values).items() if column in found}
    for column, chances in asked.items():
        found[column] = [
            metric
            if metric.source != "surrogate" or np.isnan(chance)
            else replace(metric, extra=metric.extra | {"probability": significant(chance, DIGITS)})
            for metric, chance in zip(metrics[column], chances.tolist(), strict=True)
        ]
    return found
