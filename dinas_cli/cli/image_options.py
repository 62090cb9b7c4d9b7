"""Options of commands that train on images, and what they say of an image set and of a training's progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dinas_cli.cli.output import Sink
    from dinas_cli.exporting.plan import Network
    from dinas_cli.search.data.images import Facts, Images

DATA_HELP = "Image folder (one subfolder per class, or train/ validation/ test/ above them), or OWNER/NAME on the Hub."
LimitImagesOption = Annotated[
    int | None,
    typer.Option(
        "--limit-images",
        min=1,
        metavar="INT",
        help="Use this many images at most, of all splits.",
        rich_help_panel="Training",
    ),
]
EdgeOption = Annotated[
    int | None,
    typer.Option("--image-size", metavar="INT", help="Height and width (default: the images', at most 64)."),
]
EpochsOption = Annotated[
    int, typer.Option("--epochs", min=1, metavar="INT", help="Times every image is seen.", rich_help_panel="Training")
]
BatchOption = Annotated[
    int, typer.Option("--batch", min=2, metavar="INT", help="Images per step.", rich_help_panel="Training")
]
RateOption = Annotated[
    float,
    typer.Option("--rate", metavar="NUMBER", help="Highest learning rate, per 64 images.", rich_help_panel="Training"),
]
MirrorOption = Annotated[
    bool | None,
    typer.Option(
        "--mirror/--no-mirror", help="Mirror images at random (default: those in colour).", rich_help_panel="Training"
    ),
]

_SHARE_NAMED = 5
UNEVEN = 10.0
"""Images of the largest class by those of the smallest above which a warning is due."""


def read_images(sink: Sink, place: str, size: int | None, limit: int | None, seed: int) -> Images:
    """The images at a place, with a progress bar while they are read for the first time; then what they are like."""
    from dinas_cli.search.data.images import load_images

    with sink.progress("reading images") as bar:
        images = load_images(
            place, image_size=size, limit=limit, seed=seed, progress=lambda done, _all: bar.update(done)
        )
    for line in described(images.facts):
        sink.say(line)
    for line in doubts(images.facts):
        sink.warn(line)
    return images


def described(facts: Facts) -> Iterator[str]:
    """Classes, shape and splits of a set."""
    kind = "grey" if facts.channels == 1 else "colour"
    total = sum(facts.counts.values())
    parts = ", ".join(f"{count:,} for {split}" for split, count in facts.counts.items())
    yield (
        f"{facts.name}: {total:,} images of {len(facts.classes)} classes, {kind}, "
        f"{facts.image_size} x {facts.image_size}: {parts}"
    )
    if facts.drawn:
        yield f"{' and '.join(facts.drawn)} drawn from the training images by the seed"


def doubts(facts: Facts) -> Iterator[str]:
    """What the user should know: images that were passed over, classes that are far from even."""
    for name, reason in facts.unreadable[:_SHARE_NAMED]:
        yield f"passed over: {name}: {reason}"
    if len(facts.unreadable) > _SHARE_NAMED:
        yield f"{len(facts.unreadable) - _SHARE_NAMED} more images could not be read"
    if facts.imbalance > UNEVEN:
        yield f"the largest class has {facts.imbalance:.0f} times the training images of the smallest"


def other_networks(network: Network) -> Iterator[str]:
    """Limits of the record that were for networks of other sizes than the trained one, and how they compare."""
    from dinas_cli.exporting.limits import described, times

    for limit, ratio in network.others:
        yield described(limit, network.space) + times([ratio], "this one has")


@contextmanager
def epoch_bar(sink: Sink, title: str, total: int) -> Iterator[Callable[[int, int, float, float], None]]:
    """A bar over epochs with the time left; where there is no terminal, a line per tenth of them."""
    import time

    began, told = time.monotonic(), -1
    first: int | None = None
    with sink.progress(title, total=total) as bar:

        def report(epoch: int, of: int, loss: float, accuracy: float) -> None:
            nonlocal told, first
            first = epoch - 1 if first is None else first  # those that an earlier run has done took no time now
            bar.update(epoch, f"loss {loss:.3f}, validation {accuracy:.1f} %")
            tenth = 10 * epoch // of
            if not sink.stderr.isatty() and tenth > told:
                told = tenth
                left = (time.monotonic() - began) / max(1, epoch - first) * (of - epoch)
                sink.say(
                    f"{title}: epoch {epoch} of {of}, loss {loss:.3f}, validation {accuracy:.1f} %, {left:.0f} s left"
                )

        yield report
