"""Finds search spaces by name, those of this package and those of others, and imports only what is asked for.

A package offers a space by an entry point of the group ``dinas.spaces`` that has the space's name and leads to the
object (``toy = "dinas_toy:SPACE"``). What cannot be used is refused by name and harms no other space.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, cast

from dinas_cli.errors import SpaceError, UsageProblem, suggest
from dinas_cli.files.version import __version__
from dinas_cli.spaces.shared.guard import Guarded
from dinas_cli.spaces.shared.hardware import OTHERS
from dinas_cli.spaces.shared.members import problem_of

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

GROUP = "dinas.spaces"

BUILT_IN = (
    *("nasbench201", "nasbench101", "darts", "nlp", "nasbench-graph", "transnas-micro", "transnas-macro"),
    *("gpt-s", "gpt-m", "gpt-l", "nats-size", "nasbench-macro", "mnasnet"),
)
"""The spaces of this package, in the order they are listed; the folder of each has its name with ``_`` for ``-``."""

DEFAULT_SPACE = BUILT_IN[0]
"""The space that is meant where none is named."""


@dataclass(frozen=True)
class Offer:
    """A space as a package offers it; nothing of it has been imported."""

    name: str
    target: str
    """``module:attribute``."""
    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"

    @property
    def built_in(self) -> bool:
        """Whether the space is one of this package, which nothing from outside can replace."""
        return self in _BUILT_IN_OFFERS


_BUILT_IN_OFFERS = tuple(
    Offer(name, f"dinas_cli.spaces.{name.replace('-', '_')}:SPACE", "dinas", __version__) for name in BUILT_IN
)


@cache
def offers() -> tuple[Offer, ...]:
    """Every offer, in the order of listings: the built-in ones, then by name.

    The built-in ones are entry points too; they are known without, so that a checkout works that is not installed, and
    so that finding one of them need not wait for the scan of all installed packages.
    """
    from importlib.metadata import entry_points

    known = {offer.target for offer in _BUILT_IN_OFFERS}
    others = []
    for point in entry_points(group=GROUP):
        if point.value not in known:
            package = point.dist
            name, version = ("?", "?") if package is None else (package.name, package.version)
            others.append(Offer(point.name, point.value, name, version))
    return (*_BUILT_IN_OFFERS, *sorted(set(others), key=attrgetter("name", "distribution", "target")))


def space_names() -> tuple[str, ...]:
    """Names of every space that can be used, in the order they are listed; imports those from outside."""
    return tuple(offer.name for offer in offers() if offer.built_in or not isinstance(_outcome(offer), SpaceError))


def get_space(name: str) -> Space:
    """Find a space by name or alias.

    Raises :class:`UsageProblem` with a suggestion for an unknown name, :class:`SpaceError` for one that is refused.
    """
    offer = next(_named(name), None)
    if offer is not None:
        return _opened(offer)
    for space in _usable():
        if name in _aliases(space):
            return space
    names = [known for space in _usable() for known in (space.name, *_aliases(space))]
    refused = ", ".join(dict.fromkeys(offer.name for offer, _ in refusals()))
    hint = suggest(name, names, "spaces")
    raise UsageProblem(
        f"unknown space {name[:60]!r}", f"{hint}; refused: {refused}, see: dinas spaces" if refused else hint
    )


def origin(name: str) -> Offer:
    """Who offers the space called ``name``."""
    return next(_named(name))


def refusals() -> tuple[tuple[Offer, SpaceError], ...]:
    """Offers that cannot be used, and why; imports every space from outside."""
    outcomes = ((offer, _outcome(offer)) for offer in offers() if not offer.built_in)
    return tuple((offer, found) for offer, found in outcomes if isinstance(found, SpaceError))


def check_device_alias(name: str | None, device: str | Sequence[str] | None) -> None:
    """Raise :class:`UsageProblem` when ``name`` stands for a space on a device, and no device is named."""
    if name is not None and not device and name not in BUILT_IN and name in get_space(name).device_aliases:
        raise UsageProblem(f"space {name} needs a device", f"see: dinas devices list --space {name}; {OTHERS}")


def forget() -> None:
    """Look for spaces anew, after packages have been installed or removed while this process runs."""
    for cached in (offers, _object, _outcome):
        cached.cache_clear()


def _named(name: str) -> Iterator[Offer]:
    """The offers of that name; packages are scanned only where no space of this one has it."""
    yield from (offer for offer in _BUILT_IN_OFFERS if offer.name == name)
    yield from (offer for offer in offers() if offer.name == name and not offer.built_in)


def _usable() -> Iterator[Space]:
    for offer in offers():
        found = _outcome(offer)
        if not isinstance(found, SpaceError):
            yield found


def _opened(offer: Offer) -> Space:
    found = _outcome(offer)
    if isinstance(found, SpaceError):
        raise found
    return found


def _aliases(space: Space) -> tuple[str, ...]:
    return (*space.aliases, *space.device_aliases)


@cache
def _outcome(offer: Offer) -> Space | SpaceError:
    """The space of an offer, or why it is refused: the object itself, or a name that somebody else has."""
    if offer.built_in:
        return cast("Space", _object(offer))
    for other in offers():
        if other is not offer and other.name == offer.name:
            return _refused(offer, f"{other} has a space of that name too", clash=True)
    found = _object(offer)
    if isinstance(found, SpaceError):
        return found
    for other in offers() if _aliases(found) else ():
        if other is offer:
            continue
        taken = {other.name}
        if other.built_in or not isinstance(_object(other), SpaceError):
            taken |= set(_aliases(cast("Space", _object(other))))
        for alias in _aliases(found):
            if alias in taken:
                return _refused(offer, f"its alias {alias!r} is a name of {other.name} of {other}", clash=True)
    return cast("Space", Guarded(found, str(offer)))


@cache
def _object(offer: Offer) -> Space | SpaceError:
    """What an offer leads to, if it is a space of the name that is offered; spaces of this package are trusted."""
    module, _, attributes = offer.target.partition(":")
    try:
        found = attrgetter(attributes)(import_module(module))
        problem = None if offer.built_in else problem_of(found)
    except (Exception, SystemExit) as error:
        if offer.built_in:
            raise
        return _refused(offer, f"importing {offer.target} raises {type(error).__name__}: {error}")
    if problem is None and found.name != offer.name:
        problem = f"it calls itself {found.name!r}"
    return found if problem is None else _refused(offer, problem)


def _refused(offer: Offer, reason: str, *, clash: bool = False) -> SpaceError:
    name = offer.distribution
    remedy = f"uninstall one of the two: pip uninstall {name}" if clash else f"update {name}, or: pip uninstall {name}"
    return SpaceError(f"space {offer.name!r} of {offer} is refused: {' '.join(reason.split())}", remedy)
