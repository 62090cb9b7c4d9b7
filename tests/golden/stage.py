"""The screens of every listing command at four widths, written anew by ``python -m tests.golden.stage``.

Look at what changed (``git diff tests/golden``) before it is committed: the tests compare with these files.
"""

from __future__ import annotations

import io
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.bench.experiments import Table
from dinas_cli.cli.app import run
from dinas_cli.cli.commands import bench, doctor
from dinas_cli.cli.output import Sink
from dinas_cli.oracles import datasets, devices
from dinas_cli.oracles.own_datasets import OwnDataset
from dinas_cli.spaces.nasbench201.space import SPACE

FOLDER = Path(__file__).parent / "screens"
WIDTHS = (60, 80, 120, 200)
LIMITS = ("--acc", "top5", "--latency", "3ms", "--device", "fpga")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "generate": ("generate", *LIMITS, "-n", "3"),
    "generate-wide": ("generate", *LIMITS, "-n", "1", "--wide", "-v"),
    "generate-columns": ("generate", *LIMITS, "-n", "2", "--columns", "id,acc,macs,seed"),
    "generate-help": ("generate", "--space", "nlp", "--help"),
    "eval": ("eval", "301004", "123444", "--space", "nasbench201", "--source", "surrogate"),
    "eval-darts": ("eval", "darts.jsonl"),
    "eval-nlp": ("eval", "nlp.jsonl"),
    "eval-gpt-s": ("eval", "gpt-s.jsonl"),
    "eval-metrics": ("eval", "301004", "--space", "nasbench201", "-m", "acc,test_acc,latency/fpga,energy/fpga,macs"),
    "front": ("front", "darts.jsonl", "--of", "acc,params"),
    "spaces": ("spaces",),
    "spaces-nasbench201": ("spaces", "nasbench201"),
    "devices-list": ("devices", "list", "--space", "gpt-s"),
    "datasets-list": ("datasets", "list"),
    "datasets-info": ("datasets", "info", "flowers"),
    "tables-list": ("tables", "list"),
    "tables-list-nasbench101": ("tables", "list", "nasbench101"),
    "checkpoints-list": ("checkpoints", "list"),
    "search": ("search", "-o", "runs/mine"),
}
"""What is run, by the name of its file; ``doctor`` and ``bench`` are shown of made-up findings beside."""

RECORDS = Path(__file__).parent / "records"
"""What ``dinas generate --json`` has made: of darts with ``--acc top5 --latency 2ms``, of nlp with ``--ppl top5`` and
``--params 8M``, of gpt-s with ``--latency 0.8x --device h100``."""
TABLE = """n_vertices,adj_upper,ops,val_acc_108,params
7,100100100011001001101,20022,0.94,5000000
"""
FINDINGS = (
    doctor.Finding("python", "ok", "3.11.7 at /home/ada/venv/bin/python"),
    doctor.Finding("torch", "fail", "2.4.0, older than 2.11", "pip install 'torch>=2.11'"),
    doctor.Finding("weights nasbench-graph-surrogate", "ok", "1224952 bytes, SHA-256 verified"),
    doctor.Finding("left-overs", "warn", "/tmp/dinas-1 and 2 more, of runs that were killed", "dinas doctor --clean"),
)
EXPERIMENT = Table(
    "Best validation accuracy by look-ups, CIFAR-10",
    ("method", "16 look-ups", "32 look-ups", "64 look-ups", "128 look-ups", "look-ups until the best"),
    (
        ("dinas, every label counted", "91.02 ± 0.20", "91.30 ± 0.11", "91.52 ± 0.05", "91.61 ± 0.00", "56 ± 10"),
        ("random", "90.11 ± 0.40", "90.60 ± 0.30", "90.91 ± 0.20", "91.10 ± 0.18", "–"),
    ),
)
_TRAINER = "import sys; text = open(sys.argv[1]).read(); print('{\"accuracy\": 0.%d}' % (len(text) % 90 + 10))"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """Yes."""
        return True


@contextmanager
def stage(folder: Path) -> Iterator[None]:
    """A folder with a table, a data set and a run, in which commands find nothing of the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("FORCE_COLOR", "DINAS_CHECKPOINTS"):
            patch.delenv(name, raising=False)
        for name, value in {"DINAS_HOME": "home", "DINAS_OFFLINE": "1", "NO_COLOR": "1", "TERM": "xterm"}.items():
            patch.setenv(name, value)
        _prepare()
        yield


def _prepare() -> None:
    genotypes = devices.anchors(SPACE.name, 24)
    params = SPACE.closed_form("params", np.array([SPACE.encode(text) for text in genotypes]), "cifar10")
    labels = tuple(zip(genotypes, (60 + params / 1e5).tolist(), strict=True))
    datasets.save(OwnDataset("flowers", SPACE.name, "cifar100", labels, "24 trials of dinas search"))
    program = f"{sys.executable} train.py {{source}}"
    Path("train.py").write_text(_TRAINER)
    Path("table.csv").write_text(TABLE)
    _run("tables", "import", "nasbench101", "table.csv", "--partial", "-q")
    for path in RECORDS.iterdir():
        shutil.copy(path, path.name)
    _run("search", "--command", program, "--random", "--params", "500k", "--trials", "3", "-o", "runs/mine", "-q")


def _run(*args: str, width: int = 80) -> str:
    """Everything that a terminal ``width`` columns wide shows of a command, once it has ended."""
    out, err = Terminal(), Terminal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        code = run(args)
    words = re.split(r"\x1b\[2K|\x1b\[\?25h", err.getvalue())[-1].lstrip("\r\n")  # bars are gone by then
    if code:
        raise AssertionError(f"{args} ended with {code}: {words}")
    return out.getvalue() + words


def _shown(name: str, width: int) -> str:
    if name in COMMANDS:
        return _run(*COMMANDS[name], width=width)
    out = Terminal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        sink = Sink("human", stdout=out, stderr=out)
        if name == "doctor":
            sink.table(doctor.COLUMNS, map(vars, FINDINGS))
        else:
            bench.show_table(sink, EXPERIMENT)
    return out.getvalue()


NAMES = (*COMMANDS, "doctor", "bench")


def screen(name: str, width: int) -> str:
    """The screen of a command, on the :func:`stage`."""
    return _shown(name, width)


def path_of(name: str, width: int) -> Path:
    """Its file."""
    return FOLDER / f"{name}-{width}.txt"


def main() -> None:
    """Write all files anew."""
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder)):
        for name in NAMES:
            for width in WIDTHS:
                path_of(name, width).write_text(screen(name, width), encoding="utf-8")


if __name__ == "__main__":
    main()
