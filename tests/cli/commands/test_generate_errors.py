"""Every bad input of ``dinas generate``: one line that names it, one hint, the right exit code, nothing on stdout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.checkpoints.registry import load_registry, registry_path
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.tables import table_path
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import Cli
from tests.support.bundled import GENERATOR, SURROGATE, copies, limited, needs_weights, reconfigured

pytestmark = needs_weights


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing/found.jsonl", "does not exist"), (".", "is a folder, not a file"), ("file/x", "does not exist")],
)
def test_outputs_that_cannot_be(cli: Cli, tmp_path: Path, name: str, message: str) -> None:
    result = cli("generate", "-o", tmp_path / name)
    assert result.code == 1
    assert message in result.err.splitlines()[0]
    assert result.err.splitlines()[1].startswith("hint: ")


FPGA = ("--device", "fpga")
BAD = {
    "no unit": (["--latency", "2", *FPGA], 2, "--latency: '2' has no unit", "write a time like 2ms, 0.002s"),
    "wrong unit": (["--latency", "2mJ", *FPGA], 2, "'2mJ' has an unknown unit 'mJ'", "write a time like"),
    "energy in time": (["--energy", "5ms", *FPGA], 2, "'5ms' has an unknown unit 'ms'", "write an energy like 5mJ"),
    "megajoule": (["--energy", "5MJ", *FPGA], 2, "unknown unit 'MJ'", "an energy like"),
    "params in time": (["--params", "1ms"], 2, "--params: '1ms' has an unknown unit", "a count like 1000000"),
    "negative": (["--latency=-2ms", *FPGA], 2, "--latency: '-2ms' is not positive", "write a time"),
    "zero": (["--latency", "0ms", *FPGA], 2, "--latency: '0ms' is not positive", "write a time"),
    "zero params": (["--params", "0"], 2, "--params: '0' is not positive", "a count like"),
    "negative macs": (["--macs=-1M"], 2, "--macs: '-1M' is not positive", "a count like"),
    "not a number": (["--macs", "nan"], 2, "--macs: 'nan' is not a quantity", "a count like"),
    "infinite": (["--latency", "infms", *FPGA], 2, "'infms' is not a quantity", "a time like"),
    "empty": (["--params", ""], 2, "--params: '' is not a quantity", "a count like"),
    "top0": (["--acc", "top0"], 2, "--acc: 'top0' is no share", "accepted forms: top5"),
    "top101": (["--acc", "top101"], 2, "--acc: 'top101' is no share", "accepted forms: top5"),
    "top-5": (["--acc", "top-5"], 2, "--acc: 'top-5' is not understood", "accepted forms"),
    "bare floor": (["--acc", "72"], 2, "--acc: '72' is not understood", ">=72"),
    "ceiling": (["--acc", "<=72"], 2, "--acc: '<=72' is not understood", ">=72"),
    "floor above 100": (["--acc", ">=101"], 2, "'101' is more than 100 %", "accepted forms"),
    "unknown space": (["--space", "nasbench2O1"], 2, "unknown space 'nasbench2O1'", "did you mean 'nasbench201'?"),
    "unknown device": (["--device", "fgpa"], 2, "unknown device 'fgpa'", "did you mean 'fpga'? devices: "),
    "unknown dataset": (["--dataset", "cifar-10"], 2, "unknown dataset 'cifar-10'", "did you mean 'cifar10'?"),
    "unknown option": (["--memory", "5MB"], 2, "no such option: --memory", "dinas generate --help"),
    "no device": (["--latency", "2ms"], 2, "--latency needs --device", "devices: 1080ti_1, "),
    "no energy there": (
        ["--energy", "5mJ", "--device", "gold_6226"],
        2,
        "energy is not known on device 'gold_6226'",
        "energy devices: edgegpu, eyeriss, fpga",
    ),
    "no count": (["-n", "0"], 2, "invalid value for '--count' / '-n'", "dinas generate --help"),
    "huge count": (["-n", "100001"], 2, "invalid value for '--count' / '-n'", "dinas generate --help"),
    "no steps": (["--steps", "0"], 2, "invalid value for '--steps'", "dinas generate --help"),
    "negative seed": (["--seed=-1"], 2, "invalid value for '--seed'", "dinas generate --help"),
    "overconfident": (["--confidence", "1"], 2, "invalid value for '--confidence'", "dinas generate --help"),
    "guidance": (["--guidance", "strong"], 2, "guidance weight 'strong' is not a number", "--guidance acc=3"),
    "unknown condition": (["--guidance", "speed=3"], 2, "no condition 'speed' to weight", "conditions: dataset, acc"),
    "unknown sampler": (["--sampler", "euler"], 2, "'euler' is not one of 'any-order',", "generate --help"),
    "other sampler": (["--sampler", "ancestral"], 2, "sampler 'ancestral' does not fit", "--sampler any-order"),
    "unknown checkpoint": (
        ["--checkpoint", "nasbench20"],
        3,
        "no checkpoint 'nasbench20'",
        "did you mean 'nasbench201'",
    ),
    "missing checkpoint": (["--checkpoint", "no.safetensors"], 3, "no such file: no.safetensors", "dinas checkpoints"),
    "surrogate for generator": (["--checkpoint", "nasbench201-surrogate"], 2, "is a surrogate of nasbench201", "dinas"),
    "infeasible": (
        ["--acc", "top5", "--latency", "1us", *FPGA],
        5,
        "no architecture of nasbench201 has latency/fpga@cifar10 ≤ 0.001 ms",
        "feasible from --latency ",
    ),
    "infeasible floor": (["--acc", ">=99.9"], 5, "has acc@cifar10 ≥ 99.90 %", "feasible from --acc '>="),
    "contradictory": (
        ["--acc", ">=88", "--params", "80k"],
        5,
        "meets all limits together: params@cifar10 ≤ 80.00 k and acc@cifar10 ≥ 88.00 %",
        "with the other limits as they are, feasible from --params ",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_a_hint(cli: Cli, name: str) -> None:
    args, code, message, hint = BAD[name]
    result = cli("generate", *args)
    assert (result.code, result.out) == (code, "")
    error, advice = result.err.splitlines()
    assert error.startswith("error: ")
    assert message in error
    assert advice.startswith("hint: ")
    assert hint in advice


def test_nearest_feasible_value_can_be_taken_as_it_is(cli: Cli) -> None:
    result = cli("generate", "--acc", "top50", "--latency", "1us", *FPGA)
    limit = result.err.splitlines()[1].removeprefix("hint: feasible from --latency ")
    assert cli("generate", "--latency", limit, *FPGA, "-n", "1", "--quiet").code == 0


def damaged(folder: Path, how: str) -> Path:
    """A checkpoint that is none."""
    path = copies(folder)
    content = path.read_bytes()
    if how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "text":
        path.write_text("not a checkpoint at all")
    elif how == "surrogate":
        path.write_bytes(SURROGATE.read_bytes())
    elif how == "foreign":
        from safetensors.numpy import save_file as save_arrays

        save_arrays({"weight": np.zeros(3)}, path)
    elif how == "config":
        reconfigured(GENERATOR, path, denoiser={"layers": 99})
    elif how == "other space":
        reconfigured(GENERATOR, path, space="nasbench999")
    elif how == "lost tensor":
        from safetensors import safe_open
        from safetensors.torch import load_file, save_file

        with safe_open(GENERATOR, framework="pt") as file:
            metadata = file.metadata()
        tensors = load_file(GENERATOR)
        tensors.pop(sorted(tensors)[0])
        save_file(tensors, path, metadata)
    return path


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("truncated", 1),
        ("empty", 1),
        ("text", 1),
        ("surrogate", 1),
        ("foreign", 1),
        ("config", 1),
        ("lost tensor", 1),
        ("other space", 3),
    ],
)
def test_damaged_and_foreign_checkpoints(cli: Cli, tmp_path: Path, how: str, code: int) -> None:
    path = damaged(tmp_path, how)
    result = cli("generate", "-n", 1, "--checkpoint", path)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith(f"error: {path}")
    assert result.err.count("\n") == 2
    assert "unexpected" not in result.err


@pytest.mark.parametrize("name", ["nasbench201", "nasbench201-surrogate"])
def test_bundled_file_with_another_hash(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    entry = load_registry()[name]
    altered = tmp_path / "checkpoints.toml"
    altered.write_text(registry_path().read_text().replace(entry.sha256, "0" * 64))
    monkeypatch.setenv("DINAS_CHECKPOINTS", str(altered))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    result = cli("generate", *limited())
    assert (result.code, result.out) == (1, "")
    assert f"{entry.filename}: SHA-256 {entry.sha256[:12]}…, not 000000000000…" in result.err
    assert result.err.splitlines()[1].startswith("hint: ")


def test_another_trainings_surrogate(cli: Cli, tmp_path: Path) -> None:
    path = reconfigured(GENERATOR, tmp_path / "mine.safetensors", surrogate_sha256="0" * 64)
    result = cli("generate", *limited(), "--checkpoint", path)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error: {path} was trained with another surrogate than the one in use")
    assert "hint: put the surrogate of the same training beside it, as mine-surrogate.safetensors" in result.err


@pytest.mark.parametrize("how", ["truncated", "foreign"])
def test_damaged_tables(cli: Cli, how: str) -> None:
    keys = np.arange(15_625)
    merge(SPACE.name, [Part(keys, {"acc@cifar10": NewColumn(keys / 200, "%", "a")})], {})
    path = table_path(SPACE.name)
    path.write_bytes(path.read_bytes()[:5000] if how == "truncated" else SURROGATE.read_bytes())
    result = cli("generate", "-n", 1)
    assert (result.code, result.out) == (1, "")
    assert str(path) in result.err.splitlines()[0]
    assert result.err.splitlines()[1].startswith("hint: ")


def test_what_goes_wrong_early_never_imports_torch(tmp_path: Path) -> None:
    code = f"""
import sys
from dinas_cli.cli.app import run
existing = {str(tmp_path)!r} + "/existing"
open(existing, "w").close()
for args, expected in (
    (["--acc", "top5", "--latency", "1us", "--device", "fpga"], 5),
    (["--device", "fgpa"], 2),
    (["-o", existing], 1),
    (["--checkpoint", "nosuch"], 3),
    (["--checkpoint", existing], 1),
    (["--help"], 0),
):
    assert run(["generate", *args]) == expected, args
    assert "torch" not in sys.modules, args
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
