"""Torch's devices: which are here, and how settings name them."""

from __future__ import annotations

import pytest
import torch

from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.oracles.torch_devices import TORCH_DEVICES, check_here, device_of, wait_for, words
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.settings import Setting
from tests.support.spaces import LARGER, small


def test_the_cpu_is_always_here() -> None:
    check_here("cpu")
    wait_for("cpu")()
    assert words("cpu") == ""


def test_torch_knows_all_of_them_alike() -> None:
    for name in TORCH_DEVICES:
        module = getattr(torch, name)
        assert callable(module.is_available)
        assert callable(module.synchronize)


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_what_is_not_here_is_refused(device: str) -> None:
    if getattr(torch, device).is_available():
        pytest.skip(f"this machine has {device}")
    with pytest.raises(NotFoundError, match=f"^torch finds no {device} device here$") as caught:
        check_here(device)
    assert "--torch-device cpu" in (caught.value.hint or "")


def test_other_names() -> None:
    with pytest.raises(UsageProblem, match="'cuba' is no device of torch") as caught:
        check_here("cuba")
    assert "cuda" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("run", "device"),
    [
        ("float32, channels last, 1 CPU thread, torch 2.13.0", "cpu"),
        ("float32, channels last, on cuda (NVIDIA H100, 80GB (PCIe)), 1 CPU thread, torch 2.13.0", "cuda"),
        ("float32, on mps, 2 CPU threads, torch 2.13.0, NVML", "mps"),
        ("seen on cuda, nobody knows how", "cpu"),
        ("", "cpu"),
    ],
)
def test_a_setting_tells_its_device(run: str, device: str) -> None:
    assert device_of(Setting(run=run)) == device


@pytest.mark.parametrize("name", [name for name in space_names() if name not in LARGER])
def test_networks_keep_to_the_device_that_they_are_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch's meta device stands for a GPU: it refuses to mix its tensors with those of the CPU."""
    small(monkeypatch, name)
    space = get_space(name)
    dataset = next(iter(space.datasets), None)
    for row in space.draw(2, 0):
        network = space.build(row.tolist(), dataset).eval().to("meta")
        inputs = tuple(each.to("meta") for each in space.example(dataset, 2))
        try:
            with torch.inference_mode():
                found = network(*inputs)
        except NotImplementedError:
            pytest.skip("shapes depend on values")
        first = found[0] if isinstance(found, tuple) else found
        assert first.device.type == "meta"
