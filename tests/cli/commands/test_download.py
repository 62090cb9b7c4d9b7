"""``dinas download`` and ``dinas checkpoints``: what they select, say, fetch, remove, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.checkpoints import copies
from dinas_cli.checkpoints.checkpoint import Checkpoint, to_toml
from dinas_cli.checkpoints.copies import hub_cache
from dinas_cli.checkpoints.downloads import fetch
from dinas_cli.checkpoints.registry import resolve
from dinas_cli.errors import NotFoundError
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.tables import table_path
from tests.checkpoints.test_hub import BAD, CONTENT, entry_of
from tests.cli.commands.test_listings import rows
from tests.conftest import Cli
from tests.support.hub_server import Hub


@pytest.fixture
def registry(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Checkpoint]:
    """Two published entries, ``mine`` and ``yours``, and ``ours``, which is bundled only, in an own registry."""
    revision = hub.add("someone/dinas", CONTENT)
    revision = hub.add("someone/dinas", b"small", "yours.safetensors")
    monkeypatch.setattr(copies, "weights_dir", lambda: tmp_path)
    (tmp_path / "ours.safetensors").write_bytes(BAD)
    entries = [
        entry_of(revision=revision),
        entry_of(b"small", name_="yours", filename="yours.safetensors", revision=revision, kind="surrogate"),
        entry_of(BAD, name_="ours", filename="ours.safetensors", bundled=True, repo_id=None, kind="surrogate"),
    ]
    path = tmp_path / "checkpoints.toml"
    path.write_text("\n".join(map(to_toml, entries)))
    monkeypatch.setattr("dinas_cli.checkpoints.registry.registry_path", lambda: path)
    return entries


def statuses(cli: Cli, *args: object, code: int = 0) -> dict[str, Any]:
    """Statuses by name that a listing command reports."""
    result = cli(*args, "--json")
    assert result.code == code, result.err
    return {row["name"]: row["status"] for row in rows(result.out)}


def test_download_all_then_find_them(cli: Cli, hub: Hub, registry: list[Checkpoint]) -> None:
    dry = cli("download", "--all", "--dry-run")
    assert {row["name"]: row["status"] for row in rows(dry.out)} == {
        "mine": "to download",
        "yours": "to download",
        "ours": "bundled",
    }
    assert dry.err == "300005 bytes to download; nothing was fetched (--dry-run)\n"
    assert hub.requests == []
    assert statuses(cli, "checkpoints", "list") == {"mine": "not downloaded", "yours": "not downloaded", "ours": "ok"}
    result = cli("download", "--space", "nasbench201", "--json")
    found = {row["name"]: row for row in rows(result.out)}
    assert {name: row["status"] for name, row in found.items()} == {
        "mine": "downloaded",
        "yours": "downloaded",
        "ours": "bundled",
    }
    assert found["mine"]["source"] == f"hf://someone/dinas@{registry[0].revision}"
    assert Path(found["mine"]["path"]).read_bytes() == CONTENT
    assert statuses(cli, "download", "--all") == {"mine": "cached", "yours": "cached", "ours": "bundled"}
    assert statuses(cli, "checkpoints", "list") == dict.fromkeys(("mine", "yours", "ours"), "ok")
    assert cli("checkpoints", "path", "mine").out.strip() == found["mine"]["path"]


def test_download_offline(cli: Cli, hub: Hub, registry: list[Checkpoint]) -> None:
    result = cli("download", "mine", "ours", "--offline", "--json")
    assert result.code == 4
    assert [row["name"] for row in rows(result.out)] == ["ours"]  # the rest is done
    assert "the network is switched off" in result.err
    assert hub.requests == []


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ([], 2, "name what to download"),
        (["mine", "--all"], 2, "name what to download"),
        (["mime"], 3, "did you mean 'mine'?"),
        (["--space", "nasbench2001"], 2, "nasbench201"),
        (["ours", "--registry", "none.toml"], 3, "no such file: none.toml"),
    ],
)
def test_wrong_requests(cli: Cli, registry: list[Checkpoint], args: list[str], code: int, words: str) -> None:
    result = cli("download", *args)
    assert (result.code, result.out) == (code, "")
    assert words in result.err


def test_nothing_published_is_said_plainly(
    cli: Cli, registry: list[Checkpoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ours.safetensors").unlink()
    result = cli("download", "ours")
    assert result.code == 3
    assert "ours is not on the Hub yet" in result.err
    assert "dinas train --space nasbench201" in result.err
    (tmp_path / "checkpoints.toml").write_text("")
    result = cli("download", "--space", "nasbench201")
    assert (result.code, "nor on the Hub yet" in result.err) == (3, True)
    assert "dinas train --space nasbench201" in result.err
    with pytest.raises(NotFoundError, match="nor on the Hub yet") as caught:
        resolve(None, "nasbench201", "generator")
    assert "dinas train --space nasbench201" in (caught.value.hint or "")


def test_registry_option_adds_entries(cli: Cli, hub: Hub, registry: list[Checkpoint], tmp_path: Path) -> None:
    hub.files["more.safetensors"] = CONTENT
    entry = entry_of(name_="more", filename="more.safetensors", repo_id=None, mirrors=(f"{hub.url}/files/",))
    (tmp_path / "more.toml").write_text(to_toml(entry))
    more = ["--registry", tmp_path / "more.toml"]
    assert statuses(cli, "download", "more", *more) == {"more": "downloaded"}
    assert "more" in statuses(cli, "checkpoints", "list", *more)


def test_mirror_after_a_failure_is_announced(cli: Cli, hub: Hub, tmp_path: Path, registry: list[Checkpoint]) -> None:
    hub.files["mine.safetensors"] = CONTENT
    entry = entry_of(revision="1" * 40, mirrors=(f"{hub.url}/files/",))
    (tmp_path / "more.toml").write_text(to_toml(entry))
    result = cli("download", "mine", "--registry", tmp_path / "more.toml")
    assert result.code == 0
    assert result.err.startswith("warning: hf://someone/dinas@1111")


def test_verify_and_mend(cli: Cli, hub: Hub, registry: list[Checkpoint], tmp_path: Path) -> None:
    assert statuses(cli, "checkpoints", "verify") == {"mine": "not downloaded", "yours": "not downloaded", "ours": "ok"}
    path = fetch(registry[0]).path
    path.resolve().write_bytes(BAD)
    assert statuses(cli, "checkpoints", "verify", "mine", code=1)["mine"].startswith("altered: SHA-256 ")
    assert "dinas download mine --force" in cli("checkpoints", "verify").err
    assert cli("checkpoints", "path", "mine").code == 1
    assert statuses(cli, "download", "mine", "--force") == {"mine": "downloaded"}
    assert path.read_bytes() == CONTENT
    (tmp_path / "ours.safetensors").unlink()
    assert statuses(cli, "checkpoints", "verify", code=1)["ours"] == "missing"
    result = cli("checkpoints", "verify", "yours")
    assert (result.code, "dinas download yours" in result.err) == (3, True)


def test_rm(cli: Cli, hub: Hub, registry: list[Checkpoint]) -> None:
    mine, yours = fetch(registry[0]).path, fetch(registry[1]).path
    assert cli("checkpoints", "rm", "mine").code == 2  # nobody to ask
    assert mine.exists()
    assert cli("checkpoints", "rm", "mine", "--yes").err == f"removed {mine}\n"
    assert not mine.exists()
    assert yours.exists()  # of the same commit
    blobs = list((hub_cache() / "models--someone--dinas" / "blobs").iterdir())
    assert blobs == [yours.resolve()]
    assert cli("checkpoints", "rm", "mine", "--yes").code == 3
    result = cli("checkpoints", "rm", "ours", "--yes")
    assert (result.code, "part of the package" in result.err) == (1, True)


def test_info_names_the_sources(cli: Cli, registry: list[Checkpoint]) -> None:
    data = json.loads(cli("checkpoints", "info", "mine", "--json").out)
    assert data["sources"] == [f"hf://someone/dinas@{registry[0].revision}"]
    assert data["hub"] == f"someone/dinas@{registry[0].revision}"
    assert json.loads(cli("checkpoints", "info", "ours", "--json").out)["hub"] == "not on the Hub yet"


def test_tables_are_installed(cli: Cli, hub: Hub, tmp_path: Path, registry: list[Checkpoint]) -> None:
    made = tmp_path / "made.safetensors"
    column = NewColumn(np.array([1.0, 2.0]), "%", "made.csv")
    merge("nasbench201", [Part(np.array([3, 5]), {"acc@cifar10": column})], {}, path=made)
    content = made.read_bytes()
    revision = hub.add("someone/tables", content, "table.safetensors")
    entry = entry_of(
        content, name_="bench", kind="table", filename="table.safetensors", repo_id="someone/tables", revision=revision
    )
    (tmp_path / "more.toml").write_text(to_toml(entry))
    more = ["--registry", tmp_path / "more.toml"]
    assert statuses(cli, "download", "bench", *more) == {"bench": "downloaded, installed"}
    target = table_path("nasbench201")
    assert target.read_bytes() == content
    assert [row["rows"] for row in rows(cli("tables", "list", "--json").out)] == [2]
    other = NewColumn(np.array([1.0]), "%", "other.csv")
    merge("nasbench201", [Part(np.array([4]), {"acc@cifar100": other})], {})
    grown = target.read_bytes()
    result = cli("download", "bench", *more)
    assert (result.code, "--force" in result.err, target.read_bytes() == grown) == (1, True, True)
    assert statuses(cli, "download", "bench", "--force", *more) == {"bench": "downloaded, installed"}
    assert target.read_bytes() == content
