"""The best: samples improved by changes, or all of a small space; and different ones among the best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Best, Budget, Rank, Request
from dinas_cli.architectures.schema import Record
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.diffusion.generator import Conditioning, Generator
from dinas_cli.errors import UsageProblem
from dinas_cli.generation import polish
from dinas_cli.generation.generate import generate
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.spread import SPREAD, spread
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Space
from tests.support import toy as toys
from tests.support.bundled import guess, needs_weights, quantile


@pytest.fixture(scope="module")
def large() -> tuple[Oracles, Request]:
    """A space that cannot be listed, and a request for its best under a limit that a third of it keeps."""
    oracles = oracles_at_hand(get_space("darts"), table=False)
    limit = float(np.quantile(oracles.reference("params"), 0.35))
    return oracles, Request("darts", None, budgets=(Budget("params", limit),), best=Best("acc"))


@needs_weights
def test_changes_improve_samples_and_keep_the_limits(
    large: tuple[Oracles, Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polish, "ROUNDS", 5)
    oracles, request = large
    found = generate(request, 6, seed=3, oracles=oracles)
    values = np.array([record.values for record in found.records])
    ranking = oracles.ranking(values, "acc")
    assert (np.diff(ranking) <= 0).all()
    assert len({record.id for record in found.records}) == 6
    assert (oracles.metric(values, "params")[0] <= request.budgets[0].limit).all()
    assert [record.id for record in found.records] == [get_space("darts").canonical_id(row) for row in values.tolist()]
    sampled = generate(replace(request, best=None, rank=Rank("acc", 0.5)), 6, seed=3, oracles=oracles)
    assert ranking.mean() > oracles.ranking(np.array([r.values for r in sampled.records]), "acc").mean() + 0.1
    assert found.changed == sum("changes" in record.provenance for record in found.records) > 3
    assert all(0 <= record.provenance["index"] < found.drawn for record in found.records)
    again = generate(request, 6, seed=3, oracles=oracles)
    assert [record.to_dict() for record in again.records] == [record.to_dict() for record in found.records]


@needs_weights
def test_known_ones_are_not_found_again(large: tuple[Oracles, Request], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polish, "ROUNDS", 2)
    oracles, request = large
    first = generate(request, 3, oracles=oracles).records
    known = [record.values for record in first if record.values is not None]
    second = generate(request, 3, oracles=oracles, exclude=known).records
    assert not {record.id for record in first} & {record.id for record in second}
    assert len(second) == 3


@needs_weights
def test_of_a_space_that_can_be_listed_the_best_are_exact() -> None:
    column, limit = "latency/fpga@cifar10", quantile("latency/fpga@cifar10", 0.3)
    request = Request(SPACE.name, "cifar10", budgets=(Budget("latency", limit, "fpga"),), best=Best("acc"))
    found = generate(request, 5, oracles=guess(), confidence=0.9)
    assert (found.drawn, found.source) == (0, "surrogate")
    judge = Judge(guess(), request, 0.9)
    ranking = np.where(judge.feasible(None), guess().ranking(None, "acc@cifar10"), -np.inf)
    best: dict[str, None] = {}
    for row in np.argsort(-ranking, kind="stable"):
        best[SPACE.canonical_id(SPACE.reference()[row].tolist())] = None
        if len(best) == 5:
            break
    assert [record.id for record in found.records] == list(best)
    assert all(record.metrics[column].value <= limit for record in found.records)


@needs_weights
def test_only_a_few_variables_are_drawn_again() -> None:
    from dinas_cli.checkpoints.registry import weights_dir

    space = get_space("darts")
    model, cells = Generator.load(weights_dir() / "darts.safetensors"), space.draw(64, 1).astype(np.int64)
    drawn = {}
    for guidance in (4.0, None):
        drawn[guidance] = model.redraw(Conditioning(None, 1.0), cells, 3, seed="here", guidance=guidance)
        changed = (drawn[guidance] != cells).sum(1)
        assert changed.max() <= 3
        assert changed.mean() > 0.5
        for row in drawn[guidance].tolist():
            space.canonical_id(row)  # rules are kept
    assert not np.array_equal(drawn[4.0], drawn[None])
    again = model.redraw(Conditioning(None, 1.0), cells, 3, seed="here", guidance=4.0)
    assert np.array_equal(again, drawn[4.0])
    assert not np.array_equal(model.redraw(Conditioning(None, 1.0), cells, 3, seed="there"), drawn[4.0])


def test_a_kernel_that_does_not_mask_cannot_draw_parts_again(toy: Space, tmp_path: object) -> None:
    from pathlib import Path

    model = Generator.load(toys.generator_file(Path(str(tmp_path)) / "m.safetensors", "marginal"))
    with pytest.raises(UsageProblem, match="cannot draw parts"):
        model.redraw(Conditioning("hard", 5.0), toy.reference()[:2], 2, seed=0)


def test_different_ones_are_chosen_among_the_best() -> None:
    rng = np.random.default_rng(0)
    base = rng.integers(4, size=20)
    cells = np.where(rng.random((200, 20)) < 0.2, rng.integers(4, size=(200, 20)), base)
    records = [Record(str(i), "toy", str(i), values=tuple(row)) for i, row in enumerate(cells.tolist())]
    found = spread(records, 6)
    places = [int(record.id) for record in found]
    assert places == sorted(places)
    assert places[0] == 0
    assert max(places) < 6 * SPREAD

    def least(chosen: list[Record]) -> int:
        values = np.array([record.values for record in chosen])
        apart = (values[:, None] != values).sum(-1) + 99 * np.eye(len(values), dtype=int)
        return int(apart.min())

    assert least(found) > least(records[:6])
    assert spread(records[:4], 6) == records[:4]
