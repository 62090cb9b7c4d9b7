"""What samples miss: choices that a limit leaves next to nothing of are found where there is something."""

from __future__ import annotations

import numpy as np

from dinas_cli.architectures.conditions import Best, Budget, Request
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.generation.conditioning import conditioning_for
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.missed import breaches, missed, sought
from dinas_cli.generation.models import resolve_models
from dinas_cli.generation.rejection import Found
from dinas_cli.spaces.registry import get_space
from tests.support.bundled import needs_weights


def test_types_that_matter_come_first() -> None:
    reference = np.array([[a, b] for a in range(3) for b in range(2)] * 10)
    ranking = reference[:, 0] + 0.1 * reference[:, 1]
    found = np.array([[0, 0], [0, 0]])
    assert missed(reference, ranking, found, usual=0.0) == [(0, 2), (0, 1), (1, 1)]
    assert missed(reference, ranking, found, usual=1.5) == [(0, 2)]
    assert missed(reference, np.where(reference[:, 0] == 2, np.nan, ranking), found, usual=0.9) == [(0, 1)]
    assert missed(reference, ranking, reference, usual=0.0) == []


@needs_weights
def test_the_wider_models_under_a_limit_that_hardly_any_of_them_keep() -> None:
    from dinas_cli.diffusion.generator import Generator

    space = get_space("gpt-s")
    oracles = oracles_at_hand(space, table=False)
    latency, width = oracles.reference("latency/a100"), space.reference()[:, 0]
    limit = float(latency[width == 1].min()) - 0.4
    judge = Judge(oracles, Request("gpt-s", budgets=(Budget("latency", limit, "a100"),), best=Best("ppl")), 0.98)
    narrow = space.reference()[judge.feasible(None)][:64].astype(np.int64)
    assert set(narrow[:, 0].tolist()) == {0}
    distance = breaches(judge, None)
    assert ((distance <= 0) == (latency <= limit)).all()
    models = resolve_models(space, None, oracles)
    found = [Found(number, "", tuple(row)) for number, row in enumerate(narrow.tolist())]
    reached = sought(Generator.load(models.path), conditioning_for(judge, models), judge, "ppl", found, 0)
    values = np.array([each.values for each in reached])
    assert judge.feasible(values).all()
    wide = values[values[:, 0] == 1]
    assert len(wide) > 0
    assert oracles.ranking(wide, "ppl").min() > np.median(oracles.ranking(narrow, "ppl"))
