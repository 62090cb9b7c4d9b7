"""What published devices are, and the other names that commands take for them."""

from __future__ import annotations

import re

import pytest

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.nasbench201.hardware import HARDWARE
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import BUILT_IN, get_space
from dinas_cli.spaces.shared.hardware import check_device, device_named, hardware_of


@pytest.mark.parametrize("space", BUILT_IN)
def test_no_name_means_two_devices(space: str) -> None:
    names = [
        re.sub(r"[\W_]", "", name.lower())
        for device, hardware in hardware_of(get_space(space)).items()
        for name in {device, *hardware.aliases}
    ]
    meant = {(device_named(get_space(space), name, ()), name) for name in names}
    assert len({name for _, name in meant}) == len(meant)


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("tx2", "edgegpu"),
        ("Jetson TX2", "edgegpu"),
        ("EDGE-GPU", "edgegpu"),
        ("xilinx_zc706", "fpga"),
        ("GTX 1080 Ti", "1080ti_1"),
        ("gtx-1080-ti-32", "1080ti_32"),
        ("2080ti", "2080ti_1"),
        ("xeon gold 6226", "gold_6226"),
        ("toaster", "toaster"),
    ],
)
def test_aliases(name: str, device: str) -> None:
    assert device_named(SPACE, name, HARDWARE) == device


def test_a_device_of_that_very_name_comes_first() -> None:
    assert device_named(SPACE, "tx2", ["edgegpu", "tx2"]) == "tx2"


def test_unknown_devices_can_be_added() -> None:
    assert check_device(SPACE, "ZC706", ["fpga"]) == "fpga"
    with pytest.raises(UsageProblem, match="unknown device 'tx2'") as caught:
        check_device(SPACE, "tx2", ["fpga"])  # known to the papers, but not here
    assert str(caught.value.hint).startswith("devices: fpga; another: dinas devices measure NAME")
    assert "dinas devices add NAME FILE" in str(caught.value.hint)
