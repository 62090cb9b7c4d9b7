"""The official NAS-Bench-201 file, old and new torch formats, through the package's own classes."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.tables import find_table
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.benchmark_files import (
    CELLS,
    GENOTYPES,
    accuracy,
    official_content,
    partial,
    values,
)


@pytest.mark.parametrize("legacy", [True, False])
def test_official_file(tmp_path: Path, legacy: bool) -> None:
    import torch

    path = tmp_path / "NAS-Bench-201-v1_1-096897.pth"
    torch.save(official_content(), path, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(pickle.UnpicklingError):  # what the package itself runs into
        torch.load(path)
    result = partial(path)
    assert len(result.added) == 13
    means = {
        part: [(accuracy(i, 777, part) + accuracy(i, 888, part)) / 2 for i in range(4)]
        for part in ("x-valid", "x-test", "ori-test")
    }
    np.testing.assert_allclose(values("acc@cifar10"), means["x-valid"])
    np.testing.assert_allclose(values("test_acc@cifar10"), [*means["ori-test"][:2], np.nan, np.nan])
    np.testing.assert_allclose(values("acc@imagenet16-120"), means["x-valid"])
    np.testing.assert_allclose(values("test_acc@cifar100"), means["x-test"])
    for name in ("cifar100", "imagenet16-120"):
        assert values(f"params@{name}") == SPACE.closed_form("params", np.array(CELLS), name).tolist()
        assert values(f"macs@{name}") == SPACE.closed_form("macs", np.array(CELLS), name).tolist()
    assert values("index") == [0, 1, 2, 3]


def test_wrong_official_files(tmp_path: Path) -> None:
    import torch

    content = official_content()
    swapped = official_content()
    swapped["meta_archs"].reverse()
    hollow = official_content()
    hollow["arch2infos"][1]["full"] = {"all_results": {}, "dataset_seed": {"cifar100": [1]}, "arch_str": GENOTYPES[1]}
    for wrong, reason in (
        ({"weight": torch.zeros(3)}, "without the member 'meta_archs'"),
        ([1], "without the member 'meta_archs'"),
        ({"meta_archs": content["meta_archs"]}, "without the member 'arch2infos'"),
        (swapped, "architecture 0 is .* here and .* there"),
        (hollow, "laid out otherwise"),
        ({**content, "arch2infos": {7: content["arch2infos"][1]}}, "laid out otherwise"),
        ({**content, "evil": print}, "it asks for .*print"),
    ):
        path = tmp_path / "a.pth"
        torch.save(wrong, path)
        with pytest.raises(CorruptFileError, match=rf"a\.pth is no usable file of nasbench201: .*{reason}") as caught:
            partial(path)
        assert "\n" not in caught.value.message
    assert find_table(SPACE.name) is None
