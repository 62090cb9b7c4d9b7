"""Limits with two ends, and limits relative to the space: judged, explained, sampled and measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Budget, Request
from dinas_cli.errors import NotFoundError, UnsatisfiedError
from dinas_cli.generation.conditioning import conditioning_for
from dinas_cli.generation.feasibility import check_feasible
from dinas_cli.generation.generate import generate
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.models import resolve_models
from dinas_cli.generation.yardstick import Reference
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import Cli
from tests.support.bundled import guess, needs_weights, quantile

pytestmark = needs_weights
COLUMN = "latency/pixel3@cifar10"


def between(low: float, high: float) -> Request:
    """A range of latencies on the pixel3, in ms."""
    ends = Budget("latency", high, "pixel3"), Budget("latency", low, "pixel3", reverse=True)
    return Request(SPACE.name, "cifar10", budgets=ends)


def test_by_the_best_guess_it_is_between_the_ends() -> None:
    low, high = quantile(COLUMN, 0.3), quantile(COLUMN, 0.6)
    known = guess().reference(COLUMN)
    met = Judge(guess(), between(low, high)).reference_satisfied
    np.testing.assert_array_equal(met, (known >= low) & (known <= high))


def test_the_chance_of_a_range_is_what_neither_end_rules_out() -> None:
    low, high = quantile(COLUMN, 0.4), quantile(COLUMN, 0.5)
    surrogate = guess().surrogate
    assert surrogate is not None
    below = surrogate.probability(None, COLUMN, high) - surrogate.probability(None, COLUMN, low)
    judge = Judge(guess(), between(low, high), 0.5)
    np.testing.assert_allclose(judge.reference_sureness, np.maximum(below, 0), atol=1e-6)
    np.testing.assert_allclose(judge.probabilities(SPACE.reference())[COLUMN], np.maximum(below, 0), atol=1e-6)
    assert 0 < judge.count_satisfied() < Judge(guess(), between(low, high)).count_satisfied()


def test_ends_that_noise_brings_too_close_are_explained_by_wider_ones() -> None:
    low, high = quantile(COLUMN, 0.5), quantile(COLUMN, 0.5) * 1.01
    with pytest.raises(UnsatisfiedError, match=r"surely \(80 %\) meets all limits together") as caught:
        check_feasible(Judge(guess(), between(low, high), 0.8))
    offers = [word for word in str(caught.value.hint).replace(",", " ").split() if ".." in word]
    assert len(offers) == 2
    for offer in offers:
        wider = between(*(float(end.removesuffix("ms")) for end in offer.split("..")))
        assert Judge(guess(), wider, 0.8).reference_satisfied.any(), offer


def test_a_range_beyond_the_space_names_the_nearest() -> None:
    with pytest.raises(UnsatisfiedError, match=r"has latency/pixel3@cifar10 ≥ 900\.00 ms") as caught:
        check_feasible(Judge(guess(), between(900, 1000), 0.8))
    text = str(caught.value.hint).split("--latency ")[1].split(",")[0]
    assert text.endswith("..1000.00ms")
    assert Judge(guess(), between(float(text.split("ms")[0]), 1000), 0.8).reference_satisfied.any()


def test_the_generator_is_asked_for_both_ends() -> None:
    models = resolve_models(SPACE, None, guess())
    low, high = quantile(COLUMN, 0.5), quantile(COLUMN, 0.7)
    limits = conditioning_for(Judge(guess(), between(low, high), 0.8), models).budgets["latency"]
    assert [(limit.value, limit.least) for limit in limits] == [(high, False), (low, True)]
    found = generate(between(low, high), 8, oracles=guess())
    assert len(found.records) == 8
    assert found.drawn < 60  # a fifth of the space lies there
    assert all(low <= record.metrics[COLUMN].value <= high for record in found.records)


def test_less_of_a_further_ranked_metric_is_checked() -> None:
    ends = Budget("pgd1", 30.0), Budget("pgd1", 35.0, reverse=True)
    found = generate(Request(SPACE.name, "cifar10", budgets=ends), 4, oracles=guess(), confidence=0.5)
    assert all(30 <= record.metrics["pgd1"].value <= 35 for record in found.records)
    assert len(found.records) == 4


def test_multiples_and_shares_of_the_space() -> None:
    reference = Reference(SPACE, guess())
    known = guess().reference(COLUMN)
    assert reference.median("latency", "pixel3", "cifar10") == pytest.approx(np.median(known))
    assert reference.median("params", None, None) == pytest.approx(np.median(guess().reference("params@cifar10")))
    small = Request(SPACE.name, "cifar10", budgets=(Budget("params", 4e5),))
    robust, params = guess().reference("pgd1"), guess().reference("params@cifar10")
    among = robust[params <= 4e5]
    threshold = reference.reached(small, "pgd1", 20.0)
    assert (among >= threshold).mean() == pytest.approx(0.2, abs=0.001)
    with pytest.raises(UnsatisfiedError, match=r"no architecture of nasbench201 meets params ≤ 1$"):
        reference.reached(Request(SPACE.name, budgets=(Budget("params", 1.0),)), "pgd1", 20.0)
    with pytest.raises(NotFoundError, match="latency/pixel3@cifar10"):
        Reference(SPACE, Oracles(SPACE, None, None)).median("latency", "pixel3", "cifar10")


def test_in_the_shell(cli: Cli, tmp_path: Path) -> None:
    made = cli("generate", "--latency", "0.5x..0.8x", "--device", "pixel3", "-n", "3", "--json")
    assert made.code == 0
    middle = float(np.median(guess().reference(COLUMN)))
    for line in made.out.splitlines():
        high, low = json.loads(line)["request"]["budgets"]
        assert (high["limit"], low["limit"]) == (pytest.approx(0.8 * middle), pytest.approx(0.5 * middle))
        assert low["reverse"] is True
    assert " ms ≤ latency/pixel3 ≤ " in made.err
    (tmp_path / "found.jsonl").write_text(made.out)
    judged = cli("eval", tmp_path / "found.jsonl", "--json")
    assert judged.code == 0
    assert "3 of 3 satisfy" in judged.err
    both = cli("generate", "--acc", "top30", "--limit", "pgd1=top20", "-n", "3", "--json")
    assert both.code == 0
    assert {json.loads(line)["request"]["budgets"][0]["metric"] for line in both.out.splitlines()} == {"pgd1"}
    refused = cli("generate", "--latency", "3ms..2ms", "--device", "pixel3")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "error: --latency: '3ms..2ms' is upside down: 3.00 ms above 2.00 ms\n"
        "hint: write the lower end first: --latency 2ms..3ms\n"
    )
