"""Latencies in files of ``torch.save``, as HELP (Lee et al., NeurIPS 2021) publishes them.

They are a dictionary of genotypes and numbers, or the numbers alone, in the order of the dictionary of genotypes and
places in ``str_arch2idx.pt``, which lies beside them or a folder above. HELP's are in milliseconds, which its files do
not say. Nothing but plain data is read from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import brief
from dinas_cli.files.torch_files import load_torch
from dinas_cli.oracles.logs.cost import ENDLESS, Cost

PLACES = "str_arch2idx.pt"
_MOST = 1_000_000
"""Numbers of a tensor."""
_HINT = "torch.save({genotype: milliseconds, …}, FILE)"


@dataclass
class _Files:
    """What a refusal tells."""

    name: str = "a device"
    files: str = f"a dictionary of genotypes and costs: {_HINT}"


def knows(content: bytes) -> bool:
    """Whether ``content`` begins as files of ``torch.save`` do: a zip archive, formerly a pickle."""
    return content.startswith((b"PK\x03\x04", b"\x80"))


def read(path: Path) -> Iterator[Cost]:
    """All costs of a file.

    Raises :class:`CorruptFileError` for a file that holds more than plain data, :class:`UsageProblem` for one that
    does not say of which architectures its numbers are.
    """
    content = _plain(load_torch(_Files(), path))
    if not isinstance(content, Mapping):
        if not isinstance(content, list):
            raise UsageProblem(f"{path} holds neither a dictionary nor a list of costs", _HINT)
        content = dict(zip(_order(path, len(content)), content, strict=True))
    for genotype, number in content.items():
        if not isinstance(genotype, str) or isinstance(number, bool) or not isinstance(number, int | float):
            raise UsageProblem(f"{path}: {brief(genotype)}: {brief(number)} is not a genotype's cost", _HINT)
        if not 0 < number < ENDLESS:
            raise UsageProblem(f"{path}: {brief(genotype)}: {brief(number)} is not a positive number", _HINT)
        yield Cost(float(number), None, genotype)


def _order(path: Path, count: int) -> list[str]:
    """Genotypes in the order of the numbers."""
    found = [folder / PLACES for folder in (path.parent, path.parent.parent) if (folder / PLACES).is_file()]
    if not found:
        raise UsageProblem(f"{path} does not say of which architectures it is", f"put {PLACES} of HELP beside it")
    places = load_torch(_Files(), found[0])
    if not isinstance(places, Mapping) or {*map(str, places.values())} != {*map(str, range(count))}:
        raise UsageProblem(f"{found[0]} does not have the {count} architectures of {path.name}", _HINT)
    return [str(genotype) for genotype in sorted(places, key=places.__getitem__)]


def _plain(content: Any) -> Any:
    """Tensors as lists; what is in them is checked afterwards."""
    if isinstance(content, Mapping):
        return {key: _number(item) for key, item in content.items()}
    if isinstance(content, list | tuple):
        return [_number(item) for item in content]
    return content.tolist() if _has_numbers(content, _MOST) else content


def _number(item: Any) -> Any:
    return item.item() if _has_numbers(item, 1) else item


def _has_numbers(item: Any, most: int) -> bool:
    """Whether it is a tensor of so many numbers; a small file can hold one that claims to be endless."""
    import torch

    plain = isinstance(item, torch.Tensor) and item.layout == torch.strided and item.device.type == "cpu"
    return plain and 0 < item.numel() <= most
