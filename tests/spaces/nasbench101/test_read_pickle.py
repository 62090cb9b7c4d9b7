"""The pickles of nasbenchapi for NAS-Bench-101."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.tables import find_table
from dinas_cli.spaces.nasbench101.space import SPACE
from tests.support.benchmark_files import write_pickle
from tests.support.nasbench101_files import CELLS, check_means, nasbenchapi, partial


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_pickle_of_all_runs(tmp_path: Path, protocol: int) -> None:
    result = partial(write_pickle(tmp_path / "nasbench101_full.pkl", nasbenchapi(), protocol))
    assert set(result.added) == {"acc", "acc_4", "acc_12", "acc_36", "test_acc", "train_time", "params"}
    assert result.rows == len(CELLS)
    assert "48 runs" in result.notes[0]
    check_means(result.added)


def test_foreign_pickles_are_refused(tmp_path: Path) -> None:
    def with_runs(*found: Any) -> dict[str, Any]:
        return {"entries_by_arch": {"a": list(found)}, "num_records": len(found)}

    good = next(iter(nasbenchapi()["entries_by_arch"].values()))[0]
    for content, reason in (
        ([1], "no entries_by_arch"),
        ({"nasbench201": {}}, "no entries_by_arch"),
        ({"entries_by_arch": {"a": 1}}, "no entries_by_arch"),
        (with_runs(), "holds no runs"),
        (with_runs(7), "run 0 is no record"),
        (with_runs({"epoch": 4}), "run 0 is no record"),
        (with_runs(good, {**good, "epoch": 5}), "run 1: trained for '5' epochs"),
        (with_runs({**good, "operations_str": "input,output"}), "run 0: 'input,output' with a matrix"),
        ({**nasbenchapi(), "num_records": 50}, "holds 48 runs and announces 50"),
    ):
        with pytest.raises(CorruptFileError, match=rf"a\.pkl is no usable file of nasbench101: .*{reason}"):
            partial(write_pickle(tmp_path / "a.pkl", content))
    assert find_table(SPACE.name) is None


def test_pickles_run_nothing(tmp_path: Path) -> None:
    with pytest.raises(CorruptFileError, match=r"it asks for builtins\.print"):
        partial(write_pickle(tmp_path / "a.pkl", {**nasbenchapi(), "evil": print}))
    whole = write_pickle(tmp_path / "b.pkl", nasbenchapi()).read_bytes()
    (tmp_path / "b.pkl").write_bytes(whole[:-100])
    with pytest.raises(CorruptFileError, match=r"b\.pkl is not a pickle of nasbenchapi"):
        partial(tmp_path / "b.pkl")
    assert find_table(SPACE.name) is None
