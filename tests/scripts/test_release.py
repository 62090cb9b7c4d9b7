"""What keeps a release back: placeholders, numbers that differ, links that lead nowhere from the package index."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from zipfile import ZipFile

from scripts import check_release, check_wheel
from tests.conftest import ROOT

WHOLE = "".join(f"[{n}](https://repository.example/{n}) " for n in range(9))


def wheel(path: Path, text: str, *, without: str = "") -> Path:
    """A file like a wheel, with such a page."""
    weights = [f"checkpoints/weights/{file.name}" for file in check_wheel.PACKAGE.glob("checkpoints/weights/*")]
    with ZipFile(path, "w") as files:
        files.writestr("dinas-1.0.dist-info/METADATA", text)
        for name in (*check_wheel.NEEDED, *weights):
            if name != without:
                files.writestr(f"dinas_cli/{name}", "")
    return path


def test_a_wheel_that_is_right(tmp_path: Path) -> None:
    assert check_wheel.problems(wheel(tmp_path / "a.whl", WHOLE)) == []


def test_a_wheel_that_lacks_something(tmp_path: Path) -> None:
    found = check_wheel.problems(wheel(tmp_path / "a.whl", WHOLE, without="py.typed"))
    assert found == ["it lacks py.typed"]
    found = check_wheel.problems(wheel(tmp_path / "b.whl", WHOLE + '[x](docs/a.md) <img src="b.svg">'))
    assert [problem.rpartition(" ")[2] for problem in found] == ["docs/a.md", "b.svg"]
    assert "hardly any link" in check_wheel.problems(wheel(tmp_path / "c.whl", "text"))[0]


def test_substitutions_leave_no_link_of_the_readme_behind() -> None:
    """As the build hook applies them."""
    hook = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["metadata"]["hooks"]
    text = (ROOT / "README.md").read_text("utf-8")
    for rule in hook["fancy-pypi-readme"]["substitutions"]:
        text = re.sub(rule["pattern"], rule["replacement"], text)
    targets = re.findall(r'\]\(([^)]+)\)|(?:src|srcset)="([^"]+)"', text)
    assert len(targets) > 10
    assert all((one or other).startswith("https://") for one, other in targets)


def test_nothing_is_released_before_there_is_an_address(tmp_path: Path) -> None:
    version = re.search(r'"(.*)"', (ROOT / "dinas_cli/files/version.py").read_text().partition("__version__")[2])
    assert version
    found = check_release.problems(f"v{version[1]}")
    assert any("placeholder" in problem for problem in found)
    assert not any("CITATION" in problem or "version.py" in problem for problem in found)
    assert len(check_release.problems("v9.9.9")) == len(found) + 2
    (tmp_path / "dinas_cli" / "files").mkdir(parents=True)
    for name in ("pyproject.toml", "CHANGELOG.md", "CITATION.cff", "dinas_cli/files/version.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name, old, new in (
        ("pyproject.toml", "repository.example", "example.org"),
        ("CHANGELOG.md", "\n## [Unreleased]\n", f"\n## [{version[1]}] - 2026-12-01\n"),
    ):
        path = tmp_path / name
        path.write_text(path.read_text().replace(old, new))
    assert check_release.problems(f"v{version[1]}", tmp_path) == []
