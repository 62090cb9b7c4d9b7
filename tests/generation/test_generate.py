"""Generation as a library: what is returned satisfies, nothing depends on chunks, every count and note is true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Budget, Floor, Rank, Request
from dinas_cli.checkpoints.registry import load_registry, weights_dir
from dinas_cli.errors import NotFoundError, UnsatisfiedError, UsageProblem
from dinas_cli.files.columns import column_key
from dinas_cli.generation import generate as generation
from dinas_cli.generation import rejection
from dinas_cli.generation.generate import Generated, generate
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.rejection import POOL
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Space
from tests.support.benchmark_files import install_table
from tests.support.bundled import guess, needs_weights, quantile

pytestmark = needs_weights
FPGA, GOLD = "latency/fpga@cifar10", "latency/gold_6226"
GENERATORS = [
    name
    for name, entry in load_registry().items()
    if entry.kind == "generator" and (weights_dir() / entry.filename).is_file()
]


def asked(share: float = 0.4, top: float | None = 20.0, **members: object) -> Request:
    """A request with a latency budget at a quantile of the fpga's latencies, and a rank."""
    rank = None if top is None else Rank("acc", top)
    budgets = (Budget("latency", quantile(FPGA, share), "fpga"),)
    return replace(Request(SPACE.name, "cifar10", rank, None, budgets), **members)  # type: ignore[arg-type]


def values_of(result: Generated) -> np.ndarray:
    return np.array([record.values for record in result.records])


@pytest.mark.parametrize("name", GENERATORS)
def test_every_generator(name: str) -> None:
    entry = load_registry()[name]
    space = get_space(entry.space)
    for dataset in (None, *space.datasets):
        result = generate(Request(space.name, dataset), 8, checkpoint=name)
        assert len({record.id for record in result.records}) == 8
        assert result.drawn >= result.valid >= result.unique >= result.satisfying == 8
        assert result.source == ""
        for record in result.records:
            assert space.encode(record.genotype) == record.values
            assert record.id == space.canonical_id(space.encode(record.genotype))
            assert record.request == Request(space.name, dataset).to_dict()
            assert record.provenance["checkpoint"] == entry.filename
            assert record.provenance["sha256"] == entry.sha256
            assert column_key(space.rank_metric, None, dataset or next(iter(space.datasets), None)) in record.metrics


def test_same_seed_same_result_and_fewer_are_the_best_of_more() -> None:
    first, again = (generate(asked(), 8, seed=3, oracles=guess()) for _ in range(2))
    assert first == again
    few = generate(asked(), 4, seed=3, oracles=guess())
    assert few.records == first.records[:4]
    other = generate(asked(), 8, seed=4, oracles=guess())
    assert [record.genotype for record in other.records] != [record.genotype for record in first.records]


def test_where_nothing_is_ranked_the_first_that_satisfy_are_returned() -> None:
    request = Request(SPACE.name, "cifar10", None, None, (Budget("params", 600_000.0),))
    few, more = (generate(request, count, seed=3, oracles=guess()) for count in (4, 8))
    in_order = sorted(more.records, key=lambda record: record.provenance["index"])
    assert {record.id for record in few.records} == {record.id for record in in_order[:4]}
    assert few.drawn < more.drawn < POOL


def test_nothing_depends_on_how_many_are_drawn_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = generate(asked(), 12, oracles=guess())
    for chunk, fewest in ((5, 1), (1000, 500)):
        monkeypatch.setattr(rejection, "CHUNK", chunk)
        monkeypatch.setattr(rejection, "FEWEST", fewest)
        assert generate(asked(), 12, oracles=guess()) == usual


def test_what_is_known_is_left_out() -> None:
    first = generate(asked(), 8, oracles=guess())
    known = [record.values for record in first.records if record.values is not None]
    more = generate(asked(), 8, oracles=guess(), exclude=known)
    assert not {record.id for record in first.records} & {record.id for record in more.records}
    both = generate(asked(), 16, oracles=guess())
    assert [record.id for record in both.records] == [record.id for record in (*first.records, *more.records)]


def test_nothing_is_left_when_everything_is_known() -> None:
    request = Request(SPACE.name, "cifar10", None, None, (Budget("params", 75_000.0),))
    judge = Judge(guess(), request)
    cells = SPACE.reference()
    known = [tuple(row) for row in cells[judge.satisfied(cells)].tolist()]
    ids = {SPACE.canonical_id(row) for row in known}
    last = generate(request, 1, oracles=guess()).records[0].id
    rest = [row for row in known if SPACE.canonical_id(row) != last]
    assert len(ids) == judge.count_satisfied()
    one = generate(request, 500, oracles=guess(), exclude=rest)
    assert [record.id for record in one.records] == [last]
    assert one.notes == ["the space has only 1 that satisfy"]
    with pytest.raises(UnsatisfiedError, match="is known already"):
        generate(request, 1, oracles=guess(), exclude=known)


def test_counts_add_up_and_the_best_comes_first() -> None:
    result = generate(asked(), 10, oracles=guess())
    assert POOL == result.drawn >= result.valid >= result.unique >= result.satisfying > len(result.records) == 10
    everything = generate(asked(), result.satisfying, oracles=guess())
    assert (everything.drawn, everything.satisfying) == (POOL, result.satisfying)
    assert everything.records[:10] == result.records
    accuracies = [record.metrics["acc@cifar10"].value for record in result.records]
    assert accuracies == sorted(accuracies, reverse=True)
    assert result.source == "surrogate"
    assert (result.notes, result.interrupted) == ([], False)


REQUESTS = {
    "budget and rank": lambda: asked(0.5, 10.0),
    "floor and params": lambda: Request(
        SPACE.name, "cifar100", None, Floor("acc", 60.0), (Budget("params", 600_000.0),)
    ),
    "rank": lambda: Request(SPACE.name, "imagenet16-120", Rank("acc", 30.0)),
    "floor": lambda: Request(SPACE.name, "cifar10", None, Floor("acc", 85.0)),
    "two counts": lambda: Request(
        SPACE.name, "cifar10", Rank("acc", 30.0), None, (Budget("macs", 6e7), Budget("params", 8e5))
    ),
    "device measured once": lambda: Request(
        SPACE.name, "cifar100", Rank("acc", 30.0), None, (Budget("latency", quantile(GOLD, 0.5), "gold_6226"),)
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_is_returned_satisfies(name: str) -> None:
    request = REQUESTS[name]()
    result = generate(request, 6, oracles=guess())
    assert 1 <= len(result.records) <= 6
    # With the confidence it was made with, and by the best guess, which is what `dinas eval` goes by.
    for confidence in (generation.CONFIDENCE, None):
        assert Judge(guess(), request, confidence).satisfied(values_of(result)).all()


def test_several_budgets_jointly() -> None:
    budgets = tuple(
        Budget(metric, quantile(f"{metric}/eyeriss@cifar10", 0.6), "eyeriss") for metric in ("latency", "energy")
    )
    request = Request(SPACE.name, "cifar10", Rank("acc", 20.0), None, (*budgets, Budget("params", 700_000.0)))
    result = generate(request, 5, oracles=guess())
    assert result.records
    for record in result.records:
        for budget in request.budgets:
            column = f"{budget.metric}/{budget.device}@cifar10" if budget.device else f"{budget.metric}@cifar10"
            assert record.metrics[column].value <= budget.limit


def test_a_table_decides_where_there_is_one(bench_data: Path) -> None:
    install_table(bench_data)
    truth = Oracles(SPACE, Table.open(SPACE.name), guess().surrogate)
    result = generate(asked(), 12, oracles=truth)
    assert result.source == "table"
    assert len(result.records) == 12
    assert Judge(truth, asked()).satisfied(values_of(result)).all()
    assert {metric.source for record in result.records for metric in record.metrics.values()} <= {"table", "computed"}
    default = generate(asked(), 12)  # finds the table by itself
    assert [record.id for record in default.records] == [record.id for record in result.records]


def test_asking_for_more_than_there_are() -> None:
    request = Request(SPACE.name, "cifar10", None, None, (Budget("params", 75_000.0),))
    possible = Judge(guess(), request).count_satisfied()
    result = generate(request, 1000, oracles=guess())
    assert 10 < len(result.records) <= possible < 1000
    (note,) = result.notes
    if len(result.records) == possible:
        assert note == f"the space has only {possible} that satisfy"
    else:
        assert note == f"the last 4096 samples held no further one; the space has {possible} that satisfy"


def test_nothing_found_though_it_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejection, "PATIENCE", 1)
    rare = Request(SPACE.name, "cifar10", Rank("acc", 0.001))
    with pytest.raises(UnsatisfiedError, match=r"none of 1 samples satisfies top 0\.001 % .*the space has 1 that") as e:
        generate(rare, oracles=guess())
    assert "--seed" in str(e.value.hint)


def test_an_interrupt_returns_what_was_found() -> None:
    def interrupt(found: int, drawn: int) -> None:
        if found:
            raise KeyboardInterrupt

    result = generate(asked(), 1000, oracles=guess(), progress=interrupt)
    assert result.interrupted
    assert result.notes == []
    assert 0 < len(result.records) == result.satisfying < 1000


def test_guidance_without_effect_is_noted() -> None:
    result = generate(asked(), 2, oracles=guess(), guidance={"latency": 3.0, "acc": 2.0, "params": 5.0})
    assert result.notes == ["the guidance weight of params is without effect: the request does not limit it"]
    with pytest.raises(UsageProblem, match="no condition 'speed'"):
        generate(asked(), 2, oracles=guess(), guidance={"speed": 3.0})


def test_a_device_adds_its_metrics() -> None:
    record = generate(Request(SPACE.name, "cifar100"), 1, devices=("fpga",), oracles=guess()).records[0]
    assert {"latency/fpga@cifar100", "energy/fpga@cifar100", "acc@cifar100"} <= set(record.metrics)
    tau = record.metrics["latency/fpga@cifar100"].extra["kendall_tau"]
    assert 0.5 < tau < 1


def test_budgets_need_a_surrogate(bench_data: Path) -> None:
    install_table(bench_data)
    with pytest.raises(NotFoundError, match="no surrogate for space 'nasbench201'"):
        generate(asked(), 2, oracles=Oracles(SPACE, Table.open(SPACE.name)))


def test_a_space_with_free_nodes(toy: Space, tmp_path: Path) -> None:
    from tests.support.toy import generator_file, surrogate

    path = generator_file(tmp_path / "toy.safetensors", target=toy)
    oracles = Oracles(toy, None, surrogate())
    limit = float(surrogate().profile("latency/b").edges[70])
    request = Request(toy.name, "hard", Rank("acc", 50.0), None, (Budget("latency", limit, "b"),))
    result = generate(request, 5, checkpoint=str(path), oracles=oracles)
    assert len({record.id for record in result.records}) == 5
    assert Judge(oracles, request).satisfied(values_of(result)).all()
    with pytest.raises(NotFoundError, match="is a checkpoint of toy, not of nasbench201"):
        generate(asked(), 2, checkpoint=str(path))
    with pytest.raises(UsageProblem, match="this checkpoint has no condition 'params'"):
        generate(replace(request, budgets=(Budget("params", 1700.0),)), 2, checkpoint=str(path), oracles=oracles)
