"""The sink: three forms of data on stdout, words on stderr, nothing lost and nothing added."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import numpy as np
import pytest

from dinas_cli.architectures.records import Metric, Record, from_json
from dinas_cli.cli.output import Column, Mode, Sink, choose_mode, print_error
from dinas_cli.cli.values import human_cell, plain, tsv_cell

LONG = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
COLUMNS = [Column("genotype"), Column("acc@cifar10", "accuracy", "%"), Column("ok")]
ROWS: list[dict[str, Any]] = [
    {"genotype": LONG, "acc@cifar10": np.float64(91.123456789), "ok": True},
    {"genotype": "[bold]x[/bold] :smile:", "acc@cifar10": math.nan, "note": (1, 2)},
]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def render(mode: Any, columns: Any = None, rows: Any = None) -> str:
    out = io.StringIO()
    Sink(mode, stdout=out).table(COLUMNS if columns is None else columns, ROWS if rows is None else rows)
    return out.getvalue()


def test_mode_follows_option_then_stream() -> None:
    assert choose_mode(True, True) == choose_mode(True, False) == "json"
    assert choose_mode(False, True) == "human"
    assert choose_mode(False, False) == "tsv"


def test_tsv_is_exact_and_uncut() -> None:
    assert render("tsv").splitlines() == [
        "genotype\tacc@cifar10\tok",
        f"{LONG}\t91.123456789\tyes",
        "[bold]x[/bold] :smile:\t\t",
    ]
    assert render("tsv", rows=[]) == "genotype\tacc@cifar10\tok\n"


def test_json_lines_hold_all_members() -> None:
    first, second = map(json.loads, render("json").splitlines())
    assert first == {"genotype": LONG, "acc@cifar10": 91.123456789, "ok": True}
    assert second == {"genotype": "[bold]x[/bold] :smile:", "acc@cifar10": None, "note": [1, 2]}


@pytest.mark.parametrize("width", ["40", "200"])
def test_people_get_everything_whatever_the_width(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setenv("NO_COLOR", "1")
    text = render("human")
    assert "91.12" in text
    assert "accuracy" in text
    assert "(%)" in text
    cells = "".join(line[: text.splitlines()[1].count("─")].split("  ")[0].strip() for line in text.splitlines())
    assert LONG.replace("|", "") in cells.replace("|", "")
    assert "[bold]" in text
    assert ":smile:" in text


@pytest.mark.parametrize(
    ("stream", "env", "coloured"),
    [
        (Terminal, {}, True),
        (Terminal, {"TERM": "dumb"}, False),
        (Terminal, {"NO_COLOR": "1"}, False),
        (io.StringIO, {}, False),
    ],
)
def test_colour_only_where_it_is_wanted(
    stream: type[io.StringIO], env: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ({"TERM": "xterm-256color"} | env).items():
        monkeypatch.setenv(name, value)
    out, err = stream(), stream()
    sink = Sink("human", stdout=out, stderr=err)
    sink.table(COLUMNS, ROWS)
    sink.warn("careful")
    sink.error("broken", "mend it")
    assert ("\x1b[1m" in out.getvalue()) == coloured == ("\x1b[1;33mwarning:\x1b[0m careful" in err.getvalue())
    assert ("\x1b[1;31merror:\x1b[0m broken\n\x1b[1;36mhint:\x1b[0m mend it" in err.getvalue()) == coloured
    assert coloured or "\x1b" not in out.getvalue() + err.getvalue()


def test_details() -> None:
    data = {"name": "x", "sizes": [1, 2], "figures": {"tau": 0.9}}
    out = io.StringIO()
    Sink("tsv", stdout=out).details(data)
    assert out.getvalue() == "property\tvalue\nname\tx\nsizes\t1, 2\nfigures.tau\t0.9\n"
    out = io.StringIO()
    Sink("json", stdout=out).details(data)
    assert json.loads(out.getvalue()) == data


def test_records_in_all_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = {"acc@cifar10": Metric(91.5, "%", "table"), "latency/fpga": Metric(2.0, "ms", "surrogate")}
    records = [
        Record("nb201-000000000000", "nasbench201", LONG, metrics, {"space": "nasbench201"}, {"seed": 1}),
        Record("nb201-111111111111", "nasbench201", "301004"),
    ]
    texts = {}
    modes: tuple[Mode, ...] = ("human", "tsv", "json")
    for mode in modes:
        out = io.StringIO()
        monkeypatch.setenv("COLUMNS", "200")
        Sink(mode, stdout=out).records(records, [Column("seed")])
        texts[mode] = out.getvalue()
    assert [from_json(line) for line in texts["json"].splitlines()] == records
    header, first, second = (line.split("\t") for line in texts["tsv"].splitlines())
    assert header == [
        "id", "space", "genotype", "acc@cifar10", "latency/fpga", "seed", "sources", "request", "provenance",
    ]  # fmt: skip
    assert first[3:7] == ["91.5", "2.0", "1", "acc@cifar10=table;latency/fpga=surrogate"]
    assert json.loads(first[7]) == {"space": "nasbench201"}
    assert second[3:] == ["", "", "", "", "", ""]
    assert "91.50" in texts["human"]
    assert "provenance" not in texts["human"]


def test_words_go_to_stderr_and_not_at_all_when_quiet() -> None:
    out, err = io.StringIO(), io.StringIO()
    sink = Sink("tsv", stdout=out, stderr=err)
    sink.say("hello")
    sink.warn("careful")
    sink.error("broken", "mend it")
    assert err.getvalue() == "hello\nwarning: careful\nerror: broken\nhint: mend it\n"
    err.truncate(0)
    quiet = Sink("tsv", quiet=True, stdout=out, stderr=err)
    quiet.say("hello")
    quiet.warn("careful")
    assert err.getvalue() == ""
    quiet.error("broken")
    assert "error: broken\n" in err.getvalue()
    assert out.getvalue() == ""


def test_errors_are_one_line_without_control_characters() -> None:
    err = io.StringIO()
    print_error("two\nlines\x1b[31m", None, err)
    assert err.getvalue() == "error: two lines\\x1b[31m\n"


@pytest.mark.parametrize("quiet", [False, True])
@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_progress_shows_on_terminals_only(
    stream: type[io.StringIO], quiet: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    err = stream()
    with Sink("tsv", quiet=quiet, stdout=io.StringIO(), stderr=err).progress("training", total=3) as bar:
        bar.advance(note="loss 0.5")
        bar.update(3)
    assert bool(err.getvalue()) == (stream is Terminal and not quiet)
    if err.getvalue():
        assert "training" in err.getvalue()
        assert "3/3" in err.getvalue()


def test_progress_is_silent_on_a_dumb_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    err = Terminal()
    with Sink("tsv", stdout=io.StringIO(), stderr=err).progress("training") as bar:
        bar.advance()
    assert err.getvalue() == ""


@pytest.mark.parametrize(
    ("value", "cell", "text"),
    [
        (None, "", "–"),
        (False, "no", "no"),
        (3, "3", "3"),
        (0.1 + 0.2, "0.30000000000000004", "0.3"),
        (np.int64(7), "7", "7"),
        (np.array([1, 2]), "[1,2]", "1, 2"),
        ({"a": 1.5}, '{"a":1.5}', "{'a': 1.5}"),
        ("a\tb\nc", "a\\tb\\nc", "a\\tb\\nc"),
        ("\x1b[2J", "\\x1b[2J", "\\x1b[2J"),
    ],
)
def test_cells(value: Any, cell: str, text: str) -> None:
    assert tsv_cell(value) == cell
    assert human_cell(value, "") == text


def test_plain_values_are_json() -> None:
    mixed = {1: (math.inf, np.float32(0.5)), "path": pytest}
    assert json.dumps(plain(mixed)).startswith('{"1": [null, 0.5], "path": "<module')
