"""What is at hand: devices from the header of a surrogate's file, and broken files that are not passed over."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from dinas_cli.checkpoints import copies
from dinas_cli.checkpoints.at_hand import oracles_at_hand, shipped_devices
from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.tables import table_path
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.checkpoints.test_registry import ENTRY, write

CONFIG = {"profiles": [["latency/fpga@cifar10", "ms", 9], ["latency/gold", "ms", 9], ["energy/fpga", "mJ", 9]]}


def test_a_broken_table_is_not_ignored() -> None:
    table_path(SPACE.name).parent.mkdir(parents=True)
    table_path(SPACE.name).write_text("no table")
    with pytest.raises(CorruptFileError, match="no usable table"):
        oracles_at_hand(SPACE)
    assert oracles_at_hand(SPACE, table=False).table is None


def test_devices_of_a_surrogate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = ENTRY | {"kind": "surrogate", "space": "testspace"}
    monkeypatch.setenv("DINAS_CHECKPOINTS", str(write(tmp_path / "c.toml", {"mine": entry})))
    monkeypatch.setattr(copies, "weights_dir", lambda: tmp_path)
    assert shipped_devices("testspace") == ()
    save_file({"a": np.zeros(1)}, tmp_path / ENTRY["filename"], {"config": json.dumps(CONFIG)})
    assert shipped_devices("testspace") == ("fpga", "gold")
    assert shipped_devices("testspace", "energy") == ("fpga",)
    assert shipped_devices("otherspace") == ()
