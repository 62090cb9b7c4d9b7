"""Labels of one's own for training: from a run's folder and from records, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dinas_cli.architectures.schema import Metric, Record, to_json_line
from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.search.runs.labels import labels_of
from dinas_cli.spaces.registry import get_space

SPACE = get_space("nasbench201")


def record(number: int, value: float, source: str = "measured", unit: str = "%") -> Record:
    genotype = SPACE.decode(SPACE.reference()[number].tolist())
    return Record(
        SPACE.canonical_id(SPACE.encode(genotype)),
        SPACE.name,
        genotype,
        metrics={"acc@mine": Metric(value, unit, source)},
        request={"space": SPACE.name, "dataset": "cifar100"},
    )


def written(path: Path, *records: Record) -> Path:
    path.write_text("".join(to_json_line(each) + "\n" for each in records))
    return path


def test_records_with_measured_values(tmp_path: Path) -> None:
    """Repeated trainings count as their mean; what was not measured is no label."""
    path = written(tmp_path / "r.jsonl", record(5, 60), record(5, 62), record(9, 70), record(11, 99, "surrogate"))
    found = labels_of(SPACE, path)
    assert list(found.columns) == ["acc@cifar100"]
    assert found.columns["acc@cifar100"].tolist() == [61, 70]
    assert len(found.genotypes) == 2


def test_what_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such run"):
        labels_of(SPACE, tmp_path / "none")
    with pytest.raises(UsageProblem, match="has no label of acc"):
        labels_of(SPACE, written(tmp_path / "a.jsonl", replace(record(5, 60), metrics={})))
    with pytest.raises(UsageProblem, match="values in ms"):
        labels_of(SPACE, written(tmp_path / "b.jsonl", record(5, 60, unit="ms")))
    line = json.loads(to_json_line(record(5, 60)))
    (tmp_path / "c.jsonl").write_text(json.dumps(line | {"genotype": "nonsense"}) + "\n")
    with pytest.raises(UsageProblem):
        labels_of(SPACE, tmp_path / "c.jsonl")
