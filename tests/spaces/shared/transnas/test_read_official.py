"""The official TransNAS-Bench-101 file: a small one of the same layout, and files that must be refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.importers import import_files
from dinas_cli.oracles.tables import Table, find_table
from dinas_cli.spaces.shared.transnas.tasks import TASKS
from dinas_cli.spaces.transnas_macro import space as transnas_macro
from dinas_cli.spaces.transnas_micro import space as transnas_micro

MICRO, MACRO = transnas_micro.SPACE, transnas_macro.SPACE
ARCHS = {"macro": ["64-1234-basic", "64-444311-basic"], "micro": ["64-41414-3_33_333", "64-41414-1_02_333"]}
METRICS = {
    **dict.fromkeys(("class_scene", "class_object", "jigsaw"), ("train_top1", "valid_top1", "test_top1", "valid_loss")),
    "room_layout": ("train_neg_loss", "valid_neg_loss", "test_neg_loss", "valid_loss"),
    "segmentsemantic": ("train_acc", "valid_acc", "valid_mIoU", "test_acc"),
    "normal": ("train_ssim", "valid_ssim", "test_ssim", "valid_l1_loss"),
    "autoencoder": ("train_ssim", "valid_ssim", "test_ssim", "valid_l1_loss"),
}


def final(arch: str, task: str) -> float:
    """Any value that differs by architecture and task, in the range of the task's metric."""
    value = 0.1 + 0.01 * list(TASKS).index(task) + 0.001 * [a for group in ARCHS.values() for a in group].index(arch)
    return -value if task == "room_layout" else value


def content() -> dict[str, Any]:
    """What ``torch.load`` gives for the official file, with two architectures per space and three epochs."""
    info = dict.fromkeys(("inference_time", "encoder_params", "model_params", "model_FLOPs", "encoder_FLOPs"), 1.5)

    def results(arch: str, task: str) -> dict[str, Any]:
        lists: dict[str, list[Any]] = {name: [0.9, 0.95, 0.99] for name in METRICS[task]}
        # One of the values as numpy writes it.
        lists[TASKS[task].measure] = [0.0, -0.5 if task == "room_layout" else 0.5, np.float64(final(arch, task))]
        lists["time_elapsed"] = ["00:01:00", "00:02:00", "00:03:00"]
        return {"metrics": lists, "model_info": dict(info), "total_epochs": 3}

    return {
        "metrics_dict": {task: [*names, "time_elapsed"] for task, names in METRICS.items()},
        "info_names": list(info),
        "task_list": list(TASKS),
        "data": {
            space: {arch: {task: results(arch, task) for task in TASKS} for arch in archs}
            for space, archs in ARCHS.items()
        },
    }


@pytest.mark.parametrize("legacy", [True, False])
def test_the_last_epoch_of_every_task(tmp_path: Path, legacy: bool) -> None:
    import torch

    path = tmp_path / "transnas-bench_v10141024.pth"
    torch.save(content(), path, _use_new_zipfile_serialization=not legacy)
    for name, space in (("micro", MICRO), ("macro", MACRO)):
        result = import_files(space, [path], partial=True)
        assert result.added == tuple(f"acc@{task}" for task in TASKS)
        table = Table.open(space.name)
        keys = np.array([space.key(space.encode(arch)) for arch in ARCHS[name]])
        for task in TASKS:
            expected = [final(arch, task) for arch in ARCHS[name]]
            np.testing.assert_array_equal(table.lookup(keys, f"acc@{task}"), expected)


def test_one_task_alone_and_a_file_without_some(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "a.pth"
    some = content()
    some["task_list"].remove("normal")
    torch.save(some, path)
    assert import_files(MICRO, [path], partial=True, dataset="jigsaw").added == ("acc@jigsaw",)
    assert "acc@normal" not in import_files(MACRO, [path], partial=True).added
    with pytest.raises(CorruptFileError, match="it knows no task"):
        import_files(MICRO, [path], partial=True, dataset="normal")


def test_wrong_files(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "a.pth"

    def changed(**members: Any) -> dict[str, Any]:
        return {**content(), **members}

    hollow, foreign, percent = content(), content(), content()
    del hollow["data"]["micro"]["64-41414-3_33_333"]["normal"]
    foreign["data"]["micro"]["64-41414-4_33_333"] = foreign["data"]["micro"].pop("64-41414-3_33_333")
    percent["data"]["micro"]["64-41414-3_33_333"]["jigsaw"]["metrics"]["valid_top1"][-1] = 100.5
    for wrong, reason in (
        ({"weight": torch.zeros(3)}, "without the member 'data'"),
        ([1], "without the member 'data'"),
        (changed(task_list=None), "without the member 'task_list'"),
        (changed(data={"macro": {}}), r"laid out otherwise \(KeyError: 'micro'\)"),
        (changed(data={"micro": {}, "macro": {}}), "it knows no micro architecture"),
        (changed(data={"micro": [1]}), "laid out otherwise"),
        (hollow, r"laid out otherwise \(KeyError: 'normal'\)"),
        (foreign, r"architecture 1: .* \(digits 0 to 3\)"),
        (percent, "jigsaw of 64-41414-3_33_333 is 100.5"),
        (changed(evil=print), "it asks for .*print"),
    ):
        torch.save(wrong, path)
        with pytest.raises(
            CorruptFileError, match=rf"a\.pth is no usable file of transnas-micro: .*{reason}"
        ) as caught:
            import_files(MICRO, [path], partial=True)
        assert "\n" not in caught.value.message
    torch.save(content(), path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CorruptFileError, match="torch cannot read it"):
        import_files(MICRO, [path], partial=True)
    assert find_table(MICRO.name) is None
