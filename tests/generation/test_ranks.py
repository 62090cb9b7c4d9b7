"""Ranks of large spaces: a sample as fine as the rank, a refusal that names the finest one, nothing claimed besides."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.errors import UnsatisfiedError
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.ranks import FEWEST, MOST, Field, fine_enough
from dinas_cli.spaces.darts.space import SPACE


def field(values: np.ndarray, share: float) -> Field:
    """Something to rank by, and limits that about ``share`` of the architectures meet, whatever they are."""
    noise = np.random.default_rng(values.astype(np.int64).sum() % 2**32).random((2, len(values)))
    met = noise[0] < share
    return Field(noise[1][met], np.ones(int(met.sum())), np.ones(int(met.sum()), bool))


def reference(share: float) -> Field:
    noise = np.random.default_rng(1).random((2, len(SPACE.reference())))
    met = noise[0] < share
    return Field(np.where(met, noise[1], np.nan), met.astype(float), met)


def test_a_reference_that_is_fine_enough_is_enough() -> None:
    there = reference(1.0)
    assert fine_enough(there, Rank("acc", 5.0), SPACE, lambda values: field(values, 1.0)) is there


@pytest.mark.parametrize(("top", "share"), [(0.1, 1.0), (5.0, 0.01), (1.0, 0.03)])
def test_a_coarse_one_gets_more_architectures(top: float, share: float) -> None:
    size = len(SPACE.reference())
    assert reference(share).chance.sum() * top / 100 < FEWEST
    found = fine_enough(reference(share), Rank("acc", top), SPACE, lambda values: field(values, share))
    assert size < found.drawn <= MOST * size
    assert found.chance.sum() * top / 100 >= FEWEST
    assert found.threshold(top) == pytest.approx(1 - top / 100, abs=0.6 * top / 100)
    assert f"({found.drawn:,} were drawn)" in found.describe(top)


def test_what_no_sample_can_tell_is_refused_and_the_hint_holds() -> None:
    def told(top: float, share: float = 1.0) -> Field:
        return fine_enough(reference(share), Rank("acc", top), SPACE, lambda values: field(values, share))

    with pytest.raises(UnsatisfiedError, match=r"top 0\.001 % of acc .* finer than 131,072 random") as caught:
        told(0.001)
    finest = float(str(caught.value.hint).partition("--acc top")[2].partition(",")[0])
    assert 0.015 < finest < 0.02
    assert told(finest).drawn
    with pytest.raises(UnsatisfiedError, match="finer than"):
        told(finest / 3)


def test_without_anything_feasible_no_rank_begins() -> None:
    none = Field(np.full(8192, np.nan), np.full(8192, 1e-5), np.zeros(8192, bool))
    empty = Field(np.empty(0), np.empty(0), np.empty(0, bool))
    assert np.isnan(fine_enough(none, Rank("acc", 5.0), SPACE, lambda values: empty).threshold(5.0))


def test_a_judge_samples_under_its_limits() -> None:
    from dinas_cli.checkpoints.at_hand import oracles_at_hand

    oracles = oracles_at_hand(SPACE, table=False)
    if oracles.surrogate is None:
        pytest.skip("no bundled weights of the space")
    limit = float(np.quantile(oracles.reference("params"), 0.02))
    judge = Judge(oracles, Request(SPACE.name, None, Rank("acc", 5.0), None, (Budget("params", limit),)), 0.98)
    assert judge.field.drawn > len(SPACE.reference())
    fresh = SPACE.draw(100_000, 99)
    fresh = fresh[oracles.metric(fresh, "params")[0] <= limit]
    assert 0.03 < judge.satisfied(fresh).mean() < 0.08
