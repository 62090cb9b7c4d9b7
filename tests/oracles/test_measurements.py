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
    assert read_measurements(SPACE, path).pairs == ((FIRST, 1.5), (SECOND, None))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("|nor~0|\t1\n301004\t2", ":1: genotype '|nor~0|' has 1 nodes besides the input, the space has 3"),
        ("|nor~0|\t1ms\n301004\t2", ":1: genotype '|nor~0|' has 1 nodes besides the input, the space has 3"),
        ("301004\t2m\n", ":1: '2m' has an unknown unit 'm'"),
        ("301004\t2mJ\n", ":1: '2mJ' has an unknown unit 'mJ'"),
        ("301004\t-2ms\n", ":1: '-2ms' is not positive"),
        ("genotype\tenergy_mJ\n301004\t2\n", ":1: the header says mJ, the metric is measured in ms"),
        ("genotype\tms\n301004\t1\n30100\t2\n", ":3: genotype '30100' has 5 operations, the space has 6 edges"),
        ("genotype\tms\nwhat\tever\n", ":2: genotype 'what' is in no dialect of its space"),
        ("301004\t1\n# x\n\n301004\tnan\n", ":4: 'nan' is not a quantity"),
        ("301004\tinf\n", ":1: 'inf' is not a quantity"),
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


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("301004\t5.3ms\n124321\t0.004 s\n", None),
        ("301004\t5300us\n124321\t4\n", None),
        ("genotype\ts\n301004\t0.0053\n124321\t4ms\n", None),
        ("genotype,latency (us)\n301004,5300\n124321,4e3\n", None),
        ("arch,median_ms\n301004,5.3\n124321,4\n", "ms"),
        ("arch,Ana's latency\n301004,5.3\n124321,4\n", None),
        ("301004\t0.0053\n124321\t4000 µs\n", "s"),
        ("arch\t2080ti (ms)\n301004\t5.3\n124321\t4\n", None),
        ("301004\t5.2\n124321\t4\n301004\t5.4\n", None),
    ],
)
def test_units_and_repetitions(tmp_path: Path, text: str, bare: str | None) -> None:
    """A cost's own unit counts, then the header's, then the option's; of repeated costs the mean."""
    path = tmp_path / "m.tsv"
    path.write_text(text, "utf-8")
    found = read_measurements(SPACE, path, bare=bare).pairs
    assert [genotype for genotype, _ in found] == [FIRST, SECOND]
    assert [cost for _, cost in found] == pytest.approx([5.3, 4.0], rel=1e-12)


def test_energies(tmp_path: Path) -> None:
    path = tmp_path / "m.tsv"
    path.write_text("genotype\tenergy [J]\n301004\t0.5\n124321\t7mJ\n")
    assert read_measurements(SPACE, path, "mJ").pairs == ((FIRST, 500.0), (SECOND, 7.0))
    with pytest.raises(UsageProblem, match=r":1: the header says J, --unit mJ$"):
        read_measurements(SPACE, path, "mJ", "mJ")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"301004\t1\n124321\t5\n{FIRST}\t1.6\n", "lines 1 and 3 give one architecture costs that differ by a factor"),
        (
            "301004\t1\n301004\t1.2ms\n301004\t2.5\n",
            "lines 1 and 3 give one architecture costs that differ by a factor",
        ),
        ("301004\t\n# again\n301004\t1\n", "lines 1 and 3 give one architecture a cost and none"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "m.tsv"
    path.write_text(text)
    with pytest.raises(UsageProblem, match=what):
        read_measurements(SPACE, path)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("301004\t1.5\n124321\tx\n"))
    with pytest.raises(UsageProblem, match=r"^stdin:2: 'x' is not a quantity$"):
        read_measurements(SPACE, Path("-"))


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file: "):
        read_measurements(SPACE, tmp_path / "none.tsv")
    with pytest.raises(UsageProblem, match=r" holds no measurements$"):
        read_measurements(SPACE, tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageProblem, match="is not UTF-8 text"):
        read_measurements(SPACE, tmp_path / "binary")


def test_an_empty_file_measures_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    assert read_measurements(SPACE, tmp_path / "empty").pairs == ()
