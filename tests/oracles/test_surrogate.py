"""The surrogate: numpy equals torch, probabilities, devices added by users, files that are damaged or foreign."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dinas_cli.errors import CorruptFileError, UsageProblem
from dinas_cli.oracles import basis as basis_module
from dinas_cli.oracles import perceptrons
from dinas_cli.oracles.surrogate import SCHEMA, Surrogate
from dinas_cli.spaces.shared.protocol import Space
from tests.conftest import ROOT
from tests.support import toy as toys


@pytest.fixture
def surrogate(toy: Space) -> Surrogate:
    return toys.surrogate()


def test_numpy_answers_what_torch_was_trained_to(surrogate: Surrogate) -> None:
    import torch
    from torch import nn

    tensors = toys.surrogate_parts()[0]

    def network(name: str) -> torch.Tensor:
        layers: list[nn.Module] = []
        for i in range(3):
            weight = torch.from_numpy(tensors[f"{name}.{i}.weight"])
            layer = nn.Linear(weight.shape[1], weight.shape[0])
            layer.weight.data, layer.bias.data = weight, torch.from_numpy(tensors[f"{name}.{i}.bias"])
            layers += [layer, nn.ReLU()]
        features = torch.from_numpy(surrogate.space.features(surrogate.space.reference()))
        return nn.Sequential(*layers[:-1])(features).detach()

    scores = torch.stack([network(f"quality.{i}") for i in range(surrogate.config["members"])]).mean(0)
    np.testing.assert_allclose(surrogate.reference_scores, scores.numpy(), rtol=1e-4, atol=1e-5)
    raw = (network("basis").double().numpy() - tensors["basis.mean"]) @ tensors["basis.whiten"]
    np.testing.assert_allclose(surrogate.reference_basis, raw, rtol=1e-3, atol=1e-3)


def test_the_basis_is_white(surrogate: Surrogate) -> None:
    basis = surrogate.reference_basis
    np.testing.assert_allclose(basis.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(np.cov(basis.T), np.eye(basis.shape[1]), atol=0.02)


def test_columns_devices_and_figures(surrogate: Surrogate) -> None:
    data = toys.training_set()
    assert surrogate.columns() == data.units
    assert surrogate.devices("latency") == ("a", "b", "c")
    assert surrogate.devices("energy") == ("a",)
    assert surrogate.devices("params") == ()
    for column in data.units:
        tau = surrogate.kendall_tau(column)
        assert tau is not None
        assert tau > 0.5
    assert surrogate.kendall_tau("latency/z") is None
    with pytest.raises(UsageProblem, match="no cost profile 'latency/bb'") as caught:
        surrogate.predict(surrogate.space.reference()[:1], "latency/bb")
    assert "did you mean 'latency/b'?" in str(caught.value.hint)


def test_predictions_follow_the_labels(surrogate: Surrogate) -> None:
    data = toys.training_set()
    for column, labels in {**data.quality, **data.costs}.items():
        there = ~np.isnan(labels)
        predicted = surrogate.predict(data.values, column)
        assert predicted.shape == (512,)
        assert np.corrcoef(predicted[there], labels[there])[0, 1] > 0.8
        np.testing.assert_allclose(surrogate.reference(column), predicted, rtol=1e-5)
        np.testing.assert_allclose(surrogate.predict(data.values[5:9], column), predicted[5:9], rtol=1e-4)


def test_probabilities_are_monotone_in_the_limit(surrogate: Surrogate) -> None:
    values = surrogate.space.reference()[::7]
    for column, upwards in (("latency/a@easy", False), ("params@hard", False), ("acc@easy", True)):
        reference = surrogate.reference(column)
        limits = np.linspace(reference.min() - 1, reference.max() + 1, 50)
        chances = np.stack([surrogate.probability(values, column, float(limit)) for limit in limits])
        assert chances.shape == (50, len(values))
        assert (chances >= 0).all()
        assert (chances <= 1).all()
        assert ((np.diff(chances, axis=0) * (-1 if upwards else 1)) >= -1e-9).all()
        # A limit at the prediction itself is met as likely as not.
        at = surrogate.probability(values[:1], column, float(surrogate.predict(values[:1], column)[0]))
        np.testing.assert_allclose(at, 0.5, atol=0.01)


def test_probabilities_are_calibrated(surrogate: Surrogate) -> None:
    data = toys.training_set()
    for column in ("latency/a@easy", "latency/b"):
        limit = float(np.median(data.costs[column]))
        chance = surrogate.probability(data.values, column, limit)
        assert float(chance.mean()) == pytest.approx(float((data.costs[column] <= limit).mean()), abs=0.06)
        sure = chance > 0.98
        assert (data.costs[column][sure] <= limit).mean() > 0.95


def test_a_device_of_the_users(surrogate: Surrogate) -> None:
    data = toys.training_set()
    rows = np.arange(0, 512, 10)
    profile = surrogate.fit("latency/mine", "ms", data.values[rows], 3 * data.costs["latency/b"][rows])
    surrogate.add_profile(profile)
    assert surrogate.columns()["latency/mine"] == "ms"
    assert surrogate.kendall_tau("latency/mine") is None
    predicted = surrogate.predict(data.values, "latency/mine")
    assert np.corrcoef(predicted, data.costs["latency/b"])[0, 1] > 0.8
    assert float(profile.descriptor @ surrogate.profile("latency/b").descriptor) > 0.9
    # One of the same name as a shipped one takes its place, and the shipped figure goes.
    surrogate.add_profile(surrogate.fit("latency/b", "ms", data.values[rows], data.costs["latency/a@easy"][rows]))
    assert surrogate.kendall_tau("latency/b") is None
    assert toys.surrogate().kendall_tau("latency/b") is not None


def test_a_file_says_the_same(surrogate: Surrogate, tmp_path: Path) -> None:
    loaded = Surrogate.load(toys.surrogate_file(tmp_path))
    values = surrogate.space.reference()
    for column in surrogate.columns():
        np.testing.assert_allclose(loaded.predict(values, column), surrogate.predict(values, column), rtol=1e-6)


def test_predictions_of_the_reference_are_kept(toy: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Surrogate.load(toys.surrogate_file(tmp_path))
    found = first.reference_scores, first.reference_basis
    second = Surrogate.load(tmp_path / "surrogate.safetensors")
    other = Surrogate.load(tmp_path / "surrogate.safetensors")
    other.sha256 = "0" * 64
    unknown = toys.surrogate()

    def never(*_: object) -> np.ndarray:
        raise AssertionError("worked out again")

    for module in (basis_module, perceptrons):
        monkeypatch.setattr(module, "perceptron", never)
    for kept, array in zip((second.reference_scores, second.reference_basis), found, strict=True):
        assert kept.dtype == array.dtype
        assert np.array_equal(kept, array)
    for surrogate in (other, unknown):  # of another file, and of none
        with pytest.raises(AssertionError, match="worked out again"):
            _ = surrogate.reference_scores


def test_architectures_are_predicted_a_few_at_a_time(surrogate: Surrogate, monkeypatch: pytest.MonkeyPatch) -> None:
    values = surrogate.space.reference()
    scores, basis = surrogate.scores(values), surrogate.basis(values)
    assert surrogate.scores(values[:0]).shape == (0, scores.shape[1])
    monkeypatch.setattr(perceptrons, "CHUNK", 100)
    again = toys.surrogate()
    np.testing.assert_allclose(again.scores(values), scores, atol=1e-5)
    np.testing.assert_allclose(again.basis(values), basis, atol=1e-4)


def test_columns_share_one_run_of_the_networks(surrogate: Surrogate, monkeypatch: pytest.MonkeyPatch) -> None:
    values, asked = surrogate.space.reference()[:20].copy(), []

    def counting(*given: object) -> np.ndarray:
        asked.append(given[-1])
        return run(*given)  # type: ignore[arg-type]

    run = perceptrons.perceptron
    for module in (basis_module, perceptrons):
        monkeypatch.setattr(module, "perceptron", counting)
    found = {column: surrogate.predict(values, column) for column in surrogate.columns()}
    assert len(asked) == len(set(asked))
    values[:] = values[::-1].copy()  # the same array, but other architectures
    for column, before in found.items():
        np.testing.assert_allclose(surrogate.predict(values, column), before[::-1], rtol=1e-5)


def test_answers_without_torch(surrogate: Surrogate, tmp_path: Path) -> None:
    path = toys.surrogate_file(tmp_path)
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from dinas_cli.oracles.surrogate import Surrogate\n"
        f"s = Surrogate.load(Path({str(path)!r}))\n"
        "print(len(s.predict(s.space.reference(), 'acc@easy')), len(s.reference('latency/b')))\n"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["512", "512"]


def refused(path: Path) -> str:
    with pytest.raises(CorruptFileError) as caught:
        Surrogate.load(path)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.message


def test_truncated_and_foreign_files(toy: Space, tmp_path: Path) -> None:
    content = toys.surrogate_file(tmp_path).read_bytes()
    path = tmp_path / "broken.safetensors"
    for broken in (b"", content[:7], content[:300], content[:-1], b"PK\x03\x04" + bytes(50), bytes(99), b"hello " * 9):
        path.write_bytes(broken)
        refused(path)
    refused(tmp_path / "missing.safetensors")
    assert "is not a dinas surrogate" in refused(toys.generator_file(tmp_path / "generator.safetensors"))


@pytest.mark.parametrize(
    "change",
    [
        {"space": "toyy"},
        {"space": "nasbench201"},
        {"quality": ["acc@easy"]},
        {"quality": ["acc@easy", "beauty@easy"]},
        {"members": 3},
        {"members": "many"},
        {"profiles": []},
        {"profiles": [["latency/a", "ms"]]},
        {"profiles": None},
        {"kendall_tau": None},
    ],
)
def test_configs_that_do_not_fit_the_tensors(toy: Space, tmp_path: Path, change: dict[str, Any]) -> None:
    path = toys.surrogate_file(tmp_path)
    config = toys.surrogate_parts()[1] | change
    save_file(load_file(path), path, {"schema": SCHEMA, "config": json.dumps(config)})
    refused(path)


def test_tensors_that_are_missing_cut_or_not_finite(toy: Space, tmp_path: Path) -> None:
    path = toys.surrogate_file(tmp_path)
    tensors, metadata = load_file(path), {"schema": SCHEMA, "config": json.dumps(toys.surrogate_parts()[1])}
    for name, tensor in tensors.items():
        broken = [{n: t for n, t in tensors.items() if n != name}, tensors | {name: tensor * np.nan}]
        if name != "quality.noise_at":
            broken.append(tensors | {name: np.ascontiguousarray(tensor[:-1])})
        for content in broken:
            save_file(content, path, metadata)
            refused(path)
