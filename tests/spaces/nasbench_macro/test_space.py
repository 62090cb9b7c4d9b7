"""NAS-Bench-Macro: its table and counts, which networks are the same, layers that do nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from dinas_cli.errors import CorruptFileError, UsageProblem
from dinas_cli.oracles.importers import import_files, read_file
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.skeletons import choose, count, count_built
from tests.support.spaces import assert_refused

SPACE = get_space("nasbench-macro")


def test_the_table_of_the_benchmark_and_its_counts(bench_data: Path, tmp_path: Path) -> None:
    """Reading compares parameters and multiply-accumulates of every network with the closed forms."""
    path = bench_data / "nas_bench_macro.csv.gz"
    done = import_files(SPACE, [path], path=tmp_path / "table.safetensors")
    assert (done.rows, done.added) == (6561, ("acc",))
    assert len(done.notes) == 3
    assert round(read_file(SPACE, path).columns["acc"].max(), 2) == 93.13


def test_a_table_of_other_networks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("arch,mean_acc,flops\n00000000,80,1\n")
    with pytest.raises(CorruptFileError, match="line 2: flops is 1, not "):
        import_files(SPACE, [tmp_path / "a.csv"], partial=True, path=tmp_path / "table.safetensors")


def test_layers_that_do_nothing_are_the_same_anywhere_in_their_stage() -> None:
    assert len({SPACE.canonical_id(row) for row in SPACE.reference().tolist()}) == 9 * 21 * 21
    assert len({SPACE.key(row) for row in SPACE.reference().tolist()}) == 3**8
    one, other = SPACE.encode("11200220"), SPACE.encode("11200202")
    assert SPACE.canonical_id(one) == SPACE.canonical_id(other) == "macro-11200220"
    networks = [SPACE.build(values).eval() for values in (one, other)]
    weights = {name.replace("features.6", "features.7"): tensor for name, tensor in networks[0].state_dict().items()}
    networks[1].load_state_dict(weights)
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(networks[0](images), networks[1](images))


def test_genotypes() -> None:
    values = SPACE.encode("02012100")
    assert values == (0, 2, 0, 1, 2, 1, 0, 0) == SPACE.encode("[0, 2, 0, 1, 2, 1, 0, 0]")
    assert SPACE.decode(values) == "02012100"
    with pytest.raises(UsageProblem, match="unknown dialect 'index'"):
        SPACE.decode(values, "index")


@pytest.mark.parametrize("genotype", ["", "0201210", "020121000", "02012103", "٠٢٠١٢١٠٠"])
def test_refusals(genotype: str) -> None:
    assert_refused(SPACE, genotype, "it needs a digit, 0 to 2, for each of 8 layers")


def test_other_classes_and_images() -> None:
    for row in SPACE.draw(3, 2).tolist():
        for sizes in ({"classes": 3, "image_size": 33, "in_channels": 1}, {"image_size": 224}):
            skeleton = choose(SPACE, "cifar", **sizes)
            assert count(SPACE, row, None, skeleton) == count_built(SPACE, row, None, skeleton)
    with pytest.raises(UsageProblem, match="unknown dataset 'cifar100'"):
        SPACE.build(row, "cifar100")


def test_features_tell_where_layers_are_and_which_networks_are_the_same() -> None:
    features = SPACE.features(SPACE.reference())
    assert len(np.unique(features, axis=0)) == 3**8
    assert len(np.unique(features[:, 24:], axis=0)) == 9 * 21 * 21
