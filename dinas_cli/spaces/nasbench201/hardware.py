"""The devices of HW-NAS-Bench (Li et al., ICLR 2021) and of HELP (Lee et al., NeurIPS 2021).

Of the devices of both, the costs are those of HW-NAS-Bench.
"""

from __future__ import annotations

from collections.abc import Mapping

from dinas_cli.spaces.shared.hardware import Hardware

_HW_NAS_BENCH = {
    "edgegpu": Hardware("NVIDIA Jetson TX2", ("jetson-tx2", "tx2")),
    "raspi4": Hardware("Raspberry Pi 4", ("raspberry-pi-4", "rpi4", "pi4")),
    "edgetpu": Hardware("Google Coral Edge TPU", ("coral-edge-tpu", "coral")),
    "pixel3": Hardware("Google Pixel 3", ("google-pixel-3",)),
    "eyeriss": Hardware("Eyeriss, an ASIC (simulated)", ("asic-eyeriss", "asic")),
    "fpga": Hardware("Xilinx ZC706, an FPGA board", ("xilinx-zc706", "zc706")),
}
_GPUS = {
    "1080ti": ("NVIDIA GeForce GTX 1080 Ti", ("gtx-1080-ti", "1080ti")),
    "2080ti": ("NVIDIA GeForce RTX 2080 Ti", ("rtx-2080-ti", "2080ti")),
    "titanx": ("NVIDIA TITAN X", ("titan-x",)),
    "titanxp": ("NVIDIA TITAN Xp", ("titan-xp",)),
    "titan_rtx": ("NVIDIA TITAN RTX", ("titan-rtx",)),
}
_OTHERS = {
    "gold_6226": Hardware("Intel Xeon Gold 6226", ("xeon-gold-6226",)),
    "gold_6240": Hardware("Intel Xeon Gold 6240", ("xeon-gold-6240",)),
    "silver_4114": Hardware("Intel Xeon Silver 4114", ("xeon-silver-4114",)),
    "silver_4210r": Hardware("Intel Xeon Silver 4210R", ("xeon-silver-4210r",)),
    "pixel2": Hardware("Google Pixel 2", ("google-pixel-2",)),
    "essential_ph_1": Hardware("Essential Phone PH-1", ("essential-phone", "ph-1")),
    "samsung_a50": Hardware("Samsung Galaxy A50", ("galaxy-a50",)),
    "samsung_s7": Hardware("Samsung Galaxy S7", ("galaxy-s7",)),
}


HARDWARE: Mapping[str, Hardware] = {
    **_HW_NAS_BENCH,
    **{
        # A name without a batch means one image at once.
        f"{gpu}_{batch}": Hardware(title, names if batch == 1 else tuple(f"{name}-{batch}" for name in names))
        for gpu, (title, names) in _GPUS.items()
        for batch in (1, 32, 256)
    },
    **_OTHERS,
}
"""By the names that the benchmarks gave them; ``_1``, ``_32``, ``_256`` are images at once."""
