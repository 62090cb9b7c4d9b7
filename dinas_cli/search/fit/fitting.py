"""One network trained to the end, in a folder: source, weights, labels, figures of the test images, a card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from runpy import run_path
from tempfile import TemporaryDirectory
from typing import Any

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import DinasError
from dinas_cli.exporting.files import write_together
from dinas_cli.exporting.formats import check_packages, render
from dinas_cli.exporting.loading import with_weights
from dinas_cli.exporting.plan import Network
from dinas_cli.exporting.weights import Weights
from dinas_cli.files.atomic import make_dir
from dinas_cli.files.headers import repeatable
from dinas_cli.files.locks import locked
from dinas_cli.files.version import __version__
from dinas_cli.search.data.images import Images
from dinas_cli.search.fit import folder as names
from dinas_cli.search.fit.card import card
from dinas_cli.search.fit.folder import About
from dinas_cli.search.fit.networks import network_of
from dinas_cli.search.fit.settings import Settings
from dinas_cli.search.fit.state import LOG, STATE
from dinas_cli.search.fit.training import Report, Trained, identity, need_trainer, pixels, train
from dinas_cli.search.trials import Beat


@dataclass(frozen=True)
class Fitted:
    """A trained network in its folder."""

    folder: Path
    network: Network
    figures: Mapping[str, Any]
    """As in the file ``figures.json``."""


def fit(
    record: Record,
    images: Images,
    settings: Settings,
    folder: Path,
    *,
    skeleton: str | None = None,
    sizes: Mapping[str, int | None] | None = None,
    onnx: bool = False,
    command: str = "",
    force: bool = False,
    beat: Beat = lambda: None,
    report: Report = lambda *_: None,
) -> Fitted:
    """Train the network of a record on all training images and write it to ``folder``, which is made.

    An unfinished training there is taken up where it stopped, to the same weights. Figures are those of the network as
    its written source loads it. ``skeleton`` and ``sizes`` are those of :func:`.networks.network_of`; ``onnx`` adds an
    ONNX model; ``command`` is kept in the card. Of several processes (``accelerate launch``) the first one writes, and
    has the figures. Raises :class:`DinasError` for a folder that holds a trained network
    or an unfinished other training, unless ``force``, and for one that another process works in.
    """
    need_trainer()
    if onnx:
        check_packages("onnx")
    from accelerate import PartialState

    network = network_of(record, images.facts, skeleton, sizes)
    processes = PartialState()
    if not processes.is_main_process:
        processes.wait_for_everyone()
        train(network, images, settings, folder)
        return Fitted(folder, network, {})
    make_dir(folder)
    with locked(folder / names.CONFIG, wait=0):
        if (folder / names.CONFIG).exists() and not force:
            raise DinasError(
                f"{folder} holds a trained network already", "train it anew with --force, or choose another folder"
            )
        if force:
            _forget_others(folder, identity(network, images, settings, None))
        processes.wait_for_everyone()
        trained = train(network, images, settings, folder, beat=beat, report=report)
        figures, contents = _contents(network, images, settings, trained, onnx, command)
        write_together([folder / name for name in contents], [tuple(contents.values())], force=True)
        (folder / STATE).unlink(missing_ok=True)
    return Fitted(folder, network, figures)


def _forget_others(folder: Path, wanted: Mapping[str, Any]) -> None:
    """Remove an unfinished training of something else; one of the same would end in the same weights."""
    from dinas_cli.search.fit.state import restore

    try:
        restore(folder, wanted)
    except DinasError:
        for name in (STATE, LOG):
            (folder / name).unlink(missing_ok=True)


def _contents(
    network: Network, images: Images, settings: Settings, trained: Trained, onnx: bool, command: str
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Figures, and the files by name."""
    from safetensors.torch import save

    record = network.record
    tensors = {name: tensor.detach().clone().contiguous() for name, tensor in trained.network.state_dict().items()}
    told = {"id": record.id, "space": record.space, "genotype": record.genotype, "data_sha256": images.facts.sha256}
    weights = repeatable(save(tensors, {"about": json.dumps(told)}))
    digest = sha256(weights).hexdigest()
    source = with_weights(network, f"weights: {names.WEIGHTS}, sha256 {digest}", names.WEIGHTS).encode()
    about = About.of(network, images.facts.classes, trained.mean, trained.deviation)
    figures = _figures(network, images, settings, trained, {names.SOURCE: source, names.WEIGHTS: weights})
    contents = {
        names.SOURCE: source,
        names.WEIGHTS: weights,
        names.LABELS: _json(list(about.labels)),
        names.FIGURES: _json(figures),
        names.CARD: card(network, about, images.facts, figures, command).encode(),
        names.CONFIG: _json(about.to_dict()),
    }
    if onnx:
        filled = replace(network, weights=Weights(names.WEIGHTS, digest, tensors))
        (contents[names.MODEL],) = render(filled, "onnx", settings.seed)
    return figures, contents


def _figures(
    network: Network, images: Images, settings: Settings, trained: Trained, files: Mapping[str, bytes]
) -> dict[str, Any]:
    """What is measured on the test images, with the network as its files give it."""
    import torch

    from dinas_cli.search.fit.trainer import predicted

    with TemporaryDirectory() as place:
        for name, content in files.items():
            (Path(place) / name).write_bytes(content)
        loaded = run_path(str(Path(place) / names.SOURCE))["load"]()
    classes = images.facts.classes
    right, count = torch.zeros(len(classes)), torch.zeros(len(classes))
    for found, labels in predicted(loaded, pixels(images, "test", trained)):
        right += torch.bincount(labels[found == labels], minlength=len(classes))
        count += torch.bincount(labels, minlength=len(classes))
    params, macs = network.counts
    return {
        "test_accuracy": 100 * float(right.sum() / count.sum()),
        "validation_accuracy": trained.log[-1]["accuracy"],
        "test_accuracy_by_class": {
            label: 100 * float(good / all_) if all_ else None
            for label, good, all_ in zip(classes, right.tolist(), count.tolist(), strict=True)
        },
        "images": dict(images.facts.counts),
        "data_sha256": images.facts.sha256,
        "params": params,
        "macs": macs,
        "training_loss": trained.log[-1]["loss"],
        "seconds": round(sum(line["seconds"] for line in trained.log), 1),
        "machine": trained.machine,
        "settings": settings.to_dict(),
        "version": __version__,
    }


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()
