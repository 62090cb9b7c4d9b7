"""Rivals on the same surrogate: what counts as found, mutations that keep the rules, judges that saw nothing."""

from __future__ import annotations

from argparse import Namespace
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks import common
from benchmarks.judges import Trees, diversity
from benchmarks.rival_methods import METHODS, RANDOM, Search, Spent, evolved, mutants
from benchmarks.rivals import limit_of
from dinas_cli.architectures.conditions import Request
from dinas_cli.spaces.registry import get_space, space_names
from tests.support.bundled import needs_weights

pytestmark = needs_weights


@cache
def macro(folder: Path) -> common.Setup:
    """The bundled models of the smallest space with the benchmark's table."""
    files = [folder / "transnas_bench_101.csv.gz"]
    return common.load(Namespace(space="transnas-macro", checkpoint=None, surrogate=None, seeds=1, data=files))


def search(folder: Path, seconds: float, *, limited: bool = False) -> Search:
    found = macro(folder)
    budgets = (limit_of(found, "jigsaw"),) if limited else ()
    return Search(found, Request("transnas-macro", "jigsaw", budgets=budgets), seconds)


@pytest.mark.parametrize("name", space_names())
def test_mutants_keep_the_rules_and_differ_in_few_places(name: str) -> None:
    space = get_space(name)
    parents = space.draw(200, 1).astype(np.int64)
    rng = np.random.default_rng(0)
    children = mutants(space, parents, rng)
    assert len(children) > 20
    for child in children.tolist():
        space.canonical_id(child)
    one = np.repeat(parents[:1], 200, 0)
    differ = (mutants(space, one, rng) != parents[0]).sum(1)
    assert differ.min() >= 1
    assert differ.max() <= 3


def test_the_best_are_different_sure_and_in_order(bench_data: Path) -> None:
    found = search(bench_data, np.inf, limited=True)
    every = found.setup.space.reference()
    found.tell(np.concatenate([every, every[::-1]]))
    best = found.best(16)
    fitness = found.fitness(best)
    assert len({found.setup.space.canonical_id(row) for row in best.tolist()}) == 16
    assert found.judge.feasible(best).all()
    assert (np.diff(fitness) <= 1e-9).all()
    ids = {found.setup.space.canonical_id(row) for row in every[found.fitness(every) > fitness[-1] + 1e-6].tolist()}
    assert len(ids) < 16, "nothing better was left out"
    new = found.best(16, found.setup.held_out)
    assert found.setup.held_out(new).all()


def test_what_exceeds_the_limit_is_worst(bench_data: Path) -> None:
    found = search(bench_data, 1.0, limited=True)
    every = found.setup.space.reference()
    fitness, sure = found.fitness(every), found.judge.feasible(every)
    assert 0.1 < sure.mean() < 0.3
    assert fitness[~sure].max() < fitness[sure].min()


@pytest.mark.parametrize("name", METHODS)
def test_methods_keep_to_their_time(bench_data: Path, name: str) -> None:
    found = search(bench_data, 0.1)
    with suppress(Spent):
        METHODS[name](found, 0)
    assert found.used < 0.4
    assert len(found.best(16)) >= 4


def test_evolution_finds_better_than_chance(bench_data: Path) -> None:
    found = search(bench_data, np.inf)
    found.tell(found.setup.space.draw(400, 3))
    chance = found.fitness(found.best(8)).mean()
    found = search(bench_data, np.inf)
    tell, rounds = found.tell, iter(range(5))

    def counted(values: np.ndarray) -> np.ndarray:
        scores = tell(values)
        if next(rounds, None) is None:
            raise Spent
        return scores

    found.tell = counted  # type: ignore[method-assign]
    with suppress(Spent):
        evolved(found, 0)
    assert sum(map(len, found.values)) < 700
    assert found.fitness(found.best(8)).mean() > chance


def test_all_of_a_small_space_is_ranked_once(bench_data: Path) -> None:
    found = search(bench_data, np.inf)
    METHODS[RANDOM](found, 0)
    assert len(np.unique(np.concatenate(found.values), axis=0)) == sum(map(len, found.values)) == 3256


def test_trees_learn_from_what_training_never_saw(bench_data: Path) -> None:
    found = macro(bench_data)
    labels = found.labels
    trees = Trees(found, "jigsaw")
    assert sorted(trees.targets) == sorted(labels.quality["acc@jigsaw"][~labels.known])
    assert trees.tau > 0.4
    assert trees.targets.min() <= trees(labels.values).min() <= trees(labels.values).max() <= trees.targets.max()
    rest = labels.values[labels.known][:500]
    assert np.corrcoef(trees(rest), labels.quality["acc@jigsaw"][labels.known][:500])[0, 1] > 0.6


def test_held_out_is_what_the_weights_say(bench_data: Path) -> None:
    found = macro(bench_data)
    every = found.space.reference()
    assert found.held_out(every).sum() == len(every) - found.about["label_budget"]


def test_diversity() -> None:
    assert diversity(np.array([[0, 0], [0, 1]])) == 0.5
    assert diversity(np.array([[0, 0], [1, 1], [0, 0]])) == pytest.approx(2 / 3)
    assert np.isnan(diversity(np.zeros((1, 2))))
