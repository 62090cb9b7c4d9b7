"""Completion of names: the right ones, for what is already on the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dinas_cli.checkpoints.at_hand import shipped_devices
from dinas_cli.checkpoints.registry import load_registry
from dinas_cli.cli.completion import complete_checkpoint, complete_space
from dinas_cli.cli.options import all_devices, one_device
from tests.conftest import Cli


def complete(line: str) -> set[str]:
    """What bash would offer for the last word of ``line``."""
    env = {"_DINAS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = subprocess.run(
        [sys.executable, "-m", "dinas_cli"], env=os.environ | env, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return set(done.stdout.split())


def test_names() -> None:
    assert "nasbench201" in complete_space("nas")
    assert complete_space("x") == []
    assert complete_checkpoint("") == list(load_registry())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dinas export --space nasbench2", {"nasbench201"}),
        ("dinas export --space nasbench201 --dataset cifar", {"cifar10", "cifar100"}),
        ("dinas export --dataset im", {"imagenet16-120"}),
    ],
)
def test_values_of_options(line: str, expected: set[str]) -> None:
    assert complete(line) == expected


def test_devices_are_those_of_the_surrogate() -> None:
    assert complete("dinas eval --space nasbench201 --device ") == set(shipped_devices("nasbench201"))


def test_searches_are_about_one_device(cli: Cli, tmp_path: Path) -> None:
    """None of them is passed over in silence; the same one twice is one."""
    result = cli("search", "-o", tmp_path / "run", "--command", "true", "--device", "fpga", "--device", "pixel3")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: several devices: fpga, pixel3\nhint: name one: --device fpga\n"
    assert one_device(["fpga", "fpga"]) == "fpga"
    assert one_device([]) is one_device(None) is None
    assert all_devices(["fpga", "pixel3", "fpga"]) == ("fpga", "pixel3")
    assert all_devices(None) == ()
