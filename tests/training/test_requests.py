"""Requests drawn for training: every target answers its request when worked out again from the features alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
import torch

from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.training.generator import condition_specs
from dinas_cli.training.pools import REFITS, SAFETY, VIRTUAL
from dinas_cli.training.requests import FEWEST, PARTS, Batch, RequestSampler
from dinas_cli.training.smoothing import worth
from tests.support import toy as toys

COUNT = 300


@lru_cache
def parts() -> tuple[Surrogate, RequestSampler]:
    data, surrogate = toys.training_set(), toys.surrogate()
    return surrogate, RequestSampler(data, surrogate, condition_specs(data, surrogate), seed=0)


def draw(seed: int) -> tuple[Batch, int]:
    """A batch, and which part of the architectures it looked at."""
    part = int(np.random.default_rng(seed).integers(PARTS))
    return parts()[1].draw(COUNT, np.random.default_rng(seed)), part


@lru_cache
def known() -> np.ndarray:
    """What the known data sets make of architectures ``(D, R)``."""
    data, surrogate = toys.training_set(), toys.surrogate()
    return np.stack([worth(data, surrogate, f"acc@{dataset}") for dataset in toys.DATASETS])


def ranked(part: int, descriptor: np.ndarray) -> list[int]:
    """Every third architecture, from the best to the worst on the data set of a descriptor ``(D + k,)``.

    Worked out without the sampler: for a known data set from its labels, for a virtual one from its descriptor.
    """
    told, surrogate = known(), toys.surrogate()
    if is_known(descriptor):
        labels = told[descriptor.argmax()]
    else:
        shared = (told - told.mean(1, keepdims=True)) / told.std(1, keepdims=True)
        labels = np.concatenate([shared.T, surrogate.terms(None)[:, len(told) :]], 1) @ descriptor.astype(np.float64)
    order = sorted(range(512), key=lambda i: (-labels[i], i))
    return order[: 512 // PARTS * PARTS][part::PARTS]


def is_known(descriptor: np.ndarray) -> bool:
    """Whether a descriptor is that of a known data set."""
    return descriptor.max() == 1 and np.count_nonzero(descriptor) == 1


@pytest.fixture(autouse=True)
def _registered(toy: Space) -> None:
    """All tests here use the toy."""


def test_conditions_follow_the_training_set() -> None:
    specs = parts()[1].specs
    assert [spec.name for spec in specs] == ["dataset", "acc", "latency", "energy", "params"]
    assert specs[0].categories == toys.DATASETS
    assert {spec.kind for spec in specs[2:]} == {"budget"}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_target_meets_its_request(seed: int) -> None:
    """Features say all: the dataset, the rank, and per budget the descriptor and the limit in deviations."""
    batch, part = draw(seed)
    basis, virtual = parts()[0].reference_basis, 0
    request, architecture = batch.request.numpy(), batch.architecture.numpy()
    assert (np.diff(request) >= 0).all()
    for g in sorted(set(request.tolist())):
        descriptor = batch.features[0][g, 0].numpy()
        among = ranked(part, descriptor)
        virtual += not is_known(descriptor)
        top = 100 / 10 ** (3 * float(batch.features[1][g, 0, 0])) if batch.present[1][g, 0] else 100.0
        # Features are rounded: what is closer to a limit than that counts neither for nor against the sampler.
        surely, maybe = np.ones((2, len(among)), bool)
        for i in range(2, 5):
            # A lower limit is the upper limit on a device that charges the opposite.
            for row in batch.features[i][g, batch.present[i][g]].double().numpy():
                if abs(row[17]) >= 5:
                    continue  # cut off by the encoding: the limit cannot be read from it
                over = basis[among] @ row[9:17] - row[17]
                surely, maybe = surely & (over <= -1e-4), maybe & (over <= 1e-4)
        targets = [among.index(a) for a in architecture[request == g].tolist()]  # its place among the ranked
        assert maybe[targets].all()
        if len(targets) > FEWEST:
            assert (
                np.cumsum(surely)[targets].max() <= np.ceil(top / 100 * maybe.sum() + 1e-3) + 1
            )  # close ones may swap
    assert len(set(request.tolist())) > 0.8 * COUNT, "most requests can be answered"
    assert 0.25 * COUNT < virtual < 0.5 * COUNT


def test_targets_keep_a_margin_for_the_noise() -> None:
    """With one budget on a real device, no target is closer to the limit than the profile's noise demands."""
    surrogate, sampler = parts()
    pool = sampler.pools["latency"]
    checked = 0
    for seed in range(3):
        batch, _ = draw(seed)
        request = batch.request.numpy()
        limits = torch.cat(batch.present[2:], 1).sum(1)
        for g in np.flatnonzero((batch.present[2][:, 0] & (limits == 1)).numpy()):
            row = batch.features[2][g, 0].double().numpy()
            real = np.flatnonzero(np.abs(pool.descriptor[: pool.real] - row[9:17]).max(1) < 1e-5)
            if not len(real) or abs(row[17]) >= 5:
                continue
            profile = surrogate.profile(pool.names[real[0]])
            predicted = profile.predict(surrogate.reference_basis[batch.architecture.numpy()[request == g]])
            limit = profile.level + row[17] * profile.scale
            assert (predicted + SAFETY * profile.sigma(predicted) <= limit + 1e-3).all()
            checked += 1
    assert checked > 30


def test_the_best_safe_ones_answer() -> None:
    """What is asked without a budget is answered by exactly the best share of the part."""
    batch, part = draw(4)
    plain = np.flatnonzero(~torch.cat(batch.present[2:], 1).any(1).numpy())
    assert len(plain) > 10
    for g in plain:
        descriptor = batch.features[0][g, 0].numpy()
        if not is_known(descriptor):
            continue
        order = ranked(part, descriptor)
        top = 100 / 10 ** (3 * float(batch.features[1][g, 0, 0])) if batch.present[1][g, 0] else 100.0
        wanted = max(int(np.ceil(top / 100 * len(order) - 1e-3)), FEWEST)
        found = batch.architecture.numpy()[batch.request.numpy() == g].tolist()
        assert found == order[: len(found)]
        assert abs(len(found) - wanted) <= 1  # the rank was rounded to single precision


def test_requests_depend_on_their_random_numbers_alone() -> None:
    one, again, other = draw(5)[0], draw(5)[0], draw(6)[0]
    for a, b in zip((*one.features, *one.present), (*again.features, *again.present), strict=True):
        assert torch.equal(a, b)
    assert torch.equal(one.architecture, again.architecture)
    assert torch.equal(one.request, again.request)
    assert not torch.equal(one.features[1], other.features[1])


def test_every_condition_is_sometimes_missing() -> None:
    batches = [draw(seed)[0].present for seed in range(4)]
    present = torch.stack([torch.cat([p.any(1) for p in each]).float().mean() for each in zip(*batches, strict=True)])
    assert present[0] == pytest.approx(0.9, abs=0.05)
    assert present[1] == pytest.approx(0.9, abs=0.05)
    assert ((present[2:] > 0.1) & (present[2:] < 0.9)).all()


def test_limits_have_two_sides_and_several_devices() -> None:
    """Lower limits read as upper ones on the opposite device; both sides of one device, and several devices, occur."""
    kinds = {"lower": 0, "both sides": 0, "devices": 0, "three": 0}
    pool = parts()[1].pools["latency"]
    for seed in range(6):
        batch, _ = draw(seed)
        rows = batch.features[2].double().numpy()[..., 9:17]
        there = batch.present[2].numpy()
        assert there.shape == (COUNT, 3)
        assert (there[:, 0] >= there[:, 1]).all()
        assert (there[:, 1] >= there[:, 2]).all()
        for row, asked in zip(rows, there, strict=True):
            sides = row[asked] @ pool.descriptor.T
            kinds["lower"] += int((sides.min(1, initial=1) < -1 + 1e-6).any())
            if len(sides) > 1:
                opposite = abs(row[0] + row[1]).max() < 1e-6
                kinds["both sides" if opposite else "devices"] += 1
            kinds["three"] += len(sides) > 2
    assert min(kinds.values()) > 10, kinds
    assert [parts()[1].specs[i].limits for i in (2, 4)] == [3, 2]


def test_pools_hold_real_refitted_and_virtual_devices() -> None:
    sampler = parts()[1]
    for name, pool in sampler.pools.items():
        columns = [column for column in toys.training_set().costs if column.split("/")[0].split("@")[0] == name]
        assert pool.names[: pool.real] == tuple(columns)
        assert not any(pool.names[pool.real :])
        assert len(pool.descriptor) == pool.real * (1 if name == "params" else 1 + REFITS + VIRTUAL)
        np.testing.assert_allclose(np.linalg.norm(pool.descriptor, axis=1), 1, rtol=1e-6)
        assert (np.diff(pool.grid, axis=1) >= 0).all()
        assert (pool.margin >= 0).all()
        assert pool.cost.shape == (len(pool.descriptor), 512)
