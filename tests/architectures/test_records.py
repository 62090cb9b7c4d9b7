"""Reading architectures: every form from every source, bad lines named and the rest still read."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from dinas_cli.architectures.records import LineProblem, Metric, Record, read_architectures, to_json_line
from dinas_cli.cli.output import Sink
from dinas_cli.errors import DinasError, NotFoundError, UsageProblem
from dinas_cli.spaces.registry import get_space

GOOD = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
VALUES = (3, 0, 1, 0, 0, 4)
RECORD = Record("nb201-000000000000", "nasbench201", GOOD, {"acc@cifar10": Metric(91.5, "%", "table")})


def read(sources: Iterable[str], space: str | None = None) -> tuple[list[Record], list[str]]:
    records, problems = [], []
    for item in read_architectures(list(sources), space):
        if isinstance(item, LineProblem):
            problems.append(str(item))
        else:
            records.append(item)
    return records, problems


def test_plain_genotypes_on_the_command_line() -> None:
    records, problems = read([GOOD, "301004"], "nb201")
    assert not problems
    assert [record.values for record in records] == [VALUES] * 2
    assert records[0] == Record("", "nasbench201", GOOD)


def test_a_bad_genotype_comes_with_a_hint() -> None:
    (problem,) = read_architectures(["nor_conv_3x3"], "nb201")
    assert isinstance(problem, LineProblem)
    assert "one digit per edge" in str(problem.hint)


def test_record_on_the_command_line() -> None:
    assert read([to_json_line(RECORD)]) == ([RECORD], [])


def test_bad_lines_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "nets.txt"
    lines = [
        b"\xef\xbb\xbf# a comment after a byte order mark",
        GOOD.encode(),
        b"|no_such_op~0|",
        b"",
        b"\xff\xfe",
        to_json_line(RECORD).encode(),
        b'{"schema": "dinas/architecture@9"}',
        b"x" * (1 << 21),
        b"301004",
    ]
    path.write_bytes(b"\r\n".join(lines))
    records, problems = read([str(path)], "nasbench201")
    assert [record.origin for record in records] == [f"{path}:{number}" for number in (2, 6, 9)]
    assert [problem.removeprefix(str(path)).split(":")[1] for problem in problems] == ["3", "5", "7", "8"]
    assert "no_such_op" in problems[0]
    assert problems[1].endswith("not UTF-8 text")
    assert "unknown schema 'dinas/architecture@9'" in problems[2]
    assert "longer than" in problems[3]


def test_bad_genotype_on_the_command_line_does_not_stop_the_rest() -> None:
    records, problems = read(["33", "301004"], "nasbench201")
    assert [record.values for record in records] == [VALUES]
    assert len(problems) == 1


def test_plain_line_without_space_is_a_problem_of_that_line(tmp_path: Path) -> None:
    path = tmp_path / "nets.jsonl"
    path.write_text(f"{GOOD}\n{to_json_line(RECORD)}\n")
    assert read([str(path)]) == ([RECORD], [f"{path}:1: a plain genotype needs --space"])


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"301004\nbad\n")))
    records, problems = read(["-"], "nasbench201")
    assert records[0].origin == "stdin:1"
    assert problems[0].startswith("stdin:2: ")


def test_our_own_tsv_comes_back_whole() -> None:
    record = Record(
        "nb201-000000000000",
        "nasbench201",
        GOOD,
        {"acc@cifar10": Metric(91.512345678901234, "%", "table"), "latency/fpga": Metric(2.5, "ms", "surrogate")},
        {"space": "nasbench201", "rank": {"metric": "acc", "top": 5.0}},
        {"seed": 3, "note": "a\ttab"},
    )
    bare = Record("", "nasbench201", "301004")
    out = io.StringIO()
    Sink("tsv", stdout=out).records([record, bare])
    text = out.getvalue()
    assert text.count("\n") == 3
    for source in (text, text + text):  # also concatenated tables
        pipe = io.BytesIO(source.encode())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
            assert read(["-"]) == ([record, bare] * source.count("genotype"), [])


def test_bad_rows_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "nets.tsv"
    path.write_text(
        "space\tgenotype\tacc@cifar10\tsources\trequest\n"
        "nasbench201\t301004\tmuch\tacc@cifar10=table\t\n"
        "nasbench201\t301004\n"
        "nasbench21\t301004\t\t\t\n"
        "\t301004\t\t\t\n"
        "nasbench201\t301004\t91\t\t{\n"
        "nasbench201\t301004\t91\t\t\n"
    )
    records, problems = read([str(path)])
    assert [problem.split(": ", 1)[1][:20] for problem in problems] == [
        "'much' is no number ",
        "2 cells under 5 colu",
        "unknown space 'nasbe",
        "no column 'space', s",
        "not JSON: Expecting ",
    ]
    # A value that does not say where it comes from is not taken over.
    assert records == [Record("", "nasbench201", "301004")]


def test_other_space_than_asked_for(tmp_path: Path) -> None:
    line = json.dumps({"schema": "dinas/architecture@1", "space": "darts9", "genotype": "x"})
    records, problems = read([line])
    assert not records
    assert "unknown space 'darts9'" in problems[0]
    assert read([to_json_line(RECORD)], "nb201") == ([RECORD], [])


def test_named_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text("301004\n"))
    writer.start()
    records, _ = read([str(pipe)], "nasbench201")
    writer.join()
    assert [record.values for record in records] == [VALUES]


@pytest.mark.parametrize(
    ("sources", "space", "error", "message"),
    [
        ([], None, UsageProblem, "no architectures"),
        (["-", "-"], None, UsageProblem, "only once"),
        (["301004"], None, UsageProblem, "neither a file nor a record"),
        (["301004"], "nasbench2", UsageProblem, "unknown space"),
        (["no/such.jsonl"], "nasbench201", NotFoundError, "no such file"),
        (["."], "nasbench201", UsageProblem, "is a folder"),
    ],
)
def test_refused_before_anything_is_read(
    sources: list[str], space: str | None, error: type[DinasError], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_architectures(sources, space)


def test_values_are_those_of_the_space() -> None:
    (record,), _ = read(["301004"], "nasbench201")
    assert record.values == get_space("nasbench201").encode("301004")
