"""Exit code 5: what is said when nothing can satisfy a request, and that every value it names does."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Budget, Floor, Rank, Request
from dinas_cli.architectures.parsing import parse_request
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.errors import UnsatisfiedError
from dinas_cli.generation.arguments import request_from
from dinas_cli.generation.feasibility import check_feasible
from dinas_cli.generation.generate import CONFIDENCE
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.yardstick import Reference
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import enumerable
from tests.support.bundled import guess, needs_weights

COSTS = {"latency": "ms", "energy": "mJ"}


def refusal(oracles: Oracles, request: Request, confidence: float | None = CONFIDENCE) -> UnsatisfiedError:
    """What is said about a request that nothing satisfies."""
    with pytest.raises(UnsatisfiedError) as caught:
        check_feasible(Judge(oracles, request, confidence))
    assert caught.value.exit_code == 5
    assert caught.value.hint
    return caught.value


def options(text: str) -> dict[str, str]:
    """The options in a piece of a hint, by name."""
    words = shlex.split(re.sub(r"[,;]", " ", text))
    return {word[2:]: words[place + 1] for place, word in enumerate(words) if word.startswith("--")}


def offers(error: UnsatisfiedError) -> list[tuple[dict[str, str], bool]]:
    """What a hint offers one by one, and whether that is with the other limits as they are."""
    found = []
    for piece in str(error.hint).split(", "):
        alone = " has " in error.message and piece.startswith("feasible from")
        apart = " and " if alone else "\0" if "together" in piece else " or "
        found += [(offer, not alone) for part in piece.split(apart) if (offer := options(part))]
    assert found
    return found


def relaxed(request: Request, offer: dict[str, str]) -> Request:
    """The request with these options instead of its own."""
    moved = parse_request(
        SPACE, dataset=request.dataset, device="fpga", devices=["fpga"], yardstick=Reference(SPACE), **_texts(offer)
    )
    budgets = tuple(
        next((other for other in moved.budgets if other.metric == budget.metric), budget) for budget in request.budgets
    )
    return replace(request, rank=moved.rank or request.rank, floor=moved.floor or request.floor, budgets=budgets)


def _texts(offer: dict[str, str]) -> dict[str, Any]:
    return {name: text for name, text in offer.items() if name != "confidence"}


def satisfiable(oracles: Oracles, request: Request, confidence: float | None) -> bool:
    """Whether some architecture satisfies."""
    return bool(Judge(oracles, request, confidence).reference_satisfied.any())


@pytest.fixture
def table() -> Oracles:
    """Accuracy = key / 200, latency = energy = key + 1 on the fpga, but energy falls where latency rises."""
    keys = np.arange(15_625)
    columns = {
        "acc@cifar10": NewColumn(keys / 200, "%", "a"),
        "latency/fpga@cifar10": NewColumn(keys + 1.0, "ms", "a"),
        "energy/fpga@cifar10": NewColumn(15_626.0 - keys, "mJ", "a"),
    }
    merge(SPACE.name, [Part(keys, columns)], {})
    return Oracles(SPACE, Table.open(SPACE.name))


def request(rank: float | None = None, floor: float | None = None, **limits: float) -> Request:
    budgets = [Budget(name, limit, "fpga" if name in COSTS else None) for name, limit in limits.items()]
    goal = None if rank is None else Rank("acc", rank)
    return Request(SPACE.name, "cifar10", goal, None if floor is None else Floor("acc", floor), tuple(budgets))


def test_one_limit_alone(table: Oracles) -> None:
    error = refusal(table, request(rank=5, latency=0.5))
    assert error.message == "no architecture of nasbench201 has latency/fpga@cifar10 ≤ 0.5 ms"
    assert error.hint == "feasible from --latency 1.00ms"
    error = refusal(table, request(floor=99))
    assert error.message == "no architecture of nasbench201 has acc@cifar10 ≥ 99.00 %"
    assert error.hint == "feasible from --acc '>=78.12%'"
    error = refusal(table, request(params=1000))
    assert error.message == "no architecture of nasbench201 has params@cifar10 ≤ 1.00 k"
    assert error.hint == "feasible from --params 73.31k"


def test_one_limit_that_others_make_harder(table: Oracles) -> None:
    error = refusal(table, request(latency=0.5, energy=15_000))
    assert error.message == "no architecture of nasbench201 has latency/fpga@cifar10 ≤ 0.5 ms"
    assert error.hint == "feasible from --latency 1.00ms, with the other limits from --latency 627.00ms"


def test_two_limits_alone(table: Oracles) -> None:
    error = refusal(table, request(latency=0.5, energy=0.25))
    assert error.message == (
        "no architecture of nasbench201 has latency/fpga@cifar10 ≤ 0.5 ms or energy/fpga@cifar10 ≤ 0.25 mJ"
    )
    assert error.hint == "feasible from --latency 1.00ms and --energy 2.00mJ"


def test_limits_that_contradict_each_other(table: Oracles) -> None:
    contradictory = request(latency=100, energy=100)
    error = refusal(table, contradictory)
    assert error.message == (
        "no architecture of nasbench201 meets all limits together: latency/fpga@cifar10 ≤ 100.00 ms "
        "and energy/fpga@cifar10 ≤ 100.00 mJ"
    )
    assert error.hint == (
        "with the other limits as they are, feasible from --latency 15527.00ms or --energy 15527.00mJ, "
        "or all together from --latency 7813.00ms and --energy 7814.00mJ"
    )
    for offer in ({"latency": "15527ms"}, {"energy": "15527mJ"}, {"latency": "7813ms", "energy": "7814mJ"}):
        assert satisfiable(table, relaxed(contradictory, offer), None)
    assert not satisfiable(table, relaxed(contradictory, {"latency": "15526ms"}), None)


def test_no_rank_is_out_of_reach_of_a_table(table: Oracles) -> None:
    check_feasible(Judge(table, request(rank=0.001, latency=1)))
    judge = Judge(table, request(rank=5, latency=200))
    assert enumerable(judge.oracles.space)
    assert judge.count_satisfied() == len({SPACE.canonical_id(SPACE.reference()[key]) for key in range(190, 200)})


def test_where_nothing_is_known() -> None:
    keys = np.arange(15_625)
    merge(SPACE.name, [Part(keys, {"latency/fpga@cifar10": NewColumn(keys * np.nan, "ms", "a")})], {})
    error = refusal(Oracles(SPACE, Table.open(SPACE.name)), request(latency=5))
    assert error.hint == (
        "no source has a value for any architecture "
        "(the table of nasbench201 has latency/fpga@cifar10 of 0 of 15625 architectures only)"
    )


@needs_weights
@pytest.mark.parametrize("seed", range(3))
def test_every_value_that_is_named_works(seed: int) -> None:
    """Requests around the border of what is feasible, judged by the surrogate."""
    oracles, rng = guess(), np.random.default_rng(seed)
    assert oracles.surrogate is not None
    refused = 0
    for _ in range(15):
        limits = {
            metric: float(
                np.quantile(oracles.reference(column), rng.choice([0, 0.001, 0.01, 0.05])) * rng.uniform(0.9, 1.1)
            )
            for metric, column in (
                ("latency", "latency/fpga@cifar10"),
                ("energy", "energy/fpga@cifar10"),
                ("params", "params@cifar10"),
            )
            if rng.random() < 0.6
        }
        floor = float(rng.choice([80, 90, 91.5])) if rng.random() < 0.5 else None
        wish = request(None if floor else float(rng.choice([0.1, 1, 5])), floor, **limits)
        if satisfiable(oracles, wish, CONFIDENCE):
            check_feasible(Judge(oracles, wish, CONFIDENCE))
            continue
        refused += 1
        error = refusal(oracles, wish)
        for offer, others in offers(error):
            confidence = float(offer.pop("confidence", CONFIDENCE))
            moved = relaxed(wish, offer)
            if not others:  # a limit that is out of reach by itself is named by itself
                budgets = tuple(budget for budget in moved.budgets if budget.metric in offer)
                moved = replace(moved, rank=None, floor=moved.floor if "acc" in offer else None, budgets=budgets)
            assert satisfiable(oracles, moved, confidence), (wish, error.hint, offer)
    assert refused >= 3


@needs_weights
def test_a_smaller_confidence_is_offered_where_it_helps() -> None:
    oracles = guess()
    border = float(oracles.reference("latency/fpga@cifar10").min())
    error = refusal(oracles, request(latency=border * 1.000001))
    assert error.message.startswith("no architecture of nasbench201 surely (98 %) has latency/fpga@cifar10 ≤ ")
    assert "--confidence 0.5" in str(error.hint)
    check_feasible(Judge(oracles, request(latency=border * 1.000001), 0.5))
    assert "--confidence" not in str(refusal(oracles, request(latency=border / 2)).hint)


@needs_weights
def test_what_is_sure_is_likely_too() -> None:
    wish = request(rank=10, latency=3.0)
    met = [Judge(guess(), wish, confidence).reference_satisfied for confidence in (0.99, 0.9, 0.5)]
    feasible = [Judge(guess(), wish, confidence).feasible(None) for confidence in (0.99, 0.9, 0.5)]
    for surer, less in ((0, 1), (1, 2)):
        assert not (feasible[surer] & ~feasible[less]).any()
    plain = Judge(guess(), wish).reference_satisfied
    assert all(not (one & ~plain).any() for one in met)


@needs_weights
def test_a_goal_is_named_by_its_own_option() -> None:
    space = get_space("gpt-s")
    hint = str(refusal(oracles_at_hand(space), request_from("gpt-s", ppl="<=1")).hint)
    assert "--ppl '<=" in hint
    assert "--acc" not in hint
