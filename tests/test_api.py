"""The Python interface: its documentation's examples, what it accepts and refuses, and that importing it is cheap."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import dinas_cli
from dinas_cli.architectures.conditions import Budget, Request
from dinas_cli.architectures.schema import Metric, Record, to_json_line
from dinas_cli.errors import GenotypeError, NotFoundError, UsageProblem
from dinas_cli.spaces.registry import get_space, space_names
from tests.conftest import Cli
from tests.support.bundled import needs_weights
from tests.support.spaces import LARGER

GENOTYPE = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, dinas_cli; dir(dinas_cli); from dinas_cli import DinasError, Record; import dinas_cli.api; "
        "sys.exit(len({'torch', 'numpy', 'typer', 'rich', 'safetensors'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_public_names() -> None:
    assert set(dinas_cli.__all__) <= set(dir(dinas_cli))
    for name in dinas_cli.__all__:
        assert getattr(dinas_cli, name).__doc__
    with pytest.raises(AttributeError, match="module 'dinas_cli' has no attribute 'sample'"):
        dinas_cli.sample  # noqa: B018


@needs_weights
def test_the_command_line_gives_the_same_records(cli: Cli) -> None:
    records = dinas_cli.generate(acc="top10", latency="3ms", device="fpga", dataset="cifar100", n=5, seed=3)
    words = ["--acc", "top10", "--latency", "3ms", "--device", "fpga", "-d", "cifar100", "-n", "5", "--seed", "3"]
    result = cli("generate", *words, "--json", "--quiet")
    assert result.out.splitlines() == [to_json_line(record) for record in records]


@needs_weights
def test_functions_print_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    records = dinas_cli.generate(acc="top20", n=2)
    dinas_cli.evaluate(records)
    dinas_cli.build(records[0])
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.parametrize("name", space_names())
def test_closed_forms_of_every_space_are_computed(name: str) -> None:
    space = get_space(name)
    dataset = space.datasets[-1] if space.datasets else None
    rows = space.draw(3, 4)
    genotypes = [space.decode(row) for row in rows.tolist()]
    records = dinas_cli.evaluate(genotypes, space=name, metrics=space.closed_forms, dataset=dataset)
    assert [record.genotype for record in records] == genotypes
    for place, record in enumerate(records):
        found = {key.partition("@")[0]: metric for key, metric in record.metrics.items()}
        assert set(found) == set(space.closed_forms)
        for metric, answer in found.items():
            assert answer.source == "computed"
            assert answer.value == space.closed_form(metric, rows, dataset)[place]
    if name in LARGER:
        return
    network = dinas_cli.build(records[0], dataset=dataset)
    assert sum(p.numel() for p in network.parameters()) == records[0].metrics[_params(records[0])].value


def _params(record: Record) -> str:
    return next(key for key in record.metrics if key.partition("@")[0] == "params")


def test_evaluate_keeps_the_order_over_spaces() -> None:
    spaces = [get_space(name) for name in space_names()]
    records = [
        Record("", space.name, space.decode(row))
        for seed in (1, 2)
        for space in spaces
        for row in space.draw(2, seed).tolist()
    ]
    found = dinas_cli.evaluate(records, metrics="params")
    assert [(record.space, record.genotype) for record in found] == [
        (record.space, get_space(record.space).decode(get_space(record.space).encode(record.genotype)))
        for record in records
    ]


def test_what_stands_for_an_architecture() -> None:
    record = Record("", "nb201", GENOTYPE)
    expected = dinas_cli.evaluate(record, metrics="params")
    for other in (to_json_line(record), f" {to_json_line(record)}\n", [record], iter([record])):
        assert dinas_cli.evaluate(other, metrics="params") == expected
    assert dinas_cli.evaluate("301004", "nasbench201", metrics=["params"]) == expected
    assert dinas_cli.evaluate([], "nasbench201") == []


def test_a_request_decides_dataset_and_is_checked() -> None:
    limit = 300_000
    request = Request("nasbench201", "imagenet16-120", budgets=(Budget("params", limit),)).to_dict()
    record = Record("", "nasbench201", GENOTYPE, request=request)
    (found,) = dinas_cli.evaluate(record, metrics="params")
    assert list(found.metrics) == ["params@imagenet16-120"]
    assert found.provenance == {"satisfies": found.metrics["params@imagenet16-120"].value <= limit}
    classifier: Any = dinas_cli.build(record).get_submodule("classifier")
    assert classifier.out_features == 120
    classifier = dinas_cli.build(record, dataset="cifar100").get_submodule("classifier")
    assert classifier.out_features == 100


@needs_weights
def test_what_is_excluded_does_not_come_out_again() -> None:
    first = dinas_cli.generate(acc="top5", n=3)
    more = dinas_cli.generate(acc="top5", n=3, exclude=first)
    assert not {record.id for record in first} & {record.id for record in more}
    (other,) = dinas_cli.generate(acc="top5", n=1, exclude=first[0].genotype)
    assert other.id == first[1].id


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: dinas_cli.generate(n=0), UsageProblem, "n=0 is outside 1 to 100000"),
        (lambda: dinas_cli.generate(steps=-1), UsageProblem, "steps=-1 is outside 1 to 10000"),
        (lambda: dinas_cli.generate(seed=-1), UsageProblem, "seed=-1 is outside"),
        (lambda: dinas_cli.generate(seed=10**400), UsageProblem, "is outside 0 to"),
        (lambda: dinas_cli.generate(confidence=-1), UsageProblem, "confidence=-1 is outside 0.5 to 0.9999"),
        (lambda: dinas_cli.generate(confidence=float("nan")), UsageProblem, "confidence=nan is outside"),
        (lambda: dinas_cli.generate(guidance=-1), UsageProblem, "guidance=-1 is outside 0 to 100"),
        (lambda: dinas_cli.generate(guidance=float("inf")), UsageProblem, "guidance=inf is outside"),
        (lambda: dinas_cli.generate(guidance={"acc": -1.0}), UsageProblem, "guidance['acc']=-1.0 is outside"),
        (lambda: dinas_cli.generate(params=float("inf")), UsageProblem, "'inf' is not a quantity"),  # type: ignore[arg-type]
        (lambda: dinas_cli.generate("darts", ntk="1e999"), UsageProblem, "'1e999' is too large"),
        (lambda: dinas_cli.generate("nlp", acc="<=1e999"), UsageProblem, "'1e999' is too large"),
        (lambda: dinas_cli.generate("nasbench210"), UsageProblem, "unknown space 'nasbench210'"),
        (lambda: dinas_cli.generate("hwnasbench", latency="2ms"), UsageProblem, "space hwnasbench needs a device"),
        (lambda: dinas_cli.generate(latency="2", device="fpga"), UsageProblem, "'2'"),
        (lambda: dinas_cli.generate(latency=3, device="fpga"), UsageProblem, "latency=3 is not a text"),  # type: ignore[arg-type]
        (lambda: dinas_cli.generate(acc=0.9), UsageProblem, "acc=0.9 is not a text"),  # type: ignore[arg-type]
        (lambda: dinas_cli.generate("gpt-s", ppl=5), UsageProblem, "ppl=5 is not a text"),  # type: ignore[arg-type]
        (lambda: dinas_cli.measure(3), UsageProblem, "name=3 is not a text"),  # type: ignore[arg-type]
        (lambda: dinas_cli.measure("x", batch=0), UsageProblem, "batch=0 is outside"),
        (lambda: dinas_cli.measure("x", count=7), UsageProblem, "count=7 is outside 8 to 1000"),
        (lambda: dinas_cli.measure("x", seed=-3), UsageProblem, "seed=-3 is outside"),
        (lambda: dinas_cli.measure("x", sizes=3), UsageProblem, "sizes=3 is not understood"),  # type: ignore[arg-type]
        (lambda: dinas_cli.build(GENOTYPE, "nasbench201", 3), UsageProblem, "dataset=3 is not a text"),  # type: ignore[arg-type]
        (lambda: dinas_cli.generate(3), UsageProblem, "space=3 is not a text"),  # type: ignore[arg-type]
        (lambda: dinas_cli.generate(device=[3]), UsageProblem, "device=3 is not a text"),  # type: ignore[list-item]
        (lambda: dinas_cli.generate(params=[1]), UsageProblem, "params=[1] is no quantity"),  # type: ignore[arg-type]
        (lambda: dinas_cli.generate(limits=3), UsageProblem, "limits=3 is not understood"),  # type: ignore[arg-type]
        (lambda: dinas_cli.generate(n="4"), UsageProblem, "n='4' is not a whole number"),  # type: ignore[arg-type]
        (lambda: dinas_cli.generate(guidance="2"), UsageProblem, "guidance='2' is not a number"),  # type: ignore[arg-type]
        (lambda: dinas_cli.evaluate(3, "darts"), UsageProblem, "3 (int) is no architecture"),  # type: ignore[arg-type]
        (
            lambda: dinas_cli.evaluate([[["a", 0], ["b", 1]]], "darts"),  # type: ignore[list-item]
            UsageProblem,
            "[['a', 0], ['b', 1]] (list) is no architecture",
        ),
        (lambda: dinas_cli.evaluate(GENOTYPE, "nasbench201", metrics=[1]), UsageProblem, "metrics=1 is not"),  # type: ignore[list-item]
        (lambda: dinas_cli.generate(params=-1), UsageProblem, "-1"),
        (lambda: dinas_cli.generate(exclude=3), UsageProblem, "3 (int) is no architecture"),  # type: ignore[arg-type]
        (
            lambda: dinas_cli.generate("nlp", exclude=Record("", "nasbench201", GENOTYPE)),
            UsageProblem,
            "an architecture of space 'nasbench201', not of 'nlp'",
        ),
        (lambda: dinas_cli.generate(limits={"acc": "3"}), UsageProblem, "acc has no upper limit"),
        (lambda: dinas_cli.evaluate(GENOTYPE), UsageProblem, "a plain genotype needs its space"),
        (lambda: dinas_cli.evaluate('{"schema": "x"}'), UsageProblem, "unknown schema 'x'"),
        (lambda: dinas_cli.evaluate("999999", "nasbench201"), GenotypeError, "999999"),
        (lambda: dinas_cli.evaluate(GENOTYPE, "nasbench201", metrics="colour"), UsageProblem, "no metric 'colour'"),
        (lambda: dinas_cli.evaluate(GENOTYPE, "nasbench201", metrics="index"), NotFoundError, "index"),
        (lambda: dinas_cli.build(GENOTYPE, "nasbench201", "svhn"), UsageProblem, "unknown dataset 'svhn'"),
        (lambda: dinas_cli.build(GENOTYPE, "nasbench201", cells=3), UsageProblem, "takes no --cells"),
        (lambda: dinas_cli.build(GENOTYPE, "nasbench201", skeleton="x"), UsageProblem, "has no skeleton 'x'"),
        (
            lambda: dinas_cli.build(Record("", "nasbench201", GENOTYPE), "nasbench101"),
            UsageProblem,
            "an architecture of space 'nasbench201', not of 'nasbench101'",
        ),
        (
            lambda: dinas_cli.evaluate(Record("", "nasbench201", GENOTYPE, request={"colour": 1})),
            UsageProblem,
            "unknown member 'colour'",
        ),
    ],
)
def test_what_is_refused(call: Any, kind: type[dinas_cli.DinasError], words: str) -> None:
    with pytest.raises(kind, match=re.escape(words)) as caught:
        call()
    assert "\n" not in caught.value.message


def test_values_of_a_record_are_not_trusted() -> None:
    record = Record("nb201-0", "nasbench201", GENOTYPE, {"acc@cifar10": Metric(99.0, "%", "table")}, values=(3,) * 6)
    (found,) = dinas_cli.evaluate(record, metrics="params")
    assert found.values == get_space("nasbench201").encode(GENOTYPE)
    assert found.id == get_space("nasbench201").canonical_id(found.values)
    assert np.isfinite(found.metrics["params@cifar10"].value)
