"""YAHPO Gym's surrogate: the published model, and a small one of the same layout whose answers are known."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError
from dinas_cli.oracles.importers import import_files
from dinas_cli.oracles.tables import Table, find_table
from dinas_cli.spaces.darts.cells import NODES, OPERATIONS, PAIRS, checked
from dinas_cli.spaces.darts.read_onnx import CALIBRATION, Model
from dinas_cli.spaces.darts.space import SPACE
from tests.spaces.darts.test_space import rows

pytest.importorskip("onnxruntime", reason="needs the extra darts")

PREFIX = "NetworkSelectorDatasetInfo_COLON_darts_COLON_"


def encoding() -> dict[str, dict[str, int]]:
    """Categories numbered otherwise than in the order of this package."""
    operations = {name: number for number, name in enumerate(["#na#", *sorted(OPERATIONS[1:])])}
    found: dict[str, dict[str, int]] = {}
    for cell in ("normal", "reduce"):
        found |= {f"{PREFIX}edge_{cell}_{edge}": operations for edge in range(14)}
        for node in NODES[1:]:
            names = ["#na#", *(f"{i}_{j}" for i, j in PAIRS[node])]
            found[f"{PREFIX}inputs_node_{cell}_{node}"] = {name: number for number, name in enumerate(names)}
    return found


def write_model(folder: Path, width: int = 34) -> Path:
    """A model whose answer is half the sum of its categories, and their encoding."""
    onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Cast", ["x_cat"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["numbers"], ["mean"], axes=[1]),
        helper.make_node("Mul", ["mean", "scale"], ["half"]),
        helper.make_node("Concat", ["half", "x_cont"], ["answer"], axis=1),
    ]
    inputs = [
        helper.make_tensor_value_info("x_cat", TensorProto.INT32, [1, width]),
        helper.make_tensor_value_info("x_cont", TensorProto.FLOAT, [1, 1]),
    ]
    outputs = [helper.make_tensor_value_info("answer", TensorProto.FLOAT, [1, 2])]
    scale = helper.make_tensor("scale", TensorProto.FLOAT, [1], [width / 2])
    graph = helper.make_graph(nodes, "sum", inputs, outputs, [scale])
    path = folder / "small_surrogate.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    (folder / "small_encoding.json").write_text(json.dumps(encoding()), "utf-8")
    return path


def expected(values: tuple[int, ...]) -> float:
    """Half the sum of the categories of one architecture, added up one by one."""
    numbers, total = encoding(), 0
    for cell, nodes in zip(("normal", "reduce"), checked(values), strict=True):
        for node, inputs in zip(NODES, nodes, strict=True):
            total += sum(numbers[f"{PREFIX}edge_{cell}_0"][OPERATIONS[op]] for _, op in inputs)
            if node > 2:
                total += numbers[f"{PREFIX}inputs_node_{cell}_{node}"]["_".join(str(i) for i, _ in inputs)]
    return total / 2


def test_a_small_model_answers_for_the_whole_sample(tmp_path: Path) -> None:
    result = import_files(SPACE, [write_model(tmp_path)])
    assert result.added == ("acc_yahpo",)
    assert result.rows == 28_192
    table = Table.open(SPACE.name)
    chosen = SPACE.reference()[::400].tolist()
    found = table.lookup(np.array([SPACE.key(values) for values in chosen]), "acc_yahpo")
    slope, offset = CALIBRATION
    np.testing.assert_allclose(found, [slope * expected(tuple(values)) + offset for values in chosen], rtol=1e-6)


def test_the_published_model_ranks_as_published(bench_data: Path) -> None:
    from scipy.stats import kendalltau

    folder = bench_data / "nasbench301"
    labelled = rows(folder / "xgb_v1_labels_1218.csv.gz")[::4]
    predicted = Model.open(SPACE, folder / "yahpo_nb301_surrogate.onnx")(
        np.array([SPACE.encode(row["genotype"]) for row in labelled], np.int8)
    )
    labels = [float(row["nb301_xgb_val_acc_mean"]) for row in labelled]
    assert kendalltau(predicted, labels)[0] == pytest.approx(0.735, abs=0.04)
    slope, offset = CALIBRATION
    assert np.abs(slope * predicted + offset - labels).mean() == pytest.approx(0.18, abs=0.03)


def test_the_encoding_must_be_there_and_right(tmp_path: Path) -> None:
    path = write_model(tmp_path)
    beside = tmp_path / "small_encoding.json"
    for wrong in ("{", "[]", "{}", json.dumps(encoding() | {f"{PREFIX}edge_normal_3": {"#na#": 0}})):
        beside.write_text(wrong, "utf-8")
        with pytest.raises(CorruptFileError, match=r"small_encoding\.json is no usable file of darts"):
            import_files(SPACE, [path])
    beside.unlink()
    with pytest.raises(NotFoundError, match=r"needs its encoding beside it: small_surrogate_encoding\.json is missing"):
        import_files(SPACE, [path])
    assert find_table(SPACE.name) is None


def test_other_and_truncated_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorruptFileError, match="its inputs are"):
        import_files(SPACE, [write_model(tmp_path, width=33)])
    data = write_model(tmp_path).read_bytes()
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(data[: len(data) // 2])
    copyfile(tmp_path / "small_encoding.json", tmp_path / "cut_encoding.json")
    with pytest.raises(CorruptFileError, match="onnxruntime cannot read it"):
        import_files(SPACE, [cut])
    assert find_table(SPACE.name) is None


def test_without_onnxruntime_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_model(tmp_path)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(DinasError, match="package 'onnxruntime' is missing") as caught:
        import_files(SPACE, [path])
    assert "dinas[darts]" in str(caught.value.hint)
