"""What functions return in Python: lists that notebooks show, that become data frames and pictures."""

from __future__ import annotations

import math
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import dinas_cli
from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.errors import DinasError, NotFoundError, UsageProblem
from dinas_cli.results import Architectures, Rows

METRICS = {
    "acc@cifar10": Metric(90.4987, "%", "surrogate", {"uncertainty": 0.412}),
    "latency/fpga@cifar10": Metric(2.5, "ms", "measured"),
    "params@cifar10": Metric(344346.0, "count", "computed"),
    "macs@cifar10": Metric(math.nan, "count", "table"),
}
CELLS = Architectures(
    [
        Record("nb201-1", "nasbench201", "301004", METRICS, provenance={"seed": 1}),
        Record("<b>2</b>", "nasbench201", "123444"),
    ]
)


class Tags(HTMLParser):
    """Counts tags, and keeps text and the texts beside pictures."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.alt: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.alt += [value or "" for name, value in attrs if name == "alt"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_still_a_list() -> None:
    assert isinstance(CELLS, list)
    assert isinstance(CELLS[:1], Architectures)
    assert (len(CELLS[:1]), CELLS[-1].id) == (1, "<b>2</b>")
    assert repr(CELLS).splitlines()[0] == (
        "nb201-1  301004  latency/fpga@cifar10 2.50 ms, acc@cifar10 90.5 ± 0.4 %, params@cifar10 344.35 k"
    )
    assert repr(Architectures()) == "[]"


def test_data_frame() -> None:
    frame = CELLS.to_dataframe()
    assert list(frame.columns)[:5] == ["id", "space", "genotype", "acc@cifar10", "acc@cifar10 ±"]
    assert frame["acc@cifar10"][0] == 90.4987
    assert frame["acc@cifar10 ±"][0] == 0.412
    assert frame["acc@cifar10"].isna().tolist() == [False, True]
    assert frame.attrs["units"]["latency/fpga@cifar10"] == "ms"
    assert frame.attrs["sources"]["params@cifar10"] == "computed"


def test_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(NotFoundError, match="pandas") as problem:
        CELLS.to_dataframe()
    assert problem.value.hint == "pip install 'dinas[dataframe]'"


def test_html_has_a_picture_of_each_and_takes_nothing_for_markup() -> None:
    page = Tags(CELLS._repr_html_())
    assert page.tags.count("img") == 2
    assert page.alt[0].endswith(": 301004")
    assert "b" not in page.tags
    assert "<b>2</b>" in page.text
    assert "90.5 ± 0.4" in page.text
    assert "latency/fpga@cifar10 (ms)" in page.text


def test_pictures(tmp_path: Path) -> None:
    picture = dinas_cli.show("301004", space="nasbench201")
    assert picture.svg.startswith("<svg")
    assert "conv 3×3" in str(picture)
    assert picture.save(tmp_path / "cell.svg").read_text() == picture.svg
    with pytest.raises(DinasError, match="exists"):
        picture.save(tmp_path / "cell.svg")
    with pytest.raises(UsageProblem, match=r"neither \.svg nor \.png"):
        picture.save(tmp_path / "cell.gif")
    with pytest.raises(UsageProblem, match="theme"):
        dinas_cli.show("301004", space="nasbench201", theme="red")
    with pytest.raises(UsageProblem, match="no architectures"):
        dinas_cli.show([])


def test_rows() -> None:
    rows = Rows([{"device": "a<b", "median": 1.23456, "network": None}])
    assert rows.to_dataframe()["median"].tolist() == [1.23456]
    page = Tags(rows._repr_html_())
    assert "a<b" in page.text
    assert "1.235" in page.text
