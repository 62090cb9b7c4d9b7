"""Logs of TFLite's ``benchmark_model``, of one network or of many one after the other.

Of every run the tool prints, in microseconds::

    INFO: Graph: [/data/local/tmp/NAME.tflite]
    INFO: count=50 first=1249964 curr=1240143 min=1238588 max=1252566 avg=1.24027e+06 std=2565 p5=… median=1239807 …
    INFO: Inference timings in us: Init: 5579, First inference: 1357602, Warmup (avg): …, Inference (avg): 1.24027e+06

Older versions print no median. Source: ``tensorflow/lite/tools/benchmark`` of TensorFlow and its ``README.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dinas_cli.errors import UsageProblem
from dinas_cli.oracles.logs.cost import NUMBER, Cost

_TIMINGS = re.compile(rf"Inference timings in us:.*Inference \(avg\): {NUMBER}")
_GRAPH = re.compile(r"Graph: \[(.+)\]|--graph=(\S+)|Loaded model (\S+)")
_COUNT = re.compile(rf"count=[0-9]+ .*\bavg={NUMBER} .*\bmedian={NUMBER}")


def knows(text: str) -> bool:
    """Whether ``text`` is such a log, be it one of a run that failed."""
    return "Inference timings in us:" in text or ("Min num runs: [" in text and "Graph: [" in text)


def read(text: str, where: str) -> Iterator[Cost]:
    """The median of every run, where there is none its mean; raises :class:`UsageProblem` where no run ended."""
    name, median, found = "", "", False
    for number, line in enumerate(text.splitlines(), start=1):
        if graph := _GRAPH.search(line):
            name, median = graph[1] or graph[2] or graph[3], ""
        elif count := _COUNT.search(line):
            median = count[2]  # the warm-up's comes first and is replaced
        elif timings := _TIMINGS.search(line):
            yield Cost(float(median or timings[1]), "us", name, number)
            name, median, found = "", "", True
    if not found:
        raise UsageProblem(f"{where}: no 'Inference timings': the run did not end", "measure this network again")
