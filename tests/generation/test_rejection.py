"""Samples one by one: each architecture once, twins apart, what is invalid counted and left out."""

from __future__ import annotations

import numpy as np

from dinas_cli.architectures.conditions import Request
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.rejection import Samples
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.bundled import guess, needs_weights

pytestmark = needs_weights


def test_a_cell_that_fails_does_not_hide_its_twins() -> None:
    request = Request(SPACE.name, "cifar10")
    samples = Samples(Judge(guess(), request), 5)
    twins = np.array([SPACE.encode("100000"), SPACE.encode("200000"), SPACE.encode("000000")])
    assert len({SPACE.canonical_id(row) for row in twins}) == 1
    samples.take(twins, np.array([False, True, True]))
    assert [(found.number, found.values) for found in samples.found] == [(1, tuple(twins[1]))]
    assert (samples.drawn, samples.valid, len(samples.seen)) == (3, 3, 1)


def test_invalid_samples_are_counted_and_left_out() -> None:
    samples = Samples(Judge(guess(), Request(SPACE.name)), 5)
    samples.take(np.array([[0, 0, 0, 0, 0, 9], [3, 3, 3, 3, 3, 3]]), np.array([True, True]))
    assert (samples.drawn, samples.valid, len(samples.found)) == (2, 1, 1)


def test_patience_starts_anew_with_every_find() -> None:
    samples = Samples(Judge(guess(), Request(SPACE.name, "cifar10")), 1000)
    samples.patience = 10
    one_of_nine = np.arange(400) % 9 == 8
    names: set[str] = set()
    different = []
    for row in SPACE.reference().tolist():  # a find each is to be an architecture of its own
        name = SPACE.canonical_id(row)
        if name not in names:
            different.append(row)
            names.add(name)
    samples.take(np.array(different[:63]), one_of_nine[:63])
    assert (len(samples.found), samples.finished) == (7, False)
    samples.take(np.array(different[100:200]), np.zeros(100, bool))
    assert (samples.drawn, len(samples.found), samples.finished) == (63 + 10, 7, True)
