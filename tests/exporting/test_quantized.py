"""Models in int8: they run, stay near the float model and say how near; what cannot be quantised is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import DinasError
from dinas_cli.exporting import formats, quantized
from dinas_cli.exporting.files import write
from tests.exporting.test_formats import network, outputs
from tests.support.nightly import by_day

NEAR = 0.05
"""Difference allowed on random inputs, as a fraction of the float outputs' range."""


@pytest.mark.parametrize("space", by_day(["nasbench201", "darts", "nasbench101", "transnas-micro"], ["nasbench201"]))
def test_a_quantised_model_stays_near_the_network(tmp_path: Path, space: str) -> None:
    import onnx
    import onnxruntime
    import torch

    torch.set_num_threads(1)
    net = network(space)
    written = write([net], "onnx", tmp_path / "net.onnx", seed=5, quantize=True, measure=True)
    (facts,) = written.facts
    assert facts.gap is not None
    assert 0 < facts.gap <= NEAR
    assert facts.float_ms is not None
    assert facts.int8_ms is not None
    assert min(facts.float_ms, facts.int8_ms) > 0
    model = onnx.load(tmp_path / "net.onnx")
    onnx.checker.check_model(model)
    about = {entry.key: entry.value for entry in model.metadata_props}
    assert about["dinas.genotype"] == net.record.genotype
    assert about["dinas.quantized"] == "int8, static, per channel, 8 batches of 4 random inputs"
    weights = {item.name: item for item in model.graph.initializer}
    wide = [node for node in model.graph.node if node.op_type == "DequantizeLinear" and node.input[0] in weights]
    assert any(weights[node.input[0]].data_type == onnx.TensorProto.INT8 for node in wide)
    assert any(len(weights[node.input[1]].dims) == 1 for node in wide)  # a scale per channel
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", options, providers=["CPUExecutionProvider"])
    built = net.build(5).eval()
    for batch in (1, 2, 5):
        inputs = net.example(batch, seed=50 + batch)
        named = {item.name: tensor.numpy() for item, tensor in zip(session.get_inputs(), inputs, strict=True)}
        for found, expected in zip(session.run(None, named), outputs(built, inputs), strict=True):
            assert found.shape == expected.shape
            assert np.abs(found - expected).max() <= NEAR * np.ptp(expected)


def test_measuring_alone_keeps_the_float_model() -> None:
    net = network("nasbench201")
    (content,) = formats.render(net, "onnx", 0)
    kept, facts = quantized.finish(net, content, quantized=False, measured=True)
    assert kept == content
    assert (facts.name, facts.gap, facts.int8_ms) == (net.name, None, None)
    assert facts.float_ms is not None


def test_what_cannot_be_quantised_is_refused_in_one_line() -> None:
    """A model without any operation that has an int8 form, and bytes that are no model."""
    from onnx import TensorProto, helper

    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3, 32, 32]) for name in ("images", "out")]
    graph = helper.make_graph([helper.make_node("Abs", ["images"], ["out"])], "plain", value[:1], value[1:])
    opset = helper.make_opsetid("", 18)
    plain = helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString()
    net = network("nasbench201")
    for content, reason in ((plain, "no operation of it can be"), (b"nonsense", "")):
        with pytest.raises(DinasError, match=f"the network of nb201-.* cannot be quantised: {reason}") as caught:
            quantized.quantize(net, content)
        assert "\n" not in caught.value.message
        assert caught.value.hint == "leave out --quantize, which writes the float model"
