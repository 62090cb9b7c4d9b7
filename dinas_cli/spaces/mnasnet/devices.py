"""The accelerators of Accel-NASBench, and what their published costs are about."""

from __future__ import annotations

from collections.abc import Mapping

from dinas_cli.spaces.shared.hardware import Hardware

HARDWARE: Mapping[str, Hardware] = {
    "zcu102": Hardware("Xilinx Zynq UltraScale+ ZCU102, an FPGA board", ("xilinx-zcu102",)),
    "vck190": Hardware("Xilinx Versal AI Core VCK190, an FPGA board", ("xilinx-vck190",)),
    "a100": Hardware("NVIDIA A100", ("nvidia-a100",)),
    "rtx3090": Hardware("NVIDIA GeForce RTX 3090", ("3090", "geforce-rtx-3090")),
    "tpuv2": Hardware("Google Cloud TPU v2", ("tpu-v2",)),
    "tpuv3": Hardware("Google Cloud TPU v3", ("tpu-v3",)),
}
LATENCY = ("zcu102", "vck190")
"""Those with published latencies; throughputs are known of all."""
OFFICIAL = {"rtx3090": "3090"}
"""Names in the benchmark's files, where they are others."""
RUN = "batch size and precision as the benchmark chose them for the device"
