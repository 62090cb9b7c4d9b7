"""Mean-field theory of recurrent cells: against simulated wide networks, and against what is known of gates."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.spaces.nlp.cell import FIRST, LAYERS
from dinas_cli.spaces.nlp.counts import grid, operations
from dinas_cli.spaces.nlp.features import places_of
from dinas_cli.spaces.nlp.flow import Wiring, derivatives, flow, moments, slots_of
from dinas_cli.spaces.nlp.values import FIRST_EDGE, FIRST_OUTPUT
from dinas_cli.spaces.registry import get_space

SPACE = get_space("nlp")
WIDTH = 1500
GAIN = np.ones(1, np.float32)


def wiring(genotype: str) -> Wiring:
    """One cell as arrays; all three hidden states stand for the first, the only one."""
    values = np.array([SPACE.encode(genotype)])
    wire = int(values[0, LAYERS]) - FIRST_OUTPUT + FIRST
    assert not values[0, LAYERS + 1 : FIRST_EDGE].any()
    return Wiring(*operations(values), places_of(grid(values)), np.array([[wire, wire, wire]]))


def settled(cell: Wiring, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Means and second moments of all wires in the last of some steps."""
    mean, square = np.zeros((1, 3), np.float32), np.ones((1, 3), np.float32)
    for _ in range(steps):
        means, squares = moments(cell, slots_of(cell), mean, square, GAIN)
        mean, square = means[:, cell.outputs[0]], squares[:, cell.outputs[0]]
    return means, squares


@pytest.mark.parametrize(
    ("genotype", "apply"),
    [
        ("a=linear(x,h_prev_0);h_new_0=tanh(a)", lambda f, g, h: np.tanh(f(h))),
        ("a=linear(x,h_prev_0);h_new_0=leaky_relu(a)", lambda f, g, h: np.where(f(h) > 0, f(h), 0.01 * f(h))),
        (
            "a=linear(x,h_prev_0);b=sigm(a);c=linear(x,h_prev_0);d=tanh(c);h_new_0=blend(b,h_prev_0,d)",
            lambda f, g, h: (s := 1 / (1 + np.exp(-f(h)))) * h + (1 - s) * np.tanh(g(h)),
        ),
        (
            "a=linear(x,h_prev_0);b=sigm(a);c=linear(x,h_prev_0);d=tanh(c);h_new_0=prod(b,d)",
            lambda f, g, h: np.tanh(g(h)) / (1 + np.exp(-f(h))),
        ),
    ],
)
def test_second_moments_are_those_of_wide_networks(genotype: str, apply: object) -> None:
    rng = np.random.default_rng(0)
    state = rng.normal(size=WIDTH)
    for _ in range(3):
        weights = rng.normal(size=(4, WIDTH, WIDTH)) / np.sqrt(WIDTH)
        x = rng.normal(size=WIDTH)

        def first(h: np.ndarray, w: np.ndarray = weights, x: np.ndarray = x) -> np.ndarray:
            return np.asarray(w[0] @ x + w[1] @ h)

        def second(h: np.ndarray, w: np.ndarray = weights, x: np.ndarray = x) -> np.ndarray:
            return np.asarray(w[2] @ x + w[3] @ h)

        state = apply(first, second, state)  # type: ignore[operator]
    cell = wiring(genotype)
    _, squares = settled(cell, 3)
    assert squares[0, cell.outputs[0, 0]] == pytest.approx((state**2).mean(), rel=0.12)


def test_derivatives_follow_gates_and_sums() -> None:
    gated = wiring("a=linear(x,h_prev_0);b=sigm(a);c=linear(x,h_prev_0);d=tanh(c);h_new_0=blend(b,h_prev_0,d)")
    slopes, energies = derivatives(gated, slots_of(gated), *settled(gated, 3), GAIN)
    wire = gated.outputs[0, 0]
    assert slopes[0, wire, 1] == pytest.approx(0.5, abs=0.01)  # half of the state stays, on average
    assert energies[0, wire, 1] > slopes[0, wire, 1] ** 2
    plain = wiring("a=linear(x,h_prev_0);h_new_0=tanh(a)")
    slopes, _ = derivatives(plain, slots_of(plain), *settled(plain, 3), GAIN)
    assert slopes[0, plain.outputs[0, 0], 1] == 0  # weights are as often negative as positive


def test_all_cells_have_finite_features() -> None:
    values = SPACE.draw(64, 3)
    op, act = operations(values)
    outputs = values[:, LAYERS:FIRST_EDGE].astype(int)
    wires = np.where(outputs > 0, outputs - FIRST_OUTPUT + FIRST, FIRST + 2 * LAYERS)
    found = flow(Wiring(op, act, places_of(grid(values)), wires))
    assert found.shape[0] == 64
    assert np.isfinite(found).all()
    assert (found.std(0) > 0).mean() > 0.8
