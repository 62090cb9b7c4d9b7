"""Conditions: accepted forms, refusals that say what the space has, and the form kept in records."""

from __future__ import annotations

from typing import Any

import pytest

from dinas_cli.architectures.conditions import Best, Budget, Floor, Rank, Request, find_metric
from dinas_cli.architectures.parsing import parse_request
from dinas_cli.errors import UsageProblem
from dinas_cli.generation.yardstick import Reference
from dinas_cli.spaces.registry import get_space

SPACE = get_space("nasbench201")
DEVICES = {"latency": ["fpga", "eyeriss", "pixel3"], "energy": ["fpga", "eyeriss"]}


def request(**options: Any) -> Request:
    return parse_request(SPACE, devices=DEVICES, yardstick=Reference(SPACE), **options)


@pytest.mark.parametrize(
    ("text", "top"), [("top5", 5.0), ("top0.5", 0.5), ("top5%", 5.0), ("Top 5 %", 5.0), ("top100", 100.0)]
)
def test_ranks(text: str, top: float) -> None:
    assert request(acc=text) == Request("nasbench201", "cifar10", rank=Rank("acc", top))


@pytest.mark.parametrize(("text", "value"), [(">=72", 72.0), (">=72%", 72.0), (">= 72.5 %", 72.5), ("≥72", 72.0)])
def test_floors(text: str, value: float) -> None:
    assert request(acc=text) == Request("nasbench201", "cifar10", floor=Floor("acc", value))


def test_the_best() -> None:
    assert request(acc=" Best ") == Request("nasbench201", "cifar10", best=Best("acc"))
    asked = request(acc="best", latency="2ms", device="fpga")
    assert asked.describe(SPACE) == "the best acc@cifar10 with latency/fpga ≤ 2.00 ms"
    assert not asked.empty


@pytest.mark.parametrize(
    "text",
    ["top0", "top101", "top-5", "top", "topfive", "5", "72", "<=72", ">72", ">=", ">=101", ">=0", ">=-3", ">=72ms", ""],
)
def test_refused_goals_name_text_and_forms(text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        request(acc=text)
    assert "--acc" in caught.value.message
    assert caught.value.hint == "accepted forms: top5, top0.5, top5%, best, >=72, >=72%"


def test_budgets_in_any_number() -> None:
    asked = request(
        dataset="cifar100",
        acc="top5",
        latency="0.002s",
        energy="5mJ",
        params="1M",
        macs="100M",
        device="fpga",
    )
    assert asked.budgets == (
        Budget("latency", 2.0, "fpga"),
        Budget("energy", 5.0, "fpga"),
        Budget("params", 1e6),
        Budget("macs", 1e8),
    )
    assert asked.dataset == "cifar100"
    assert not asked.empty
    assert asked.describe(SPACE) == (
        "top 5 % acc@cifar100 with latency/fpga ≤ 2.00 ms and energy/fpga ≤ 5.00 mJ and params ≤ 1.00 M "
        "and macs ≤ 100.00 M"
    )


def test_device_without_budget_and_nothing_at_all() -> None:
    assert request(device="pixel3") == request() == Request("nasbench201", "cifar10")
    assert request().empty
    assert request().describe(SPACE) == "any architecture"
    assert request(acc=">=72").describe(SPACE) == "acc@cifar10 ≥ 72.00 %"
    assert request(params="1M").describe(SPACE) == "params ≤ 1.00 M"


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"latency": "2ms"}, "--latency needs --device", "devices: fpga, eyeriss, pixel3"),
        ({"latency": "2ms", "device": "fgpa"}, "unknown device 'fgpa'", "did you mean 'fpga'?"),
        ({"device": "abacus"}, "unknown device 'abacus'", "devices: fpga, eyeriss, pixel3"),
        ({"energy": "2mJ", "device": "pixel3"}, "energy is not known on device 'pixel3'", "devices: fpga, eyeriss"),
        ({"dataset": "cifar1000"}, "unknown dataset 'cifar1000'", "did you mean 'cifar100'?"),
        ({"latency": "2", "device": "fpga"}, "--latency: '2' has no unit", "2ms"),
        ({"energy": "5ms", "device": "fpga"}, "--energy: '5ms' has an unknown unit 'ms'", "5mJ"),
        ({"params": "0"}, "--params: '0' is not positive", "count"),
        ({"macs": "-1M"}, "--macs: '-1M' is not positive", "count"),
    ],
)
def test_refused(options: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        request(**options)
    assert caught.value.exit_code == 2
    assert caught.value.message == message
    assert hint in (caught.value.hint or "")


def test_devices_as_one_list() -> None:
    asked = parse_request(SPACE, latency="2ms", device="fpga", devices=["fpga"], yardstick=Reference(SPACE))
    assert asked.budgets == (Budget("latency", 2.0, "fpga"),)


def test_metric_the_space_lacks() -> None:
    with pytest.raises(UsageProblem, match="'nasbench201' has no metric 'latncy'") as caught:
        find_metric(SPACE, "latncy")
    assert caught.value.hint == (
        "did you mean 'latency'? nasbench201 metrics: " + ", ".join(spec.name for spec in SPACE.metrics)
    )


@pytest.mark.parametrize(
    "asked",
    [
        Request("nasbench201"),
        Request(
            "nasbench201", "cifar10", Rank("acc", 5.0), None, (Budget("latency", 2.0, "fpga"), Budget("macs", 1e8))
        ),
        Request("nasbench201", "cifar100", None, Floor("acc", 72.0)),
        Request("nasbench201", "cifar10", budgets=(Budget("macs", 1e8),), best=Best("acc")),
    ],
)
def test_round_trip(asked: Request) -> None:
    assert Request.from_dict(asked.to_dict()) == asked


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "no member 'space'"),
        ({"space": 3}, "3 is not a text"),
        ({"space": "s", "wish": 1}, "unknown member 'wish'"),
        ({"space": "s", "rank": {"metric": "acc", "top": 101}}, "101 is out of range"),
        ({"space": "s", "rank": {"metric": "acc", "top": "5"}}, "'5' is not a number"),
        ({"space": "s", "rank": 5}, "is a number, not an object"),
        ({"space": "s", "floor": {"metric": "acc"}}, "no member 'value'"),
        ({"space": "s", "budgets": [{"metric": "latency", "limit": -1}]}, "-1 is out of range"),
        ({"space": "s", "budgets": [{"metric": "latency", "limit": True}]}, "True is not a number"),
        ({"space": "s", "budgets": 7}, "a number, not a list"),
    ],
)
def test_foreign_requests_are_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        Request.from_dict(data)


def test_ranges_are_two_limits_and_one_phrase() -> None:
    asked = request(latency="2ms..3ms", device="fpga", params="1M..1.2M", macs="80M")
    assert asked.budgets == (
        Budget("latency", 3.0, "fpga"),
        Budget("latency", 2.0, "fpga", reverse=True),
        Budget("params", 1.2e6),
        Budget("params", 1e6, reverse=True),
        Budget("macs", 8e7),
    )
    assert asked.describe(SPACE) == "2.00 ms ≤ latency/fpga ≤ 3.00 ms and 1.00 M ≤ params ≤ 1.20 M and macs ≤ 80.00 M"
    assert Request.from_dict(asked.to_dict()) == asked
    assert asked.to_dict()["budgets"][1] == {"metric": "latency", "limit": 2.0, "device": "fpga", "reverse": True}


def test_one_end_of_a_range_alone_is_said_as_what_it_is() -> None:
    alone = Request("nasbench201", budgets=(Budget("pgd1", 50.0, reverse=True), Budget("params", 1e6, reverse=True)))
    assert alone.describe(SPACE) == "pgd1 ≤ 50.00 % and params ≥ 1.00 M"


def test_the_other_side_in_a_record_is_true_or_false() -> None:
    data = {"space": "nasbench201", "budgets": [{"metric": "params", "limit": 1.0, "reverse": 1}]}
    with pytest.raises(UsageProblem, match="'reverse' is '1', which is neither true nor false"):
        Request.from_dict(data)


def test_perplexity_has_an_option_of_its_own() -> None:
    space = get_space("nlp")
    by_name = parse_request(space, ppl="<=90", yardstick=Reference(space))
    assert by_name == parse_request(space, acc="<=90", yardstick=Reference(space))
    assert by_name.floor == Floor("ppl", 90.0)
    with pytest.raises(UsageProblem, match="--ppl: 'top' is not understood"):
        parse_request(space, ppl="top", yardstick=Reference(space))
    with pytest.raises(UsageProblem, match="--acc and --ppl both ask for the ranked metric of nlp"):
        parse_request(space, ppl="top5", acc="top5", yardstick=Reference(space))
    with pytest.raises(UsageProblem, match="space 'nasbench201' has no metric 'ppl'") as caught:
        request(ppl="top5")
    assert caught.value.hint == "it is ranked by acc: --acc"
