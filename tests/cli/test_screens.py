"""What people see of every listing at four widths: as the golden files say, and never wider than the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.golden.stage import NAMES, WIDTHS, path_of, screen, stage
from tests.support.bundled import needs_weights

pytestmark = needs_weights


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One table, data set and run for all screens, made once."""
    folder = tmp_path_factory.mktemp("stage")
    with stage(folder):
        yield folder


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage's surroundings instead of those of an ordinary test."""
    for name, value in {"DINAS_HOME": "home", "DINAS_OFFLINE": "1", "NO_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_screen(name: str, width: int) -> None:
    """Written anew by ``python -m tests.golden.stage``."""
    shown = screen(name, width)
    assert max(map(cell_len, shown.splitlines())) <= width
    assert shown == path_of(name, width).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", ["README.md", "docs/tour.md"])
def test_documents_show_what_a_terminal_shows(document: str) -> None:
    text = (Path(__file__).parents[2] / document).read_text(encoding="utf-8")
    assert path_of("generate", 80).read_text(encoding="utf-8").rstrip("\n") + "\n```" in text


def test_ascii_on_a_dumb_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    shown = screen("generate", 80)
    assert shown.isascii()
    assert "90.5 +- 0.3" in shown
    assert "latency/fpga <= 3.00 ms" in shown
