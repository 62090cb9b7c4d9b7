"""Help in panels, with the options that mean something in the space beside it."""

from __future__ import annotations

import pytest

from dinas_cli.cli.space_help import without_meaning
from dinas_cli.spaces.registry import get_space
from tests.conftest import Cli


def test_panels_in_their_order(cli: Cli) -> None:
    text = cli("generate", "--help").out
    panels = ["Options:", "Goals and limits:", "Sampling:", "Output:", "Files:"]
    places = [text.index(f"\n{panel}\n") for panel in panels]
    assert places == sorted(places)
    assert all(option in text for option in ("--ppl", "--ntk", "--energy", "--linear-regions"))


@pytest.mark.parametrize(
    ("args", "there", "gone"),
    [
        (("--space", "nlp"), ("--ppl", "diverged"), ("--acc", "--latency", "--device", "--dataset", "--ntk")),
        (("-s", "darts"), ("--acc", "--latency", "--ntk"), ("--ppl", "--dataset", "--energy")),
        (("--space=nb201",), ("--acc", "--energy", "cifar100", "memory"), ("--ppl", "--ntk", "--linear-regions")),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_only_what_the_space_has(
    cli: Cli, args: tuple[str, ...], there: tuple[str, ...], gone: tuple[str, ...], first: bool
) -> None:
    words = (*args, "--help") if first else ("--help", *args)
    text = cli("generate", *words).out
    options = text[text.index("\nOptions:") :]
    assert [word for word in there if word not in options] == []
    assert [word for word in gone if f"{word} " in options] == []


def test_unknown_space(cli: Cli) -> None:
    result = cli("generate", "--space", "nsuch", "--help")
    assert (result.code, result.out) == (2, "")
    assert "unknown search space" in result.err or "nsuch" in result.err


def test_networks_where_a_space_has_skeletons() -> None:
    assert "skeleton" in without_meaning(get_space("nlp"))
    assert "skeleton" not in without_meaning(get_space("darts"))
