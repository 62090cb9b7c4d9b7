"""A device file under a shipped device's name: replaces nothing, and is told to whoever asks about that device."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.support.bundled import needs_weights


@pytest.fixture
def dropped(home: Path, cli: Cli) -> Path:
    """A file of ``devices add`` that somebody has renamed."""
    pairs = "\n".join(f"{cell}\t{5 + number}" for number, cell in enumerate(cli("devices", "anchors").out.split()))
    (home / "mine.tsv").write_text(pairs)
    assert cli("devices", "add", "mine", home / "mine.tsv").code == 0
    (path,) = (home / "devices").iterdir()
    data = json.loads(path.read_text()) | {"name": "fpga"}
    path.unlink()
    path = path.with_name(path.name.replace("mine", "fpga"))
    path.write_text(json.dumps(data))
    return path


@needs_weights
def test_it_replaces_nothing_silently(cli: Cli, dropped: Path) -> None:
    asked = cli("generate", "-n", 1, "--latency", "5ms", "--device", "fpga", "--json", "-q")
    assert (asked.code, asked.out) == (2, "")
    assert "'fpga' is a device of dinas, and a file of yours has other costs for it" in asked.err
    assert "dinas devices rm fpga" in asked.err
    assert cli("generate", "-n", 1, "--latency", "50ms", "--device", "raspi4", "--json", "-q").code == 0
    listed = cli("devices", "list", "--json")
    assert listed.code == 0
    origins = {row["origin"] for row in map(json.loads, listed.out.splitlines()) if row["device"] == "fpga"}
    assert "shipped, and a file of yours: see dinas doctor" in origins
    checked = cli("doctor")
    assert checked.code == 1
    assert "dinas devices rm fpga --space nasbench201" in checked.out
    assert cli("devices", "rm", "fpga").code == 0
    assert cli("generate", "-n", 1, "--latency", "50ms", "--device", "fpga", "--json", "-q").code == 0
