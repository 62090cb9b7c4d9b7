"""Lays out a folder of networks to measure on a device, with the script that measures them there."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from dinas_cli.architectures.schema import Record, to_json_line
from dinas_cli.errors import UsageProblem
from dinas_cli.exporting.files import write_together
from dinas_cli.exporting.formats import check_packages, render
from dinas_cli.exporting.plan import FORMATS, Network
from dinas_cli.files.atomic import new_dir
from dinas_cli.oracles.logs.names import MANIFEST
from dinas_cli.spaces.shared.settings import SIZES

SCRIPT = "measure.py"
FORMS = ("pytorch", "onnx")
"""What the script can run."""


def write_anchors(
    networks: Sequence[Network],
    form: str,
    folder: Path,
    *,
    force: bool = False,
    progress: Callable[[int], None] = lambda _done: None,
) -> None:
    """Write networks of one space and setting, named by architecture id, their manifest and the script, or nothing.

    ``form`` is one of :data:`FORMS`, ``progress`` called with how many networks are done. Raises as
    :func:`~dinas_cli.exporting.files.write` does, and :class:`UsageProblem` for networks that take no images.
    """
    check_packages(form)
    first = networks[0]
    if "\nINPUT_SHAPE = " not in first.source():
        hint = f"dinas devices anchors --json | dinas export - --to pytorch -o {shlex.quote(str(folder))}"
        raise UsageProblem(f"networks of {first.space.name} take no images, and {SCRIPT} makes no other inputs", hint)
    (ending,) = FORMATS[form]
    paths = [folder / f"{network.record.id}{ending}" for network in networks]

    def contents() -> Iterator[tuple[bytes, ...]]:
        for done, network in enumerate(networks, 1):
            yield render(network, form, seed=0)
            progress(done)
        records = [Record(each.record.id, each.space.name, each.record.genotype) for each in networks]
        yield "".join(f"{to_json_line(record)}\n" for record in records).encode(), script(first, ending).encode()

    with new_dir(folder):
        write_together([*paths, folder / MANIFEST, folder / SCRIPT], contents(), force=force)


def script(network: Network, ending: str) -> str:
    """The script for networks of which ``network`` is one, in files with such an ending."""
    text = files("dinas_cli.exporting").joinpath("board.py").read_text("utf-8")
    constants = {"FORM": ending, "OPTIONS": "".join(f" {option}" for option in told(network))}
    for name, value in constants.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{name} = "))
        text = text.replace(f"{line}\n", f"{name} = {value!r}\n", 1)
    return text


def told(network: Network) -> Iterator[str]:
    """The options that tell ``dinas devices add`` which networks were measured."""
    yield f"--space {network.space.name}"
    if network.dataset is not None:
        yield f"--dataset {network.dataset}"
    if network.skeleton is not None:
        yield f"--skeleton {network.skeleton.name}"
        for size in SIZES:
            if getattr(network.skeleton, size) is not None:
                yield f"--{size.replace('_', '-')} {getattr(network.skeleton, size)}"
