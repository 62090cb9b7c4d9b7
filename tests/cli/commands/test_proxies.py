"""Training-free proxies as limits and metrics of the command line, with the bundled darts checkpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.support.bundled import needs_weights

pytestmark = needs_weights


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_generate_and_eval(cli: Cli, tmp_path: Path) -> None:
    limits = ["--ntk", "25", "--linear-regions", ">=1400"]
    found = cli("generate", "--space", "darts", "--acc", "top5", *limits, "-n", "4", "--json")
    assert found.code == 0, found.err
    assert "top 5 % acc with ntk ≤ 25.00 and linear_regions ≥ 1.40 k" in found.err
    made = records(found.out)
    assert len(made) == 4
    for record in made:
        assert record["metrics"]["ntk"]["value"] <= 25
        assert record["metrics"]["linear_regions"]["value"] >= 1400
        assert record["metrics"]["linear_regions"]["source"] == "surrogate"
        assert record["request"]["budgets"] == [
            {"metric": "ntk", "limit": 25.0},
            {"metric": "linear_regions", "limit": 1400.0},
        ]
    genotypes = [record["genotype"] for record in made]
    again = cli("eval", "--space", "darts", "--metrics", "ntk,linear_regions", "--json", *genotypes)
    assert again.code == 0, again.err
    for before, after in zip(made, records(again.out), strict=True):
        assert set(after["metrics"]) == {"ntk", "linear_regions"}
        for metric in after["metrics"]:
            assert after["metrics"][metric]["value"] == pytest.approx(before["metrics"][metric]["value"], rel=1e-5)
    kept = tmp_path / "cells.jsonl"
    kept.write_text(found.out)
    judged = cli("eval", kept, "--json")
    assert all(record["provenance"]["satisfies"] for record in records(judged.out))


def test_nothing_reaches_that_many(cli: Cli) -> None:
    found = cli("generate", "--space", "darts", "--linear-regions", "4k", "-n", "2")
    assert found.code == 5
    assert "linear_regions ≥ 4.00 k" in found.err
    assert "--linear-regions" in found.err.split("hint: ")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--space", "darts", "--ntk", ">=25"], "ntk has an upper limit, for less of it is better"),
        (
            ["--space", "darts", "--linear-regions", "<=900"],
            "linear_regions has a lower limit, for more of it is better",
        ),
        (["--space", "darts", "--ntk", "0"], "'0' is not positive"),
        (["--space", "nasbench201", "--ntk", "25"], "space 'nasbench201' has no metric 'ntk'"),
        (["--space", "nlp", "--linear-regions", "900"], "space 'nlp' has no metric 'linear_regions'"),
    ],
)
def test_refusals(cli: Cli, arguments: list[str], message: str) -> None:
    found = cli("generate", *arguments)
    assert found.code == 2
    assert message in found.err
