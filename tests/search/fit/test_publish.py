"""A trained network on the Hub: what is sent, and that three lines load it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard

from dinas_cli import TrainedNetwork
from dinas_cli.architectures.schema import Record
from dinas_cli.search.data.images import load_images
from dinas_cli.search.fit.fitting import fit
from dinas_cli.search.fit.settings import Settings
from tests.conftest import Cli
from tests.support.hub_server import TOKEN, Hub
from tests.support.image_folders import write

CELL = Record("", "nasbench201", "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|none~1|none~2|")


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A trained network."""
    images = load_images(str(write(tmp_path / "set")))
    return fit(CELL, images, Settings(epochs=1, batch=8), tmp_path / "net", sizes={"channels": 4, "cells": 1}).folder


def test_pushed_and_loaded(cli: Cli, hub: Hub, net: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    result = cli("push", net, "--repo", "someone/squares", "--licence", "Apache-2.0", "--json")
    assert result.code == 0, result.err
    (revision,) = hub.repositories["someone/squares"].commits
    assert json.loads(result.out) == {"repo": "someone/squares", "revision": revision}
    tree = hub.repositories["someone/squares"].commits[revision]
    assert set(tree) == {path.name for path in net.iterdir()}
    told = ModelCard(tree["README.md"].decode()).data
    assert told["license"] == "apache-2.0"
    (measured,) = told["eval_results"]
    figures = json.loads(tree["figures.json"])
    assert (measured.metric_type, measured.metric_value) == ("accuracy", round(figures["test_accuracy"], 2))
    assert ModelCard((net / "README.md").read_text()).data["license"] == "other"
    here = TrainedNetwork.from_pretrained(str(net))
    images = torch.arange(128.0).reshape(2, 1, 8, 8) / 128
    script = (
        "import sys, torch; from dinas_cli import TrainedNetwork\n"
        "network = TrainedNetwork.from_pretrained('someone/squares', revision=sys.argv[1])\n"
        "print(network.labels, network(torch.arange(128.).reshape(2, 1, 8, 8) / 128).tolist())"
    )
    settings = {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_HUB_CACHE": str(tmp_path / "cache")}
    line = [sys.executable, "-W", "ignore", "-c", script, revision]
    done = subprocess.run(line, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == f"{here.labels} {here(images).tolist()}", done.stderr


def test_saved_and_loaded(net: Path, tmp_path: Path) -> None:
    network = TrainedNetwork.from_pretrained(str(net))
    network.save_pretrained(tmp_path / "again")
    images = torch.rand(2, 1, 8, 8)
    assert torch.equal(TrainedNetwork.from_pretrained(str(tmp_path / "again"))(images), network(images))


def test_what_is_refused(cli: Cli, net: Path) -> None:
    result = cli("push", net, "--repo", "someone/squares", "--name", "x")
    assert result.code == 2
    assert "--name has no meaning for a folder of dinas fit" in result.err
    result = cli("push", net, net, "--repo", "someone/squares")
    assert "one folder at a time" in result.err
    result = cli("push", net, "--repo", "someone/squares", "--dry-run")
    assert result.code == 0
    assert "would upload model.safetensors" in result.err
