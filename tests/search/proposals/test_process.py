"""The Gaussian process: weights follow the reasons that hold, left-out labels are what leaving them out gives."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.search.proposals.process import Process, learn_weights

RNG = np.random.default_rng(0)
HELPS, MISLEADS = RNG.normal(size=(2, 60))
PARTS = np.stack([np.outer(HELPS, HELPS), np.outer(MISLEADS, MISLEADS)])
PRIOR = np.array([0.5, 0.5, 0.2])


def test_a_reason_that_holds_gets_the_weight() -> None:
    labels = HELPS + 0.1 * RNG.normal(size=60)
    useful, useless, noise = learn_weights(PARTS, labels, PRIOR)
    assert useful > 0.3
    assert useless < 0.5 * useful
    assert noise < 0.1


def test_weights_are_those_of_the_greatest_posterior() -> None:
    labels = HELPS + RNG.normal(size=60)

    def worth(weights: np.ndarray) -> float:
        covariance = np.tensordot(weights[:-1], PARTS, 1) + weights[-1] * np.eye(60)
        likelihood = -np.linalg.slogdet(covariance)[1] - labels @ np.linalg.solve(covariance, labels)
        return float(likelihood - (np.log(weights) + PRIOR / weights).sum())

    found = learn_weights(PARTS, labels, PRIOR)
    for place in range(3):
        for factor in (0.9, 1.1):
            moved = found.copy()
            moved[place] *= factor
            assert worth(moved) < worth(found)


def test_left_out_labels_are_predicted_by_the_others() -> None:
    labels = HELPS[:12] + 0.3 * RNG.normal(size=12)
    parts, weights = PARTS[:, :12, :12], np.array([0.6, 0.2, 0.3])
    found = Process(parts, labels, weights).left_out()
    for row in range(12):
        others = np.delete(np.arange(12), row)
        process = Process(parts[:, others][:, :, others], labels[others], weights)
        cross = process.weighed(parts[:, others][:, :, [row]])
        assert process.mean(cross)[0] == pytest.approx(found[row], abs=1e-6)
        assert process.deviation(cross, process.weighed(parts[:, [row], [row]]))[0] > 0
