"""``dinas datasets``, and generating for a data set of one's own without training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.oracles import devices
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import Cli
from tests.support.bundled import needs_weights

pytestmark = needs_weights


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """Records of 24 networks whose accuracies are much like those on a known data set, and a little noise."""
    genotypes = devices.anchors(SPACE.name, 24)
    surrogate = oracles_at_hand(SPACE, table=False).surrogate
    assert surrogate is not None
    told = surrogate.predict(np.array([SPACE.encode(genotype) for genotype in genotypes]), "acc@imagenet16-120")
    told = 20 + 1.3 * told + np.random.default_rng(0).normal(size=24)
    path = tmp_path / "trained.jsonl"
    with path.open("w") as file:
        for genotype, value in zip(genotypes, told.tolist(), strict=True):
            record = {
                "schema": "dinas/architecture@1",
                "id": SPACE.canonical_id(SPACE.encode(genotype)),
                "space": SPACE.name,
                "genotype": genotype,
                "metrics": {"acc@flowers": {"value": value, "unit": "%", "source": "measured"}},
            }
            file.write(json.dumps(record) + "\n")
    return path


def test_add_list_info_generate_rm(cli: Cli, trained: Path, tmp_path: Path) -> None:
    result = cli("datasets", "add", "flowers", trained, "--dataset", "cifar100")
    assert (result.code, result.out) == (0, "")
    assert result.err.endswith("now: dinas generate --space nasbench201 --dataset flowers --acc top5\n")
    (row,) = [json.loads(line) for line in cli("datasets", "list", "--json").out.splitlines()]
    assert (row["name"], row["like"], row["labels"], row["unit"]) == ("flowers", "cifar100", 24, "%")
    assert row["kendall_tau"] > 0.6
    shown = json.loads(cli("datasets", "info", "flowers", "--json").out)
    loadings = [shown[f"loading.{name}"] for name in SPACE.datasets]
    assert sum(loadings) == pytest.approx(1, abs=0.35)

    options = ("--dataset", "flowers", "--acc", "top5", "--latency", "4ms", "--device", "fpga", "-n", 4, "--json")
    records = [json.loads(line) for line in cli("generate", *options).out.splitlines()]
    assert len(records) == 4
    assert {record["request"]["own"] for record in records} == {"flowers"}
    assert {record["request"]["dataset"] for record in records} == {"cifar100"}
    assert all("acc@flowers" in record["metrics"] for record in records)
    assert all(record["metrics"]["latency/fpga@cifar100"]["value"] <= 4 for record in records)
    found = tmp_path / "found.jsonl"
    found.write_text("".join(json.dumps(record) + "\n" for record in records))
    judged = [json.loads(line) for line in cli("eval", found, "--json").out.splitlines()]
    assert all(record["provenance"]["satisfies"] for record in judged)
    assert cli("export", found, "--to", "genotype").code == 0

    assert cli("datasets", "rm", "flowers").code == 0
    gone = cli("generate", "--dataset", "flowers", "-n", 1)
    assert (gone.code, "flowers" in gone.err) == (2, True)
    assert "no source at hand knows acc@flowers" in cli("eval", found).err


def test_what_is_refused(cli: Cli, trained: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("".join(trained.read_text().splitlines(keepends=True)[:3]))
    assert "at least 5 different ones" in cli("datasets", "add", "flowers", few).err
    other = cli("datasets", "add", "birds", trained)
    assert (other.code, "has no acc@birds" in other.err) == (2, True)
    assert cli("datasets", "info", "flowers").code == 3
    assert cli("datasets", "rm", "flowers").code == 3
