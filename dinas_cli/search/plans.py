"""What a search is put together from, as functions of plain values, which travel to other processes and machines.

Each is called where work is done, and once in every process, whatever number of trials that process does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.architectures.conditions import Request
from dinas_cli.search.runs.folder import Run
from dinas_cli.search.runs.identity import Identity
from dinas_cli.search.runs.worker import Work
from dinas_cli.search.trials import BackEnd, Proposer

if TYPE_CHECKING:
    from dinas_cli.search.data.images import Images
    from dinas_cli.search.fit.settings import Settings

Sizes = tuple[tuple[str, int | float | bool | None], ...]
"""Options of a skeleton that can be told apart from others."""


@dataclass(frozen=True)
class Plan:
    """One search, without whoever trains."""

    request: Request
    trials: int
    seed: int = 0
    device: str | None = None
    """A device whose metrics records get, whether or not one is limited there."""
    random: bool = False
    """Draw networks at random: a baseline."""

    def identity(self, back_end: BackEnd) -> Identity:
        """What all workers of the run share; more trials may be asked for later."""
        how = {"kind": "random" if self.random else "model", "seed": self.seed}
        return Identity(self.request, back_end.identity, how | ({"device": self.device} if self.device else {}))

    def begin(self, folder: Path, back_end: partial[BackEnd]) -> Work:
        """The work of a run in ``folder``, which is made or joined.

        Raises :class:`UnsatisfiedError` before anything is made where nothing keeps the limits, and
        :class:`DinasError` for a folder of another run.
        """
        proposer = partial(proposals, self)
        proposer().propose((), (), 1)
        Run.join(folder, self.identity(back_end()))
        return Work(folder.absolute(), self.trials, back_end, proposer)


@cache
def proposals(plan: Plan) -> Proposer:
    """Who says what to try next; raises :class:`UnsatisfiedError` where nothing keeps the limits."""
    if plan.random:
        from dinas_cli.search.random_proposals import RandomProposals

        return RandomProposals(plan.request, plan.seed, plan.device)
    from dinas_cli.search.proposals.proposer import Proposals

    return Proposals(plan.request, seed=plan.seed, trials=plan.trials, device=plan.device)


@cache
def images_at(place: str, image_size: int | None, limit: int | None, seed: int) -> Images:
    """The images of :func:`.data.images.load_images`."""
    from dinas_cli.search.data.images import load_images

    return load_images(place, image_size=image_size, limit=limit, seed=seed)


@cache
def image_trials(
    place: str, image_size: int | None, limit: int | None, settings: Settings, skeleton: str | None, sizes: Sizes
) -> BackEnd:
    """Trials on images, see :class:`.fit.trials.ImageTrials`; the seed of the settings divides them, too."""
    from dinas_cli.search.fit.trials import ImageTrials

    images = images_at(place, image_size, limit, settings.seed)
    return ImageTrials(images, settings, skeleton=skeleton, sizes=whole(dict(sizes)))


@cache
def command_trials(
    command: str,
    metric: str,
    better: str,
    epochs: int | None,
    timeout: float | None,
    skeleton: str | None,
    sizes: Sizes,
    cwd: Path,
) -> BackEnd:
    """Trials by a program, see :class:`.command.back_end.CommandTrials`."""
    from dinas_cli.search.command.back_end import CommandTrials

    return CommandTrials(command, metric, better, epochs, timeout, skeleton, dict(sizes), cwd)


def whole(sizes: Mapping[str, int | float | bool | None]) -> dict[str, int | None]:
    """The sizes that are numbers of something."""
    return {name: size for name, size in sizes.items() if size is None or isinstance(size, int)}
