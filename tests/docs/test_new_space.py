"""What docs/new-space.md shows is what the example package has, and every member of a space is explained there."""

from __future__ import annotations

import re
import tomllib

from dinas_cli.spaces.shared.members import ATTRIBUTES, METHODS, OPTIONAL
from tests.conftest import EXAMPLE, ROOT

TEXT = (ROOT / "docs" / "new-space.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_code_is_that_of_the_example() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (EXAMPLE / "dinas_stack").glob("*.py"))
    shown = [block for block in BLOCKS if "import pytest" not in block]
    assert len(shown) == len(BLOCKS) - 1 == 5
    for block in shown:
        assert block in sources


def test_the_test_that_is_shown_is_one() -> None:
    (block,) = [block for block in BLOCKS if "import pytest" in block]
    names: dict[str, object] = {}
    exec(compile(block.replace("from dinas_stack import SPACE\n", "SPACE = None\n"), "new-space.md", "exec"), names)
    assert callable(names["test_stack"])


def test_the_entry_point_is_that_of_the_example() -> None:
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    ((name, target),) = project["entry-points"]["dinas.spaces"].items()
    assert f'[project.entry-points."dinas.spaces"]\n{name} = "{target}"\n' in TEXT


def test_every_member_is_explained() -> None:
    table = TEXT[TEXT.index("## All members") :]
    assert set(re.findall(r"`(\w+)`", table)) >= {*ATTRIBUTES, *METHODS, *OPTIONAL}
