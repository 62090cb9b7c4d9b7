"""``dinas convert``: dialects in and out, bad lines, records, completion, pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dinas_cli.architectures.records import Metric, Record, to_json_line
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import get_space, space_names
from tests.conftest import Cli

OPS = "301004"
ARCH_STR, TUPLE = (SPACE.decode(SPACE.encode(OPS), dialect) for dialect in ("arch_str", "tuple"))


@pytest.mark.parametrize("text", [OPS, ARCH_STR, TUPLE])
def test_every_dialect_into_every_other(cli: Cli, text: str) -> None:
    for dialect, expected in (("ops", OPS), ("arch_str", ARCH_STR), ("tuple", TUPLE)):
        result = cli("convert", text, "--space", "nb201", "--dialect", dialect)
        assert (result.code, result.out, result.err) == (0, f"{expected}\n", "")
    assert cli("convert", text, "-s", "nasbench201").out == f"{ARCH_STR}\n"  # the space's first


@pytest.mark.parametrize("name", space_names())
def test_dialects_of_every_space(cli: Cli, name: str, tmp_path: Path) -> None:
    space = get_space(name)
    cells = [tuple(map(int, row)) for row in space.draw(5, 0)]
    (tmp_path / "cells.txt").write_text("".join(f"{space.decode(cell)}\n" for cell in cells), "utf-8")
    for dialect in space.dialects:
        result = cli("convert", tmp_path / "cells.txt", "-s", name, "--dialect", dialect)
        assert (result.code, result.err) == (0, "")
        lines = result.out.splitlines()
        assert lines == [space.decode(space.encode(space.decode(cell)), dialect) for cell in cells]
        (tmp_path / "again.txt").write_text(result.out, "utf-8")
        assert cli("convert", tmp_path / "again.txt", "-s", name, "--dialect", dialect).out == result.out


def test_bad_lines_are_named_and_the_rest_goes_on(shell: Cli) -> None:
    result = shell("convert", "-", "-s", "nasbench201", "--dialect", "ops", input=f"{ARCH_STR}\nfoo\n\n{TUPLE}\n3010\n")
    assert (result.code, result.out) == (1, f"{OPS}\n{OPS}\n")
    errors = [line for line in result.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 2
    assert errors[0].startswith("error: stdin:2: genotype 'foo'")
    assert errors[1].startswith("error: stdin:5: ")


def test_records_keep_what_they_have(cli: Cli, tmp_path: Path) -> None:
    record = Record("made up", "nasbench201", ARCH_STR, {"acc@cifar10": Metric(90.0, "%", "table")}, {}, {"seed": 3})
    (tmp_path / "a.jsonl").write_text(to_json_line(record) + "\n", "utf-8")
    result = cli("convert", tmp_path / "a.jsonl", "--dialect", "ops", "--json")
    found = json.loads(result.out)
    assert (found["genotype"], found["id"]) == (OPS, SPACE.canonical_id(SPACE.encode(OPS)))
    assert found["metrics"]["acc@cifar10"]["value"] == 90.0
    assert found["provenance"] == {"seed": 3}


@pytest.mark.parametrize("space", [["--space", "nasbench201"], []])
def test_unknown_dialect_gets_a_suggestion_and_nothing_is_written(cli: Cli, tmp_path: Path, space: list[str]) -> None:
    lines = [to_json_line(Record("", "nasbench201", genotype)) + "\n" for genotype in (OPS, ARCH_STR)]
    (tmp_path / "a.jsonl").write_text("".join(lines), "utf-8")
    result = cli("convert", tmp_path / "a.jsonl", *space, "--dialect", "op")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error: unknown dialect 'op'\nhint: did you mean 'ops'? nasbench201 dialects: arch_str, tuple, ops\n"
    )


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        ([OPS], 2, "error: '301004' is neither a file nor a record\n"),
        (["missing.jsonl"], 3, "error: no such file: missing.jsonl\n"),
        ([OPS, "-s", "nosuch"], 2, "error: unknown space 'nosuch'\n"),
        ([os.devnull], 1, "error: no architectures in the input\n"),
    ],
)
def test_failures(cli: Cli, args: list[str], code: int, message: str) -> None:
    result = cli("convert", *args)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith(message)
    assert "\nhint: " in result.err


def test_completion_of_dialects_without_torch() -> None:
    code = "import sys; sys.argv = ['dinas']; from dinas_cli.cli.app import run\ntry: run()\n"
    code += "finally: print(sorted({'torch', 'numpy', 'PIL'} & set(sys.modules)), file=sys.stderr)"
    line = "dinas convert x --space nasbench201 --dialect "
    env = {"_DINAS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": "6"}
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | env, capture_output=True, text=True)
    assert done.stdout.split() == list(SPACE.dialects)
    assert done.stderr == "[]\n"


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text(f"{ARCH_STR}\n" * 5000)
    command = [
        sys.executable,
        "-m",
        "dinas_cli",
        "convert",
        str(tmp_path / "many.txt"),
        "-s",
        "nb201",
        "--dialect",
        "ops",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == f"{OPS}\n".encode()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
