"""The official NAS-Bench-101 TFRecords: means of runs, half-way values left out, foreign and damaged files refused."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.errors import CorruptFileError, DinasError
from dinas_cli.oracles.tables import find_table
from dinas_cli.spaces.nasbench101.records import fields
from dinas_cli.spaces.nasbench101.space import SPACE
from tests.support.nasbench101_files import CELLS, check_means, metrics, partial, run, runs, write_tfrecord

ALL = {"acc", "acc_4", "acc_12", "acc_36", "test_acc", "train_time", "params"}


def test_full_file(tmp_path: Path) -> None:
    result = partial(write_tfrecord(tmp_path / "nasbench_full.tfrecord", runs()))
    assert set(result.added) == ALL
    assert result.rows == len(CELLS)
    assert result.notes == ("nasbench_full.tfrecord: 48 runs, averaged per architecture; half-way values left out",)
    check_means(ALL)


def test_file_of_the_longest_trainings_only(tmp_path: Path) -> None:
    """Its runs need not stand together."""
    shuffled = sorted(runs([108]), key=lambda run: run[4])
    result = partial(write_tfrecord(tmp_path / "nasbench_only108.tfrecord", shuffled))
    assert set(result.added) == {"acc", "test_acc", "train_time", "params"}
    check_means(result.added)


def test_first_record_as_long_as_spells_a_pickle(tmp_path: Path) -> None:
    for size in (0x0280, 0x0480):
        padded = json.dumps(run(0, 0, 108)).ljust(size).encode()
        path = write_tfrecord(tmp_path / f"{size}.tfrecord", [padded, run(0, 1, 108)])
        assert path.read_bytes()[0] == 0x80
        assert partial(path).rows == 1


def test_a_file_that_does_not_cover_the_space_must_be_called_partial(tmp_path: Path) -> None:
    from dinas_cli.oracles.importers import import_files

    path = write_tfrecord(tmp_path / "a.tfrecord", runs([108]))
    with pytest.raises(CorruptFileError, match="covers 4 of the 423624 architectures") as caught:
        import_files(SPACE, [path])
    assert "--partial" in str(caught.value.hint)
    assert find_table(SPACE.name) is None


def changed(**parts: Any) -> list[Any]:
    names = ("hash", "epochs", "matrix", "operations", "metrics")
    return [parts.get(name, value) for name, value in zip(names, run(0, 0, 108), strict=True)]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"\x0a\x05hello", "run 1: "),
        (b"[" * 9000, "run 1: "),
        (b'{"hash": 1}', "not a list of hash"),
        ([], "not a list of hash"),
        ([1, 108, "", "", ""], "not a list of hash"),
        (changed(hash="0" * 32), "disagree"),
        (changed(epochs=200), "trained for '200' epochs, not 4, 12, 36, 108"),
        (changed(epochs="108"), "trained for '108' epochs"),
        (changed(epochs=[1]), "epochs"),
        (changed(epochs=36), "a training of 36 epochs ends at epoch 108"),
        (changed(matrix=7), "expected as text"),
        (changed(matrix="0" * 48), "no nasbench101 cell"),
        (changed(matrix="1" * 49), "not upper triangular"),
        (changed(operations="input,output"), "no nasbench101 cell"),
        (
            changed(operations=run(0, 0, 108)[3].replace("maxpool3x3", "maxpool\x1b")),
            r"unknown operation 'maxpool\\x1b'",
        ),
        (changed(metrics="%%%"), "run 1: "),
        (changed(metrics=""), "0 evaluations"),
        (changed(metrics=metrics(0, 0, 108, 12)), "disagree"),
        (changed(metrics=metrics(9, 0, 108, 8555530)), "not between 0 and 1"),
        (changed(metrics=base64.b64encode(base64.b64decode(metrics(0, 0, 108))[:-3]).decode()), "cut off"),
        (changed(metrics=base64.b64encode(base64.b64decode(metrics(0, 0, 108))[:60]).decode()), "cut off"),
        (changed(metrics=base64.b64encode(b"\x0a\x00" * 3 + b"\x10\x01").decode()), "incomplete"),
    ],
)
def test_foreign_records_are_refused(tmp_path: Path, record: Any, reason: str) -> None:
    path = write_tfrecord(tmp_path / "a.tfrecord", [run(0, 0, 108), record])
    with pytest.raises(CorruptFileError, match=rf"a\.tfrecord is no usable file of nasbench101: .*{reason}") as caught:
        partial(path)
    assert "\n" not in caught.value.message
    assert "\x1b" not in caught.value.message
    assert find_table(SPACE.name) is None


def test_hashes_of_other_cells_are_refused(tmp_path: Path) -> None:
    swapped = [
        [other[0], *one[1:]] for one, other in ((run(0, 0, 108), run(2, 0, 108)), (run(2, 0, 108), run(0, 0, 108)))
    ]
    with pytest.raises(CorruptFileError, match="is not the hash of architecture 0"):
        partial(write_tfrecord(tmp_path / "a.tfrecord", swapped))


def test_cells_outside_the_space_are_refused(tmp_path: Path) -> None:
    matrix = "".join("1" if i < j else "0" for i in range(5) for j in range(5))
    names = "input,maxpool3x3,maxpool3x3,maxpool3x3,output"
    record = ["0" * 32, 108, matrix, names, metrics(0, 0, 108)]
    with pytest.raises(CorruptFileError, match="10 edges, nasbench101 allows 9"):
        partial(write_tfrecord(tmp_path / "a.tfrecord", [record]))


def test_truncated_and_damaged_files_are_refused(tmp_path: Path) -> None:
    whole = write_tfrecord(tmp_path / "a.tfrecord", runs()).read_bytes()
    for content, reason in (
        (whole[:-1], "truncated"),
        (whole[:2000], "truncated"),
        (whole[:3000] + b"?" + whole[3001:], "checksum is wrong"),
        (b"\x00" * 3 + whole, "no TFRecord"),
        (whole[:10], "truncated"),
    ):
        path = tmp_path / "b.tfrecord"
        path.write_bytes(content)
        with pytest.raises(DinasError, match=rf"b\.tfrecord is no usable file of nasbench101: .*{reason}"):
            partial(path)
    assert find_table(SPACE.name) is None


def test_fields_of_every_kind() -> None:
    message = b"\x08\x96\x01" + b"\x15\x00\x00\x80\x3f" + b"\x19" + b"\x00" * 6 + b"\xf0\x3f" + b"\x22\x02hi"
    assert list(fields(message)) == [(1, 150), (2, 1.0), (3, 1.0), (4, b"hi")]
    for wrong in (message[:2], message[:5], message[:-1], b"\x0b", b"\xff" * 11):
        with pytest.raises(ValueError, match=r"cut off|unknown kind"):
            list(fields(wrong))
