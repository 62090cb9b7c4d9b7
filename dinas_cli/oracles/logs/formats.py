"""The table of formats, and which of them a file is in: by its content, not by its name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dinas_cli.errors import NotFoundError, UsageProblem, reason_of
from dinas_cli.oracles.logs import dictionaries, executorch, perf_test, table, tflite, traces
from dinas_cli.oracles.logs.cost import HINT, Cost
from dinas_cli.oracles.logs.names import Names

LARGEST = 256 << 20
"""Bytes of a file of measurements; profiles of thousands of runs have some ten million."""


@dataclass(frozen=True)
class Format:
    """What one tool writes."""

    title: str
    knows: Callable[[str], bool]
    read: Callable[[str, str], Iterator[Cost]]
    """The costs in a text, which is called by the second argument in errors."""


FORMATS = (
    Format("onnxruntime profile", traces.knows_profile, traces.read_profile),
    Format("onnxruntime_perf_test output", perf_test.knows, perf_test.read),
    Format("TFLite benchmark_model log", tflite.knows, tflite.read),
    Format("trtexec --exportTimes JSON", traces.knows_times, traces.read_times),
    Format("ExecuTorch Inspector table", executorch.knows, executorch.read),
)
"""Texts other than tables of genotypes and costs."""
TITLES = (*(each.title for each in FORMATS), "torch.save dictionary", "TSV or CSV")


def costs(path: Path, names: Names, unit: str, bare: str | None, *, alone: bool = True) -> Iterator[Cost]:
    """The costs in a file (``-``: standard input) of any format; those of tables have genotypes for names.

    ``unit`` is what they are wanted in, ``bare`` that of numbers without one, if anybody said. A file that is not
    ``alone``, but one of a folder, holds a table only if it looks like one, or a single number. Raises
    :class:`UsageProblem` naming file and line, :class:`NotFoundError` for a missing file.
    """
    where = "stdin" if str(path) == "-" else str(path)
    content = _content(where, path)
    if dictionaries.knows(content):
        yield from dictionaries.read(path)
        return
    text = _text(where, content)
    for each in FORMATS:
        if each.knows(text):
            yield from each.read(text, where)
            return
    number = None if alone else table.quantity(text.strip(), unit)
    if number is not None:
        stated = any(letter.isalpha() for letter in text.lower().replace("e", ""))
        yield Cost(number, unit if stated else bare)
    elif alone or "\t" in text or "," in text:
        yield from table.read(text, where, names.genotype, unit, bare)
    else:
        hint = f"take it out of the folder; known are {', '.join(TITLES)}"
        raise UsageProblem(f"{where} is in no known format", hint)


def _content(where: str, path: Path) -> bytes:
    """The whole file."""
    try:
        if where == "stdin":
            return sys.stdin.read().encode(errors="surrogateescape")
        if path.stat().st_size > LARGEST:
            raise UsageProblem(f"{where} is larger than {LARGEST >> 20} MiB", HINT)
        return path.read_bytes()
    except UnicodeError as error:
        raise UsageProblem(f"{where} is not UTF-8 text", HINT) from error
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {where}", HINT) from error
    except OSError as error:
        raise UsageProblem(f"cannot read {where}: {reason_of(error)}", HINT) from error


def _text(where: str, content: bytes) -> str:
    """The file as text; spreadsheets write a byte order mark, and shells of Windows UTF-16 behind one."""
    if content[4:8] == b"ED00":
        hint = "Inspector(etdump_path=…).save_data_to_tsv(file) makes a table of it"
        raise UsageProblem(f"{where} is an ETDump, which only ExecuTorch can read", hint)
    try:
        return content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageProblem(f"{where} is not UTF-8 text", HINT) from error
