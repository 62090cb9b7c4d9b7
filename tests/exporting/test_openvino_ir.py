"""OpenVINO's files compute what the network computes, at any batch size; skipped where OpenVINO is not installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import DinasError
from dinas_cli.exporting import openvino_ir
from dinas_cli.exporting.files import write
from tests.exporting.test_formats import network, outputs


@pytest.mark.parametrize("space", ["nasbench201", "darts", "nasbench101", "transnas-micro"])
def test_openvino_computes_the_same_at_any_batch_size(tmp_path: Path, space: str) -> None:
    openvino = pytest.importorskip("openvino", reason="needs the extra openvino")
    import torch

    torch.set_num_threads(1)
    net = network(space)
    write([net], "openvino", tmp_path / "my-net.xml", seed=5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my-net.bin", "my-net.xml"]
    model = openvino.Core().read_model(tmp_path / "my-net.xml")
    assert model.get_rt_info(["framework", "dinas.genotype"]).value == net.record.genotype
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    compiled = openvino.Core().compile_model(model, "CPU", settings)
    assert [item.any_name for item in compiled.inputs] == ["images"]
    built = net.build(5).eval()
    for batch in (1, 2, 5):
        inputs = net.example(batch, seed=batch)
        found = compiled([tensor.numpy() for tensor in inputs])
        for place, expected in enumerate(outputs(built, inputs)):
            assert found[place].shape == expected.shape
            assert np.abs(found[place] - expected).max() <= 1e-4


def test_files_that_compute_something_else_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openvino", reason="needs the extra openvino")
    runtime = openvino_ir.runtime
    monkeypatch.setattr(openvino_ir, "runtime", lambda *files: lambda *x: [y + 1e-2 for y in runtime(*files)(*x)])
    with pytest.raises(DinasError, match="OpenVINO computes something else than the network of nb201-"):
        write([network("nasbench201")], "openvino", tmp_path / "net.xml")
    assert list(tmp_path.iterdir()) == []
