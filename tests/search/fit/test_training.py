"""Trainings: exact resumption, the same seed the same weights, and what a trial tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.search.data.images import Images, load_images
from dinas_cli.search.fit.batches import Pixels, statistics, varied
from dinas_cli.search.fit.networks import network_of
from dinas_cli.search.fit.settings import Settings
from dinas_cli.search.fit.state import LOG, STATE
from dinas_cli.search.fit.training import Trained, train
from dinas_cli.search.fit.trials import ImageTrials
from dinas_cli.search.trials import Trial
from dinas_cli.spaces.registry import get_space
from tests.support.image_folders import write

CELL = Record("", "nasbench201", "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|")


@pytest.fixture
def images(tmp_path: Path) -> Images:
    """Sixty images of three classes."""
    return load_images(str(write(tmp_path / "set")))


def trained(images: Images, folder: Path, stop: int = 0, seed: int = 0, batch: int = 12) -> Trained:
    """Three epochs in small batches, interrupted after epoch ``stop``."""

    def report(epoch: int, *_: object) -> None:
        if epoch == stop:
            raise KeyboardInterrupt

    network = network_of(CELL, images.facts, sizes={"channels": 4, "cells": 1})
    return train(network, images, Settings(epochs=3, batch=batch, seed=seed), folder, report=report)


def test_resumed_to_the_last_digit(images: Images, tmp_path: Path) -> None:
    straight = trained(images, tmp_path / "straight")
    for stop in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            trained(images, tmp_path / "resumed", stop)
        # A run that is killed after its log and before its state leaves a line too much.
        with (tmp_path / "resumed" / LOG).open("a") as log:
            log.write("{}\n")
    resumed = trained(images, tmp_path / "resumed")
    for name, tensor in straight.network.state_dict().items():
        assert torch.equal(tensor, resumed.network.state_dict()[name]), name
    without = [{key: line[key] for key in ("epoch", "loss", "accuracy")} for line in straight.log]
    lines = [json.loads(line) for line in (tmp_path / "resumed" / LOG).read_text().splitlines()]
    assert [{key: line[key] for key in ("epoch", "loss", "accuracy")} for line in lines] == without
    other = trained(images, tmp_path / "other", seed=1)
    assert other.log[0]["loss"] != straight.log[0]["loss"]


def test_another_training_is_not_taken_up(images: Images, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained(images, tmp_path / "one", 1)
    with pytest.raises(DinasError, match="unfinished training with another settings"):
        trained(images, tmp_path / "one", batch=6)
    (tmp_path / "one" / STATE).write_bytes(b"x" * 100)
    with pytest.raises(DinasError, match="cannot be resumed"):
        trained(images, tmp_path / "one")


def test_a_trial_learns_and_tells(images: Images, tmp_path: Path) -> None:
    end = ImageTrials(images, Settings(epochs=12, batch=8), most=40, sizes={"channels": 8})
    beats: list[int] = []
    result = end.run(Trial(0, CELL), tmp_path / "trial", lambda: beats.append(1))
    assert result.value is not None
    assert result.value > 90
    assert result.epochs == 12 == len(result.details["losses"]) <= len(beats)
    assert result.details["losses"][-1] < 0.7 * result.details["losses"][0]
    assert result.details["sum_of_losses"] == pytest.approx(sum(result.details["losses"]))
    assert (result.details["training_images"], result.details["validation_images"]) == (30, 10)
    assert result.details["params"] == end.network(CELL).counts[0]
    assert sorted(path.name for path in (tmp_path / "trial").iterdir()) == [LOG, "trained.json"]
    assert end.run(Trial(0, CELL), tmp_path / "trial", lambda: pytest.fail("trained again")) == result
    json.dumps(dict(end.identity))


@pytest.mark.parametrize("space", ["nasbench201", "nasbench101", "darts"])
def test_spaces_with_images(images: Images, space: str) -> None:
    target = get_space(space)
    record = Record("", space, target.decode(target.draw(1, 5)[0]))
    small, full = (network_of(record, images.facts, trial=trial) for trial in (True, False))
    assert small.build()(torch.zeros(2, 1, 8, 8)).shape == (2, 3)
    assert small.counts[0] < full.counts[0]


def test_the_network_that_a_limit_is_about(images: Images) -> None:
    about = {"latency/mine": {"skeleton": "cifar", "channels": 12, "cells": 2, "classes": 10, "image_size": 32}}
    request = {"space": "nasbench201", "budgets": [{"metric": "latency", "limit": 5.0, "device": "mine"}]}
    network = network_of(Record("", CELL.space, CELL.genotype, request=request, networks=about), images.facts)
    assert network.skeleton is not None
    assert (network.skeleton.channels, network.skeleton.cells, network.skeleton.classes) == (12, 2, 3)


def test_a_space_without_images(images: Images) -> None:
    record = Record("", "nlp", get_space("nlp").decode(get_space("nlp").draw(1, 0)[0]))
    with pytest.raises(UsageProblem, match="'nlp' has no networks for images"):
        network_of(record, images.facts)


def test_images_are_shifted_and_mirrored_whole() -> None:
    ramp = torch.arange(64, dtype=torch.uint8).reshape(1, 1, 8, 8).expand(50, 3, 8, 8)
    random = torch.Generator().manual_seed(0)
    moved = varied(ramp, random, 0.125, mirror=True)
    # Inside, neighbours stay neighbours: one more to the right, or one less where it is mirrored; eight more below.
    across = (moved[:, :, 1:-1, 2:-1].int() - moved[:, :, 1:-1, 1:-2].int()).flatten(1)
    assert (across == across[:, :1]).all()
    assert set(across[:, 0].tolist()) == {-1, 1}
    assert (moved[:, :, 2:-1].int() - moved[:, :, 1:-2].int() == 8).all()
    assert len({tuple(image.flatten().tolist()) for image in moved}) > 10
    assert torch.equal(varied(ramp, random, 0.0, mirror=False), ramp)


def test_pixels_are_normalised(images: Images) -> None:
    pixels, labels = (torch.from_numpy(array) for array in images.part("training"))
    part = Pixels(pixels, labels, *statistics(pixels))
    normal = torch.cat([batch for batch, _ in part.in_order(10)])
    assert abs(float(normal.mean())) < 1e-5
    assert float(normal.std()) == pytest.approx(1, abs=1e-3)
