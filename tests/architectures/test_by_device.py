"""Limits on several devices: what holds where, and what makes no sense."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dinas_cli.architectures.by_device import Texts
from dinas_cli.architectures.parsing import parse_request
from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.nasbench201.space import SPACE

DEVICES = {"latency": ("fpga", "pixel3", "raspi4"), "energy": ("fpga",)}


class Medians:
    """Of ten times as many ms as a device's name has letters."""

    def median(self, metric: str, device: str | None, dataset: str | None) -> float:
        return 10.0 * len(device or "")

    def reached(self, *_: object) -> float:
        raise AssertionError


def budgets(latency: Texts, devices: Sequence[str] = (), energy: Texts | None = None) -> list[tuple[str, float]]:
    """The limits as (device, limit), an energy's in the order of the request."""
    request = parse_request(
        SPACE, latency=latency, energy=energy, device=list(devices), devices=DEVICES, yardstick=Medians()
    )
    return [(str(each.device), -each.limit if each.reverse else each.limit) for each in request.budgets]


@pytest.mark.parametrize(
    ("latency", "devices", "expected"),
    [
        ("5ms", ["fpga"], [("fpga", 5.0)]),
        ("5ms", ["fpga", "pixel3"], [("fpga", 5.0), ("pixel3", 5.0)]),
        ("5ms", ["all"], [("fpga", 5.0), ("pixel3", 5.0), ("raspi4", 5.0)]),
        ("0.5x", ["fpga", "pixel3"], [("fpga", 20.0), ("pixel3", 30.0)]),
        ("pixel3=5ms", [], [("pixel3", 5.0)]),
        (" Pixel 3 = 5ms", [], [("pixel3", 5.0)]),
        ("pixel3=<=5ms", [], [("pixel3", 5.0)]),
        ("pixel3=2ms..5ms", [], [("pixel3", 5.0), ("pixel3", -2.0)]),
        (["pixel3=20ms", "fpga=3ms"], [], [("pixel3", 20.0), ("fpga", 3.0)]),
        (["pixel3=20ms", "3ms"], ["fpga", "pixel3"], [("pixel3", 20.0), ("fpga", 3.0)]),
        (["pixel3=20ms"], ["fpga", "pixel3"], [("pixel3", 20.0)]),
    ],
)
def test_what_holds_where(latency: Texts, devices: list[str], expected: list[tuple[str, float]]) -> None:
    assert budgets(latency, devices) == expected


def test_all_devices_are_those_that_have_the_metric() -> None:
    assert budgets("5ms", ["all"], "7mJ")[-1] == ("fpga", 7.0)
    with pytest.raises(UsageProblem, match="energy is not known on device 'pixel3'"):
        budgets("5ms", ["fpga", "pixel3"], "7mJ")


@pytest.mark.parametrize(
    ("latency", "devices", "message", "hint"),
    [
        ("fpga=5ms", ["pixel3"], "'fpga=5ms' is about a device that is not asked for", "add --device fpga"),
        ("fgpa=5ms", [], "latency is not known on device 'fgpa'", "did you mean 'fpga'?"),
        ("5ms", ["fgpa"], "unknown device 'fgpa'", "did you mean 'fpga'?"),
        ("5ms", [], "--latency needs --device", "fpga, pixel3, raspi4"),
        (["5ms", "6ms"], ["fpga"], "latency is limited twice", "name it once: --latency"),
        (["fpga=5ms", "fpga=6ms"], [], "latency on fpga is limited twice", "one limit"),
        ("fpga=", [], "'' is not a quantity", "2ms"),
        ("fpga=5ms=6ms", [], "'5ms=6ms' has an unknown unit", "ms"),
        ("fpga=6ms..5ms", [], "upside down", "5ms..6ms"),
    ],
)
def test_what_makes_no_sense(latency: Texts, devices: list[str], message: str, hint: str) -> None:
    with pytest.raises(UsageProblem, match=message) as caught:
        budgets(latency, devices)
    assert hint in str(caught.value.hint)


def test_what_depends_on_no_device() -> None:
    with pytest.raises(UsageProblem, match="names a device, on which params does not depend") as caught:
        parse_request(SPACE, params="fpga=1M", devices=DEVICES, yardstick=Medians())
    assert caught.value.hint == "write --params 1M"
