"""The HW-NAS-Bench pickle: every way its lists can be kept, and files laid out otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.tables import find_table
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.benchmark_files import (
    DEVICES,
    hardware_content,
    partial,
    values,
    write_pickle,
)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_hardware_pickle(tmp_path: Path, protocol: int) -> None:
    path = write_pickle(tmp_path / "HW-NAS-Bench-v1_0.pickle", hardware_content(), protocol)
    result = partial(path)
    assert len(result.added) == 3 * (len(DEVICES) + 3) + 1
    assert values("latency/edgegpu@cifar10") == [1.0, 1.1, 1.2, 1.3]
    assert values("energy/fpga@imagenet16-120") == [62, 63, 64, 65]
    np.testing.assert_array_equal(np.isnan(values("latency/edgetpu@cifar100")), [False, False, True, False])
    assert values("index") == [0, 1, 2, 3]
    assert result.notes == (f"{path.name}: left out eyeriss_arithmetic_intensity",)


def test_hardware_pickle_one_dataset_and_members_by_index(tmp_path: Path) -> None:
    content = hardware_content()
    member = content["nasbench201"]["cifar100"]
    for name in list(member):
        member[name] = dict(enumerate(member[name]))
    result = partial(write_pickle(tmp_path / "hw", content), dataset="cifar100")
    assert all(name.endswith("@cifar100") for name in result.added if name != "index")
    assert values("latency/fpga@cifar100") == [7.0, 7.1, 7.2, 7.3]


def test_wrong_hardware_pickles(tmp_path: Path) -> None:
    def changed(**members: Any) -> dict[str, Any]:
        content = hardware_content()
        content["nasbench201"]["cifar10"].update(members)
        return content

    without = hardware_content()
    del without["nasbench201"]["cifar10"]["config"]
    other = hardware_content()
    other["nasbench201"]["cifar100"]["config"].reverse()
    for content, reason in (
        ([1, 2], "without the member 'nasbench201'"),
        ({"fbnet": {}}, "without the member 'nasbench201'"),
        ({"nasbench201": {"svhn": {}}}, "no latencies or energies"),
        (without, "has no 'config'"),
        (other, "lists other architectures"),
        (changed(config=["a"]), "is no list of architectures"),
        (changed(fpga_latency=3.0), "'cifar10/fpga_latency' is no list"),
        (changed(fpga_latency=["x"] * 4), "holds something that is no number"),
        (changed(fpga_latency=[1.0]), "1 values for 4 architectures"),
        (changed(config=[{"arch_str": "?"}] * 4), "lists other architectures|architecture 0"),
        ({"nasbench201": {"cifar10": {"config": [], "evil": print}}}, "it asks for .*print"),
    ):
        path = write_pickle(tmp_path / "hw.pickle", content)
        with pytest.raises(CorruptFileError, match=rf"hw\.pickle is no.*({reason})"):
            partial(path)
    assert find_table(SPACE.name) is None
