"""``dinas export`` with hostile records and closed pipes: no code and no path of theirs reaches the output."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

from dinas_cli.architectures.records import Metric
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.cli.commands.test_export import BEST, record, write
from tests.conftest import Cli


def test_a_hostile_record_gets_no_code_and_no_path_into_the_output(cli: Cli, tmp_path: Path) -> None:
    attack = '"""\nimport os\u2028import os\r' + "x = '''"
    hostile = record(
        BEST,
        id="../../escape",
        metrics={attack: Metric(1.0, attack, "table", {attack: attack})},
        provenance={attack: attack, "checkpoint": {"nested": [attack]}, "seed": attack},
    )
    path = write(tmp_path / "a.jsonl", hostile)
    folder = tmp_path / "in" / "nets"
    assert cli("export", path, "-o", folder).code == 0
    (written,) = tmp_path.rglob("*.py")
    assert written.parent == folder
    clean = SPACE.source(BEST, "cifar100")
    assert ast.dump(ast.parse(written.read_bytes())) == ast.dump(ast.parse(clean.encode()))


def test_a_hostile_genotype_is_refused_in_one_line(cli: Cli, tmp_path: Path) -> None:
    data = record(BEST).to_dict() | {"genotype": "|none~0|+|none~0|none~1|+|none~0|none~1|x\n\x1b[2Jimport os~2|"}
    (tmp_path / "a.jsonl").write_text(json.dumps(data) + "\n")
    result = cli("export", tmp_path / "a.jsonl")
    assert (result.code, result.out) == (1, "")
    assert "unknown operation" in result.err
    assert "\x1b" not in result.err


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *[record(BEST)] * 2000)
    command = [sys.executable, "-m", "dinas_cli", "export", str(path), "--to", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        streams = [stream for stream in (process.stdout, process.stderr) if stream]
        streams[0].readline()
        streams[0].close()
        assert (streams[1].read(), process.wait(30)) == ("", 0)
