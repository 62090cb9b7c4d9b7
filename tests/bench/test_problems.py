"""Search problems and the ledger that counts their look-ups."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.bench.problems import Ledger, Problem, Spent, open_problem
from dinas_cli.checkpoints.registry import resolve, weights_dir
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.registry import get_space, space_names
from tests.support.bundled import needs_weights
from tests.support.macro import macro

pytestmark = needs_weights


def unlabelled(name: str, table: Problem) -> Problem:
    """A space without a table of its own, answered by its surrogate."""
    return Problem(get_space(name), None, table.table, Surrogate.load(resolve(None, name, "surrogate")), None)


@cache
def part(folder: Path) -> Problem:
    """The tabled part of NAS-Bench-101."""
    return open_problem("nasbench101", None, (folder / "nasbench101_30k.csv.gz",))


def test_a_complete_table(bench_data: Path) -> None:
    problem = macro(bench_data)
    assert (problem.name, problem.column, problem.source) == ("transnas-macro@jigsaw", "acc@jigsaw", "table")
    assert problem.pool is not None
    assert problem.pool.shape == (3256, 6)
    assert problem.optimum == pytest.approx(97.02, abs=0.01)
    assert problem.test(problem.pool[:2]) is None


def test_a_part_of_a_table_is_what_can_be_looked_up(bench_data: Path) -> None:
    problem = part(bench_data)
    assert problem.pool is not None
    assert len(problem.pool) == 30_001
    assert not np.isnan(problem.look_up(problem.pool[:100])).any()


def test_less_is_better_where_the_space_says_so(bench_data: Path) -> None:
    problem = unlabelled("nlp", macro(bench_data))
    values = problem.draw(4, 0)
    assert (problem.source, problem.sign, problem.optimum) == ("surrogate", -1.0, None)
    ledger = Ledger(problem, 4)
    assert ledger.ask(values[0].tolist()) == -problem.look_up(values[:1])[0]


def test_every_different_architecture_is_counted_once(bench_data: Path) -> None:
    ledger = Ledger(macro(bench_data), 2)
    first, second, third = ledger.problem.draw(3, 0).tolist()
    assert ledger.ask(first) == ledger.ask(first) == ledger.problem.look_up(np.array([first]))[0]
    assert len(ledger.asked) == 1
    ledger.ask(second)
    with pytest.raises(Spent):
        ledger.ask(third)
    assert ledger.ask(second) == ledger.answers[1]
    assert ledger.seen(first)
    assert not ledger.seen(third)
    assert ledger.values.tolist() == [first, second]


def test_what_the_table_lacks_costs_nothing(bench_data: Path) -> None:
    problem = part(bench_data)
    ledger = Ledger(problem, 1)
    known = set(problem.keys(problem.pool if problem.pool is not None else np.zeros((0, 26))).tolist())
    strange = [row for row in problem.space.draw(64, 0).tolist() if problem.space.key(row) not in known]
    assert strange
    assert all(np.isnan(ledger.ask(row)) for row in strange)
    assert not ledger.asked


@pytest.mark.parametrize("name", space_names())
def test_mutants_are_valid_and_near(bench_data: Path, name: str) -> None:
    if not (weights_dir() / f"{name}-surrogate.safetensors").is_file():
        pytest.skip(f"no bundled weights of {name}")
    problem = unlabelled(name, macro(bench_data))
    rng = np.random.default_rng(0)
    parent = tuple(problem.space.draw(1, 5)[0].tolist())
    mutants = {problem.mutate(parent, rng) for _ in range(12)}
    assert len(mutants) > 3
    for mutant in mutants:
        problem.space.canonical_id(mutant)
        assert 1 <= sum(a != b for a, b in zip(parent, mutant, strict=True)) <= 3


def test_neighbours_are_all_that_differ_in_one_place(bench_data: Path) -> None:
    problem = macro(bench_data)
    known = {tuple(row) for row in problem.space.reference().tolist()}
    parent = next(iter(known))
    expected = {other for other in known if sum(a != b for a, b in zip(parent, other, strict=True)) == 1}
    assert set(problem.neighbours(parent)) == expected
    assert expected
