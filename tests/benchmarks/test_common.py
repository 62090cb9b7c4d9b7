"""What benchmark scripts write down beside their results."""

from __future__ import annotations

import sys

import pytest

from benchmarks import common
from benchmarks.markdown import about


def test_commands_are_kept_without_folders_and_without_where_results_go(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["/x/study.py", "--variant", "all parts=/y/all-parts.safetensors", "--out", "/z/found.json", "--seeds", "2"]
    words += ["--out=/z/found.json"]
    monkeypatch.setattr(sys, "argv", words)
    facts = common.facts(seeds=2)
    assert facts["command"] == "python -m benchmarks.study --variant 'all parts=all-parts.safetensors' --seeds 2"
    assert facts["seeds"] == 2
    assert facts.keys() >= {"dinas", "machine", "date"}


def test_results_name_the_weights_that_they_are_of_or_say_that_they_have_their_own() -> None:
    facts = common.facts(seeds=1, label_budget=1000)
    assert "1,000 labels · weights of its own" in about(facts)[0]
    assert "generator `" + "a" * 12 + "`" in about(facts | {"checkpoint_sha256": "a" * 64})[0]
