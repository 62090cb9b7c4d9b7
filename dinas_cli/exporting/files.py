"""Writes the files of networks, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.exporting.formats import check_packages, render
from dinas_cli.exporting.plan import FORMATS, Network
from dinas_cli.exporting.quantized import Facts, finish
from dinas_cli.files.atomic import atomic_paths, new_dir

_ENDINGS = {ending for endings in FORMATS.values() for ending in endings}


@dataclass(frozen=True)
class Written:
    """What was written: per network its files."""

    files: list[tuple[Path, ...]]
    repeated: int
    """Networks that were given more than once and written once."""
    facts: tuple[Facts, ...] = ()
    """Per network, when models were quantised or measured."""


def is_file(output: Path) -> bool:
    """Whether an output names a single file, by its ending, rather than a folder."""
    return output.suffix in _ENDINGS and not output.is_dir()


def write(
    networks: Sequence[Network],
    form: str,
    output: Path,
    *,
    seed: int = 0,
    force: bool = False,
    quantize: bool = False,
    measure: bool = False,
    progress: Callable[[int], None] = lambda _done: None,
) -> Written:
    """Write networks in ``form`` (a key of :data:`FORMATS`) to a file or into a folder, which is made.

    All names are checked before any work is done, and files appear under them only when everything is written: an
    error, Ctrl-C or a name that is taken meanwhile leaves nothing behind. Of ONNX models, ``quantize`` writes them in
    int8 instead, and ``measure`` times them. ``progress`` is called with how many networks are done. Raises
    :class:`DinasError` for an existing file without ``force`` and for networks that cannot be written in this form or
    quantised, :class:`UsageProblem` for a name that does not fit, and :class:`NotFoundError` without a package that is
    needed.
    """
    check_packages(form)
    different = _different(networks)
    places = _places(list(different), form, output)
    facts: list[Facts] = []

    def contents() -> Iterator[tuple[bytes, ...]]:
        for network in different.values():
            made = render(network, form, seed)
            if quantize or measure:
                content, found = finish(network, made[0], quantized=quantize, measured=measure)
                facts.append(found)
                made = (content,)
            yield made

    with nullcontext() if is_file(output) else new_dir(output):
        write_together([path for paths in places for path in paths], contents(), force=force, progress=progress)
    return Written(places, len(networks) - len(different), tuple(facts))


def write_together(
    paths: Sequence[Path],
    contents: Iterable[tuple[bytes, ...]],
    *,
    force: bool = False,
    progress: Callable[[int], None] = lambda _done: None,
) -> None:
    """Write all files or none; ``contents``, in groups in the order of ``paths``, are made once all names are checked.

    ``progress`` is called with how many groups are done. Raises :class:`DinasError` for an existing file without
    ``force`` and for what cannot be written.
    """
    with atomic_paths(paths, force=force) as temporary:
        names = iter(temporary)
        for done, group in enumerate(contents, 1):
            for content in group:
                next(names).write_bytes(content)
            progress(done)


def _different(networks: Sequence[Network]) -> dict[str, Network]:
    """Networks by name; of equal ones the first is kept, with its metrics.

    Genotypes that differ in the order of their text alone are not equal: the names of their modules differ.
    """
    found: dict[str, Network] = {}
    for network in networks:
        known = found.setdefault(network.name, network)
        if known.record.genotype != network.record.genotype or known.skeleton != network.skeleton:
            raise DinasError(
                f"{known.record.genotype} and {network.record.genotype} would be files of one name, {network.name}",
                "write them to different folders",
            )
    return found


def _places(names: Sequence[str], form: str, output: Path) -> list[tuple[Path, ...]]:
    """The files of every network; raises :class:`UsageProblem` for an output that does not suit them."""
    endings = FORMATS[form]
    if not is_file(output):
        return [tuple(output / f"{name}{ending}" for ending in endings) for name in names]
    if output.suffix != endings[0]:
        raise UsageProblem(f"--to {form} writes {' and '.join(endings)}, not {output.name}", f"-o NAME{endings[0]}")
    if len(names) > 1:
        raise UsageProblem(f"{len(names)} networks do not fit into one file", "name a folder with -o FOLDER")
    if len(endings) > 1 and endings[0] == ".py" and not output.stem.isidentifier():
        raise UsageProblem(f"{output.name} cannot be imported", "use letters, digits and _ only")
    return [tuple(output.with_suffix(ending) for ending in endings)]
