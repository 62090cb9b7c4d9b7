"""Teachers: what they say follows the labels they may see, and those alone."""

from __future__ import annotations

import numpy as np

from dinas_cli.training.teacher import SHARE, teach

ROWS, DRAWN = 300, 900
RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(ROWS, 6)).astype(np.float32)
RANDOM = RNG.normal(size=(DRAWN, 6)).astype(np.float32)
SCORES = np.stack([FEATURES[:, 0] - FEATURES[:, 1], np.abs(FEATURES[:, 2])], 1).astype(float)
KNOWN = np.arange(0, ROWS, 2)


def test_the_word_follows_the_labels() -> None:
    inputs, targets, learnt = teach(FEATURES, SCORES, KNOWN, RANDOM, 0)
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
    told = teach(FEATURES, SCORES, KNOWN, RANDOM, 0)[1][ROWS:]
    assert np.array_equal(teach(FEATURES, other, KNOWN, RANDOM, 0)[1][ROWS:], told)
    partly = teach(FEATURES, gaps, KNOWN, RANDOM, 0)[1][ROWS:]
    assert np.array_equal(partly[:, 0], told[:, 0])
    assert np.isfinite(partly).all()
    assert not np.array_equal(partly[:, 1], told[:, 1])
