"""The notebooks of ``examples/``: run, with their outputs kept; ``.ci/run`` runs them anew."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def test_both_are_there() -> None:
    assert [path.name for path in NOTEBOOKS] == ["own_data.ipynb", "tour.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_executed_from_top_to_bottom(path: Path) -> None:
    cells: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == [*range(1, len(code) + 1)]
    for cell in code:
        ast.parse("".join(cell["source"]))
        assert "error" not in {output["output_type"] for output in cell["outputs"]}
    assert any("image/svg+xml" in json.dumps(cell["outputs"]) for cell in code)
    assert path.stat().st_size < 200_000
