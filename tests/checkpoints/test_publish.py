"""``dinas push`` and ``scripts/publish.py`` over loopback: one commit, a card, an entry that downloads again."""

from __future__ import annotations

import json
import runpy
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from huggingface_hub import ModelCard
from safetensors.numpy import save_file

from dinas_cli.checkpoints.copies import find_copy
from dinas_cli.checkpoints.registry import load_registry, obtain, read_registry
from tests.conftest import ROOT, Cli, Result
from tests.support.hub_server import TOKEN, Hub

COMMAND = "dinas train --space nasbench201 --seed 3"
GENERATOR: dict[str, Any] = {
    "space": "nasbench201",
    "conditions": [{"name": "acc"}, {"name": "latency"}],
    "training": {"seed": 3},
    "label_budget": 100,
    "command": COMMAND,
}
SURROGATE: dict[str, Any] = {
    "space": "nasbench201",
    "quality": ["acc@cifar10"],
    "profiles": [["latency/fpga@cifar10", "ms", 100], ["latency/pixel3@cifar10", "ms", 100]],
    "kendall_tau": {"acc@cifar10": 0.9},
    "label_budget": 100,
    "seed": 3,
    "command": COMMAND,
}


def weights(path: Path, kind: str, config: dict[str, Any]) -> Path:
    """A small weight file that says what ours say."""
    metadata = {"schema": f"dinas/{kind}@1", "config": json.dumps(config)}
    save_file({"w": np.arange(1000, dtype=np.float32)}, path, metadata)
    return path


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A generator and a surrogate."""
    return [
        weights(tmp_path / "small.safetensors", "generator", GENERATOR),
        weights(tmp_path / "small-surrogate.safetensors", "surrogate", SURROGATE),
    ]


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that may write."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)


def test_push_pins_what_downloads_again(
    cli: Cli, hub: Hub, files: list[Path], token: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = cli("push", *files, "--repo", "someone/nets")
    assert result.code == 0, result.err
    (revision,) = hub.repositories["someone/nets"].commits  # one commit
    tree = hub.repositories["someone/nets"].commits[revision]
    assert set(tree) == {"small.safetensors", "small-surrogate.safetensors", "README.md"}
    (tmp_path / "more.toml").write_text(result.out)
    monkeypatch.setenv("DINAS_CHECKPOINTS", str(tmp_path / "more.toml"))
    entries = read_registry(tmp_path / "more.toml")
    assert {(entry.repo_id, entry.revision) for entry in entries.values()} == {("someone/nets", revision)}
    generator, surrogate = entries["small"], entries["small-surrogate"]
    assert (generator.kind, generator.conditions, generator.seed) == ("generator", ("acc", "latency"), 3)
    assert (surrogate.kind, surrogate.conditions) == ("surrogate", ("acc", "latency"))
    assert surrogate.figures == {"kendall_tau": {"acc@cifar10": 0.9}}
    assert generator.command == COMMAND
    for file, entry in zip(files, entries.values(), strict=True):
        assert obtain(entry).read_bytes() == file.read_bytes()
    assert "put this into checkpoints.toml" in result.err


def test_card(cli: Cli, hub: Hub, files: list[Path], token: None, tmp_path: Path) -> None:
    (tmp_path / "figures.json").write_text('{"satisfied at 2 ms": 99.5, "a|b": {"c": 1}}')
    options = ["--licence", "Apache-2.0", "--figures", tmp_path / "figures.json", "--name", "fine", "--private"]
    result = cli("push", files[0], "--repo", "someone/nets", *options, "--json")
    assert result.code == 0, result.err
    card = next(iter(hub.repositories["someone/nets"].commits.values()))["README.md"].decode()
    told = ModelCard(card).data
    assert (told["license"], told["library_name"], told["tags"][-1]) == ("apache-2.0", "dinas", "nasbench201")
    for words in ("## fine", "| satisfied at 2 ms | 99.5 |", "| a\\|b.c | 1 |", COMMAND, "acc, latency", "SHA-256"):
        assert words in card
    assert hub.repositories["someone/nets"].private
    data = json.loads(result.out)
    assert tomllib.loads(data["toml"])["checkpoints"]["fine"]["revision"] == data["revision"]


def test_dry_run_writes_nothing(cli: Cli, hub: Hub, files: list[Path]) -> None:
    result = cli("push", *files, "--repo", "someone/nets", "--dry-run")  # without a token
    assert result.code == 0, result.err
    assert hub.writes() == []
    assert "repository someone/nets: new" in result.err
    assert "would upload small.safetensors" in result.err
    assert "## small-surrogate" in result.err
    assert set(tomllib.loads(result.out)["checkpoints"]) == {"small", "small-surrogate"}
    assert "revision" not in result.out
    hub.add("someone/nets", b"")
    assert "repository someone/nets: exists" in cli("push", *files, "--repo", "someone/nets", "--dry-run").err
    offline = cli("push", files[0], "--repo", "someone/nets", "--dry-run", "--offline")
    assert (offline.code, "the network is switched off" in offline.err) == (0, True)


def test_second_push_of_the_same_is_a_new_commit_of_the_card_only(
    cli: Cli, hub: Hub, files: list[Path], token: None
) -> None:
    assert cli("push", *files, "--repo", "someone/nets").code == 0
    uploads = [request for request in hub.requests if request.method == "PUT"]
    assert cli("push", *files, "--repo", "someone/nets").code == 0
    assert [request for request in hub.requests if request.method == "PUT"] == uploads


def test_what_cannot_be_pushed(
    cli: Cli, hub: Hub, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def push(*args: object) -> Result:
        return cli("push", *args, "--repo", "someone/nets")

    def refused(code: int, words: str, *args: object) -> None:
        result = push(*args)
        assert (result.code, result.out) == (code, ""), result
        assert words in result.err

    refused(3, "set HF_TOKEN", files[0])
    monkeypatch.setenv("HF_TOKEN", "hf_reader")
    refused(3, "hf://someone/nets", files[0])
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    refused(3, "neither a file nor in the registry", "nothing")
    refused(
        2,
        "does not say how it was made",
        weights(tmp_path / "x.safetensors", "generator", {**GENERATOR, "command": ""}),
    )
    refused(1, "no weight file", weights(tmp_path / "y.safetensors", "other", GENERATOR))
    refused(1, "not readable", weights(tmp_path / "z.safetensors", "surrogate", {"space": 1, "profiles": 3}))
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(files[0].read_bytes()[:-1])
    refused(1, "truncated or altered", cut)
    refused(2, "--name is for a single file", *files, "--name", "x")
    refused(2, "the same name", files[0], files[0])
    (tmp_path / "null.json").write_text('{"tau": null}')
    refused(2, "cannot be written", files[0], "--figures", tmp_path / "null.json")
    (tmp_path / "list.json").write_text("[1]")
    refused(1, "no JSON object", files[0], "--figures", tmp_path / "list.json")
    assert cli("push", files[0], "--repo", "nets").code == 2
    refused(4, "the network is switched off", files[0], "--offline")
    assert hub.blobs == {}


def test_other_bytes_on_the_hub_are_noticed(
    cli: Cli, hub: Hub, files: list[Path], token: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = hub.commit
    monkeypatch.setattr(
        hub, "commit", lambda repo_id, tree: commit(repo_id, {name: c + b"!" for name, c in tree.items()})
    )
    result = cli("push", files[0], "--repo", "someone/nets")
    assert (result.code, result.out) == (1, "")
    assert "serves another file" in result.err


def test_publishing_script(hub: Hub, capsys: pytest.CaptureFixture[str], token: None, tmp_path: Path) -> None:
    main = runpy.run_path(str(ROOT / "scripts" / "publish.py"))["main"]
    bundled = {name: entry for name, entry in load_registry().items() if entry.bundled}
    assert main(["someone", "--dry-run"]) == 0
    assert hub.writes() == []
    assert set(tomllib.loads(capsys.readouterr().out).get("checkpoints", {})) == set(bundled)
    assert main(["someone"]) == 0
    (tmp_path / "new.toml").write_text(capsys.readouterr().out)
    for name, entry in read_registry(tmp_path / "new.toml").items():
        assert entry.repo_id == f"someone/dinas-{entry.space}"
        assert (entry.sha256, entry.figures, entry.bundled) == (bundled[name].sha256, bundled[name].figures, True)
        assert find_copy(entry) is not None
    assert main([]) == 2


def test_published_weights_generate_on_another_machine(
    shell: Cli, cli: Cli, hub: Hub, token: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [name for name, entry in load_registry().items() if entry.bundled and entry.space == "nasbench201"]
    if len(names) < 2:
        pytest.skip("this installation carries no generator with its surrogate")
    published = cli("push", *names, "--repo", "someone/nets")
    assert published.code == 0, published.err
    # The other machine has no weights in its package, and other names in its registry.
    text = published.out.replace("bundled = true", "bundled = false").replace("[checkpoints.", "[checkpoints.their-")
    (tmp_path / "more.toml").write_text(text)
    env = {"DINAS_CHECKPOINTS": str(tmp_path / "more.toml")}
    request = ["generate", "--checkpoint", f"their-{names[0]}", "--acc", "top20", "--params", "1M", "-n", "2", "--json"]
    first = shell(*request, env=env)
    assert first.code == 0, first.err
    asked = len(hub.requests)
    again = shell(*request, env=env | {"HF_ENDPOINT": "https://hub.invalid"})
    assert (again.code, again.out) == (0, first.out)
    assert len(hub.requests) == asked
    assert cli("generate", "--checkpoint", names[0], *request[3:]).out == first.out
