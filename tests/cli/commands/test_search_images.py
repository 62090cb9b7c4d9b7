"""``dinas search`` on images: from a folder to a trained network under a limit, and folders of no use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Cli, Result
from tests.support.bundled import needs_weights
from tests.support.image_folders import write

pytestmark = needs_weights
SMALL = ("--trials", 2, "--epochs", 2, "--channels", 4, "--cells", 1)


def search(cli: Cli, folder: Path, *more: object) -> Result:
    return cli("search", folder, "-o", folder.parent / "run", *SMALL, *more)


def damage(folder: Path, count: int) -> None:
    """Cut so many images short."""
    for path in sorted(folder.rglob("*.png"))[:count]:
        path.write_bytes(path.read_bytes()[:40])


def test_to_a_trained_network(cli: Cli, tmp_path: Path) -> None:
    run, images = tmp_path / "run", write(tmp_path / "set")
    damage(images, 2)
    first = search(cli, images, "--params", "500k", "--latency", "3ms", "--device", "fpga", "--json")
    assert first.code == 0, first.err
    records = [json.loads(line) for line in first.out.splitlines()]
    assert all(record["metrics"]["latency/fpga@cifar10"]["value"] <= 3 for record in records)
    assert {record["metrics"]["accuracy"]["source"] for record in records} == {"measured"}
    assert "set: 58 images of 3 classes, grey, 8 x 8" in first.err
    assert [line for line in first.err.splitlines() if line.startswith("warning: passed over: ")] == [
        f"warning: passed over: a/00{number}.png: it is none that Pillow knows" for number in range(2)
    ]
    assert "this one has 0.0" in first.err, "the limit is for another network, and how it compares is said"
    (fitted,) = (run / "fit").iterdir()
    assert (fitted.name, first.err.splitlines()[-1]) == (records[0]["id"], f"now: dinas predict {fitted} IMAGE…")
    predicted = cli("predict", fitted, images / "b" / "005.png", "--json")
    assert json.loads(predicted.out)["probabilities"].keys() == {"a", "b", "c"}
    weights = (fitted / "model.safetensors").stat()
    again = search(cli, images, "--params", "500k", "--latency", "3ms", "--device", "fpga", "--json")
    assert (again.code, again.out) == (0, first.out)
    assert (fitted / "model.safetensors").stat() == weights, "nothing is trained twice"
    more = write(tmp_path / "elsewhere" / "set", each=21)
    other = cli("search", more, "-o", run, *SMALL, "--params", "500k", "--latency", "3ms", "--device", "fpga")
    assert (other.code, other.out) == (1, "")
    assert f"{run} is a run with data sha256 " in other.err.splitlines()[-2]
    refused = cli("search", images, "-o", run, *SMALL, "--space", "darts")
    assert refused.err.splitlines()[-2:] == [
        f"error: {run} is a run with space 'nasbench201', not 'darts'",
        "hint: choose another folder with -o, or repeat its command",
    ]


def empty(folder: Path) -> None:
    folder.mkdir()


def one_class(folder: Path) -> None:
    write(folder, classes=1)


def few(folder: Path) -> None:
    write(folder, classes=4, each=1)


def rotten(folder: Path) -> None:
    damage(write(folder), 4)


def nothing(folder: Path) -> None:
    assert not folder.exists()


@pytest.mark.parametrize(
    ("make", "code", "message", "hint"),
    [
        (nothing, 3, "no such folder: {}", "an image set is a folder (one subfolder per class, "),
        (empty, 1, "{} has no images in subfolders", "one subfolder per class, "),
        (one_class, 1, "{} has one class only, 'a'", "one subfolder per class, "),
        (few, 1, "4 images of 4 classes are too few", "3 per class at least, better hundreds"),
        (rotten, 1, "4 of 60 images cannot be read, the first is a/000.png: ", "mend or remove them"),
    ],
)
def test_folders_nothing_can_be_learnt_from(
    cli: Cli, tmp_path: Path, make: object, code: int, message: str, hint: str
) -> None:
    make(tmp_path / "set")  # type: ignore[operator]
    result = search(cli, tmp_path / "set")
    assert (result.code, result.out) == (code, "")
    lines = result.err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("error: " + message.format(tmp_path / "set"))
    assert lines[1].startswith(f"hint: {hint}")
    assert not (tmp_path / "run").exists()


def test_limits_that_nothing_meets(cli: Cli, tmp_path: Path) -> None:
    result = search(cli, write(tmp_path / "set"), "--params", 1)
    assert (result.code, result.out) == (5, "")
    assert result.err.splitlines()[-1] == "hint: feasible from --params 73.31k"
    assert not (tmp_path / "run").exists()
