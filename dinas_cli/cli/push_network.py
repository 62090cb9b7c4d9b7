"""``dinas push`` of a trained network: its folder becomes a repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem

if TYPE_CHECKING:
    from dinas_cli.cli.output import Sink


def push_folder(
    sink: Sink, folder: Path, repo: str, *, licence: str | None, private: bool, message: str, dry_run: bool
) -> None:
    """Publish a folder of ``dinas fit``, or with ``dry_run`` show what would be published."""
    from dinas_cli.checkpoints.publish import repository_state
    from dinas_cli.search.fit.folder import CARD
    from dinas_cli.search.fit.publish import card_of, files_of, push_network

    if dry_run:
        state = repository_state(repo)
        sink.say(f"repository {repo}: {state}")
        for path in files_of(folder):
            sink.say(f"would upload {path.name} ({path.stat().st_size} bytes)")
        sink.say(f"would upload {CARD}:")
        for line in card_of(folder, licence).splitlines():
            sink.say(line)
        sink.say("nothing was written (--dry-run)")
        sink.details({"repo": repo, "repository": state, "dry_run": True})
        return
    revision = push_network(folder, repo, licence=licence, private=private, message=message)
    sink.details({"repo": repo, "revision": revision})
    sink.say("in Python:")
    sink.say("  from dinas_cli import TrainedNetwork")
    sink.say(f'  network = TrainedNetwork.from_pretrained("{repo}")')


def check_meaning(given: dict[str, object]) -> None:
    """Raise :class:`UsageProblem` for an option that says nothing about a trained network."""
    for flag, value in given.items():
        if value is not None:
            raise UsageProblem(f"{flag} has no meaning for a folder of dinas fit", "its card says how it was made")
