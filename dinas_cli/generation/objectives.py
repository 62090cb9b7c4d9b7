"""What a front is of: two or three columns with a direction each, which are a trade-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.errors import UsageProblem
from dinas_cli.files.columns import split_column
from dinas_cli.oracles.lookup import Selection, checked

if TYPE_CHECKING:
    from dinas_cli.architectures.conditions import Request
    from dinas_cli.oracles.answers import Oracles
    from dinas_cli.spaces.shared.protocol import Space

FEWEST, MOST = 2, 3
SAME = 0.995
"""Rank correlation over the space from which on two closed forms count as one wish."""


@dataclass(frozen=True)
class Objective:
    """One column of a front."""

    column: str
    unit: str
    upwards: bool
    """Whether more is better."""
    ranked: bool = False
    """Whether it says how good an architecture is at what it is for, and not what it costs."""

    def cost(self, values: np.ndarray) -> np.ndarray:
        """Values of the column as what is to be minimised."""
        return -values if self.upwards else values


def default_names(space: Space, devices: Sequence[str]) -> tuple[str, ...]:
    """The space's ranked metric and the latency (or energy) on the ``devices``; without any, parameters.

    A space with a device of its own that stands for all has its latency.
    """
    known = {spec.name for spec in space.metrics}
    cost = next((name for name in ("latency", "energy") if name in known), None)
    return space.rank_metric, cost if cost is not None and (devices or space.default_device) else "params"


def find_objectives(
    names: Sequence[str], oracles: Oracles, request: Request, devices: Sequence[str] = ()
) -> list[Objective]:
    """The objectives called ``names``, on the data set of the ``request`` and on ``devices`` where they do not say.

    Raises :class:`UsageProblem` for another number than two or three, for names that the space does not have (with a
    suggestion) and for what is no trade-off, :class:`NotFoundError` for what no source at hand knows.
    """
    space = oracles.space
    found = [each for name in names for each in find_columns(name, oracles, request, devices)]
    check_number(found)
    for one, other in combinations(found, 2):
        if {split_column(one.column)[0], split_column(other.column)[0]} <= {*space.closed_forms} and (
            _agreement(oracles, one, other) >= SAME
        ):
            raise UsageProblem(
                f"{one.column} and {other.column} are no trade-off: both are counted from the same operations, and "
                "what is best in one is best in the other",
                f"keep one of them: --of {space.rank_metric},{split_column(one.column)[0]}",
            )
    return found


def find_columns(name: str, oracles: Oracles, request: Request, devices: Sequence[str]) -> list[Objective]:
    """What one name means, on each of the devices where it depends on one; raises as :func:`find_objectives`."""
    space, found = oracles.space, []
    for column in checked(Selection((name,), request.dataset, tuple(devices)), oracles).metrics or ():
        metric, device, dataset = split_column(column)
        about = request.judged if metric == space.rank_metric else request.dataset
        found.append(objective_of(space, oracles.column(metric, dataset=dataset or about, device=device)))
    return found


def objective_of(space: Space, column: str) -> Objective:
    """The objective of a column; raise :class:`UsageProblem` for a metric in which nothing is better."""
    spec = find_metric(space, split_column(column)[0])
    if not spec.better:
        names = ", ".join(known.name for known in space.metrics if known.better)
        raise UsageProblem(f"neither more nor less of {spec.name} is better", f"--of takes two or three of: {names}")
    return Objective(column, spec.unit, spec.better == "max", spec.ranked or spec.name == space.rank_metric)


def check_number(objectives: Sequence[Objective]) -> None:
    """Raise :class:`UsageProblem` where there are too few or too many, or one twice."""
    columns = [objective.column for objective in objectives]
    twice = [column for column in dict.fromkeys(columns) if columns.count(column) > 1]
    if twice:
        raise UsageProblem(
            f"{twice[0]} is named twice, which is no trade-off", "name different metrics: --of acc,params"
        )
    if not FEWEST <= len(columns) <= MOST:
        raise UsageProblem(
            f"a front is of two or three metrics, not of {len(columns)}: {', '.join(columns)}",
            "for example: --of acc,params, or --of acc,latency/fpga,energy/fpga",
        )


def _agreement(oracles: Oracles, one: Objective, other: Objective) -> float:
    """Rank correlation over the reference of what is to be minimised."""
    ranks = [mean_ranks(objective.cost(oracles.reference(objective.column))) for objective in (one, other)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def mean_ranks(values: np.ndarray) -> np.ndarray:
    """Mean ranks ``(B,)``: equal values have equal ones."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]
