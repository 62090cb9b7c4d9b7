"""``dinas show``: text, colours and ASCII; pictures, sheets and folders; what is kept, refused and escaped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dinas_cli.architectures.records import Metric, Record, to_json_line
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import get_space, space_names
from tests.conftest import Cli
from tests.draw.test_svg import HOSTILE, SVG
from tests.support.terminals import on_terminal

ONE, OTHER = (3, 0, 1, 1, 0, 4), (3, 3, 3, 1, 3, 2)
ONE_ID, OTHER_ID = SPACE.canonical_id(ONE), SPACE.canonical_id(OTHER)
ONE_TEXT = f"""{ONE_ID}
nasbench201

     ┌──(conv 3×3)──▶[1]───(skip)──▶[2]───(avg 3×3)─┬─▶[out]
     │                                              │
[in]─┴─────────────────────────────────────(skip)───┘
"""
LEGEND = "\n[ ] node   ( ) operation on an edge\n"


def write(path: Path, *records: Record) -> Path:
    path.write_text("".join(f"{to_json_line(item)}\n" for item in records), "utf-8")
    return path


def record(cell: tuple[int, ...], **metrics: float) -> Record:
    found = {key: Metric(value, "%", "table") for key, value in metrics.items()}
    return Record("", "nasbench201", SPACE.decode(cell), found)


def test_text_is_the_default(cli: Cli) -> None:
    result = cli("show", SPACE.decode(ONE), "--space", "nb201")
    assert (result.code, result.out, result.err) == (0, ONE_TEXT, LEGEND)
    assert cli("show", SPACE.decode(ONE), "--space", "nb201", "--quiet").err == ""


def test_several_are_drawn_one_under_the_other(cli: Cli, tmp_path: Path) -> None:
    result = cli("show", write(tmp_path / "a.jsonl", record(ONE), record(OTHER, acc=94.5)))
    assert result.out.startswith(f"{ONE_TEXT}\n{OTHER_ID}\nnasbench201 · acc 94.50 % · source: table\n\n")


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"PYTHONIOENCODING": "ascii"}])
def test_ascii_where_lines_cannot_be_shown(shell: Cli, env: dict[str, str]) -> None:
    result = shell("show", SPACE.decode(ONE), "-s", "nb201", env=env)
    assert result.code == 0
    assert result.out.isascii()
    assert "     +--(conv 3x3)-->[1]---(skip)-->[2]---(avg 3x3)-+->[out]\n" in result.out


def test_a_terminal_gets_colours_unless_it_refuses() -> None:
    shown = on_terminal("show", SPACE.decode(ONE), "-s", "nb201")
    assert shown.out == ONE_TEXT
    assert shown.err == "\n[ ] node   ( ) operation on an edge   ■ conv   ■ pool   ■ skip\n"
    plain = on_terminal("show", SPACE.decode(ONE), "-s", "nb201", NO_COLOR="1")
    assert (plain.out, plain.err) == (ONE_TEXT, LEGEND)


def test_width_decides_the_direction(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = cli("show", SPACE.decode(ONE), "-s", "nb201").out
    assert "▼" in out
    assert max(map(len, out.splitlines())) <= 40


@pytest.mark.parametrize("name", space_names())
def test_every_space_in_every_form(cli: Cli, name: str, tmp_path: Path) -> None:
    space = get_space(name)
    genotypes = [space.decode(tuple(map(int, row))) for row in space.draw(3, 0)]
    (tmp_path / "cells.txt").write_text("".join(f"{genotype}\n" for genotype in genotypes), "utf-8")
    result = cli("show", tmp_path / "cells.txt", "-s", name)
    assert result.code == 0
    for genotype in genotypes:
        assert f"{space.canonical_id(space.encode(genotype))}\n{name}\n\n" in result.out
    for ending in ("svg", "png"):
        if ending == "png":
            pytest.importorskip("PIL")
        drawn = cli("show", tmp_path / "cells.txt", "-s", name, "-o", tmp_path / f"sheet.{ending}")
        assert (drawn.code, drawn.out) == (0, "")
        assert drawn.err == f"drew 3 architectures in {tmp_path / f'sheet.{ending}'}\n"
    ElementTree.parse(tmp_path / "sheet.svg")
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG\r\n")


def test_existing_files_are_kept(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "cell.svg"
    arguments = ("show", SPACE.decode(ONE), "-s", "nasbench201", "-o", path)
    path.write_text("mine")
    result = cli(*arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err == f"error: {path} exists already\nhint: overwrite it with --force, or choose another name\n"
    assert path.read_text() == "mine"
    assert cli(*arguments, "--force", "--theme", "dark").code == 0
    root = ElementTree.parse(path).getroot()
    assert root.findtext(f"{SVG}title") == ONE_ID
    assert "#0d1117" in path.read_text("utf-8")
    assert [item.name for item in tmp_path.iterdir()] == ["cell.svg"]


def test_a_folder_gets_a_file_for_each(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "pictures"
    twins = (3, 0, 1, 0, 0, 4), (3, 0, 1, 0, 4, 0)
    records = [record(cell) for cell in (ONE, OTHER, ONE, *twins)]
    path = write(tmp_path / "a.jsonl", *records)
    result = cli("show", path, "-o", folder)
    assert (result.code, result.out, result.err) == (0, "", f"drew 4 architectures in {folder} (1 repeated)\n")
    names = {f"{SPACE.canonical_id(cell)}-{SPACE.key(cell)}.svg" for cell in (ONE, OTHER, *twins)}
    assert {item.name for item in folder.iterdir()} == names
    for item in folder.iterdir():
        ElementTree.parse(item)


def test_a_clash_in_a_folder_writes_nothing_at_all(cli: Cli, tmp_path: Path) -> None:
    name = f"{OTHER_ID}-{SPACE.key(OTHER)}.svg"
    (tmp_path / name).write_text("mine")
    arguments = ("show", SPACE.decode(ONE), SPACE.decode(OTHER), "-s", "nasbench201", "-o", tmp_path)
    result = cli(*arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error: {tmp_path / name} exists already\n")
    assert [item.name for item in tmp_path.iterdir()] == [name]
    assert cli(*arguments, "--force").code == 0
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_of_png(cli: Cli, tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    assert cli("show", SPACE.decode(ONE), "-s", "nb201", "-o", tmp_path / "p", "--format", "png").code == 0
    assert [item.suffix for item in (tmp_path / "p").iterdir()] == [".png"]


def test_metrics_head_the_picture(cli: Cli, tmp_path: Path) -> None:
    cli("show", write(tmp_path / "a.jsonl", record(ONE, **{"acc@cifar10": 91.25})), "-o", tmp_path / "a.svg")
    texts = [element.text for element in ElementTree.parse(tmp_path / "a.svg").iter(f"{SVG}text")]
    assert texts[:2] == [ONE_ID, "nasbench201  ·  cifar10  ·  acc 91.25 %  ·  source: table"]
    assert {"conv 3×3", "skip", "avg 3×3", "conv", "pool"} <= set(texts)


def test_hostile_records_draw_harmless_pictures(cli: Cli, tmp_path: Path) -> None:
    text = HOSTILE.replace("\ud800", "")
    hostile = Record(
        f"../{text}", "nasbench201", SPACE.decode(ONE), {text: Metric(1.0, text, "table")}, {}, {text: [text]}
    )
    path = write(tmp_path / "a.jsonl", hostile)
    assert cli("show", path, "-o", tmp_path / "pictures").code == 0
    (drawn,) = (tmp_path / "pictures").iterdir()
    assert drawn.name == f"{ONE_ID}-{SPACE.key(ONE)}.svg"
    assert not [element for element in ElementTree.parse(drawn).iter() if "script" in element.tag]
    shown = cli("show", path)
    assert shown.code == 0
    assert "\x1b" not in shown.out
    assert "\x00" not in shown.out
    bad = cli("show", "<script>|~\x1b[31m", "-s", "nasbench201", "-o", tmp_path / "bad.svg")
    assert bad.code == 1
    assert "\x1b" not in bad.err
    assert not (tmp_path / "bad.svg").exists()


def test_bad_lines_are_named_and_the_rest_is_drawn(shell: Cli, tmp_path: Path) -> None:
    lines = f"{SPACE.decode(ONE)}\nnonsense\n{SPACE.decode(OTHER)}\n"
    result = shell("show", "-", "-s", "nb201", "-o", tmp_path / "a.svg", input=lines)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error: stdin:2: genotype 'nonsense'")
    assert ElementTree.parse(tmp_path / "a.svg").getroot().findtext(f"{SVG}title") == "2 architectures"


def test_data_for_other_programs(cli: Cli) -> None:
    result = cli("show", SPACE.decode(ONE), SPACE.decode(OTHER), "-s", "nb201", "--json")
    found = [json.loads(line) for line in result.out.splitlines()]
    assert [item["id"] for item in found] == [ONE_ID, OTHER_ID]
    assert found[0]["cells"][0]["nodes"][0] == {"label": "in", "kind": "input"}


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["-o", "a.pdf"], 2, "a.pdf is neither .svg nor .png"),
        (["-o", "a.svg", "--format", "png"], 2, "--format png contradicts -o a.svg"),
        (["-o", "a.svg", "--json"], 2, "--json has no meaning with -o"),
        (["--theme", "dark"], 2, "--theme has no meaning for text"),
        (["--format", "svg"], 2, "--format has no meaning for text"),
        (["-o", "no/such/a.svg"], 1, "folder no/such does not exist"),
        (["missing.jsonl"], 3, "no such file: missing.jsonl"),
    ],
)
def test_failures(cli: Cli, args: list[str], code: int, message: str) -> None:
    result = cli("show", SPACE.decode(ONE), "-s", "nb201", *args)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith(f"error: {message}\nhint: ")


def test_nothing_to_draw(cli: Cli, tmp_path: Path) -> None:
    result = cli("show", os.devnull, "-s", "nb201", "-o", tmp_path / "a.svg")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error: no architectures in the input\n")
    assert list(tmp_path.iterdir()) == []


def test_png_without_pillow_names_the_extra(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.ImageDraw", None)
    result = cli("show", SPACE.decode(ONE), "-s", "nb201", "-o", tmp_path / "a.png")
    assert (result.code, result.out) == (3, "")
    assert result.err == (
        "error: PNG pictures need Pillow\nhint: pip install 'dinas[draw]', or name a .svg file or folder\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_heavy_packages_are_left_alone(tmp_path: Path) -> None:
    code = f"""
import sys
from dinas_cli.cli.app import run
for args in (["--help"], ["show", "--help"], ["convert", "--help"], ["show", {SPACE.decode(ONE)!r}, "-s", "nb201"],
             ["show", {SPACE.decode(ONE)!r}, "-s", "nb201", "-o", {str(tmp_path / "a.svg")!r}]):
    assert run(args) == 0, args
    heavy = {{"torch", "numpy", "PIL", "safetensors", "huggingface_hub"}} & set(sys.modules)
    assert not heavy, (args, heavy)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text(f"{SPACE.decode(ONE)}\n" * 500)
    command = [sys.executable, "-m", "dinas_cli", "show", str(tmp_path / "many.txt"), "-s", "nb201"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == f"{ONE_ID}\n".encode()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
