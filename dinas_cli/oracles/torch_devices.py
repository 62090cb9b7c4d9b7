"""Torch's devices that networks can be measured on, told alike: whether there is one, its name, waiting for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

from dinas_cli.errors import NotFoundError, UsageProblem, suggest

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.settings import Setting

TorchDevice = Literal["cpu", "cuda", "mps"]
TORCH_DEVICES: tuple[str, ...] = get_args(TorchDevice)
CPU = "cpu"
_NAMED = re.compile(r", on (cuda|mps)(?: \(.*\))?, [0-9]{1,4} CPU thread")
_PRINTED = 60
"""Characters of a GPU's name that are kept."""


def check_here(device: str) -> None:
    """Raise :class:`NotFoundError` for a device that torch does not find, :class:`UsageProblem` for any other name."""
    if device not in TORCH_DEVICES:
        raise UsageProblem(f"{device[:80]!r} is no device of torch", suggest(device, TORCH_DEVICES, "known"))
    if not _module(device).is_available():
        raise NotFoundError(
            f"torch finds no {device} device here",
            "measure the CPU: --torch-device cpu; torch for GPUs: https://pytorch.org/get-started/locally",
        )


def wait_for(device: str) -> Callable[[], object]:
    """What returns when the device has done everything that it was given (on a CPU: at once)."""
    wait: Callable[[], object] = _module(device).synchronize
    return wait


def words(device: str) -> str:
    """The device in a setting's words: ``on cuda (NVIDIA H100)``; of a CPU, the number of threads says it."""
    if device == CPU:
        return ""
    name = _module(device).get_device_name()[:_PRINTED] if device == "cuda" else ""
    return f"on {device} ({name})" if name else f"on {device}"


def device_of(setting: Setting) -> str:
    """On which of torch's devices a network ran as its setting tells; a CPU where it does not."""
    found = _NAMED.search(setting.run)
    return CPU if found is None else found[1]


def _module(device: str) -> Any:
    """``torch.cpu``, ``torch.cuda`` or ``torch.mps``, which have functions of the same names."""
    import torch

    return getattr(torch, device)  # not torch.accelerator, which knows no CPU
