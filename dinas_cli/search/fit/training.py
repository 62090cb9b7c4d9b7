"""One training: a planned network, a set of images and settings in; the trained network and its log out."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import need_packages
from dinas_cli.exporting.plan import Network
from dinas_cli.files.atomic import make_dir
from dinas_cli.search.data.examples import Split
from dinas_cli.search.data.images import Images
from dinas_cli.search.fit.settings import Settings
from dinas_cli.search.trials import Beat

if TYPE_CHECKING:
    from torch import Tensor, nn

    from dinas_cli.search.fit.batches import Pixels

Report = Callable[[int, int, float, float], None]
"""Called after every epoch with its number, their number, the loss and the validation accuracy in percent."""


@dataclass(frozen=True)
class Trained:
    """What a training made."""

    network: nn.Module
    """In evaluation mode, on the CPU."""
    mean: tuple[float, ...]
    """By channel, of pixels between 0 and 1: what images are normalised by."""
    deviation: tuple[float, ...]
    log: list[dict[str, Any]]
    """By epoch: ``epoch``, ``loss``, ``accuracy`` (validation, in percent), ``seconds``."""
    machine: str


def need_trainer() -> None:
    """Raise :class:`NotFoundError` naming the extra when a package that trainings need is missing."""
    need_packages("training on images", "search", {"accelerate": "accelerate", "pillow": "PIL"})


def speaks() -> bool:
    """Whether this process is the one that reports, of those that train together (``accelerate launch``)."""
    from accelerate import PartialState

    return bool(PartialState().is_main_process)


def train(
    network: Network,
    images: Images,
    settings: Settings,
    folder: Path,
    *,
    most: int | None = None,
    beat: Beat = lambda: None,
    report: Report = lambda *_: None,
) -> Trained:
    """Train a network in ``folder``, or go on with what is unfinished there.

    ``most`` are the images of training and validation together, of which the first are taken; None: all. The state
    stays in the folder (:data:`.state.STATE`) until its owner removes it. Raises :class:`DinasError` for an unfinished
    training of something else and for a loss that is no number, :class:`NotFoundError` for a missing package.
    """
    need_trainer()
    import torch

    from dinas_cli.search.fit.batches import Pixels, statistics
    from dinas_cli.search.fit.trainer import Trainer

    make_dir(folder)
    training, labels = (torch.from_numpy(array) for array in images.part("training", counted(images, "training", most)))
    mean, deviation = statistics(training)
    judged, right = (
        torch.from_numpy(array) for array in images.part("validation", counted(images, "validation", most))
    )
    parts = Pixels(training, labels, mean, deviation), Pixels(judged, right, mean, deviation)
    trainer = Trainer(network.build(settings.seed), *parts, settings)
    trainer.run(folder, identity(network, images, settings, most), beat, report)
    device = trainer.accelerator.device
    machine = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{platform.machine()}, {device.type}"
    return Trained(trainer.plain.cpu(), tuple(mean.tolist()), tuple(deviation.tolist()), trainer.log, machine)


def identity(network: Network, images: Images, settings: Settings, most: int | None) -> dict[str, Any]:
    """What a training has to agree in to be the same, as JSON."""
    return {
        "architecture": network.record.genotype,
        "network": None if network.skeleton is None else asdict(network.skeleton),
        "data set": images.facts.sha256,
        "settings": settings.to_dict(),
        "number of images": most,
    }


def counted(images: Images, split: Split, most: int | None) -> int:
    """How many images of training or validation a training uses when it may use ``most`` of both."""
    have = {part: len(images.rows[part]) for part in ("training", "validation")}
    total = sum(have.values())
    return have[split] if most is None or most >= total else max(2, round(have[split] * most / total))


def pixels(images: Images, split: Split, trained: Trained) -> Pixels:
    """A split as a trained network takes it."""
    import torch

    from dinas_cli.search.fit.batches import Pixels

    found, labels = (torch.from_numpy(array) for array in images.part(split))
    return Pixels(found, labels, _tensor(trained.mean), _tensor(trained.deviation))


def _tensor(numbers: tuple[float, ...]) -> Tensor:
    import torch

    return torch.tensor(numbers)
