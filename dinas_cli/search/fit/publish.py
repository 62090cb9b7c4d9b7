"""Publishing a trained network: its folder as a repository that ``TrainedNetwork.from_pretrained`` loads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dinas_cli.checkpoints.publish import commit, served
from dinas_cli.errors import CorruptFileError
from dinas_cli.files.atomic import sha256_file
from dinas_cli.search.fit import folder as names
from dinas_cli.search.fit.card import licensed
from dinas_cli.search.fit.folder import load
from dinas_cli.search.fit.state import LOG

PUBLISHED = (
    names.CONFIG, names.WEIGHTS, names.SOURCE, names.LABELS, names.FIGURES, LOG, names.MODEL
)  # fmt: skip


def is_network(folder: Path) -> bool:
    """Whether a path is the folder of a trained network."""
    return folder.is_dir() and (folder / names.CONFIG).is_file()


def card_of(folder: Path, licence: str | None) -> str:
    """The card of a trained network, with a licence if one is given."""
    text = (folder / names.CARD).read_text(encoding="utf-8")
    return text if licence is None else licensed(text, licence)


def push_network(
    folder: Path, repo_id: str, *, licence: str | None = None, private: bool = False, message: str = ""
) -> str:
    """Put the files of a trained network into a repository in one commit; the commit's SHA.

    Raises :class:`CorruptFileError` for a folder whose network cannot be loaded and where the Hub serves other weights
    than were sent, and as :func:`dinas_cli.checkpoints.publish.commit`.
    """
    network = load(folder)
    files: dict[str, Path | bytes] = {path.name: path for path in files_of(folder)}
    files[names.CARD] = card_of(folder, licence).encode()
    said = message or f"{network.about.space} network of {len(network.about.labels)} classes: weights and card"
    revision = commit(repo_id, files, private=private, message=said)
    weights = folder / names.WEIGHTS
    if not served(repo_id, revision, names.WEIGHTS, weights.stat().st_size, sha256_file(weights)):
        raise CorruptFileError(f"{repo_id} serves other weights than were sent", "push the folder again")
    return revision


def files_of(folder: Path) -> Iterator[Path]:
    """The files that are published besides the card."""
    return (path for name in PUBLISHED if (path := folder / name).is_file())
