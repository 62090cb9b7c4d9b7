"""Events of ExecuTorch's Inspector as TSV or CSV: ``save_data_to_tsv`` or ``to_dataframe().to_csv``.

The columns are ``event_block_name``, ``event_name``, ``p10 (ms)``, ``p50 (ms)``, ``p90 (ms)``, ``avg (ms)``, …; the row
``Method::execute`` is the whole network. Units are left out with ``include_units=False``. Source: ``model-inspector``
of ExecuTorch's documentation, and ``devtools/inspector/_inspector.py``.
"""

from __future__ import annotations

import csv
import re
import statistics
from collections.abc import Iterator

from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import as_number
from dinas_cli.oracles.logs.cost import Cost

_WHOLE = "Method::execute"
_COLUMN = re.compile(r"(p50|avg)(?: \((\w+)\))?")
_TIMES = ("ns", "us", "ms", "s")


def knows(text: str) -> bool:
    """Whether ``text`` is such a table, by its header row."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return "event_block_name" in first and "event_name" in first


def read(text: str, where: str) -> Iterator[Cost]:
    """The median of the whole network, of several event blocks that of their medians.

    Raises :class:`UsageProblem` for a table without it, and for cycles, which are no time.
    """
    lines = text.lstrip("\r\n").splitlines(keepends=True)
    try:
        header, *rows = csv.reader(lines, delimiter="\t" if "\t" in lines[0] else ",")
        names = {match[1]: (place, match[2]) for place, cell in enumerate(header) if (match := _COLUMN.fullmatch(cell))}
        if not names:
            raise UsageProblem(f"{where}: no column p50 or avg", "inspector.save_data_to_tsv(file)")
        place, unit = names.get("p50") or names["avg"]
        event = header.index("event_name")
        runs = [as_number(row[place]) for row in rows if row[event : event + 1] == [_WHOLE]]
    except (csv.Error, ValueError, IndexError) as error:
        raise UsageProblem(
            f"{where}: not a table of the Inspector: {error}", "inspector.save_data_to_tsv(file)"
        ) from error
    if not runs:
        raise UsageProblem(f"{where}: no event {_WHOLE}", "run the program with profiling of events enabled")
    if unit not in (None, *_TIMES):
        raise UsageProblem(f"{where}: its events are in {unit}", "give the Inspector a source_time_scale")
    median = statistics.median(runs)
    yield Cost(median / 1000, "us") if unit == "ns" else Cost(median, unit)
