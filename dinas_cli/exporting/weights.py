"""Published weights: files of tensors, read without running code, that are renamed and checked for a network.

Nothing is guessed: every tensor of the network must be in the file, in its shape, and every one of the file in the
network. So weights of another cell, or of the same cell with its inputs in another order, do not pass for this one's
unless all shapes agree; names are those of the original networks (see ``docs/export.md``). In spaces whose networks are
parts of larger ones, a file may hold a super-network, whose first rows and columns are taken.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import DinasError, NotFoundError, reason_of
from dinas_cli.files.text import visible
from dinas_cli.spaces.shared.written import official_names

if TYPE_CHECKING:
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.protocol import Space

_WRAPPERS = ("state_dict", "model_state_dict", "model", "network", "net")
"""Members of training checkpoints that hold the weights."""
_PREFIXES = ("module.", "_orig_mod.")
"""What torch puts before all names: data parallel training, compilation."""
_COUNTER = "num_batches_tracked"
"""Of a batch norm, without effect on what it computes; weights of old versions of torch have none."""
_SHOWN = 3
_DEEPEST = 2
_HINT = "save the tensors alone: torch.save(model.state_dict(), FILE)"


@dataclass(frozen=True)
class Weights:
    """The tensors of a file, by their names in it."""

    name: str
    """Of the file, without its folder."""
    sha256: str
    tensors: Mapping[str, Tensor]


def read(path: Path) -> Weights:
    """The state dict in a file of ``torch.save`` or safetensors, also as a member of a training checkpoint.

    Dictionaries of dictionaries are joined (``{"encoder": {…}, "decoder": {…}}``). Raises :class:`NotFoundError` for
    no file and :class:`DinasError` for one that holds anything else than tensors: code is never run.
    """
    if not path.is_file():
        raise NotFoundError(f"no such file: {path}", "--weights takes a file of torch.save or safetensors")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DinasError(f"cannot read {path}: {reason_of(error)}") from error
    tensors = _flat(_unwrapped(_load(path, content)))
    if not tensors:
        raise DinasError(f"{path} holds no weights", _HINT)
    return Weights(visible(path.name), sha256(content).hexdigest(), tensors)


def renamed(weights: Weights, space: Space, genotype: str) -> Weights:
    """The weights under the names that tensors have here, for a genotype as it was written.

    Raises :class:`DinasError` for different tensors under one name.
    """
    import torch

    names = official_names(space, genotype, weights.tensors)
    found: dict[str, Tensor] = {}
    for theirs, tensor in weights.tensors.items():
        name = names[theirs]
        if name is None:
            continue
        if name in found and not torch.equal(found[name], tensor):
            raise _refusal(weights, f"it has two different tensors for {name}")
        found[name] = tensor
    return replace(weights, tensors=found)


def fit(weights: Weights, network: nn.Module, *, nested: bool = False) -> dict[str, Tensor]:
    """A state dict for ``network``: all tensors that it has, and no others may be there.

    Where networks are ``nested`` in larger ones, what the network does not have of a larger one is left out. Raises
    :class:`DinasError` in one line that says what is missing, left over or of another shape.
    """
    found = weights.tensors
    expected = network.state_dict()
    if nested:
        found = _part(weights, expected)
    missing = [name for name in expected if name not in found and not name.endswith(_COUNTER)]
    left = [name for name in found if name not in expected]
    if missing or left:
        parts = [f"it has no {_few(missing)}"] if missing else []
        parts += [f"the network has no {_few(left)}"] if left else []
        extra = left and not missing and all(name.startswith("auxiliary_head.") for name in left)
        hint = "--auxiliary, with the --skeleton that the weights are of" if extra else None
        raise _refusal(weights, ", and ".join(parts), hint)
    for name, tensor in found.items():
        if tensor.shape != expected[name].shape:
            shapes = f"{tuple(tensor.shape)}, not {tuple(expected[name].shape)}"
            raise _refusal(weights, f"{name} is {shapes}")
    return {name: found.get(name, tensor).to(tensor.dtype) for name, tensor in expected.items()}


def _part(weights: Weights, expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Of a super-network the tensors of the network, cut to their first rows and columns.

    Raises :class:`DinasError` where one of them is too small for it.
    """
    found = {name: weights.tensors[name] for name in expected if name in weights.tensors}
    for name, tensor in found.items():
        shape = expected[name].shape
        if tensor.dim() == len(shape) and any(has < needs for has, needs in zip(tensor.shape, shape, strict=True)):
            sizes = f"{name} is {tuple(tensor.shape)}, and the network needs {tuple(shape)} of it"
            raise _refusal(weights, f"it is too small, {sizes}", "a super-network has at least the sizes of its parts")
        found[name] = tensor[tuple(slice(needs) for needs in shape)] if tensor.dim() == len(shape) else tensor
    return found


def _load(path: Path, content: bytes) -> Any:
    """What is in the file; nothing but tensors and plain data is read from it."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        if path.suffix == ".safetensors":
            return load(content)
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, SafetensorError, RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise DinasError(f"{path} holds something else than tensors, or is damaged", _HINT) from error


def _unwrapped(content: Any) -> Any:
    """The state dict in a training checkpoint."""
    while isinstance(content, Mapping):
        inner = next((content[name] for name in _WRAPPERS if isinstance(content.get(name), Mapping)), None)
        if inner is None or inner is content:
            break
        content = inner
    return content


def _flat(content: Any, depth: int = 0) -> dict[str, Tensor]:
    """The tensors of dictionaries of dictionaries, without what torch puts before every name; nothing else of them."""
    import torch

    found: dict[str, Tensor] = {}
    for name, item in content.items() if isinstance(content, Mapping) else ():
        if isinstance(item, torch.Tensor):
            found[str(name)] = item
        elif isinstance(item, Mapping) and depth < _DEEPEST:
            found |= {f"{name}.{inner}": tensor for inner, tensor in _flat(item, depth + 1).items()}
    for prefix in _PREFIXES:
        if found and all(name.startswith(prefix) for name in found):
            found = {name.removeprefix(prefix): tensor for name, tensor in found.items()}
    return found


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return visible(", ".join(names[:_SHOWN]))[:200] + more


def _refusal(weights: Weights, reason: str, hint: str | None = None) -> DinasError:
    return DinasError(
        f"{weights.name} does not fit the network: {reason}",
        hint or "name the --skeleton, its sizes and the dataset that the weights are of, and check the genotype",
    )
