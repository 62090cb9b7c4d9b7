"""Labels are worth what they can be trusted: luck is shrunk away, what is known well stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.training.smoothing import label_noise, worth
from tests.support import toy as toys

COLUMN = "acc@easy"


@pytest.fixture(autouse=True)
def _registered(toy: Space) -> None:
    """All tests here use the toy."""


def noisy(deviation: float) -> tuple[np.ndarray, np.ndarray]:
    """What architectures are worth in the terms of ranks, and the order that noisy labels of them would give them."""
    data, surrogate = toys.training_set(), toys.surrogate()
    truth = data.quality[COLUMN]
    labels = truth + deviation * truth.std() * np.random.default_rng(0).normal(size=len(truth))
    found = worth(replace(data, quality={**data.quality, COLUMN: labels}), surrogate, COLUMN)
    return found, labels


@pytest.mark.parametrize("deviation", [0.5, 1.0])
def test_noisy_labels_are_closer_to_the_truth_than_they_were(deviation: float) -> None:
    data = toys.training_set()
    found, labels = noisy(deviation)
    truth = data.quality[COLUMN][data.known]

    def agreement(values: np.ndarray) -> float:
        return float(np.corrcoef(values[data.known].argsort().argsort(), truth.argsort().argsort())[0, 1])

    assert agreement(found) > agreement(labels) + 0.02
    # Of what is called best, less is luck.
    count = len(truth) // 20
    best, lucky = (np.argsort(-values[data.known])[:count] for values in (found, labels))
    assert truth[best].mean() > truth[lucky].mean()


def test_labels_without_noise_stay_nearly_as_they_are() -> None:
    data, surrogate = toys.training_set(), toys.surrogate()
    found = worth(data, surrogate, COLUMN)
    told = surrogate.ranking_of(data.quality[COLUMN], COLUMN)
    assert np.corrcoef(found[data.known], told[data.known])[0, 1] > 0.97
    assert np.array_equal(found[~data.known], surrogate.ranking(None, COLUMN)[~data.known])


def test_noise_is_told_from_what_features_explain() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(500, 4))
    smooth = np.sin(features[:, 0]) + features[:, 1] * features[:, 2] / 2
    for deviation in (0.1, 0.5):
        labels = smooth + deviation * rng.normal(size=500)
        assert label_noise(features, labels) == pytest.approx(deviation**2, rel=0.4)
