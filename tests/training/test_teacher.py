"""Teachers: what they say follows the labels they may see, and those alone."""

from __future__ import annotations

import numpy as np
from scipy.stats import kendalltau, norm

from dinas_cli.training.teacher import SHARE, Scale, teach

ROWS, DRAWN = 300, 900
RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(ROWS, 6)).astype(np.float32)
RANDOM = RNG.normal(size=(DRAWN, 6)).astype(np.float32)
SCORES = np.stack([FEATURES[:, 0] - FEATURES[:, 1], np.abs(FEATURES[:, 2])], 1).astype(float)
KNOTS = np.linspace(-3.9, 3.9, 157)
SCALES = [Scale(KNOTS, KNOTS), Scale(KNOTS, KNOTS)]
KNOWN = np.arange(0, ROWS, 2)


def test_the_word_follows_the_labels() -> None:
    inputs, targets, learnt = teach(FEATURES, SCORES, KNOWN, RANDOM, SCALES, 0)
    assert np.array_equal(inputs, np.concatenate([FEATURES, RANDOM]))
    assert np.array_equal(targets[:ROWS], SCORES)
    truth = np.stack([RANDOM[:, 0] - RANDOM[:, 1], np.abs(RANDOM[:, 2])], 1)
    for column in range(2):
        assert np.corrcoef(targets[ROWS:, column], truth[:, column])[0, 1] > 0.9
    labelled = learnt < ROWS
    assert set(learnt[labelled]) == set(KNOWN)
    assert set(learnt[~labelled]) == set(range(ROWS, ROWS + DRAWN))
    assert abs(labelled.mean() - SHARE) < 0.05


def test_held_out_labels_and_gaps_are_not_looked_at() -> None:
    other, gaps = SCORES.copy(), SCORES.copy()
    other[1::2] = 99.0
    gaps[KNOWN[:20], 1] = np.nan
    told = teach(FEATURES, SCORES, KNOWN, RANDOM, SCALES, 0)[1][ROWS:]
    assert np.array_equal(teach(FEATURES, other, KNOWN, RANDOM, SCALES, 0)[1][ROWS:], told)
    partly = teach(FEATURES, gaps, KNOWN, RANDOM, SCALES, 0)[1][ROWS:]
    assert np.array_equal(partly[:, 0], told[:, 0])
    assert np.isfinite(partly).all()
    assert not np.array_equal(partly[:, 1], told[:, 1])


def test_a_linear_fit_teaches_what_adds_up_in_values() -> None:
    values = 20 + 3 * FEATURES @ np.arange(1.0, 7.0)
    grid = np.maximum.accumulate(np.quantile(values[KNOWN], norm.cdf(KNOTS)) + 1e-9 * np.arange(len(KNOTS)))
    scale = Scale(KNOTS, grid)
    scores = scale.scores(values)
    told = teach(FEATURES, scores[:, None], KNOWN, RANDOM, [scale], 0)[1][ROWS:, 0]
    truth = 20 + 3 * RANDOM @ np.arange(1.0, 7.0)
    assert kendalltau(told, truth).statistic > 0.99  # trees reach .8
    assert (told > scores[KNOWN].max()).any()  # beyond the best label there is more


def test_scales_go_on_beyond_their_ends() -> None:
    scale = Scale(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0, 5.0, 9.0]))
    np.testing.assert_allclose(scale.values(np.array([-4.0, -1.5, 1.5, 4.0])), [-3.0, 1.5, 7.0, 13.0])
    numbers = np.linspace(-5, 20, 40)
    np.testing.assert_allclose(scale.values(scale.scores(numbers)), numbers)
