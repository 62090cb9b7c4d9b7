"""Files of measurements: what is read over, and that every complaint names its line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.oracles.measurements import read_measurements
from dinas_cli.spaces.nasbench201.space import SPACE

FIRST, SECOND = SPACE.decode((3, 0, 1, 0, 0, 4)), SPACE.decode((1, 2, 4, 3, 2, 1))


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST}\t1.5\n{SECOND}\t\n",
        f"{FIRST},1.5\n{SECOND},\n",
        f"genotype\tms\n{FIRST}\t1.5\n{SECOND}\t",
        f"\ufeff# measured on Monday\n\ngenotype,latency\n {FIRST} , 1.5 \n# another\n\n{SECOND},\n",
        "301004\t1.5\r\n124321\t\r\n",
        f'"{SPACE.decode((3, 0, 1, 0, 0, 4), "tuple")}",1.5\n124321,\n',
    ],
)
def test_forms(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.txt"
    path.write_bytes(text.encode())
    assert read_measurements(SPACE, path) == ((FIRST, 1.5), (SECOND, None))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("|nor~0|\t1\n301004\t2", ":1: genotype '|nor~0|' has 1 nodes besides the input, the space has 3"),
        ("301004\t2ms\n", ":1: '2ms' is not a number"),
        ("genotype\tms\n301004\t1\n30100\t2\n", ":3: genotype '30100' has 5 operations, the space has 6 edges"),
        ("genotype\tms\nwhat\tever\n", ":2: genotype 'what' is in no dialect of its space"),
        ("301004\t1\n# x\n\n301004\tnan\n", ":4: 'nan' is not a number"),
        ("301004\tinf\n", ":1: 'inf' is not a number"),
        ("301004\t-2\n", ":1: '-2' is not a positive number"),
        ("301004\t0\n", ":1: '0' is not a positive number"),
        ("301004\t1\n301004\n", ":2: 1 columns instead of two"),
        ("301004\t1\t2\n", ":1: 3 columns instead of two"),
        ("301004 1.5\n", ":1: 1 columns instead of two"),
    ],
)
def test_complaints_name_the_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "m.tsv"
    path.write_text(text)
    with pytest.raises(UsageProblem) as caught:
        read_measurements(SPACE, path)
    assert caught.value.message == f"{path}{message}"
    assert str(caught.value.hint).startswith("one architecture per line: GENOTYPE<tab>COST, in ms or mJ")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("301004\t1.5\n124321\tx\n"))
    with pytest.raises(UsageProblem, match=r"^stdin:2: 'x' is not a number$"):
        read_measurements(SPACE, Path("-"))


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file: "):
        read_measurements(SPACE, tmp_path / "none.tsv")
    with pytest.raises(UsageProblem, match=r"cannot read .*: is a directory"):
        read_measurements(SPACE, tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageProblem, match="is not UTF-8 text"):
        read_measurements(SPACE, tmp_path / "binary")


def test_an_empty_file_measures_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    assert read_measurements(SPACE, tmp_path / "empty") == ()
