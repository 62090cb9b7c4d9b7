"""``dinas devices``: networks laid out for a board, and what its tools wrote, brought back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dinas_cli.oracles import devices
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import Cli
from tests.oracles.logs import written
from tests.support.bundled import needs_weights
from tests.support.devices_made_up import costs

pytestmark = needs_weights


@pytest.fixture
def folder(cli: Cli, tmp_path: Path) -> Path:
    """Twelve networks for a board, of a skeleton that takes little to write."""
    result = cli("devices", "anchors", "-n", 12, "--export", tmp_path / "nets", "--skeleton", "cifar", "--channels", 4)
    assert (result.code, result.out) == (0, "")
    assert f"wrote 12 networks to {tmp_path / 'nets'}" in result.err
    return tmp_path / "nets"


def records(folder: Path) -> dict[str, str]:
    """Genotypes by id."""
    lines = (folder / "anchors.jsonl").read_text().splitlines()
    return {record["id"]: record["genotype"] for record in map(json.loads, lines)}


def test_export(cli: Cli, folder: Path) -> None:
    printed = [json.loads(line) for line in cli("devices", "anchors", "-n", 12, "--json").out.splitlines()]
    assert [*records(folder).values()] == [record["genotype"] for record in printed]
    assert {path.stem for path in folder.glob("nb201-*.py")} == {*records(folder)}
    assert 'OPTIONS = " --space nasbench201 --dataset cifar10 --skeleton cifar --cells 5 --channels 4"' in (
        (folder / "measure.py").read_text().replace("'", '"')
    )
    again = cli("devices", "anchors", "-n", 12, "--export", folder)
    assert (again.code, "exists already" in again.err, "--force" in again.err) == (1, True, True)


def test_a_folder_of_logs_becomes_a_device(cli: Cli, folder: Path) -> None:
    """Logs of any of the tools, one per network beside the networks themselves."""
    known = records(folder)
    for number, (id_, cost) in enumerate(zip(known, costs([*known.values()]), strict=True)):
        texts = (
            written.TFLITE.format(name="model", median=1000 * cost),
            written.PERF_TEST.format(average=99, median=cost / 1000),
            written.exported_times(9 * cost, cost, cost),
            written.inspector(cost),
        )
        (folder / f"{id_}.log").write_text(texts[number % len(texts)])
    result = cli("devices", "add", "board", folder, "--json")
    assert result.code == 0
    shown = json.loads(result.out)
    assert (shown["measured"], shown["unit"], shown["left_out"]) == (12, "ms", 0)
    (one,) = devices.load_all(SPACE.name)
    assert dict(one.measurements) == pytest.approx(
        dict(zip(known.values(), costs([*known.values()]), strict=True)), abs=1e-6
    )


@pytest.mark.parametrize(
    ("args", "code", "message", "hint"),
    [
        (["anchors", "--channels", "4"], 2, "--channels has no meaning without --export", "--export FOLDER"),
        (["anchors", "--to", "onnx"], 2, "--to has no meaning without --export", "--export FOLDER"),
        (["anchors", "--export", "x", "--to", "tflite"], 2, "invalid value for '--to'", "--help"),
        (["anchors", "--export", "x", "--cells", "2"], 2, "skeleton 'own' of nasbench201 takes no --cells", "cifar"),
        (["anchors", "--export", "x", "--dataset", "cifar1"], 2, "unknown dataset 'cifar1'", "'cifar10'"),
        (["add", "box", "."], 2, ". holds no measurements", "anchors.jsonl"),
    ],
)
def test_bad_input(
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: list[str],
    code: int,
    message: str,
    hint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = cli("devices", *args)
    assert (result.code, result.out) == (code, "")
    error, advice = result.err.splitlines()
    assert message in error
    assert hint in advice
    assert not list(tmp_path.iterdir())
