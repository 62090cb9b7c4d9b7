"""``dinas eval`` of long pipes and hostile lines: first answers early, nothing forged, bad lines named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.architectures.schema import Record, to_json_line
from dinas_cli.cli.commands.eval import BATCH
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import Cli

CELL = SPACE.encode("301004")
RECORD = Record(SPACE.canonical_id(CELL), "nasbench201", SPACE.decode(CELL))


def test_the_first_answers_come_before_the_input_ends() -> None:
    command = [sys.executable, "-m", "dinas_cli", "eval", "-", "-m", "params", "-q"]
    line = to_json_line(RECORD) + "\n"
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line * BATCH)
        process.stdin.flush()
        head = [process.stdout.readline() for _ in range(BATCH + 1)]
        assert head[0].startswith("id\t")
        process.stdin.write(line)
        process.stdin.close()
        assert process.stdout.read().count("\n") == 1  # without a second header row
    assert process.returncode == 0


def test_batches_are_summed_up_once(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    bad = "nonsense\n"
    file.write_text((to_json_line(RECORD) + "\n") * (BATCH + 2) + bad)
    result = cli("eval", file, "-m", "params", "--json")
    assert result.out.count("\n") == BATCH + 2
    assert [line.split(":")[0] for line in result.err.splitlines()] == ["error", "hint", "params exact (on cifar10)"]
    assert result.code == 1


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("request", {"space": "nasbench201", "budgets": [{"metric": "params", "limit": 10**400}]}),
        ("request", {"space": "nasbench201", "floor": {"metric": "acc", "value": -(10**400)}}),
        ("networks", {"latency/fpga": {"skeleton": "own", "cells": 10**400}}),
        ("metrics", {"acc@cifar10": {"value": 10**400, "unit": "%", "source": "table"}}),
        ("request", json.loads("[" * 90 + "]" * 90)),
        ("provenance", json.loads('{"a":' * 300 + "1" + "}" * 300)),
        ("genotype", "\u202e" * 100_000),
        ("space", "\x1b[31mnasbench201"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_answered(cli: Cli, tmp_path: Path, member: str, value: Any) -> None:
    file = tmp_path / "in.jsonl"
    good = to_json_line(RECORD)
    file.write_text(f"{good}\n{json.dumps(json.loads(good) | {member: value})}\n{good}\n")
    result = cli("eval", file, "-m", "params")
    assert result.code == 1
    assert result.out.count("\n") == 3
    problem, hint = result.err.splitlines()[:2]
    assert problem.startswith(f"error: {file}:2: ")
    assert hint.startswith("hint: ")
    assert len(problem) < 1000
    assert problem.isprintable()


def test_what_records_say_is_escaped(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    key = "acc\nerror: forged\x1b[2J\u202e"
    data = json.loads(to_json_line(RECORD)) | {
        "metrics": {key: {"value": 1, "unit": "\x9b", "source": "measured"}},
        "genotype": RECORD.genotype + "\u2028\n",
    }
    file.write_text(json.dumps(data))
    result = cli("eval", file)
    assert result.code == 0
    for line in (result.out + result.err).split("\n"):
        assert line.replace("\t", "").isprintable()
        assert not line.startswith("error")
    assert "acc\\nerror: forged\\x1b[2J\\u202e" in result.out
    assert result.out.count("\n") == 2
