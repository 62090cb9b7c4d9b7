"""A table plays the trainer: its values come back, and a search on a data set that the order never saw gets far."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Request
from dinas_cli.errors import NotFoundError
from dinas_cli.oracles.answers import Oracles
from dinas_cli.search.proposals.proposer import Proposals
from dinas_cli.search.simulated import SimulatedTrials
from dinas_cli.search.trials import Told
from tests.support.macro import macro

OTHERS = ("class_scene", "class_object", "room_layout", "segmentsemantic", "normal", "autoencoder")


def test_a_search_without_the_data_set_finds_its_best(bench_data: Path, tmp_path: Path) -> None:
    problem = macro(bench_data)
    trainer = SimulatedTrials(problem.space, "jigsaw", problem.table)
    proposals = Proposals(
        Request(problem.space.name), trials=20, oracles=Oracles(problem.space, problem.table), known=OTHERS
    )
    told: list[Told] = []
    beats: list[None] = []
    while len(told) < 20:
        for trial in proposals.propose(told, [], 4):
            assert trial.number == len(told)
            result = trainer.run(trial, tmp_path, lambda: beats.append(None))
            told.append(Told(trial.record, result.value, trial.source))
    values = problem.look_up(problem.listed)
    best = max(each.value for each in told if each.value is not None)
    assert (values > best).mean() < 0.01
    assert len(beats) == 20
    assert trainer.identity["column"] == "acc@jigsaw"
    assert not list(tmp_path.iterdir())


def test_what_the_table_lacks_failed(bench_data: Path, tmp_path: Path) -> None:
    problem = macro(bench_data)
    table = replace(problem.table, _loaded={"acc@jigsaw": np.full(problem.table.rows, np.nan)})
    trainer = SimulatedTrials(problem.space, "jigsaw", table)
    proposals = Proposals(
        Request(problem.space.name), trials=4, oracles=Oracles(problem.space, problem.table), known=OTHERS
    )
    (trial,) = proposals.propose([], [], 1)
    result = trainer.run(trial, tmp_path, lambda: None)
    assert result.value is None
    assert "acc@jigsaw" in result.failed
    with pytest.raises(NotFoundError, match="jigsaw"):
        SimulatedTrials(problem.space, "jigsaw", replace(problem.table, columns={}))
