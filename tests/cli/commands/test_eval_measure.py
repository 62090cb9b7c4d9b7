"""``dinas eval --measure``: networks timed on this machine, from the command line and from Python."""

from __future__ import annotations

import json

import pytest
import torch

import dinas_cli
from dinas_cli.errors import UsageProblem
from tests.conftest import Cli

SMALL = ("--skeleton", "cifar", "--channels", 2, "--cells", 1, "--image-size", 8)


def test_measured_beside_what_is_known(cli: Cli) -> None:
    result = cli("eval", "301004", "-s", "nb201", "--measure", *SMALL, "--batch", 2, "--json")
    (line,) = result.out.splitlines()
    record = json.loads(line)
    measured = record["metrics"]["latency/this-machine"]
    assert 0 < measured["value"] < 1000
    assert (measured["unit"], measured["source"]) == ("ms", "measured")
    assert measured["runs"] >= 1
    assert measured["spread"] >= 0
    network = record["networks"]["latency/this-machine"]
    assert (network["channels"], network["image_size"], network["batch"]) == (2, 8, 2)
    assert "latency/this-machine measured" in result.err
    again = cli("eval", "301004", "-s", "nb201", "--measure", *SMALL, "-m", "params")
    header = again.out.splitlines()[0].split("\t")
    assert header[3:5] == ["params@cifar10", "latency/this-machine"]


def test_how_to_measure_without_measuring(cli: Cli) -> None:
    result = cli("eval", "301004", "-s", "nb201", "--image-size", 8)
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines() == [
        "error: --image-size says how to measure",
        "hint: add --measure, or leave it out",
    ]


def test_a_device_of_torch_that_is_not_here(cli: Cli) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has cuda")
    result = cli("eval", "301004", "-s", "nb201", "--measure", "--torch-device", "cuda")
    assert (result.code, result.out) == (3, "")
    assert result.err.splitlines()[0] == "error: torch finds no cuda device here"
    with pytest.raises(UsageProblem, match="'cuba' is no device of torch"):
        dinas_cli.evaluate("301004", "nasbench201", measure={"torch_device": "cuba"})


def test_from_python() -> None:
    how: dict[str, str | int] = {"skeleton": "cifar", "channels": 2, "cells": 1, "image_size": 8}
    (record,) = dinas_cli.evaluate("301004", "nasbench201", metrics="params", measure=how)
    assert list(record.metrics) == ["params@cifar10", "latency/this-machine"]
    assert record.metrics["latency/this-machine"].source == "measured"
    with pytest.raises(UsageProblem, match="'size' is not understood"):
        dinas_cli.evaluate("301004", "nasbench201", measure={"size": 8})


def test_memory_is_told_when_asked_for_and_can_be_limited(cli: Cli) -> None:
    asked = cli("eval", "301004", "-s", "nb201", "-m", "memory,memory_int8", "--json")
    metrics = json.loads(asked.out)["metrics"]
    assert {key: (metric["unit"], metric["source"]) for key, metric in metrics.items()} == {
        "memory@cifar10": ("B", "computed"),
        "memory_int8@cifar10": ("B", "computed"),
    }
    assert metrics["memory@cifar10"]["value"] == 4 * metrics["memory_int8@cifar10"]["value"]
    usual = json.loads(cli("eval", "301004", "-s", "nb201", "--json").out)["metrics"]
    assert "memory@cifar10" not in usual
    result = cli("generate", "--acc", "top50", "--limit", "memory=160KB", "-n", 3, "--json")
    found = [json.loads(line)["metrics"]["memory@cifar10"]["value"] for line in result.out.splitlines()]
    assert len(found) == 3
    assert max(found) <= 160_000
    assert "memory ≤ 160.00 KB" in result.err
    none = cli("generate", "--limit", "memory=1KB")
    assert none.code == 5
    assert "hint: feasible from --limit memory=" in none.err
