"""Spaces found by name: built-in ones, those of other packages, and what is refused without harm to the rest."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from dinas_cli.errors import GenotypeError, SpaceError, UsageProblem
from dinas_cli.spaces import registry
from dinas_cli.spaces.registry import BUILT_IN, get_space, offers, origin, refusals, space_names
from dinas_cli.spaces.shared.guard import ANSWERS
from dinas_cli.spaces.shared.members import ATTRIBUTES, METHODS
from dinas_cli.spaces.shared.protocol import Space
from tests.conftest import ROOT

Install = Callable[..., Path]

TOY = """
from tests.support.toy import ToySpace
class Mine(ToySpace):
    name = {name!r}
    aliases = {aliases!r}
SPACE = Mine()
"""


def mine(install: Install, name: str = "mine", aliases: tuple[str, ...] = (), package: str = "dinas-mine") -> None:
    """Install a package with one space."""
    module = package.replace("-", "_")
    install({name: f"{module}:SPACE"}, {f"{module}.py": TOY.format(name=name, aliases=aliases)}, name=package)


def refused(name: str) -> SpaceError:
    with pytest.raises(SpaceError) as caught:
        get_space(name)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 1
    assert name not in space_names()
    assert set(BUILT_IN) <= set(space_names())
    return caught.value


def test_entry_points_of_this_package_are_its_list() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["entry-points"][registry.GROUP]
    assert declared == {offer.name: offer.target for offer in offers()[: len(BUILT_IN)]}
    assert tuple(declared) == BUILT_IN == space_names()[: len(BUILT_IN)]


def test_every_member_of_the_protocol_is_looked_at() -> None:
    assert set(ATTRIBUTES) == set(Space.__annotations__)
    assert set(METHODS) - set(ANSWERS) == {"build", "example"}
    assert set(ANSWERS) <= set(METHODS)


def test_a_space_of_another_package(install: Install) -> None:
    before = space_names()
    mine(install, aliases=("my-own",))
    assert space_names() == (*before, "mine")
    assert get_space("mine").name == get_space("my-own").name == "mine"
    assert str(origin("mine")) == "dinas-mine 1.2"
    assert get_space("nb201").name == "nasbench201"
    assert not refusals()
    registry.forget()
    assert get_space("mine").decode((0,) * 7) == "0000000"


def test_listed_by_name_after_the_built_in_ones(install: Install) -> None:
    mine(install, "zebra", package="dinas-a")
    mine(install, "ant", package="dinas-z")
    assert space_names() == (*BUILT_IN, "ant", "zebra")


def test_a_checkout_that_is_not_installed(tmp_path: Path) -> None:
    """The folder on the path is enough: nothing is known about packages but what is in it."""
    code = (
        "import importlib.metadata as m; m.entry_points = lambda **_: ()\n"
        "from dinas_cli.spaces.registry import get_space, space_names\n"
        "print(*[get_space(name).name for name in space_names()])"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert tuple(done.stdout.split()) == BUILT_IN


def test_a_name_is_found_without_scan_or_other_spaces(tmp_path: Path) -> None:
    code = (
        "import sys, dinas_cli.spaces.registry as r; r.get_space('darts')\n"
        "print([n for n in sys.modules if 'nasbench201' in n or n in ('importlib.metadata', 'torch')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import no_such_package\n", "raises ModuleNotFoundError: No module named 'no_such_package'"),
        ("raise SystemExit('enough')\n", "raises SystemExit: enough"),
        ("raise ValueError('two\\nlines')\n", "raises ValueError: two lines"),
        ("def f(:\n", "raises SyntaxError"),
        ("x = 1\n", "raises AttributeError"),
        ("SPACE = 3\n", "has no member 'name'"),
        (TOY.format(name="other", aliases=()), "it calls itself 'other'"),
        (TOY.format(name="mine", aliases=("mine too",)), "its 'aliases' is not a tuple of names"),
        (TOY.format(name="mine", aliases=()) + "Mine.layout = 7\n", "its 'layout' is not a Layout"),
        (TOY.format(name="mine", aliases=()) + "Mine.legal = None\n", "its member 'legal' is not a method"),
        (TOY.format(name="mine", aliases=()) + "Mine.rank_metric = 'speed'\n", "'speed' is not one of its metrics"),
        (TOY.format(name="mine", aliases=()) + "Mine.metrics = ()\n", "its 'metrics' is not a tuple of MetricSpec"),
        (TOY.format(name="mine", aliases=()) + "Mine.checkpoints = 'a.toml'\n", "its 'checkpoints' is not a Path"),
        (TOY.format(name="mine", aliases=()) + "Mine.table_rows = -1\n", "its 'table_rows' is not a number"),
    ],
)
def test_what_cannot_be_used_is_refused_with_package_and_reason(install: Install, text: str, words: str) -> None:
    install({"mine": "dinas_broken:SPACE"}, {"dinas_broken.py": text}, name="dinas-broken")
    error = refused("mine")
    assert error.message.startswith("space 'mine' of dinas-broken 1.2 is refused: ")
    assert words in error.message
    assert [offer.name for offer, _ in refusals()] == ["mine"]
    assert get_space("nb201").name == "nasbench201"
    with pytest.raises(UsageProblem) as caught:
        get_space("nasbench2001")
    assert "did you mean 'nasbench201'?" in (caught.value.hint or "")
    assert "refused: mine" in (caught.value.hint or "")


def test_two_packages_with_one_name_are_both_refused(install: Install) -> None:
    mine(install, package="dinas-one")
    mine(install, package="dinas-two")
    assert "dinas-two 1.2 has a space of that name too" in refused("mine").message
    assert [str(offer) for offer, _ in refusals()] == ["dinas-one 1.2", "dinas-two 1.2"]


def test_a_name_of_this_package_stays_its_own(install: Install) -> None:
    mine(install, "darts")
    assert get_space("darts").title.startswith("DARTS")
    ((offer, error),) = refusals()
    assert (offer.name, offer.distribution) == ("darts", "dinas-mine")
    assert "of that name too" in error.message
    assert space_names() == BUILT_IN


@pytest.mark.parametrize("alias", ["nlp", "nb201", "hwnasbench"])
def test_an_alias_that_is_taken(install: Install, alias: str) -> None:
    mine(install, aliases=(alias,))
    assert f"its alias {alias!r} is a name of" in refused("mine").message
    assert get_space(alias).name in BUILT_IN


def test_an_alias_that_two_packages_want(install: Install) -> None:
    mine(install, "one", ("both",), "dinas-one")
    mine(install, "two", ("both",), "dinas-two")
    assert "is a name of two of dinas-two 1.2" in refused("one").message
    assert "is a name of one of dinas-one 1.2" in refused("two").message
    with pytest.raises(UsageProblem, match="unknown space 'both'"):
        get_space("both")


def test_answers_that_break_the_contract_name_the_package(install: Install) -> None:
    text = TOY.format(name="mine", aliases=()) + (
        "import numpy as np\n"
        "class Odd(Mine):\n"
        "    def legal(self, values, variables): return np.ones((3, 3), bool)\n"
        "    def features(self, values): return np.full((len(values), 2), np.nan, np.float32)\n"
        "    def draw(self, count, seed): return np.full((count, 7), 9, np.int8)\n"
        "    def reference(self): return [1, 2]\n"
        "    def canonical_id(self, values): return 7\n"
        "    def key(self, values): return 2**70\n"
        "    def operators(self, values): return values[0] / 0\n"
        "    def closed_form(self, metric, values, dataset=None): return np.ones(3)\n"
        "    def sketch(self, values): return None\n"
        "SPACE = Odd()\n"
    )
    install({"mine": "dinas_odd:SPACE"}, {"dinas_odd.py": text}, name="dinas-odd")
    import numpy as np

    space, values = get_space("mine"), np.zeros((5, 7), np.int8)
    for name, arguments, words in (
        ("legal", (values, np.zeros(5, int)), "gives the shape (3, 3), not (5, 4)"),
        ("features", (values,), "gives a value that is not finite"),
        ("draw", (4, 0), "gives types outside of the layout's choices"),
        ("reference", (), "gives list, not an array of integer"),
        ("canonical_id", ((0,) * 7,), "gives 7, not text"),
        ("key", ((0,) * 7,), f"gives {2**70}, not a number below 2**63"),
        ("operators", ([(0,)],), "raises TypeError"),
        ("closed_form", ("params", values), "gives the shape (3,), not (5)"),
        ("sketch", ((0,) * 7,), "gives None, not sketches"),
    ):
        with pytest.raises(SpaceError) as caught:
            getattr(space, name)(*arguments)
        assert caught.value.message.startswith(f"space 'mine' of dinas-odd 1.2: {name} ")
        assert words in caught.value.message
        assert caught.value.hint == "dinas spaces check mine"
    with pytest.raises(GenotypeError):
        space.encode("9")
