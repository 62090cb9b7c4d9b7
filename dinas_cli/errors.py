"""The errors users meet: one line that names the subject, one hint with the next command, one exit code."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from importlib import util

NUMPY = (2, 0)
"""The oldest numpy that works; ``pyproject.toml`` says the same."""


class DinasError(Exception):
    """A failure the user can act on; ``exit_code`` 1 unless a subclass says otherwise."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageProblem(DinasError):
    """The request itself is wrong: unknown name, malformed unit, contradictory constraints."""

    exit_code = 2


class GenotypeError(UsageProblem):
    """A genotype breaks a rule of its space; the message names the rule."""


class NotFoundError(DinasError):
    """Something named does not exist here or has not been downloaded or imported."""

    exit_code = 3


class OfflineError(DinasError):
    """The network is needed and cannot be reached (or must not be)."""

    exit_code = 4


class UnsatisfiedError(DinasError):
    """Nothing satisfies the constraints; the hint names the nearest feasible value."""

    exit_code = 5


class CorruptFileError(DinasError):
    """A file is truncated, altered or of a foreign kind; nothing of it was used."""


class SpaceError(DinasError):
    """A search space of another package cannot be used; the message names the package and the reason."""


def need_packages(what: str, extra: str, packages: Mapping[str, str]) -> None:
    """Raise :class:`NotFoundError` with the extra that installs it for the first of ``packages`` that is missing.

    ``packages`` has the modules to look for by the names under which they are installed.
    """
    for package, module in packages.items():
        if util.find_spec(module) is None:
            raise NotFoundError(f"{what} needs the package {package}", f"pip install 'dinas[{extra}]'")


def need_numpy(found: str) -> None:
    """Raise :class:`DinasError` for a numpy (its version is ``found``) that is older than what weights need."""
    parts = [int(part) if part.isdecimal() else 0 for part in found.split(".")[:2]]
    if parts < [*NUMPY]:
        least = ".".join(map(str, NUMPY))
        raise DinasError(f"numpy {found} is too old: dinas needs {least} or later", f"pip install 'numpy>={least}'")


def reason_of(error: OSError) -> str:
    """Why the system refused, in its own few words: ``permission denied``, ``no space left on device``."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def suggest(name: str, known: Iterable[str], what: str) -> str:
    """A hint for a mistyped name: the closest known one, and all of them."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    start = f"did you mean {close[0]!r}? " if close else ""
    return f"{start}{what}: {', '.join(names) or 'none'}"


def find_name(name: str | None, known: Iterable[str], what: str, *, of: str = "") -> str:
    """``name``, or the first of the ``known`` for None; raise :class:`UsageProblem` with a suggestion otherwise.

    ``of`` is whose names they are.
    """
    names = list(known)
    if name is None:
        return names[0]
    if name not in names:
        raise UsageProblem(f"unknown {what} {name[:60]!r}", suggest(name, names, f"{of} {what}s".lstrip()))
    return name
