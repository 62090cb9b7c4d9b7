"""Generators and surrogates that belong together: which are used, which refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.checkpoints.metadata import read_config
from dinas_cli.errors import CorruptFileError, DinasError
from dinas_cli.generation.generate import generate
from dinas_cli.generation.models import oracles_for
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.bundled import GENERATOR, SURROGATE, copies, guess, needs_weights, reconfigured

pytestmark = needs_weights
OTHER = "0" * 64
BUDGET = Budget("latency", 5.0, "fpga")
LIMITED = Request(SPACE.name, "cifar10", None, None, (BUDGET,))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_surrogate_knows_its_file() -> None:
    assert guess().surrogate is not None
    assert guess().surrogate.sha256 == sha256(SURROGATE)  # type: ignore[union-attr]


def test_bundled_files_belong_together() -> None:
    assert read_config(GENERATOR)["surrogate_sha256"] == sha256(SURROGATE)


def test_another_surrogate_is_refused_where_its_devices_matter(tmp_path: Path) -> None:
    stranger = reconfigured(GENERATOR, tmp_path / "mine.safetensors", surrogate_sha256=OTHER)
    with pytest.raises(DinasError, match=r"mine\.safetensors was trained with another surrogate .*000000000000…") as e:
        generate(LIMITED, 2, checkpoint=str(stranger))
    assert e.value.exit_code == 1
    assert e.value.hint == "put the surrogate of the same training beside it, as mine-surrogate.safetensors"
    assert len(generate(Request(SPACE.name, None, Rank("acc", 20.0)), 2, checkpoint=str(stranger)).records) == 2
    silent = reconfigured(GENERATOR, tmp_path / "silent.safetensors", surrogate_sha256=None)
    assert len(generate(LIMITED, 2, checkpoint=str(silent)).records) == 2


def test_the_surrogate_beside_a_checkpoint_is_used(tmp_path: Path) -> None:
    generator = copies(tmp_path)
    beside = reconfigured(SURROGATE, tmp_path / "mine-surrogate.safetensors", kendall_tau={"acc@cifar10": 0.123})
    generator = reconfigured(GENERATOR, generator, surrogate_sha256=sha256(beside))
    result = generate(LIMITED, 2, checkpoint=str(generator))
    assert {record.metrics["acc@cifar10"].extra["kendall_tau"] for record in result.records} == {0.123}
    beside.write_bytes(SURROGATE.read_bytes()[:1000])
    with pytest.raises(CorruptFileError, match=r"mine-surrogate\.safetensors cannot be read as a surrogate"):
        generate(LIMITED, 2, checkpoint=str(generator))


def test_a_surrogate_of_the_registry_is_found_by_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = reconfigured(SURROGATE, tmp_path / "other.safetensors", kendall_tau={"acc@cifar10": 0.321})
    registry = tmp_path / "checkpoints.toml"
    registry.write_text(
        f'[checkpoints.other]\nkind = "surrogate"\nspace = "nasbench201"\nfilename = "other.safetensors"\n'
        f'sha256 = "{sha256(other)}"\nbytes = {other.stat().st_size}\nlicence = "MIT"\nbundled = false\n'
        f'mirrors = ["{tmp_path}"]\nconditions = ["acc"]\nlabel_budget = 1\nseed = 0\ncommand = "none"\n'
    )
    monkeypatch.setenv("DINAS_CHECKPOINTS", str(registry))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    generator = tmp_path / "mine.safetensors"
    oracles = oracles_for(SPACE, generator, {"surrogate_sha256": sha256(other)}, named=True)
    assert oracles.tau("acc@cifar10") == 0.321
    oracles = oracles_for(SPACE, generator, {"surrogate_sha256": OTHER}, named=True)
    assert oracles.tau("acc@cifar10") == guess().tau("acc@cifar10")
