"""One HTML file that needs nothing else: data as JSON, plotly, and the program that shows them."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from importlib.resources import files
from typing import Any

from dinas_cli.errors import need_packages
from dinas_cli.files.text import visible
from dinas_cli.report.rows import Column, Rows


@dataclass
class Page:
    """What a page shows; parts that are empty are left out."""

    title: str
    caption: Sequence[str]
    """Plain sentences on what is shown, and what of it is predicted, computed or measured."""
    rows: Rows
    objectives: Sequence[Column] = ()
    """Columns of the front, the one that is drawn across first."""
    cloud: Sequence[Sequence[float]] = ()
    """Points beside the records, by objective: ``(k, C)``."""
    facts: Sequence[tuple[str, str]] = ()
    """Request, provenance and the like, by name."""
    pictures: Mapping[int, str] = field(default_factory=dict)
    """SVG documents by row."""
    progress: Sequence[Mapping[str, Any]] = ()
    """Trials in the order in which they ended: ``trial``, ``row``, ``value``, ``source``."""
    curves: Sequence[Mapping[str, Any]] = ()
    """Learning curves: ``name``, ``row``, ``values``."""
    value: str = ""
    """What trials are judged by, for the axes of both."""
    better: str = "max"
    tables: Sequence[Mapping[str, Any]] = ()
    """Further tables: ``title``, ``header``, ``rows``, ``note``."""
    refresh: int = 0
    """Seconds after which the page loads itself again, while what it shows goes on; 0: never."""


def need_plotly() -> None:
    """Raise :class:`NotFoundError` without plotly: before any work that is to end in a page."""
    need_packages("a page", "report", {"plotly": "plotly"})


def render(page: Page) -> str:
    """The HTML document. Raises :class:`NotFoundError` without plotly."""
    need_plotly()
    from plotly.offline import get_plotlyjs

    program = "\n".join(["'use strict';", *(_asset(f"{name}.js") for name in ("charts", "table", "details", "page"))])
    scripts = [
        get_plotlyjs().replace("\r\n", "\n"),
        program,
    ]  # browsers hash what they read, which has no other line ends
    sums = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    style = _asset("page.css")
    # What plotly draws with the graphics card is compiled here, which is what unsafe-eval allows. No other script than
    # these runs, and nothing is loaded or sent.
    policy = (
        f"default-src 'none'; script-src {sums} 'unsafe-eval'; style-src 'unsafe-inline'; "
        "img-src blob: data:; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": policy,
        "title": escape(visible(page.title)),
        "style": style,
        "caption": "\n".join(f"<p>{escape(visible(text))}</p>" for text in page.caption),
        "data": embedded(_data(page)),
        "plotly": scripts[0],
        "program": scripts[1],
    }
    text = _asset("page.html")
    before, *rest = text.split("{{")
    found = [before]
    for part in rest:
        name, _, after = part.partition("}}")
        found += [parts[name], after]
    return "".join(found)


def embedded(data: Any) -> str:
    """JSON that can stand in an HTML document, whatever its texts are: no end of a script, no comment, no entity."""
    text = json.dumps(_finite(data), allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _data(page: Page) -> dict[str, Any]:
    found = {key: value for key, value in vars(page).items() if key not in ("rows", "objectives", "caption")}
    objectives = [asdict(column) for column in page.objectives]
    return {**found, "objectives": objectives, "rows": page.rows.to_dict()}


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def _asset(name: str) -> str:
    return files("dinas_cli.report").joinpath("assets", name).read_text("utf-8")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
