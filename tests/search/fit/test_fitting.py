"""``dinas fit`` and ``dinas predict``: the files of a trained network, what they hold, and that they are believed."""

from __future__ import annotations

import json
from pathlib import Path
from runpy import run_path

import pytest
import torch
from safetensors.torch import load_file, save_file

from dinas_cli import TrainedNetwork
from dinas_cli.errors import CorruptFileError
from dinas_cli.search.data.images import load_images
from dinas_cli.search.fit.folder import load
from tests.conftest import Cli
from tests.support.image_folders import square, write

GENOTYPE = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"
FILES = ["README.md", "config.json", "figures.json", "labels.json", "log.jsonl", "model.safetensors", "network.py"]


def fit(cli: Cli, folder: Path, *more: object, code: int = 0) -> str:
    """Train on the set beside ``folder``; what went to standard error."""
    args = ["--channels", 4, "--cells", 1, "--epochs", 4, "--batch", 8, "--data", folder.parent / "set"]
    result = cli("fit", GENOTYPE, "-s", "nasbench201", *args, "-o", folder, *more)
    assert result.code == code, result.err
    return result.err


@pytest.fixture
def net(cli: Cli, tmp_path: Path) -> Path:
    """A trained network."""
    write(tmp_path / "set")
    fit(cli, tmp_path / "net")
    return tmp_path / "net"


def test_the_source_gives_the_reported_accuracy(cli: Cli, net: Path) -> None:
    assert sorted(path.name for path in net.iterdir()) == FILES
    figures, config = (json.loads((net / f"{name}.json").read_text()) for name in ("figures", "config"))
    assert json.loads((net / "labels.json").read_text()) == ["a", "b", "c"] == config["labels"]
    images = load_images(str(net.parent / "set"))
    assert figures["data_sha256"] == images.facts.sha256
    pixels, labels = (torch.from_numpy(array) for array in images.part("test"))
    mean, deviation = (torch.tensor(config[name])[:, None, None] for name in ("mean", "deviation"))
    network = run_path(str(net / "network.py"))["load"]().eval()
    found = network((pixels / 255 - mean) / deviation).argmax(1)
    assert 100 * float((found == labels).float().mean()) == pytest.approx(figures["test_accuracy"])
    published = TrainedNetwork.from_pretrained(str(net))
    assert torch.equal(published(pixels / 255).argmax(1), found)
    assert published.labels == ("a", "b", "c")
    assert f"{figures['test_accuracy']:.2f} %" in (net / "README.md").read_text()


def test_nothing_is_overwritten(cli: Cli, net: Path) -> None:
    weights = (net / "model.safetensors").read_bytes()
    assert "holds a trained network already" in fit(cli, net, code=1)
    fit(cli, net, "--force")  # the same training ends in the same weights
    assert (net / "model.safetensors").read_bytes() == weights
    fit(cli, net, "--force", "--seed", 1)
    assert (net / "model.safetensors").read_bytes() != weights


def test_predictions(cli: Cli, net: Path) -> None:
    from PIL import Image

    Image.fromarray(square(2, 999, 8, 3)).save(net.parent / "new.png")
    (net.parent / "broken.png").write_text("not an image")
    result = cli("predict", net, net.parent / "new.png", net.parent / "broken.png", net.parent / "none.png", "--json")
    assert result.code == 1
    (row,) = map(json.loads, result.out.splitlines())
    assert row["label"] == max(row["probabilities"], key=row["probabilities"].get)
    assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert "broken.png cannot be read as an image: it is none that Pillow knows" in result.err
    assert "none.png cannot be read as an image: no such file" in result.err
    result = cli("predict", net, net.parent / "new.png", "--top", 2)
    assert [line.split("\t")[0] for line in result.out.splitlines()] == ["image", *[str(net.parent / "new.png")] * 2]


def test_no_code_of_the_folder_is_run(cli: Cli, net: Path) -> None:
    (net / "network.py").write_text("raise SystemExit('run')")
    assert cli("predict", net, net.parent / "set" / "a" / "000.png").code == 0


def test_an_altered_description_is_refused(net: Path) -> None:
    config = json.loads((net / "config.json").read_text())
    sizes = {"name": "cifar", "image_size": 8, "in_channels": 1, "classes": 3}
    changes: list[dict[str, object]] = [
        {"schema": "other"},
        {"labels": ["a", "b"]},
        {"mean": [0.1, 0.2]},
        {"deviation": [0.0]},
        {"genotype": "import os"},
        {"space": "nowhere"},
        {"skeleton": sizes | {"channels": 4096, "cells": 200}},
        {"skeleton": sizes | {"__class__": 1}},
        {"skeleton": sizes | {"in_channels": "1"}},
    ]
    for change in changes:
        (net / "config.json").write_text(json.dumps(config | change))
        with pytest.raises(CorruptFileError):
            load(net)


def test_other_weights_are_refused(cli: Cli, net: Path) -> None:
    tensors = load_file(net / "model.safetensors")
    tensors.pop("classifier.bias")
    save_file(tensors, net / "model.safetensors")
    result = cli("predict", net, "x.png")
    assert result.code == 1
    assert "it has no classifier.bias" in result.err
    assert cli("predict", net.parent, "x.png").code == 3


def test_several_architectures(cli: Cli, tmp_path: Path) -> None:
    assert "one at a time" in fit(cli, tmp_path / "net", GENOTYPE, code=2)
