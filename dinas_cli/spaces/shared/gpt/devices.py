"""The devices of HW-GPT-Bench, and what their published costs are about."""

from __future__ import annotations

from collections.abc import Mapping

from dinas_cli.spaces.shared.hardware import Hardware

_GPUS = {
    "a100": ("NVIDIA A100", ("nvidia-a100",)),
    "a6000": ("NVIDIA RTX A6000", ("rtx-a6000",)),
    "h100": ("NVIDIA H100", ("nvidia-h100",)),
    "p100": ("NVIDIA Tesla P100", ("tesla-p100",)),
    "rtx2080": ("NVIDIA GeForce RTX 2080", ("geforce-rtx-2080",)),
    "v100": ("NVIDIA Tesla V100", ("tesla-v100",)),
}
_CPUS = ("cpu_a6000", "cpu_alldlc", "cpu_mlgpu", "helix_cpu")

HARDWARE: Mapping[str, Hardware] = {
    **{name: Hardware(title, aliases) for name, (title, aliases) in _GPUS.items()},
    **{name: Hardware("CPU of a cluster; the table does not say which") for name in _CPUS},
}
"""By the names that the benchmark gave them."""
RUN = "texts of 1,024 tokens, as far as the table tells"
