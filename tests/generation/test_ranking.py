"""What ranks and orders go by: the score whichever way a metric is better, never its value cut at the best label."""

from __future__ import annotations

import io

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.architectures.schema import Record
from dinas_cli.cli.output import Sink
from dinas_cli.generation.evaluate import evaluate
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.records import make_records
from dinas_cli.generation.rejection import Found
from dinas_cli.generation.summary import Summary, agreement
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.lookup import Selection
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Space
from tests.support import toy as toys
from tests.support.bundled import guess, needs_weights, quantile

GOLD = "latency/gold_6226"


def records(oracles: Oracles, request: Request, cells: np.ndarray) -> list[tuple[int, float]]:
    """Rows of ``cells`` in the order of their records, each with the ranked metric's value."""
    judge = Judge(oracles, request)
    found = [Found(row, oracles.space.canonical_id(cell), tuple(cell)) for row, cell in enumerate(cells.tolist())]
    column = judge.columns[-1]
    return [(r.provenance["index"], r.metrics[column].value) for r in make_records(found, judge, {})]


@needs_weights
def test_the_least_comes_first_where_less_is_better() -> None:
    space = get_space("nlp")
    from dinas_cli.checkpoints.at_hand import oracles_at_hand

    oracles = oracles_at_hand(space, table=False)
    # Among the labels there is no doubt: what is ranked by is the prediction.
    drawn = space.draw(400, 1)
    assert oracles.surrogate is not None
    sure = drawn[oracles.surrogate.doubts(drawn).max(1) == 0][:40]
    values = [value for _, value in records(oracles, Request("nlp", None, Rank("ppl", 50.0)), sure)]
    assert len(set(values)) > 30
    assert values == sorted(values)


@pytest.fixture
def beyond(toy: Space) -> Oracles:
    """Oracles whose surrogate predicts better than every label for all cells."""
    tensors, config = toys.surrogate_parts()
    lifted = {
        name: t + 20 if name.startswith("quality") and name.endswith("2.bias") else t for name, t in tensors.items()
    }
    return Oracles(toy, None, Surrogate(lifted, config))


def test_predictions_beyond_all_labels_are_ordered_by_their_score(beyond: Oracles) -> None:
    cells = beyond.space.reference()[::3]
    usual = Oracles(beyond.space, None, toys.surrogate())
    request = Request("toy", "easy", Rank("acc", 5.0))
    found = records(beyond, request, cells)
    assert len({value for _, value in found}) == 1
    assert [row for row, _ in found] == [row for row, _ in records(usual, request, cells)]
    assert (Judge(beyond, request).satisfied(cells) == Judge(usual, request).satisfied(cells)).all()
    assert 0 < Judge(beyond, request).reference_satisfied.mean() <= 0.06


def test_such_predictions_are_called_bounds(beyond: Oracles) -> None:
    cells = beyond.space.reference()[:2]
    judge = Judge(beyond, Request("toy", "easy"))
    made = make_records([Found(row, str(row), tuple(cell)) for row, cell in enumerate(cells.tolist())], judge, {})
    metric = made[0].metrics["acc@easy"]
    assert metric.to_dict()["bound"] == "at least"
    assert "bound" not in made[0].metrics["params@easy"].to_dict()
    shown = {}
    for mode in ("human", "tsv"):
        out = io.StringIO()
        Sink(mode, stdout=out).records(made)
        shown[mode] = out.getvalue()
    assert f"≥ {metric.value:.2f}" in shown["human"]
    assert f"\t{metric.value}\t" in shown["tsv"]
    usual = Oracles(beyond.space, None, toys.surrogate())
    assert usual.surrogate is not None
    assert usual.surrogate.bounds(cells, "acc@easy") == {}


@needs_weights
def test_a_rank_is_taken_among_cells_weighted_by_how_likely_they_are_feasible() -> None:
    request = Request(
        SPACE.name, "cifar10", Rank("acc", 5.0), None, (Budget("latency", quantile(GOLD, 0.3), "gold_6226"),)
    )
    judge = Judge(guess(), request, 0.9)
    ranking, chance = guess().ranking(None, "acc@cifar10"), judge.reference_chance
    order = np.argsort(-ranking)

    def least(weights: np.ndarray) -> float:
        return float(ranking[order[np.searchsorted(np.cumsum(weights[order]), 0.05 * weights.sum(), "right") - 1]])

    guessed, weighted = least(np.round(chance)), least(chance)
    assert weighted > guessed + 0.02
    assert weighted < least(np.ones(len(chance))) - 0.01
    assert judge.threshold == pytest.approx(weighted, abs=5e-3)
    assert Judge(guess(), request).threshold == pytest.approx(guessed, abs=5e-3)


@needs_weights
def test_rankings_are_better_the_more_whatever_the_metric() -> None:
    for column, upwards in (("acc@cifar10", True), (GOLD, False), ("params@cifar10", False)):
        ranking, values = guess().ranking(None, column), guess().reference(column)
        assert np.corrcoef(ranking, values)[0, 1] * (1 if upwards else -1) > 0.5


def test_what_is_outside_the_labels_says_so(toy: Space) -> None:
    tensors, config = toys.surrogate_parts()
    growth, far = np.ones(tensors["labels.growth"].shape), np.array([0.1, 99.0])
    edge = np.full(tensors["labels.edges"].shape, 1.0)
    doubtful = {"labels.growth": growth, "labels.far": far, "labels.edges": edge}
    oracles = Oracles(toy, None, Surrogate(tensors | doubtful, config))
    selection = Selection(("acc", "params"), "easy")
    plain = [Record("", "toy", text) for text in ("1100000", "1211000")]
    evaluated = evaluate(plain, oracles, selection).records
    assert [record.metrics["acc@easy"].to_dict().get("outside_labels") for record in evaluated] == [True, True]
    assert "outside_labels" not in evaluated[0].metrics["params@easy"].to_dict()
    lines = Summary(toy).add(evaluated).source_lines()
    assert lines[0].startswith("from surrogate, agrees on held-out architectures with the benchmark: acc@easy (τ ")
    assert lines[-1].startswith("outside of what was labelled: 2 of 2;")
    assert lines[-1].endswith("acc@easy")
    usual = evaluate(plain, Oracles(toy, None, toys.surrogate()), Selection(("acc",), "hard")).records
    assert len(Summary(toy).add(usual).source_lines()) == 1


def test_agreement_names_whose_word_the_labels_are() -> None:
    taus = {"acc": 0.9, "latency/cpu-1t": 0.8, "train_time": 0.7, "ntk": 0.6}
    assert agreement(taus, get_space("darts")) == (
        "with NAS-Bench-301's surrogate: acc (τ 0.900), train_time (τ 0.700); "
        "with measurements: latency/cpu-1t (τ 0.800), ntk (τ 0.600)"
    )
