"""Commands joined by pipes, as in the first example of the README, in processes of their own."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from dinas_cli.spaces.nasbench201.networks import CLASSES, IMAGE_SIZE
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import ROOT, Cli
from tests.support.benchmark_files import install_table
from tests.support.bundled import limited, needs_weights
from tests.support.terminals import DINAS

pytestmark = needs_weights


def pipe(folder: Path, *commands: list[str]) -> tuple[list[int], str, str]:
    """Run commands joined by pipes in ``folder``: how each of them ended, what came out, what was said."""
    line = " | ".join(shlex.join(command if command[0] == "head" else [*DINAS, *command]) for command in commands)
    done = subprocess.run(
        ["bash", "-c", f'{line}; printf "\\n%s" "${{PIPESTATUS[*]}}"'],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    out, _, codes = done.stdout.rpartition("\n")
    return [int(code) for code in codes.split()], out, done.stderr


def run_networks(folder: Path) -> int:
    """Import every file of a folder and push an image through; returns how many there are."""
    import torch

    files = sorted(folder.glob("*.py"))
    for path in files:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        with torch.inference_mode():
            outputs = module.build().eval()(torch.zeros(1, *module.INPUT_SHAPE))
        assert outputs.shape == (1, module.CLASSES)
    return len(files)


def test_generate_eval_export(tmp_path: Path) -> None:
    """Without a table: the surrogate answers throughout."""
    codes, out, err = pipe(
        tmp_path,
        [
            "generate",
            "--acc",
            "top30",
            "-n",
            "3",
            "--dataset",
            "cifar100",
            "--latency",
            "12ms",
            "-v",
            "--device",
            "gold_6226",
        ],
        ["eval", "-", "--json"],
        ["export", "-", "--to", "pytorch", "-o", "nets/"],
    )
    assert (codes, out) == ([0, 0, 0], "")
    assert re.search(r"256 drawn, .* satisfying \(checked by surrogate\)", err)
    assert "3 of 3 satisfy their request" in err
    assert "wrote 3 networks to nets" in err
    assert run_networks(tmp_path / "nets") == 3
    source = next((tmp_path / "nets").glob("*_cifar100.py")).read_text()
    assert "(surrogate, " in source
    assert "constraints: top 30 % acc@cifar100 with latency/gold_6226 ≤ 12.00 ms" in source
    assert f"CLASSES = {CLASSES['cifar100']}" in source
    assert str(IMAGE_SIZE["cifar100"]) in source


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_records_lose_nothing_on_their_way(tmp_path: Path, cli: Cli, form: list[str]) -> None:
    path = tmp_path / "found"
    path.write_text(cli("generate", *limited(), *form).out)
    reference = [json.loads(line) for line in cli("generate", *limited(), "--json").out.splitlines()]
    evaluated = [json.loads(line) for line in cli("eval", path, "--json").out.splitlines()]
    for before, after in zip(reference, evaluated, strict=True):
        assert after["provenance"].pop("satisfies") is True
        assert {key: after[key] for key in ("id", "genotype", "request", "provenance")} == {
            key: before[key] for key in ("id", "genotype", "request", "provenance")
        }
        assert set(before["metrics"]) <= set(after["metrics"])
        for column, metric in before["metrics"].items():
            assert after["metrics"][column]["value"] == pytest.approx(metric["value"], rel=1e-4)


def test_with_a_table(tmp_path: Path, bench_data: Path) -> None:
    install_table(bench_data)
    codes, out, err = pipe(tmp_path, ["generate", *limited(), "-v"], ["eval", "-", "--json", "--source", "table"])
    assert codes == [0, 0]
    assert "(checked by table)" in err
    assert "3 of 3 satisfy their request" in err
    for line in out.splitlines():
        record = json.loads(line)
        assert record["metrics"]["latency/fpga@cifar10"]["source"] == "table"
        assert SPACE.canonical_id(SPACE.encode(record["genotype"])) == record["id"]


def test_bad_lines_are_named_and_the_rest_goes_on(tmp_path: Path, shell: Cli, cli: Cli) -> None:
    lines = cli("generate", *limited(), "--json").out.splitlines()
    broken = json.loads(lines[0]) | {"genotype": "|nor_conv_9x9~0|+|none~0|none~1|+|none~0|none~1|none~2|"}
    foreign = json.loads(lines[0]) | {"schema": "other/thing@1"}
    text = "\n".join([lines[0], lines[1][:50], json.dumps(broken), json.dumps(foreign), "301004", lines[2]])
    evaluated = shell("eval", "-", "--json", input=text)
    assert evaluated.code == 1
    assert [json.loads(line)["id"] for line in evaluated.out.splitlines()] == [
        json.loads(line)["id"] for line in (lines[0], lines[2])
    ]
    errors = [line for line in evaluated.err.splitlines() if line.startswith("error: ")]
    assert [error.split(": ")[1] for error in errors] == ["stdin:2", "stdin:3", "stdin:4", "stdin:5"]
    exported = shell("export", "-", "--to", "pytorch", "-o", tmp_path / "nets", input=text)
    assert exported.code == 1
    assert run_networks(tmp_path / "nets") == 2


def test_head_sees_enough(tmp_path: Path) -> None:
    codes, out, err = pipe(tmp_path, ["generate", "-n", "50", "--json"], ["head", "-1"])
    assert codes[1] == 0
    assert codes[0] in (0, 141)
    assert json.loads(out)["space"] == SPACE.name
    assert "Error" not in err
    assert "Traceback" not in err


def test_nothing_satisfies_and_the_rest_is_told(tmp_path: Path) -> None:
    codes, out, err = pipe(
        tmp_path,
        ["generate", "--acc", ">=99.9"],
        ["eval", "-", "--json"],
        ["export", "-", "--to", "pytorch", "-o", "nets"],
    )
    assert codes[0] == 5
    assert codes[-1] == 1
    assert out == ""
    assert "no architecture of nasbench201 has acc@cifar10 ≥ 99.90 %" in err
    assert not (tmp_path / "nets").exists()
