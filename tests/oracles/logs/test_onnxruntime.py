"""Profiles of the real onnxruntime."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import pytest

from dinas_cli.errors import UsageProblem
from dinas_cli.oracles.measurements import read_measurements
from dinas_cli.spaces.nasbench201.space import SPACE

onnxruntime = pytest.importorskip("onnxruntime")
GENOTYPE = SPACE.decode(SPACE.encode("301004"))


def profile(folder: Path, runs: int) -> Path:
    """What onnxruntime writes about a small model that was run so often."""
    from onnx import TensorProto, helper

    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "small", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / "301004")
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    for _ in range(runs):
        session.run(None, {"x": [[1.0, 2.0, 3.0]]})
    return Path(session.end_profiling()).rename(folder / "301004.json")


def test_profiles(tmp_path: Path) -> None:
    path = profile(tmp_path, 6)
    runs = [event["dur"] for event in json.loads(path.read_text()) if event["name"] == "model_run"]
    found = read_measurements(SPACE, path)
    assert len(runs) == 6
    assert dict(found.pairs) == pytest.approx({GENOTYPE: statistics.median(runs[1:]) / 1000})
    assert found.stated


def test_profiles_that_say_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="a profile of 1 runs"):
        read_measurements(SPACE, profile(tmp_path, 1))
    path = profile(tmp_path, 3)
    path.write_text(path.read_text()[:-20])  # end_profiling was never called
    with pytest.raises(UsageProblem, match="not all of its JSON is there") as caught:
        read_measurements(SPACE, path)
    assert "end_profiling" in str(caught.value.hint)
