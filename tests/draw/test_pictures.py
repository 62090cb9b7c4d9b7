"""Pictures of records: grids without overlaps, titles and legend inside, facts told rightly, both themes."""

from __future__ import annotations

import dataclasses
import math
from itertools import combinations
from xml.etree import ElementTree

import pytest

from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.draw.figure import Panel, draw
from dinas_cli.draw.pictures import Format, as_data, facts, file_name, picture, sketches_of
from dinas_cli.draw.place import Flow
from dinas_cli.draw.theme import THEMES, text_width
from dinas_cli.draw.words import ascii_only, in_words
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import get_space, space_names
from tests.draw.test_svg import HOSTILE, SVG
from tests.support.sketches import random_sketches

CELL = (3, 0, 1, 1, 0, 4)


def record(values: tuple[int, ...] = CELL, /, **metrics: Metric) -> Record:
    return Record(SPACE.canonical_id(values), SPACE.name, SPACE.decode(values), metrics, values=values)


class Paper:
    """A canvas that remembers."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.boxes: list[tuple[float, float, float, float]] = []
        self.texts: list[tuple[float, float, float, float, str]] = []
        self.flows: list[Flow] = []

    def box(self, x: float, y: float, width: float, height: float, radius: float, fill: str, stroke: str) -> None:
        if stroke:
            self.boxes.append((x, y, x + width, y + height))
        assert 0 <= x < x + width <= self.width
        assert 0 <= y < y + height <= self.height

    def flow(self, flow: Flow, stroke: str) -> None:
        self.flows.append(flow)

    def text(self, x: float, y: float, text: str, size: float, fill: str, anchor: str = "start") -> None:
        width = text_width(text, size)
        left = x - width / 2 if anchor == "middle" else x
        self.texts.append((left, y - 0.8 * size, left + width, y + 0.2 * size, text))

    def finish(self) -> bytes:
        return b"paper"


def sheet(panels: list[Panel]) -> Paper:
    papers: list[Paper] = []

    def paper(width: float, height: float) -> Paper:
        papers.append(Paper(width, height))
        return papers[0]

    assert draw(panels, THEMES["light"], paper) == b"paper"
    return papers[0]


def meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_nothing_overlaps_or_is_cut_in_a_sheet(count: int) -> None:
    sketches = list(random_sketches(3, seed=8))
    long = (
        "a fact",
        "latency/some_rather_long_device@imagenet16-120 123.45 ms (surrogate)" * 9,
        *["number 1.23 M"] * 9,
    )
    panels = [Panel(f"panel {i}", long, tuple(sketches[i : i + 1 + i % 2])) for i in range(count)]
    paper = sheet(panels)
    for one, other in combinations(paper.boxes, 2):
        assert not meet(one, other)
    for text, another in combinations(paper.texts, 2):
        assert not meet(text[:4], another[:4]), (text, another)
    for left, top, right, bottom, words in paper.texts:
        assert 0 <= left < right <= paper.width, words
        assert 0 <= top < bottom <= paper.height, words
    for flow in paper.flows:
        assert all(0 <= x <= paper.width and 0 <= y <= paper.height for x, y in flow.points)


def test_sheets_have_a_usual_shape() -> None:
    panels = [Panel(str(i), (), SPACE.sketch(CELL)) for i in range(30)]
    paper = sheet(panels)
    assert 0.9 < paper.width / paper.height < 2.4


def test_facts_name_sources() -> None:
    acc, macs = Metric(91.234, "%", "surrogate"), Metric(153273984, "count", "computed")
    missing = Metric(math.nan, "ms", "table")
    assert facts(record()) == ("nasbench201",)
    assert facts(record(acc=acc, gone=missing)) == ("nasbench201", "acc 91.23 %", "source: surrogate")
    assert facts(record(**{"acc@cifar10": acc, "latency/a": missing, "params@cifar10": acc})) == (
        "nasbench201",
        "cifar10",
        "acc 91.23 %",
        "params 91.23 %",
        "source: surrogate",
    )
    assert facts(record(**{"acc@cifar10": acc, "acc@cifar100": acc}))[1:3] == (
        "acc@cifar10 91.23 %",
        "acc@cifar100 91.23 %",
    )
    assert facts(record(acc=acc, macs=macs)) == ("nasbench201", "acc 91.23 % (surrogate)", "macs 153.27 M (computed)")


@pytest.mark.parametrize("theme", THEMES)
def test_svg_of_every_space(theme: str) -> None:
    records = []
    for name in space_names():
        space = get_space(name)
        for values in (tuple(map(int, row)) for row in space.draw(2, 0)):
            records.append(Record(space.canonical_id(values), name, space.decode(values), values=values))
    content = picture(records, "svg", theme)
    assert content == picture(records, "svg", theme)
    root = ElementTree.fromstring(content)
    assert root.findtext(f"{SVG}title") == f"{len(records)} architectures"
    background = root.find(f"{SVG}rect")
    assert background is not None
    assert background.get("fill") == THEMES[theme].background
    shown = [element.text for element in root.iter(f"{SVG}text")]
    described = str(root.findtext(f"{SVG}desc"))
    for item in records:
        assert item.id in shown
        assert item.id in described
        for sketch in sketches_of(item):
            assert {label for label, _ in sketch.nodes} <= set(shown)


@pytest.mark.parametrize("theme", THEMES)
def test_png_has_the_background_of_its_theme(theme: str) -> None:
    image = pytest.importorskip("PIL.Image")
    import io

    with image.open(io.BytesIO(picture([record()], "png", theme))) as opened:
        assert "#{:02x}{:02x}{:02x}".format(*opened.getpixel((0, 0))) == THEMES[theme].background


def test_hostile_metrics_are_only_text() -> None:
    hostile = dataclasses.replace(record(), metrics={HOSTILE: Metric(1.0, HOSTILE, HOSTILE)})
    root = ElementTree.fromstring(picture([hostile], "svg"))
    assert not [element for element in root.iter() if "script" in element.tag]


@pytest.mark.parametrize("form", ["svg", "png"])
def test_names_of_files_differ_for_equal_cells(form: Format) -> None:
    one, twin = (3, 0, 1, 0, 0, 4), (3, 0, 1, 0, 4, 0)
    assert SPACE.canonical_id(one) == SPACE.canonical_id(twin)
    assert file_name(record(one), form) != file_name(record(twin), form)
    assert file_name(record(one), form) == f"{SPACE.canonical_id(one)}-{SPACE.key(one)}.{form}"


def test_data_say_what_is_drawn() -> None:
    data = as_data(record())
    assert data["id"] == SPACE.canonical_id(CELL)
    (cell,) = data["cells"]
    assert [node["label"] for node in cell["nodes"]] == ["in", "1", "2", "out"]
    assert cell["edges"][0] == {"from": 0, "to": 1, "label": "conv 3×3", "kind": "conv"}
    assert len(cell["edges"]) == 4


def test_words() -> None:
    assert in_words(SPACE.sketch(CELL)) == ("cell: in – conv 3×3 → 1, 1 – skip → 2, in – skip → out, 2 – avg 3×3 → out")
    assert ascii_only("3×3 ≤ 2 σ ☃ ·", but="·") == "3x3 <= 2 sigma ? ·"
