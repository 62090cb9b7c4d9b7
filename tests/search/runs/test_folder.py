"""A run's folder: what claims and results make of it, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dinas_cli.architectures.conditions import Budget, Request
from dinas_cli.architectures.schema import from_json
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError
from dinas_cli.search.runs import leases
from dinas_cli.search.runs.folder import Claim, Nothing, Run
from dinas_cli.search.runs.identity import Identity
from dinas_cli.search.runs.trial_files import read_status, write_status
from dinas_cli.search.runs.worker import work
from dinas_cli.search.trials import Result
from tests.support.trainers import SPACE, Listed, Steps, check_whole, job

MEANT = Identity(Request(SPACE, "cifar10", budgets=(Budget("params", 1e6),)), {"kind": "steps", "data": "a1"})


def claimed(run: Run, count: int = 9) -> Claim:
    claim = run.claim(Listed(), count)
    assert isinstance(claim, Claim)
    return claim


def test_from_the_first_trial_to_the_last(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert work(job(folder, 3, Steps())) == Nothing(busy=False)
    check_whole(folder, 3, epochs=3, kills=0)
    summary = [line.split(",") for line in (folder / "summary.csv").read_text().splitlines()]
    assert [row[3:6] for row in summary] == [
        ["state", "value", "metric"],
        *(["done", f"{n}.0", "score"] for n in range(3)),
    ]
    best = from_json((folder / "best.json").read_text())
    assert (best.metrics["score"].value, best.metrics["score"].source, best.provenance["trial"]) == (2.0, "measured", 2)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    work(job(folder, 3, Steps()))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    work(job(folder, 5, Steps()))
    check_whole(folder, 5, epochs=3, kills=0)


def test_less_can_be_better(tmp_path: Path) -> None:
    run = Run.join(tmp_path, MEANT)
    for value in (0.3, 0.1, 0.2):
        run.finish(claimed(run), Result(value, "loss", better="min"))
    assert from_json((tmp_path / "best.json").read_text()).metrics["loss"].value == 0.1
    assert [trial.told.value for trial in run.trials()] == [-0.3, -0.1, -0.2]


def test_a_trial_belongs_to_one_worker(tmp_path: Path) -> None:
    run = Run.join(tmp_path, MEANT)
    first, second = claimed(run, 2), claimed(run, 2)
    assert (first.trial.number, second.trial.number) == (0, 1)
    assert run.claim(Listed(), 2) == Nothing(busy=True)
    run.give_up(first)
    again = claimed(run, 2)
    assert (again.trial.number, again.token != first.token) == (0, True)
    with pytest.raises(leases.LeaseLost):
        run.finish(first, Result(1.0, "score"))
    run.finish(again, Result(2.0, "score"))
    with pytest.raises(leases.LeaseLost):
        run.finish(again, Result(3.0, "score"))
    assert run.trials()[0].told.value == 2.0


def test_who_does_not_answer_loses_the_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run.join(tmp_path, MEANT)
    claim = claimed(run, 1)
    monkeypatch.setattr(leases, "STALE", -1.0)
    with leases.kept(claim.folder, claim.token) as beat:
        beat()
        other = claimed(run, 1)
        assert other.trial.number == claim.trial.number
        with pytest.raises(leases.LeaseLost):
            beat()


def test_who_is_dead_is_noticed_at_once(tmp_path: Path) -> None:
    run = Run.join(tmp_path, MEANT)
    lease = claimed(run, 1).folder / leases.NAME
    about = json.loads(lease.read_text())
    assert run.claim(Listed(), 1) == Nothing(busy=True)
    lease.write_text(json.dumps(about | {"pid": 2**22 + 1}))
    claim = claimed(run, 1)
    assert read_status(claim.folder).tries == 2
    lease.write_text(json.dumps(about | {"pid": 2**22 + 1, "host": "elsewhere"}))
    assert run.claim(Listed(), 1) == Nothing(busy=True)


def test_an_end_that_was_cut_short_is_made_up_for(tmp_path: Path) -> None:
    """Its worker was killed with the result written, but not the rest."""
    work(job(tmp_path, 3, Steps()))
    folder = tmp_path / "trials" / "0002"
    leases.take(folder)
    write_status(folder, replace(read_status(folder), state="running"))
    (tmp_path / "summary.csv").unlink()
    assert Run(tmp_path).claim(Listed(), 3) == Nothing(busy=False)
    check_whole(tmp_path, 3, epochs=3, kills=0)
    assert read_status(folder).state == "done"


def test_a_trial_that_workers_die_of_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run.join(tmp_path, MEANT)
    monkeypatch.setattr(leases, "alive", lambda folder, now: False)
    for _ in range(10):
        assert claimed(run).trial.number == 0
    assert claimed(run).trial.number == 1
    finished = run.trials()[0].finished
    assert finished is not None
    assert finished.result.failed == "10 workers began it and died"
    assert not leases.on(run.trials()[0].folder)


def test_three_failures_in_a_row_stop_a_run(tmp_path: Path) -> None:
    with pytest.raises(DinasError) as caught:
        work(job(tmp_path, 24, Steps(fails=2)))
    assert caught.value.message == (
        "3 trials in a row failed, the last one because it is out of tune; its log ends: step 1 | out of tune"
    )
    assert len(Run(tmp_path).trials()) == 5
    work(job(tmp_path, 7, Steps(fails=2)))  # who comes after it was mended may go on
    states = [line.split(",")[3] for line in (tmp_path / "summary.csv").read_text().splitlines()[1:]]
    assert states == ["done", "done", *["failed"] * 5]
    (tmp_path / "trials" / "0003" / "result.json").unlink()
    assert claimed(Run(tmp_path)).trial.number == 3


def test_fewer_networks_than_trials(tmp_path: Path) -> None:
    found = work(job(tmp_path, 9, Steps(), Listed(most=2)))
    assert found == Nothing(busy=False, reason="there are no further networks within the limits")
    check_whole(tmp_path, 2, epochs=3, kills=0)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (replace(MEANT, request=Request("darts")), "a run with space 'nasbench201', not 'darts'"),
        (replace(MEANT, request=Request(SPACE, "cifar10")), "budgets"),
        (replace(MEANT, back_end={"kind": "steps", "data": "b2"}), "a run with data 'a1', not 'b2'"),
        (replace(MEANT, proposals={"seed": 1}), "a run with seed None, not 1"),
    ],
)
def test_another_run_is_refused(tmp_path: Path, other: Identity, words: str) -> None:
    claimed(Run.join(tmp_path, MEANT))
    Run.join(tmp_path, MEANT)
    with pytest.raises(DinasError, match=words):
        Run.join(tmp_path, other)


def test_another_trainer_elsewhere_is_noticed(tmp_path: Path) -> None:
    """As where a machine that shares the folder has other images."""
    meant = job(tmp_path, 3, Steps())
    with pytest.raises(DinasError, match="a run with epochs 3, not 5"):
        work(replace(meant, back_end=lambda: Steps(5)))
    assert not Run(tmp_path).trials()


def test_a_run_without_trials_may_become_another(tmp_path: Path) -> None:
    first = Run.join(tmp_path, MEANT)
    Run.join(tmp_path, replace(MEANT, request=Request("darts")))
    with pytest.raises(DinasError, match="has become another run"):
        first.claim(Listed(), 1)


def test_another_version_and_other_things_are_refused(tmp_path: Path) -> None:
    run = tmp_path / "run"
    Run.join(run, MEANT)
    text = (run / "run.json").read_text()
    (run / "run.json").write_text(text.replace("dinas/run@1", "dinas/run@9"))
    with pytest.raises(DinasError, match="a run of 'dinas/run@9'"):
        Run.join(run, MEANT)
    (run / "run.json").write_text(text[:20])
    with pytest.raises(CorruptFileError, match=r"run\.json is not JSON"):
        Run.join(run, MEANT)
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(DinasError, match="holds other things than a run"):
        Run.join(tmp_path, MEANT)
    with pytest.raises(NotFoundError, match="is no run"):
        Run(tmp_path)


def test_a_broken_result_is_named(tmp_path: Path) -> None:
    work(job(tmp_path, 1, Steps()))
    (tmp_path / "trials" / "0000" / "result.json").write_text('{"schema": "dinas/result@1", "value": "much"}')
    with pytest.raises(CorruptFileError, match=r"0000/result\.json is no result"):
        Run(tmp_path)
