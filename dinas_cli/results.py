"""What functions return in Python: lists of records and of rows that notebooks show, and that become data frames."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from dinas_cli.architectures.schema import Record
from dinas_cli.architectures.shown import asked_for, compact_genotype, in_words
from dinas_cli.draw.pictures import Format, picture, sketches_of
from dinas_cli.draw.text import Style, draw_text
from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.exporting.plan import renew
from dinas_cli.files.atomic import atomic_write

if TYPE_CHECKING:
    import pandas

PICTURES = 24
"""Records that a notebook shows with a picture each."""
_STYLE = "text-align:left;vertical-align:top"


class Rows(list[dict[str, Any]]):
    """A list of rows, each with its members by name."""

    def to_dataframe(self) -> pandas.DataFrame:
        """A data frame with a column per member; raises :class:`NotFoundError` where pandas is missing."""
        return _frame(self)

    def _repr_html_(self) -> str:
        heads = list(dict.fromkeys(name for row in self for name in row))
        return _table(heads, ([_text(row.get(name)) for name in heads] for row in self))


class Architectures(list[Record]):
    """A list of records, the best first where they were generated; slices of it are such lists, too."""

    def to_dataframe(self) -> pandas.DataFrame:
        """A row per record: id, space, genotype, metrics by column key, members of the provenance.

        Units and sources are in its ``attrs``, by column; of a predicted column there is another one that ends in
        ``±``, what two of three measurements are within. Raises :class:`NotFoundError` where pandas is missing.
        """
        rows = [_row(record) for record in self]
        frame = _frame(rows)
        known = {key: metric for record in self for key, metric in record.metrics.items()}
        frame.attrs["units"] = {key: metric.unit for key, metric in known.items()}
        frame.attrs["sources"] = {key: metric.source for key, metric in known.items()}
        return frame

    def show(self, theme: str = "light") -> Picture:
        """One picture of all of them, see :func:`show`."""
        return Picture(self, theme)

    @overload
    def __getitem__(self, place: SupportsIndex) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> Architectures: ...
    def __getitem__(self, place: SupportsIndex | slice) -> Record | Architectures:
        """A record, or some of them."""
        return Architectures(super().__getitem__(place)) if isinstance(place, slice) else super().__getitem__(place)

    def __repr__(self) -> str:
        """A line per record: its id, its genotype in few characters, and what it was made for."""
        return "\n".join(map(_line, self)) or "[]"

    def _repr_html_(self) -> str:
        keys = list(dict.fromkeys(key for record in self for key in asked_for(record)))
        units = {key: metric.unit for record in self for key, metric in record.metrics.items()}
        heads = ["", "id", *(f"{key} ({units[key]})" if units[key] not in ("", "count") else key for key in keys)]
        return _table(
            [*heads, "genotype"],
            (
                [
                    Picture([record])._repr_html_() if number < PICTURES else "",
                    escape(record.id),
                    *(escape(in_words(record.metrics[key])) if key in record.metrics else "–" for key in keys),
                    f"<code style='overflow-wrap:anywhere'>{escape(compact_genotype(record))}</code>",
                ]
                for number, record in enumerate(self)
            ),
        )


class Picture:
    """A drawing of architectures: notebooks show it, ``print`` writes it as text, :meth:`save` as a file."""

    def __init__(self, records: Iterable[Record], theme: str = "light") -> None:
        """Raises :class:`UsageProblem` for no record at all and for another theme than light and dark."""
        self._records = [renew(record) for record in records]
        self._theme = theme
        if not self._records:
            raise UsageProblem("no architectures to draw", "give a record, or a genotype with its space")
        if theme not in ("light", "dark"):
            raise UsageProblem(f"unknown theme {str(theme)[:40]!r}", "themes: light, dark")

    @property
    def svg(self) -> str:
        """As the text of an SVG file."""
        return self._made("svg").decode()

    @property
    def png(self) -> bytes:
        """As the content of a PNG file; raises :class:`NotFoundError` where Pillow is missing."""
        return self._made("png")

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Write it to a file whose name ends in ``.svg`` or ``.png``; one that exists stays unless ``force``."""
        path = Path(path)
        form: Format | None = {".svg": "svg", ".png": "png"}.get(path.suffix.lower())  # type: ignore[assignment]
        if form is None:
            raise UsageProblem(f"{path} is neither .svg nor .png", "name such a file")
        return atomic_write(path, self._made(form), force=force)

    def __str__(self) -> str:
        return "\n\n".join(
            "\n".join([record.id, "", *draw_text(sketches_of(record), Style())]) for record in self._records
        )

    def _repr_html_(self) -> str:
        about = ", ".join(f"{record.id}: {compact_genotype(record)}" for record in self._records)
        data = b64encode(self._made("svg")).decode()
        return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(about)}" style="max-width:100%">'

    def _made(self, form: Format) -> bytes:
        return picture(self._records, form, self._theme)


def _line(record: Record) -> str:
    known = {key: record.metrics[key] for key in asked_for(record)}
    facts = (f"{key} {in_words(metric)}{_unit(metric.unit)}" for key, metric in known.items())
    return f"{record.id}  {compact_genotype(record)}  {', '.join(facts)}"


def _unit(unit: str) -> str:
    return "" if unit in ("", "count") else f" {unit}"


def _row(record: Record) -> dict[str, Any]:
    metrics: dict[str, Any] = {}
    for key, metric in record.metrics.items():
        metrics[key] = metric.value
        if "uncertainty" in metric.extra:
            metrics[f"{key} ±"] = metric.extra["uncertainty"]
    return {"id": record.id, "space": record.space, "genotype": record.genotype, **metrics, **record.provenance}


def _frame(rows: list[dict[str, Any]]) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError as error:
        raise NotFoundError("a data frame needs the package pandas", "pip install 'dinas[dataframe]'") from error
    return pandas.DataFrame(rows)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th style='{_STYLE}'>{escape(text)}</th>" for text in heads)
    lines = ("".join(f"<td style='{_STYLE}'>{cell}</td>" for cell in row) for row in rows)
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table>"
    )


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    return escape(", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value))
