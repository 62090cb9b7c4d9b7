"""Requests in a generator's terms."""

from __future__ import annotations

from dinas_cli.architectures.conditions import Budget, Floor, Rank, Request
from dinas_cli.checkpoints.metadata import read_config
from dinas_cli.generation.conditioning import conditioning_for
from dinas_cli.generation.generate import CONFIDENCE
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.models import Models
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.bundled import GENERATOR, guess, needs_weights, quantile

pytestmark = needs_weights


def test_a_request_in_the_generators_terms() -> None:
    config = read_config(GENERATOR)
    limit = quantile("latency/fpga@cifar10", 0.5)
    budgets = (Budget("latency", limit, "fpga"), Budget("params", 5e5))
    conditioning = conditioning_for(
        Judge(guess(), Request(SPACE.name, "cifar10", Rank("acc", 5.0), None, budgets), CONFIDENCE),
        Models(GENERATOR, config, guess()),
    )
    assert (conditioning.dataset, conditioning.top) == ("cifar10", 5.0)
    limits = {
        name: [(each.profile.column, each.value) for each in asked] for name, asked in conditioning.budgets.items()
    }
    assert limits == {"latency": [("latency/fpga@cifar10", limit)], "params": [("params@cifar10", 5e5)]}


def test_a_floor_becomes_the_rank_it_amounts_to() -> None:
    config = read_config(GENERATOR)

    def top(floor: float, *budgets: Budget) -> float:
        request = Request(SPACE.name, "cifar10", None, Floor("acc", floor), budgets)
        found = conditioning_for(Judge(guess(), request, CONFIDENCE), Models(GENERATOR, config, guess())).top
        assert found is not None
        return found

    assert 100 >= top(20.0) > top(85.0) > top(90.0) >= 0.1
    # Among small networks, good ones are rarer.
    assert top(85.0, Budget("params", 350_000.0)) < top(85.0)
