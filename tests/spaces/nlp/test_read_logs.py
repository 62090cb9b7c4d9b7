"""Logs of NAS-Bench-NLP: averages over runs, divergence, official layout, and what is refused."""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.importers import import_files, make_part, read_file
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.nlp.space import SPACE

RECIPE = {"a": {"op": "linear", "input": ["x", "h_prev_0"]}, "h_new_0": {"op": "activation_tanh", "input": ["a"]}}
OTHER = {"a": {"op": "linear", "input": ["x", "h_prev_0"]}, "h_new_0": {"op": "activation_sigm", "input": ["a"]}}
PARAMS = 5_731_600
"""Of a network around either of them."""
BROKEN = {"a": {"op": "linear", "input": ["x"]}, "h_new_0": {"op": "activation_sigm", "input": ["a"]}}


def log(recipe: dict[str, Any], losses: list[float], status: str = "OK", params: int = PARAMS) -> str:
    """A log as the benchmark's training script writes it, without what is not read."""
    entry = {"recepie": json.dumps(recipe), "test_losses": losses, "status": status, "num_params": params}
    return json.dumps(entry)


def test_runs_of_one_recipe_are_averaged(tmp_path: Path) -> None:
    lines = [
        {"recipe": RECIPE, "ptb_test_loss_last": [4.5, None, 4.7]},
        {"recipe": OTHER, "ptb_test_loss_last": [None, None]},
        {"recipe": BROKEN, "ptb_test_loss_last": [4.0]},
    ]
    path = tmp_path / "r.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    found = read_file(SPACE, path)
    assert [SPACE.encode(genotype) for genotype in found.genotypes] == [
        SPACE.encode(json.dumps(recipe)) for recipe in (RECIPE, OTHER)
    ]
    ppl = found.columns["ppl"].tolist()
    assert ppl == pytest.approx([(math.exp(4.5) + math.exp(4.7)) / 2, math.nan], nan_ok=True)
    assert found.columns["diverged"].tolist() == pytest.approx([100 / 3, 100])
    assert "left out 1 recipes that break a rule" in found.notes[0]


def test_official_logs_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("logs/log_stats_model_0_a.json", log(RECIPE, [6.0, 5.0]))
        archive.writestr("logs/log_stats_model_0_b.json", log(RECIPE, [6.0, math.nan], "loss is nan!"))
        archive.writestr("logs/log_stats_model_0_c.json", log(RECIPE, [6.0], "KeyboardInterrupt"))
        archive.writestr("logs/log_stats_model_0_d.json", log(RECIPE, [3.0], params=PARAMS + 1))
        archive.writestr("logs/readme.txt", "no log")
    result = import_files(SPACE, [path], path=tmp_path / "t.safetensors")
    assert "left out 1 logs of networks of another size" in result.notes[0]
    table = Table.open(SPACE.name, tmp_path / "t.safetensors")
    assert table.column("ppl").tolist() == pytest.approx([math.exp(5.0)])
    assert table.column("diverged").tolist() == [50.0]
    assert table.architectures is not None
    assert table.architectures[0].tolist() == list(SPACE.encode(json.dumps(RECIPE)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"recipe": {}}', "is no recipe with losses"),
        (b"[1, 2]", "is no recipe with losses"),
        (b"a,b\n1,2\n", "not JSON"),
        (b'{"recipe": {}, "ptb_test_loss_last": [-1]}', "is no loss"),
        (b'{"recipe": {}, "ptb_test_loss_last": []}', "no recipe that was trained"),
        (b"PK\x03\x04 and then nothing", "not text|not JSON|damaged"),
        (b"\x1f\x8b\x08 and then nothing", "damaged"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(CorruptFileError, match=reason):
        read_file(SPACE, path)


def test_the_benchmark_itself(bench_data: Path) -> None:
    path = bench_data / "nasbench_nlp_ptb.jsonl.gz"
    part = make_part(SPACE, path, read_file(SPACE, path))
    assert len(part.keys) == 3569
    ppl = part.columns["ppl"].values
    assert 84 < min(value for value in ppl.tolist() if not math.isnan(value)) < 90
