"""What ``onnxruntime_perf_test`` prints, of one network or of many one after the other.

The median is ``P50 Latency: 0.0603562 s`` (older: ``P50 Latency is 0.0587108 sec``); short runs and old versions have
only ``Average inference time cost: 62.2935 ms`` (newer: ``… cost total:``). The tool does not name the model; the
command does, where a shell echoed it. Source: ``onnxruntime/test/perftest/performance_runner.cc``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dinas_cli.oracles.logs.cost import NUMBER, Cost

_AVERAGE = re.compile(rf"Average (?:inference )?time cost(?: total)?: *{NUMBER} ms")
_MEDIAN = re.compile(rf"P50 Latency(?: is|:) *{NUMBER} s")
_COMMAND = re.compile(r"onnxruntime_perf_test\b.*?(\S+\.(?:onnx|ort))\b")


def knows(text: str) -> bool:
    """Whether ``text`` is such an output."""
    return _AVERAGE.search(text) is not None


def read(text: str, where: str) -> Iterator[Cost]:
    """The median of every run, where there is none its mean."""
    name, run = "", None
    for number, line in enumerate(text.splitlines(), start=1):
        if command := _COMMAND.search(line):
            name = command[1]
        elif average := _AVERAGE.search(line):
            if run is not None:
                yield run
            run, name = Cost(float(average[1]), "ms", name, number), ""
        elif run is not None and (median := _MEDIAN.search(line)):
            run = Cost(float(median[1]), "s", run.name, number)
    if run is not None:
        yield run
