"""The conformance tests: every space of this package passes, and each breach of the contract is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dinas_cli.errors import DinasError
from dinas_cli.spaces.registry import BUILT_IN, get_space
from dinas_cli.spaces.shared.protocol import Sketch, Space
from dinas_cli.testing import CHECKS, Broken, Check, check_space, run_checks
from tests.support.nightly import AT_NIGHT, NIGHTLY
from tests.support.spaces import LARGER, small

BY_NAME = {check.name: check for check in CHECKS}


BY_DAY = ("nasbench201", "nasbench-macro", "nlp", "gpt-s")


@pytest.mark.parametrize("check", CHECKS, ids=str)
@pytest.mark.parametrize("name", BUILT_IN)
def test_every_space_keeps_its_contract(name: str, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    torch.set_num_threads(1)
    if check.name == "source":
        small(monkeypatch, name)
    if check.name in ("source", "network"):  # networks are built and run
        if name in LARGER:
            pytest.skip("the same code as a smaller size")
        if not (NIGHTLY or name in BY_DAY):
            pytest.skip(AT_NIGHT)
    check(get_space(name))


def broken(space: Space, **members: Any) -> Space:
    """The example's space with other members."""
    changed: Any = type("Changed", (type(space.__wrapped__),), members)()  # type: ignore[attr-defined]
    return changed


def layout(space: Space, **changes: Any) -> dict[str, Any]:
    return {"layout": replace(space.layout, **changes)}


def metric(space: Space, **changes: Any) -> dict[str, Any]:
    return {"metrics": (replace(space.metrics[0], **changes), *space.metrics[1:])}


def times(count: int) -> Callable[..., Any]:
    """A ``draw`` that gives the same architecture ``count`` times, whatever is asked for."""
    return lambda self, *_: np.zeros((count, 4), np.int8)


BREACHES: tuple[tuple[str, Callable[[Space], dict[str, Any]], str], ...] = (
    ("members", lambda space: {"title": None}, "its 'title' is not text"),
    ("layout", lambda space: layout(space, free_nodes=(1, 2, 3, 9)), "free node 9 is none of the 6 nodes"),
    ("layout", lambda space: layout(space, free_edges=((3, 2),)), "edge (3, 2) does not run from a lower"),
    ("layout", lambda space: layout(space, free_edges=((0, 1),)), "an edge is there twice"),
    ("layout", lambda space: layout(space, node_choices=9), "node_choices exceeds node_types"),
    ("layout", lambda space: layout(space, vocabularies=((0, 1),)), "1 vocabularies, not one per free node"),
    (
        "layout",
        lambda space: layout(space, vocabularies=((0, 1), (1, 1), (0,), (0,))),
        "vocabulary of node 2 is not of",
    ),
    (
        "layout",
        lambda space: layout(space, vocabularies=((0, 4),) * 4),
        "vocabulary of node 1 is not of different free",
    ),
    ("layout", lambda space: layout(space, free_nodes=()), "nothing is free"),
    ("layout", lambda space: layout(space, nodes=(8, 0, 0, 0, 0, 4)), "node 0 has the type 8"),
    ("metrics", lambda space: metric(space, unit="furlong"), "unit 'furlong' is not one of"),
    ("metrics", lambda space: metric(space, better="up"), "better is 'up', not max, min or empty"),
    ("metrics", lambda space: metric(space, per_dataset=True), "is per dataset, and there are no datasets"),
    ("metrics", lambda space: {"metrics": (*space.metrics, space.metrics[0])}, "a metric is there twice"),
    ("readers", lambda space: {"readers": {"csv": "json"}}, "reader json has no function read"),
    ("readers", lambda space: {"readers": {"zip": "json"}}, "'zip' is no kind of file"),
    ("draw", lambda space: {"draw": times(3)}, "draw gives the shape (3, 4), not (50, 4)"),
    ("draw", lambda space: {"draw": times(50)}, "another seed gives the same architectures"),
    ("draw", lambda space: {"draw": lambda self, n, seed: np.full((n, 4), 3, np.int8) - seed}, "which is none of"),
    ("draw", lambda space: {"draw": lambda self, n, seed: np.full((n, 4), 7, np.int8)}, "outside of the layout's"),
    ("reference", lambda space: {"reference": lambda self: np.zeros((243, 4), np.int8)}, "two have one key"),
    (
        "reference",
        lambda space: {"reference": lambda self: np.ones((3, 4))},
        "reference gives float64, not an array of",
    ),
    ("genotypes", lambda space: {"encode": lambda self, text: (0, 0, 0, 0)}, "is read as [0, 0, 0, 0], not"),
    ("genotypes", lambda space: {"decode": lambda self, values, dialect=None: "a\nb"}, "not one line of text"),
    ("ids", lambda space: {"canonical_id": lambda self, values: 7}, "canonical_id gives 7, not a name"),
    ("ids", lambda space: {"key": lambda self, values: 2**64}, "not an int from 0 to 2**63 - 1"),
    ("ids", lambda space: {"key": lambda self, values: 1}, "key 1 stands for"),
    ("ids", lambda space: {"isomorphic": lambda self, values: [(1, 2, 1, 0)]}, "isomorphic cells have two ids"),
    ("refusals", lambda space: {"encode": lambda self, text: (0, 0, 0, 0)}, "is not refused; it must raise Genotype"),
    ("refusals", lambda space: {"key": lambda self, values: values[9]}, "raises IndexError, not GenotypeError"),
    ("legal", lambda space: {"legal": lambda self, values, variables: None}, "walks through legal types end in no"),
    ("legal", lambda space: {"legal": lambda self, values, _: np.ones((3, 3), bool)}, "legal gives the shape (3, 3)"),
    ("legal", lambda space: {"legal": lambda self, values, _: np.eye(4)[values[:, 0] * 0] > 0}, "legal rules out"),
    ("features", lambda space: {"features": lambda self, v: np.full((len(v), 2), np.nan, np.float32)}, "not finite"),
    ("features", lambda space: {"features": lambda self, v: np.ones((len(v), 2), np.float32)}, "the same for all"),
    ("features", lambda space: {"features": lambda self, v: v.astype(np.float64)}, "not an array of float32"),
    ("operators", lambda space: {"operators": lambda self, v: (-v[:, :1],)}, "a value that is no count"),
    ("closed forms", lambda space: {"closed_form": lambda self, *_: np.ones(2)}, "closed_form params gives the shape"),
    ("sketch", lambda space: {"sketch": lambda self, values: ()}, "is no tuple of sketches"),
    ("sketch", lambda space: {"sketch": lambda self, values: (Sketch("x", (("a", "b"),), ()),)}, "has the kind 'b'"),
    (
        "network",
        lambda space: {"closed_form": lambda self, m, v, d=None: np.ones(len(v))},
        "closed_form gives 1 params",
    ),
    ("source", lambda space: {"source": lambda self, *_: "import numpy\n"}, "it raises"),
    ("network", lambda space: {"example": lambda self, *_: 1 / 0}, "it raises ZeroDivisionError: division by zero"),
)


@pytest.mark.parametrize(("name", "members", "words"), BREACHES)
def test_a_breach_is_named(
    stack: Space, monkeypatch: pytest.MonkeyPatch, name: str, members: Callable[[Space], dict[str, Any]], words: str
) -> None:
    changed = broken(stack, **members(stack))
    monkeypatch.setattr("dinas_stack.SPACE", changed)
    from dinas_cli.spaces import registry

    registry.forget()
    with pytest.raises(Broken) as caught:
        BY_NAME[name](changed, 50)
    assert words in caught.value.message
    assert isinstance(caught.value, DinasError)


def test_the_example_keeps_its_contract_and_a_broken_space_is_told_all(
    stack: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_space(stack, 60)
    quick = [check for check in CHECKS if check.name not in ("source", "network")]
    monkeypatch.setattr("dinas_cli.testing.CHECKS", quick)
    changed = broken(stack, title=None, operators=lambda self, values: "many")
    failed = [check.name for check, error in run_checks(changed, 60) if error is not None]
    assert failed == ["members", "operators"]
    with pytest.raises(Broken, match="breaks its contract: members: its 'title' is not text; operators: "):
        check_space(changed, 60)
