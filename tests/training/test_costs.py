"""Training of costs: features are learned where counts of operations do not say all, and not from noise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.training.costs import MANY_DEVICES, train_costs
from dinas_cli.training.data import TrainingSet
from tests.support.large_toy import SPACE
from tests.support.trained_toy import labelled


def trained(device_count: int, beyond: float) -> tuple[dict[str, np.ndarray], list[str]]:
    """Tensors and phases, where 3 % of costs are noise and one type costs ``beyond`` more in the first place."""
    rng = np.random.default_rng(5)
    values = labelled()[0]
    (counts,) = SPACE.operators(values)
    first = values[:, 0] == 1  # counts do not tell where a type is
    costs: dict[str, np.ndarray] = {}
    for number in range(device_count):
        charged = 3 + counts @ rng.uniform(0.5, 2, counts.shape[1])
        noise = np.exp(0.03 * rng.normal(size=len(values)))
        costs[f"latency/device{number}"] = charged * (1 + beyond * first) * noise
    data = TrainingSet(SPACE, values, rng.random(len(values)) > 0.1, {}, costs, dict.fromkeys(costs, "ms"))
    phases: dict[str, None] = {}
    features, known = torch.from_numpy(SPACE.features(values)), torch.from_numpy(np.flatnonzero(data.known))
    tensors, _ = train_costs(data, features, known, 400, 0, lambda phase, *_: phases.setdefault(phase))
    return tensors, list(phases)


@pytest.mark.parametrize(
    ("device_count", "beyond", "learned", "phases"),
    [
        (MANY_DEVICES, 0.0, False, ["counts or more"]),
        (MANY_DEVICES, 0.5, True, ["counts or more", "costs"]),
        (MANY_DEVICES - 1, 0.5, False, []),  # few devices tell too little of what they share
    ],
)
def test_features_are_learned_where_counts_do_not_say_all(
    large_toy: Space, device_count: int, beyond: float, learned: bool, phases: list[str]
) -> None:
    tensors, found = trained(device_count, beyond)
    assert found == phases
    assert ("basis.0.weight" in tensors) is learned
