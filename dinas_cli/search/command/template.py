"""A command line with places for what differs between trials; no shell ever sees it."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Mapping

from dinas_cli.errors import NotFoundError, UsageProblem, suggest
from dinas_cli.files.text import brief

PLACES = {
    "source": "the network as a Python file",
    "id": "its architecture id",
    "genotype": "its genotype",
    "epochs": "how many epochs to train",
    "folder": "the trial's own folder, kept when the trial is begun again",
}
"""What may stand in braces."""
_PLACE = re.compile(r"\{([a-z_]+)\}")
_NETWORK = frozenset({"source", "id", "genotype"})


def parse(command: str) -> tuple[str, ...]:
    """The words of a command; raise :class:`UsageProblem` where they cannot be told or it does not name the network."""
    hint = "for example: --command 'python train.py {source}'"
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageProblem(f"--command {brief(command)}: {str(error).lower()}", hint) from error
    if not words:
        raise UsageProblem("--command is empty", hint)
    named = places_of(words)
    for name in named:
        if name not in PLACES:
            raise UsageProblem(f"--command has no place {{{name}}}", suggest(name, PLACES, "places"))
    if not named & _NETWORK:
        raise UsageProblem(f"--command {brief(command)} does not say which network", hint)
    return words


def check(command: str) -> set[str]:
    """The places that a command has, if it can be run here; raise :class:`UsageProblem` and :class:`NotFoundError`."""
    words = parse(command)
    if not places_of(words[:1]) and shutil.which(words[0]) is None:
        raise NotFoundError(f"no program {brief(words[0])} to run", "name one that is on the PATH, or its file")
    return places_of(words)


def places_of(words: tuple[str, ...]) -> set[str]:
    """The names in braces."""
    return {match[1] for word in words for match in _PLACE.finditer(word)}


def fill(words: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """The words with every place replaced; what is put in is not looked at again."""
    return [_PLACE.sub(lambda match: values[match[1]], word) for word in words]
