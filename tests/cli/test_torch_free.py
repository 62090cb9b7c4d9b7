"""Commands that answer without torch: what each leaves in ``sys.modules``, one fresh process for each group of them."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dinas_cli.checkpoints.registry import weights_dir
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.skeletons import skeletons_of
from tests.support.benchmark_files import install_table
from tests.support.bundled import limited, needs_weights

RUN = """
import contextlib, json, sys
from dinas_cli.cli.app import run
for args, target in json.load(open(sys.argv[1])):
    with open(target, "w") as stream, contextlib.redirect_stdout(stream):
        code = run(args)
    heavy = {"torch", "torch_geometric", "scipy"} & set(sys.modules)
    assert code == 0 and not heavy, (args, code, heavy)
"""
STAGE = """
import sys
from dinas_cli.cli.app import run
code = run(sys.argv[1:])
sys.exit(code or 99 * bool({"torch", "torch_geometric", "scipy"} & set(sys.modules)))
"""


def assert_torch_free(folder: Path, commands: list[tuple[list[str], str]]) -> None:
    """Run commands one after the other in one process; each writes its data to a file of that name in ``folder``."""
    (folder / "commands.json").write_text(json.dumps(commands))
    line = [sys.executable, "-c", RUN, "commands.json"]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("space", space_names())
def test_from_an_architecture_to_source(tmp_path: Path, space: str) -> None:
    """Evaluated, rewritten, drawn as pictures and written as code in every skeleton; with weights or without."""
    target = get_space(space)
    genotypes = {target.canonical_id(row): target.decode(row) for row in target.draw(2, 0).tolist()}
    (tmp_path / "given.txt").write_text("".join(f"{genotype}\n" for genotype in genotypes.values()))
    ways = [["--skeleton", name] for name in skeletons_of(target)]
    assert_torch_free(
        tmp_path,
        [
            (["eval", "given.txt", "--space", space, "--json"], "evaluated.jsonl"),
            (["convert", "evaluated.jsonl"], "genotypes.txt"),
            (["show", "evaluated.jsonl"], "drawing.txt"),
            (["show", "evaluated.jsonl", "-o", "drawing.svg"], "none"),
            (["export", "evaluated.jsonl", "--to", "genotype"], "exported.txt"),
            *((["export", "evaluated.jsonl", "-o", f"nets{i}", *way], "none") for i, way in enumerate([[], *ways])),
        ],
    )
    assert (tmp_path / "exported.txt").read_text() == (tmp_path / "genotypes.txt").read_text() != ""
    assert all(list((tmp_path / f"nets{i}").glob("*.py")) for i in range(1 + len(ways)))


@pytest.mark.parametrize("space", space_names())
def test_from_a_request_to_records(tmp_path: Path, space: str) -> None:
    if not (weights_dir() / f"{space}.safetensors").is_file():
        pytest.skip(f"{space} has no bundled weights")
    request = limited() if space == "nasbench201" else ["--params", "9G", "-n", "2"]
    command = ["generate", "--space", space, *request, "--json"]
    commands = [(command, "drawn.jsonl"), (["eval", "drawn.jsonl", "--json"], "evaluated.jsonl")]
    if space == "nasbench201":
        commands.append((["front", "--of", "acc,params", "-o", "front.html"], "none"))
    assert_torch_free(tmp_path, commands)
    assert len((tmp_path / "evaluated.jsonl").read_text().splitlines()) == int(request[-1])


def test_listings(tmp_path: Path) -> None:
    lines = ["--help", "spaces", "devices list", "checkpoints list", "tables list", "version", "doctor --quiet"]
    spaces = [f"spaces {name}" for name in space_names()]
    assert_torch_free(tmp_path, [(line.split(), "none") for line in [*lines, *spaces]])


@needs_weights
def test_with_a_benchmarks_table(tmp_path: Path, bench_data: Path) -> None:
    install_table(bench_data)
    commands = (["generate", *limited(), "--json"], "drawn.jsonl"), (["eval", "drawn.jsonl", "--json"], "found.jsonl")
    assert_torch_free(tmp_path, [*commands, (["tables", "list"], "tables.tsv")])
    assert '"source": "table"' in (tmp_path / "found.jsonl").read_text()


@needs_weights
def test_a_pipe_from_request_to_source(tmp_path: Path) -> None:
    stage = shlex.join([sys.executable, "-c", STAGE])
    request = shlex.join(limited())
    line = f"{stage} generate {request} | {stage} eval - --json | {stage} export - --to pytorch -o nets"
    command = ["bash", "-c", f'{line}; echo "${{PIPESTATUS[*]}}"']
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "0 0 0\n", done.stderr
    assert len(list((tmp_path / "nets").glob("*.py"))) == 3
