"""ONNX models as OpenVINO's intermediate representation: a topology (.xml) and its weights (.bin), in float32."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

TOLERANCE = 1e-4
"""How far outputs may be from those of the network: OpenVINO may compute convolutions in another way than torch."""


def convert(content: bytes) -> tuple[bytes, bytes]:
    """The topology and the weights of an ONNX model, with its metadata in the topology.

    OpenVINO reads the model itself: its ``convert_model`` does the same and may report its use to its makers. Raises
    whatever OpenVINO raises for a model that it cannot read.
    """
    import openvino

    model = openvino.Core().read_model(io.BytesIO(content))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.xml"
        openvino.save_model(model, path, compress_to_fp16=False)
        return path.read_bytes(), path.with_suffix(".bin").read_bytes()


def runtime(topology: bytes, weights: bytes) -> Callable[..., list[Tensor]]:
    """The two files as a function of tensors, computed on the CPU in float32."""
    import openvino
    import torch

    core = openvino.Core()
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": torch.get_num_threads()}
    compiled = core.compile_model(core.read_model(topology, weights), "CPU", settings)

    def run(*inputs: Tensor) -> list[Tensor]:
        found = compiled([tensor.numpy() for tensor in inputs])
        return [torch.from_numpy(found[place].copy()) for place in range(len(compiled.outputs))]

    return run
