"""The leaderboard: who wins by pairs of seeds, and rows that the results give."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.leaderboard import counts, rows, verdict


def run(*values: float) -> dict[str, Any]:
    return {"queries": [16, 48, 100, 200], "value": list(values), "test": None, "labels": 0, "seconds": 2.0}


@pytest.mark.parametrize(
    ("apart", "place"), [([1.0, 1.0], 0), ([-1.0, -1.0], 2), ([0.0, 0.0], 1), ([1.0, -1.1], 1), ([3.0, 2.0, 2.5], 0)]
)
def test_differences_within_the_noise_are_ties(apart: list[float], place: int) -> None:
    assert verdict(apart) == place


def test_wins_are_counted_by_look_ups_and_in_the_metrics_own_direction() -> None:
    experiments = {
        f"{space}/H {method}/seed{seed}": run(*values)
        for seed in (0, 1)
        for space, method, values in (
            ("nasbench201@cifar10", "dinas", (80 + seed, 90, 91, 91)),
            ("nasbench201@cifar10", "random search", (80 + seed, 85, 90, 92)),
            ("nlp", "dinas", (5, 4, 3, 3)),  # perplexities: less is better
            ("nlp", "random search", (5, 5, 4, 4)),
        )
    }
    assert counts(experiments) == {"random search": {16: (0, 2, 0), 48: (2, 0, 0), 100: (2, 0, 0), 200: (1, 0, 1)}}
    first, other = rows(experiments)
    assert first == ("nasbench201@cifar10", "H", "dinas", "200", "0", "91.00 ± 0.00", "–", "2", "2.0")
    assert other[0] == "nlp"
