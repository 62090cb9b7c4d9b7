"""JSON that profilers write, a list of events: onnxruntime's profile, ``trtexec --exportTimes``.

onnxruntime (``SessionOptions.enable_profiling``) writes durations in microseconds::

    {"cat" : "Session", "dur" : 115, "ts" : 19266, "ph" : "X", "name" : "model_run", "args" : {}}

trtexec writes an object per inference, in milliseconds; ``latencyMs`` is the way there, the computation and the way
back: ``{"startComputeMs": …, "endComputeMs": …, "computeMs": 0.47, "latencyMs": 0.93, …}``. Source: "Performance
tuning: profiling" of onnxruntime's documentation, and ``samples/common/sampleReporting.cpp`` of TensorRT.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import brief
from dinas_cli.oracles.logs.cost import ENDLESS, Cost

_HEAD = 20_000
"""Characters by which a format is known."""
_PROFILE = re.compile(r'\A\s*\[.*?"cat"\s*:\s*"(?:Session|Node|Kernel|Api)"', re.DOTALL)
_TIMES = re.compile(r'\A\s*\[.*?"(?:startComputeMs|computeMs|latencyMs)"\s*:', re.DOTALL)


def knows_profile(text: str) -> bool:
    """Whether ``text`` is a profile of onnxruntime."""
    return _PROFILE.match(text[:_HEAD]) is not None


def read_profile(text: str, where: str) -> Iterator[Cost]:
    """The median of all runs but the first, which also allocates.

    Raises :class:`UsageProblem` for a profile that was not ended or saw fewer than two runs.
    """
    runs = [_number(event, "dur", where) for event in _events(text, where) if event.get("name") == "model_run"]
    if len(runs) < 2:
        hint = "run every network some ten times before end_profiling()"
        raise UsageProblem(f"{where}: a profile of {len(runs)} runs; the first one does not count", hint)
    yield Cost(statistics.median(runs[1:]), "us")


def knows_times(text: str) -> bool:
    """Whether ``text`` is what ``trtexec --exportTimes`` writes."""
    return _TIMES.match(text[:_HEAD]) is not None


def read_times(text: str, where: str) -> Iterator[Cost]:
    """The median latency, host to host; raises :class:`UsageProblem` where an inference has none."""
    runs = [_number(event, "latencyMs", where) for event in _events(text, where)]
    if not runs:
        raise UsageProblem(f"{where}: no inference was timed", "measure this network again")
    yield Cost(statistics.median(runs), "ms")


def _events(text: str, where: str) -> list[Mapping[str, Any]]:
    try:
        events = json.loads(text)
    except (ValueError, RecursionError) as error:
        hint = "a profile is complete after session.end_profiling()"
        raise UsageProblem(f"{where}: not all of its JSON is there: {error}", hint) from error
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise UsageProblem(f"{where}: its JSON is no list of events", "take the file as the tool wrote it")
    return events


def _number(event: Mapping[str, Any], member: str, where: str) -> float:
    found = event.get(member)
    if not isinstance(found, int | float) or isinstance(found, bool) or not 0 < found < ENDLESS:
        raise UsageProblem(f"{where}: {member} is {brief(found)}", "take the file as the tool wrote it")
    return float(found)
