"""The part of docs/results with one row per benchmark and protocol, their history, and wins against every rival."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any

from benchmarks.history import HISTORY
from benchmarks.leaderboard import LOOK_UPS, SURE, counts
from benchmarks.markdown import suite_results, table
from dinas_cli.bench.suites.paper_tables import PROTOCOLS, PUBLISHED


def leaderboard() -> list[str]:
    """Rows, then who wins."""
    history = list(csv.DictReader(HISTORY.read_text("utf-8").splitlines()))
    last: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in history:
        last.setdefault((row["benchmark"], row["protocol"]), []).append(row)
    heads = [
        "benchmark",
        "look-ups",
        "labels before",
        "value",
        "test",
        "seeds",
        "s",
        "date",
        "commit",
        "before",
        "published",
    ]
    lines: list[str] = []
    for protocol, title in PROTOCOLS.items():
        cells = []
        for (benchmark, which), rows in last.items():
            if which != protocol:
                continue
            now, earlier_ones = rows[-1], [f"{row['value']} ({row['date']})" for row in rows[:-1]]
            told = [now[name] for name in ("look_ups", "labels", "value", "test", "seeds", "seconds", "date", "commit")]
            changed = [text for text in dict.fromkeys(earlier_ones) if not text.startswith(now["value"])]
            cells.append([benchmark, *told, "; ".join(changed[-2:]) or "–", PUBLISHED.get((benchmark, protocol), "–")])
        lines += [f"### Protocol {protocol}: {title}", "", *table(heads, cells), ""]
    report = suite_results("paper")
    about = report.about
    return [
        "## Leaderboard",
        "",
        "What `dinas` reached at the end of its look-ups, with the commit that measured it and the two figures before,",
        "where they were others. The two protocols must not be compared. *s*: seconds of one search.",
        "",
        *lines,
        "## Wins, ties and losses",
        "",
        "Over all benchmarks and data sets of protocol H, in which every label counts as a look-up: on how many",
        "`dinas` wins, ties and loses. Seeds are compared one by one; a mean difference within",
        f"{SURE:g} standard errors is a tie.",
        "",
        *wins(report.experiments),
        "",
        f"`{about['command']}`, history by `python -m benchmarks.history`",
        "",
    ]


def wins(experiments: Mapping[str, Any]) -> list[str]:
    """The table of wins, ties and losses."""
    found = counts(experiments)
    heads = ["rival", *(f"{count} look-ups" for count in LOOK_UPS)]
    rows = [[name, *("{} / {} / {}".format(*each[count]) for count in LOOK_UPS)] for name, each in found.items()]
    return table(heads, rows)
