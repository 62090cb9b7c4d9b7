"""Checks the types of arguments from Python, for whoever writes ``latency=3`` is to read what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real

from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import brief
from dinas_cli.spaces.registry import DEFAULT_SPACE

_EXAMPLES = {
    "space": DEFAULT_SPACE,
    "acc": "top5",
    "ppl": "top5",
    "name": "my-laptop",
    "device": "fpga",
    "dataset": "cifar10",
    "metrics": "acc,latency/fpga",
    "sampler": "ancestral",
    "checkpoint": "weights.safetensors",
    "skeleton": "cifar",
    "torch_device": "cuda",
}


RANGES: dict[str, tuple[float, float]] = {
    "n": (1, 100_000),
    "trials": (1, 100_000),
    "seed": (0, 2**63 - 1),
    "steps": (1, 10_000),
    "guidance": (0, 100),
    "confidence": (0.5, 0.9999),
    "count": (8, 1000),
    "batch": (1, 65_536),
    "threads": (1, 1024),
}
"""The least and the most that arguments of ``generate`` and for measuring may be, here and on the command line."""


def check_texts(**values: object) -> None:
    """Raise :class:`UsageProblem` for a value that is neither a text nor None, by the name of its argument."""
    for name, value in values.items():
        if value is not None and not isinstance(value, str):
            raise UsageProblem(f"{name}={brief(value)} is not a text", f'for example {name}="{_EXAMPLES[name]}"')


def check_quantities(**values: object) -> None:
    """Raise :class:`UsageProblem` for a value that is no text, number or None, by the name of its argument."""
    for name, value in values.items():
        if value is not None and not isinstance(value, str) and not _is_number(value):
            raise UsageProblem(f"{name}={brief(value)} is no quantity", f'for example {name}="1M", or a number')


def check_numbers(**values: object) -> None:
    """Raise :class:`UsageProblem` for a value that is not a number, by the name of its argument."""
    for name, value in values.items():
        if not _is_number(value):
            raise UsageProblem(f"{name}={brief(value)} is not a number", f"give {name} as a number")


def check_counts(**values: object) -> None:
    """Raise :class:`UsageProblem` for a value that is not a whole number, by the name of its argument."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise UsageProblem(f"{name}={brief(value)} is not a whole number", f"give {name} as an int")


def check_ranges(**values: float | None) -> None:
    """Raise :class:`UsageProblem` for a value outside of :data:`RANGES` that is not None, by its argument's name."""
    for name, value in values.items():
        least, most = RANGES[name.partition("[")[0]]
        if value is not None and not least <= value <= most:  # not a number is in no range
            raise UsageProblem(f"{name}={brief(value)} is outside {least:g} to {most:g}", f"give {name} in that range")


def check_names(name: str, value: object) -> None:
    """Raise :class:`UsageProblem` for what is neither a text, a list of texts nor None."""
    for item in value if isinstance(value, list | tuple) else () if value is None else (value,):
        if not isinstance(item, str):
            raise UsageProblem(f"{name}={brief(item)} is not a text", f'for example {name}="{_EXAMPLES[name]}"')


def by_device(name: str, value: object) -> tuple[str, ...]:
    """A limit ``"2ms"``, or by device ``{"pixel3": "20ms"}``, as the texts of options; nothing for None.

    Raises :class:`UsageProblem` for anything else.
    """
    example = f'for example {name}="2ms", or {name}={{"pixel3": "20ms"}}'
    if isinstance(value, Mapping):
        items = [item for pair in value.items() for item in pair]
        texts = tuple(f"{device}={limit}" for device, limit in value.items())
    else:
        items = list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
        texts = tuple(items)
    for item in items:
        if not isinstance(item, str):
            raise UsageProblem(f"{name}={brief(item)} is not a text", example)
    return texts


def check_mapping(name: str, value: object, example: str) -> None:
    """Raise :class:`UsageProblem` for what does not map texts to quantities and is not None.

    What maps to quantities by device is left to :func:`by_device`.
    """
    if value is None:
        return
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise UsageProblem(f"{name}={brief(value)} is not understood", f"for example {name}={example}")
    single = {key: item for key, item in value.items() if not isinstance(item, Mapping | list | tuple)}
    check_quantities(**{f"{name}[{brief(key)}]": item for key, item in single.items()})


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
