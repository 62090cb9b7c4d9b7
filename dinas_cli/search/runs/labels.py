"""What networks reached that were trained here, as labels to train a surrogate and a generator from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.architectures.records import Record, read_architectures
from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.files.columns import Columns, column_key, split_column
from dinas_cli.search.runs.folder import Run
from dinas_cli.spaces.shared.protocol import Space

if TYPE_CHECKING:
    from dinas_cli.architectures.schema import Metric


def labels_of(space: Space, path: Path) -> Columns:
    """The values of a run's trials, or of records with a measured ranked metric, as a column of that metric.

    In a space with several data sets the labels take the place of the one that requests were about, or of the first.
    Of a network that was trained several times the mean counts. Raises :class:`UsageProblem` for another space, unit or
    direction, and for what has no labels.
    """
    import numpy as np

    spec = find_metric(space, space.rank_metric)
    found: dict[str, list[float]] = {}
    datasets: set[str] = set()
    for record, value, unit in _of_run(space, path) if path.is_dir() else _of_records(space, path):
        if unit not in ("", spec.unit):
            raise UsageProblem(f"{path}: values in {unit}, and {spec.name} of {space.name} is in {spec.unit}")
        found.setdefault(record.genotype, []).append(value)
        datasets |= {str(record.request.get("dataset") or next(iter(space.datasets), ""))} if record.request else set()
    if not found:
        raise UsageProblem(f"{path} has no label of {spec.name}", "a run of dinas search has them, or records with it")
    dataset = datasets.pop() if len(datasets) == 1 else next(iter(space.datasets), None)
    values = np.array([np.mean(row) for row in found.values()])
    return Columns(f"labels of {path.name}", list(found), {column_key(spec.name, None, dataset): values})


def _of_run(space: Space, folder: Path) -> Iterator[tuple[Record, float, str]]:
    run = Run(folder)
    if run.about["space"] != space.name:
        raise UsageProblem(f"{folder} is a run in {run.about['space']}", f"add --space {run.about['space']}")
    for trial in run.trials():
        result = None if trial.finished is None else trial.finished.result
        if result is None or result.value is None:
            continue
        if result.better != find_metric(space, space.rank_metric).better:
            raise UsageProblem(
                f"{folder}: less of {result.metric} is better or worse than it is of {space.rank_metric}"
            )
        yield trial.trial.record, result.value, result.unit


def _of_records(space: Space, path: Path) -> Iterator[tuple[Record, float, str]]:
    if not path.is_file():
        raise NotFoundError(f"no such run or file: {path}", "dinas search -o FOLDER makes one")
    for record in read_architectures([str(path)], space.name):
        if not isinstance(record, Record):
            raise UsageProblem(str(record), record.hint)
        known = [_measured(space, column, metric) for column, metric in record.metrics.items()]
        yield from ((record, value, unit) for value, unit in filter(None, known))


def _measured(space: Space, column: str, metric: Metric) -> tuple[float, str] | None:
    """Value and unit of the ranked metric where it was measured."""
    if split_column(column)[0] != space.rank_metric or metric.source != "measured" or metric.value is None:
        return None
    return metric.value, metric.unit
