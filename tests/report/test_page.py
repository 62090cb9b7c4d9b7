"""The page as a file: complete in itself, of bounded size, and deaf to what names and genotypes hold."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import util

import pytest

from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.draw.theme import contrast
from dinas_cli.errors import NotFoundError
from dinas_cli.report.page import Page, embedded, render
from dinas_cli.report.pictures import ROOM, pictures
from dinas_cli.report.rows import Column, Rows, short
from dinas_cli.report.words import sources
from tests.support.report import HOSTILE, a_page, a_record, some_records


class Scripts(HTMLParser):
    """The scripts of a page, by type, and every address that it names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self.addresses: list[str] = []
        self.policy = ""
        self._kind: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.addresses += [value for name in ("src", "href") if (value := found.get(name))]
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(found["content"])
        if tag == "script":
            self._kind = found.get("type") or "program"

    def handle_endtag(self, tag: str) -> None:
        self._kind = None

    def handle_data(self, data: str) -> None:
        if self._kind is not None:
            self.texts.append((self._kind, data))


def test_it_needs_nothing_else() -> None:
    found = Scripts(render(a_page(some_records(5))))
    assert found.addresses == ["#table"]
    assert [kind for kind, _ in found.texts] == ["application/json", "program", "program"]
    for kind, text in found.texts:
        if kind == "program":
            assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in found.policy
    assert "default-src 'none'" in found.policy
    assert "script-src 'unsafe-inline'" not in found.policy


def test_hostile_texts_stay_texts() -> None:
    records = [replace(a_record(1), id=HOSTILE, genotype=HOSTILE), a_record(2)]
    page = replace(a_page(records), title=HOSTILE, caption=[HOSTILE], facts=[(HOSTILE, HOSTILE)])
    text = render(page)
    found = Scripts(text)
    assert len(found.texts) == 3
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert json.loads(found.texts[0][1])["rows"]["id"][0].startswith("</script>")
    assert embedded({"a": "</script><!--\u2028&"}) == '{"a":"\\u003c/script\\u003e\\u003c!--\\u2028\\u0026"}'


def test_sizes() -> None:
    assert len(render(a_page(some_records(60))).encode()) < 6e6
    many = some_records(10_000)
    assert len(render(a_page(many)).encode()) < 9e6
    drawn = pictures(many, range(len(many)))
    assert 100 < len(drawn) < len(many)
    assert sum(len(text.encode()) for text in drawn.values()) <= ROOM


def test_rows_say_what_is_special() -> None:
    one, other = a_record(1), a_record(2)
    guess = Metric(
        3.0, "ms", "surrogate", {"kendall_tau": 0.9, "uncertainty": 0.25, "probability": 0.98, "bound": "at least"}
    )
    one = replace(one, metrics={"latency/fpga": guess})
    other = replace(
        other, metrics={"latency/fpga": Metric(2.0, "ms", "measured"), "acc": Metric(float("nan"), "%", "table")}
    )
    rows = Rows(
        [one, other, one], [Column("latency/fpga", "ms", "min"), Column("acc", "%", "max")], {"layer": [1, None, 1]}
    )
    latency, acc = rows.to_dict()["columns"]
    assert latency["values"] == [3, 2, 3]
    assert (latency["source"], latency["sources"], latency["tau"]) == ("surrogate", {1: "measured"}, 0.9)
    assert latency["uncertainty"] == {0: 0.25, 2: 0.25}
    assert latency["probability"] == {0: 0.98, 2: 0.98}
    assert latency["bound"] == {0: "≥", 2: "≥"}
    assert acc["values"] == [None, None, None]
    assert rows.to_dict()["labels"] == {"layer": [1, None, 1]}
    assert (short(1234567.8), short(0.1234567), short(float("nan"))) == (1234570, 0.123457, None)


def test_plain_words_on_sources() -> None:
    record = Record("a", "nasbench201", "g", {
        "acc": Metric(90, "%", "surrogate", {"kendall_tau": 0.9, "outside_labels": True}),
        "params": Metric(1, "count", "computed"), "macs": Metric(1, "count", "computed"),
    })  # fmt: skip
    predicted, computed, outside = sources([record])
    assert predicted.startswith("Predicted by a small model")
    assert "95 % of cases" in predicted
    assert predicted.endswith(": acc.")
    assert computed == "Computed exactly from the architecture: params and macs."
    assert outside.startswith("1 of 1 architectures")


@pytest.mark.parametrize("theme", ["", '[data-theme="dark"]'])
def test_colours_can_be_told_from_the_ground(theme: str) -> None:
    from importlib.resources import files

    css = files("dinas_cli.report").joinpath("assets", "page.css").read_text()
    block = next(found for found in re.findall(r":root(\[[^\]]*\])? \{([^}]*)\}", css) if found[0] == theme)[1]
    colours = dict(re.findall(r"--(\w+): (#\w{6})", block))
    for name in ("ink", "faint", "knee", "accent"):  # what is read
        for ground in ("ground", "card"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name in ("front", "other", "chosen"):  # what is seen
        assert contrast(colours[name], colours["ground"]) >= 3, name


def test_without_plotly(monkeypatch: pytest.MonkeyPatch) -> None:
    find = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "plotly" else find(name))
    with pytest.raises(NotFoundError, match="needs the package plotly") as caught:
        render(Page("", [], Rows([], [], {})))
    assert caught.value.hint == "pip install 'dinas[report]'"
