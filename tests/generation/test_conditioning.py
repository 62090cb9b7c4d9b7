"""Generators and surrogates that belong together, and requests in a generator's terms."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dinas_cli.architectures.conditions import Budget, Floor, Rank, Request
from dinas_cli.checkpoints.metadata import read_config
from dinas_cli.errors import CorruptFileError, DinasError
from dinas_cli.generation.conditioning import conditioning_for
from dinas_cli.generation.generate import CONFIDENCE, generate
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.models import Models, oracles_for
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.bundled import GENERATOR, SURROGATE, copies, guess, needs_weights, quantile, reconfigured

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


def test_a_request_in_the_generators_terms() -> None:
    about = read_config(GENERATOR)
    limit = quantile("latency/fpga@cifar10", 0.5)
    budgets = (Budget("latency", limit, "fpga"), Budget("params", 5e5))
    conditioning = conditioning_for(
        Judge(guess(), Request(SPACE.name, "cifar10", Rank("acc", 5.0), None, budgets), CONFIDENCE),
        Models(GENERATOR, about, guess()),
    )
    assert (conditioning.dataset, conditioning.top) == ("cifar10", 5.0)
    assert {name: (profile.column, at) for name, (profile, at) in conditioning.budgets.items()} == {
        "latency": ("latency/fpga@cifar10", limit),
        "params": ("params@cifar10", 5e5),
    }


def test_a_floor_becomes_the_rank_it_amounts_to() -> None:
    about = read_config(GENERATOR)

    def top(floor: float, *budgets: Budget) -> float:
        request = Request(SPACE.name, "cifar10", None, Floor("acc", floor), budgets)
        found = conditioning_for(Judge(guess(), request, CONFIDENCE), Models(GENERATOR, about, guess())).top
        assert found is not None
        return found

    assert 100 >= top(20.0) > top(85.0) > top(90.0) >= 0.1
    # Among small networks, good ones are rarer.
    assert top(85.0, Budget("params", 350_000.0)) < top(85.0)
