"""The sampler for Optuna: the same proposals as a study's, whatever storage, pruner or restart is between them."""

from __future__ import annotations

import importlib
import pickle
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import dinas_cli
from dinas_cli.errors import NotFoundError, UsageProblem
from tests.support.bundled import needs_weights

optuna = pytest.importorskip("optuna", reason="needs the extra optuna")
from dinas_cli.search.optuna_sampler import DinasSampler  # noqa: E402

pytestmark = needs_weights
SPACE, TRIALS = "transnas-macro", 8


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


@pytest.fixture(scope="module")
def sampler(tmp_path_factory: pytest.TempPathFactory) -> DinasSampler:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DINAS_HOME", str(tmp_path_factory.mktemp("home")))
        return DinasSampler(SPACE, trials=TRIALS)


def worth(record: dinas_cli.Record) -> float:
    """A made-up metric: late doublings count."""
    return float(sum(place * (kind != "1") for place, kind in enumerate(record.genotype)))


def database(folder: Path) -> str:
    return f"sqlite:///{folder / 'trials.db'}"


def ids(study: Any) -> list[str]:
    return [trial.user_attrs["id"] for trial in study.trials]


def expected(values: Sequence[float | None], **options: Any) -> list[str]:
    """What :class:`dinas_cli.Study` proposes when it is told ``values``, or what :func:`worth` says for NaN."""
    study = dinas_cli.Study(SPACE, trials=TRIALS, **options)
    found = []
    for value in values:
        (record,) = study.ask()
        study.tell(record, worth(record) if value is not None and value != value else value)
        found.append(record.id)
    return found


NAN = float("nan")


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_a_restarted_study_goes_on_as_if_nothing_had_happened(
    sampler: DinasSampler, tmp_path: Path, direction: str
) -> None:
    sign = 1 if direction == "maximize" else -1
    for _ in range(3):  # three processes one after the other
        study = optuna.create_study(
            study_name="one",
            storage=database(tmp_path),
            sampler=sampler,
            direction=direction,
            load_if_exists=True,
        )
        study.optimize(lambda trial: sign * worth(sampler.architecture(trial)), n_trials=4)
    assert ids(study) == expected([NAN] * 12)
    sources = [trial.user_attrs["proposed"] for trial in study.trials]
    assert sources == ["transfer", "transfer", "random", "transfer", *["model"] * 8]
    best = sampler.architecture(study.best_trial)
    assert worth(best) == sign * study.best_value == max(sign * trial.value for trial in study.trials)


def test_failed_pruned_and_enqueued_trials() -> None:
    sampler = DinasSampler(SPACE, trials=TRIALS)  # one that remembers nothing: near ties turn on last digits
    study = optuna.create_study(sampler=sampler, direction="maximize")
    known = dinas_cli.generate(SPACE, acc="top50", n=1, seed=5)[0]

    def objective(trial: Any) -> float:
        record = sampler.architecture(trial)
        if trial.number == 1:
            raise RuntimeError("out of memory")
        if trial.number in (2, 4):
            trial.report(100.0, trial.number)  # more than any complete one
            raise optuna.TrialPruned
        return worth(record)

    study.enqueue_trial(sampler.parameters(known))
    study.optimize(objective, n_trials=9, catch=(RuntimeError,))
    other = dinas_cli.Study(SPACE, trials=TRIALS)
    other.tell(known, worth(known))
    found = [known.id]
    for number, value in enumerate([None, -2.0, NAN, -1.0, *[NAN] * 4], 1):
        (record,) = other.ask()
        found.append(record.id)
        # of the two that were pruned the one that got further is the better
        other.tell(record, worth(record) if value != value else value)
        assert study.trials[number].user_attrs["genotype"] == record.genotype
    assert ids(study) == found
    assert len(set(found)) == 9


def test_running_trials_of_other_processes_are_not_proposed_again(sampler: DinasSampler, tmp_path: Path) -> None:
    again = pickle.loads(pickle.dumps(sampler))
    studies = [
        optuna.create_study(study_name="one", storage=database(tmp_path), sampler=each, load_if_exists=True)
        for each in (sampler, again)
    ]
    trials = [study.ask() for study in studies * 3]  # all are running before any has its architecture
    found = [each.architecture(trial) for each, trial in zip([sampler, again] * 3, trials, strict=True)]
    assert len({record.id for record in found}) == 6
    assert {record.id for record in found[:2]} <= set(expected([NAN] * 2))


def test_who_chose_the_same_at_the_same_moment_gives_way(
    sampler: DinasSampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process claims what is being proposed between the look at the storage and the claim."""
    study = optuna.create_study(sampler=sampler)
    mine, other = study.ask(), study.ask()
    seen = sampler._proposer.propose
    calls: list[str] = []

    def propose(told: Any, pending: Any, count: int) -> Any:
        found = seen(told, pending, count)
        if not calls:
            claim = sampler.parameters(found[0].record)
            study._storage.set_trial_system_attr(other._trial_id, "dinas:parameters", claim)
        calls.append(found[0].record.id)
        return found

    monkeypatch.setattr(sampler._proposer, "propose", propose)
    assert sampler.architecture(mine).id == calls[1] != calls[0]


def test_parallel_trials_with_a_pruner_and_parameters_of_the_users_own(sampler: DinasSampler) -> None:
    pruner = optuna.pruners.HyperbandPruner(min_resource=1, max_resource=9, reduction_factor=3)
    study = optuna.create_study(sampler=sampler, pruner=pruner, direction="maximize")

    def objective(trial: Any) -> float:
        value = worth(sampler.architecture(trial)) - trial.suggest_float("rate", 0, 1)
        for step in range(1, 10):
            trial.report(value * step / 9, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return value

    study.optimize(objective, n_trials=12, n_jobs=3)
    assert len(set(ids(study))) == 12
    assert len({trial.params["rate"] for trial in study.trials}) == 12
    importances = optuna.importance.get_param_importances(study)
    assert set(importances) == {"rate", *sampler.distributions}


def test_limits_are_kept_until_none_is_left() -> None:
    small = DinasSampler(SPACE, params="1M", trials=4)
    study = optuna.create_study(sampler=small, direction="maximize")
    study.optimize(lambda trial: worth(small.architecture(trial)), n_trials=30)
    complete = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
    column = next(name for name in complete[0].user_attrs if name.startswith("params@"))
    assert all(trial.user_attrs[column] <= 1e6 for trial in complete)
    assert len({trial.user_attrs["id"] for trial in complete}) == len(complete)
    assert [trial.state.name for trial in study.trials[len(complete) :]] == ["PRUNED"]


def test_a_study_ends_when_labels_add_nothing() -> None:
    flat = DinasSampler(SPACE, trials=4)
    study = optuna.create_study(sampler=flat, direction="maximize")
    study.optimize(
        lambda trial: (flat.architecture(trial), -float(trial.number))[1],
        n_trials=20,
        callbacks=[flat.stop_when_enough],
    )
    assert len(study.trials) < 20
    assert "left out one by one" in study.user_attrs["enough"]


def test_without_optuna_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.delitem(sys.modules, "dinas_cli.search.optuna_sampler")
    with pytest.raises(NotFoundError, match="needs the package optuna") as caught:
        importlib.import_module("dinas_cli.search.optuna_sampler")
    assert caught.value.hint == "pip install 'dinas[optuna]'"


def test_what_cannot_be_sampled_is_refused(sampler: DinasSampler) -> None:
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
    with pytest.raises(UsageProblem, match="2 objectives"):
        sampler.architecture(study.ask())
    study = optuna.create_study()
    with pytest.raises(UsageProblem, match="another sampler"):
        sampler.architecture(study.ask())
