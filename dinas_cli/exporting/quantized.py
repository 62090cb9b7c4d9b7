"""ONNX models in int8, and what they and float models take in onnxruntime on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dinas_cli.errors import DinasError
from dinas_cli.exporting.board import median
from dinas_cli.exporting.formats import SILENT, runtime

if TYPE_CHECKING:
    from numpy import generic
    from numpy.typing import NDArray

    from dinas_cli.exporting.plan import Network

CALIBRATION, BATCH = 8, 4
"""Batches of random inputs that set the ranges of activations, and inputs in each."""
CHECKED = range(1000, 1004)
"""Seeds of the batches that outputs are compared on, other ones than those of the calibration."""
SECONDS = 0.2
"""Of measuring a model, besides warm-up."""


@dataclass(frozen=True)
class Facts:
    """What was found out about a model while it was written."""

    name: str
    gap: float | None = None
    """The largest difference between outputs in int8 and in float, as a fraction of the latter's range."""
    float_ms: float | None = None
    int8_ms: float | None = None
    """Latency of one input with one thread, in ms."""


def finish(network: Network, content: bytes, *, quantized: bool, measured: bool) -> tuple[bytes, Facts]:
    """The float model ``content`` of a network, or that model in int8, and the facts that were asked for.

    Raises :class:`DinasError` when the model cannot be quantised.
    """
    float_ms = latency(network, content) if measured else None
    if not quantized:
        return content, Facts(network.name, None, float_ms)
    small = quantize(network, content)
    facts = Facts(network.name, gap(network, content, small), float_ms, latency(network, small) if measured else None)
    return small, facts


def quantize(network: Network, content: bytes) -> bytes:
    """The model in int8 by onnxruntime's static quantisation, calibrated on the space's random inputs.

    In the QDQ format, with weights per channel. Raises :class:`DinasError` in one line when onnxruntime cannot do it.
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.calibrate import CalibrationDataReader
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """Random inputs, batch by batch."""

        def __init__(self, names: list[str]) -> None:
            self.batches: Iterator[dict[str, NDArray[generic]]] = (
                dict(zip(names, [tensor.numpy() for tensor in network.example(BATCH, seed)], strict=True))
                for seed in range(CALIBRATION)
            )

        def get_next(self) -> dict[str, NDArray[generic]] | None:
            return next(self.batches, None)

    try:
        with SILENT(), TemporaryDirectory() as folder:
            given, prepared, made = (Path(folder) / f"{name}.onnx" for name in ("given", "prepared", "made"))
            given.write_bytes(content)
            # Folds batch norms and infers shapes; the symbolic way needs sympy and adds nothing to one free size.
            quant_pre_process(given, prepared, skip_symbolic_shape=True)
            names = [item.name for item in onnx.load(prepared).graph.input]
            quantize_static(
                prepared,
                made,
                Reader(names),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                reduce_range=True,  # weights of 7 bits: with 8, sums saturate on processors without VNNI
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )
            model = onnx.load(made)
            if not any(node.op_type == "QuantizeLinear" for node in model.graph.node):
                raise RuntimeError("no operation of it can be")
            how = f"int8, static, per channel, {CALIBRATION} batches of {BATCH} random inputs"
            model.metadata_props.add(key="dinas.quantized", value=how)
            quantized: bytes = model.SerializeToString()
            runtime(quantized)
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise DinasError(
            f"the network of {network.record.id} cannot be quantised: {reason[:200]}",
            "leave out --quantize, which writes the float model",
        ) from error
    return quantized


def gap(network: Network, content: bytes, quantized: bytes) -> float:
    """The largest difference between outputs of two models, as a fraction of the range of the first one's.

    Of several outputs the worst counts. Raises :class:`DinasError` when the second model's are not finite.
    """
    import torch

    one, other = runtime(content), runtime(quantized)
    batches = [network.example(BATCH, seed) for seed in CHECKED]
    expected = [torch.stack(parts) for parts in zip(*(one(*inputs) for inputs in batches), strict=True)]
    found = [torch.stack(parts) for parts in zip(*(other(*inputs) for inputs in batches), strict=True)]
    if not all(bool(output.isfinite().all()) for output in found):
        raise DinasError(
            f"the network of {network.record.id} cannot be quantised: its outputs are not finite in int8",
            "leave out --quantize, which writes the float model",
        )
    tiny = torch.finfo(torch.float32).tiny  # outputs of one value have no range
    return max(
        float((a - b).abs().max()) / max(float(a.max() - a.min()), tiny) for a, b in zip(expected, found, strict=True)
    )


def latency(network: Network, content: bytes) -> float:
    """Milliseconds that onnxruntime takes for one input with one thread: a median, after warm-up."""
    run, inputs = runtime(content, threads=1), network.example(1)
    return median(lambda: run(*inputs), SECONDS)
