"""The bytes of a network's files: source, weights beside it, a program of ``torch.export``, an ONNX or OpenVINO model.

Programs and models are compared with the network itself, on two batch sizes, before they count as written.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from dinas_cli.architectures.schema import to_json_line
from dinas_cli.errors import DinasError, NotFoundError
from dinas_cli.exporting import openvino_ir
from dinas_cli.exporting.loading import with_weights
from dinas_cli.files.process_wide import Shared

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.export import ExportedProgram

    from dinas_cli.exporting.plan import Network

TOLERANCE = 1e-5
"""How far outputs of a written graph may be from those of the network, in units of the largest one if above 1."""
BATCHES = (2, 3)
"""Batch sizes of the check; inputs that differ in a size between them are free in it."""
_ONNX_PACKAGES = ("onnx", "onnxscript", "onnxruntime")
PACKAGES = {"onnx": _ONNX_PACKAGES, "openvino": (*_ONNX_PACKAGES, "openvino")}
"""What forms need besides torch; the extra has the form's name."""


def check_packages(form: str) -> None:
    """Raise :class:`NotFoundError` when a package that ``form`` needs is not installed."""
    missing = [name for name in PACKAGES.get(form, ()) if find_spec(name) is None]
    if missing:
        raise NotFoundError(f"--to {form} needs {' and '.join(missing)}", f"pip install 'dinas[{form}]'")


def render(network: Network, form: str, seed: int) -> tuple[bytes, ...]:
    """The contents of a network's files, in the order of their endings in :data:`FORMATS`.

    ``seed`` initialises the weights of all forms but ``pytorch``, which has none. Raises :class:`DinasError` in one
    line when the network cannot be written in this form.
    """
    return _WRITERS[form](network, seed)


def _pytorch(network: Network, seed: int) -> tuple[bytes, ...]:
    return (network.source().encode(),)


def _module(network: Network, seed: int) -> tuple[bytes, ...]:
    from safetensors.torch import save

    source = with_weights(network, _weights_line(network, seed))
    # Cloned, because tensors that share their memory cannot be saved.
    tensors = {name: tensor.detach().clone() for name, tensor in network.build(seed).state_dict().items()}
    record, space = network.record, network.space.name
    about = {"id": record.id, "space": space, "genotype": record.genotype, **network.origin(seed)}
    weights = save(tensors, {"about": json.dumps(about)})  # one entry, because several come in any order
    return source.encode(), weights


def _weights_line(network: Network, seed: int) -> str:
    """The line of a source's header that says which weights are beside it."""
    if network.weights is None:
        return f"weights: initialised with seed {seed}"
    return f"weights: {network.weights.name}, sha256 {network.weights.sha256}"


def _torch_export(network: Network, seed: int) -> tuple[bytes, ...]:
    import torch

    with _refusal(network, "torch-export"):
        program, _ = _trace(network, seed)
        stream = io.BytesIO()
        torch.export.save(program, stream, extra_files={"architecture.json": to_json_line(network.record)})
    return (stream.getvalue(),)


def _onnx(network: Network, seed: int) -> tuple[bytes, ...]:
    return (_onnx_model(network, seed)[0],)


def _onnx_model(network: Network, seed: int) -> tuple[bytes, nn.Module]:
    """The checked model, and the network that it is of."""
    import torch

    with _refusal(network, "onnx"):
        program, built = _trace(network, seed)
        outputs = len(_flat(built(*network.example(1))))
        names = ["output"] if outputs == 1 else [f"output_{number}" for number in range(1, outputs + 1)]
        made = torch.onnx.export(program, dynamo=True, output_names=names, verbose=False)
        if made is None:
            raise RuntimeError("torch.onnx.export made nothing")
        proto = made.model_proto
        _name_batch(proto)
        about = {"id": network.record.id, "genotype": network.record.genotype, **network.origin(seed)}
        for key, value in about.items():
            proto.metadata_props.add(key=f"dinas.{key}", value=str(value))
        content: bytes = proto.SerializeToString()
        _compare(network, built, runtime(content), "onnxruntime")
    return content, built


def _openvino(network: Network, seed: int) -> tuple[bytes, ...]:
    content, built = _onnx_model(network, seed)
    with _refusal(network, "openvino"):
        topology, weights = openvino_ir.convert(content)
        _compare(network, built, openvino_ir.runtime(topology, weights), "OpenVINO", openvino_ir.TOLERANCE)
    return topology, weights


_WRITERS: dict[str, Callable[[Network, int], tuple[bytes, ...]]] = {
    "pytorch": _pytorch,
    "module": _module,
    "torch-export": _torch_export,
    "onnx": _onnx,
    "openvino": _openvino,
}


def _trace(network: Network, seed: int) -> tuple[ExportedProgram, nn.Module]:
    """The network in eval mode as a program that takes any batch size, and the network."""
    import torch
    from torch.export import Dim

    built = network.build(seed).eval()
    small, large = (network.example(batch) for batch in BATCHES)
    free = tuple(
        {axis: Dim.DYNAMIC for axis, (a, b) in enumerate(zip(one.shape, other.shape, strict=True)) if a != b}
        for one, other in zip(small, large, strict=True)
    )
    with torch.no_grad():
        program = torch.export.export(built, small, dynamic_shapes=free, strict=False)
    _compare(network, built, program.module(), "torch.export")
    return program, built


def _compare(
    network: Network, built: nn.Module, written: Callable[..., Any], what: str, tolerance: float = TOLERANCE
) -> None:
    """Raise :class:`DinasError` when what was written computes something else than the network."""
    import torch

    for batch in BATCHES:
        inputs = network.example(batch, seed=batch)
        with torch.no_grad():
            pairs = list(zip(_flat(built(*inputs)), _flat(written(*inputs)), strict=True))
        for expected, found in pairs:
            gap = float((expected - found).abs().max()) / max(1.0, float(expected.abs().max()))
            if expected.shape != found.shape or not gap <= tolerance:
                raise DinasError(f"{what} computes something else than the network of {network.record.id} ({gap:.1e})")


def _flat(outputs: Any) -> list[Tensor]:
    """The tensors in whatever a network returns."""
    from torch.utils._pytree import tree_leaves

    return tree_leaves(outputs)


def runtime(content: bytes, threads: int | None = None) -> Callable[..., list[Tensor]]:
    """An ONNX model as a function of tensors, with so many threads (None: torch's number)."""
    import onnxruntime
    import torch

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # it writes past Python's own streams
    options.intra_op_num_threads = threads or torch.get_num_threads()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = [item.name for item in session.get_inputs()]

    def run(*inputs: Tensor) -> list[Tensor]:
        arrays = [tensor.numpy() for tensor in inputs]
        return [torch.from_numpy(array) for array in session.run(None, dict(zip(names, arrays, strict=True)))]

    return run


def _name_batch(proto: Any) -> None:
    """Call the free size ``batch`` where there is only one, instead of torch's own name for it."""
    values: Sequence[Any] = [*proto.graph.input, *proto.graph.output, *proto.graph.value_info]
    sizes = [size for value in values for size in value.type.tensor_type.shape.dim]
    inputs = [size for value in proto.graph.input for size in value.type.tensor_type.shape.dim]
    names = {size.dim_param for size in inputs if size.dim_param}
    if len(names) == 1:
        for size in sizes:
            if size.dim_param in names:
                size.dim_param = "batch"


@contextlib.contextmanager
def _refusal(network: Network, form: str) -> Iterator[None]:
    """Keep what torch's exporters say to themselves; a failure of theirs becomes one line that says what works."""
    try:
        with SILENT():
            yield
    except DinasError:
        raise
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise DinasError(
            f"networks of {network.space.name} cannot be written with --to {form}: {reason[:200]}",
            "--to pytorch and --to module work for every network",
        ) from error


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    silence = io.StringIO()
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(silence),
            contextlib.redirect_stderr(silence),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


SILENT = Shared(_silence)
