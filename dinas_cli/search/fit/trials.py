"""Trials of a search on images: the whole schedule, on fewer images and a small network, so that many are compared."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import DinasError
from dinas_cli.exporting.plan import Network
from dinas_cli.files.atomic import atomic_write, make_dir
from dinas_cli.search.data.images import Images
from dinas_cli.search.fit.networks import network_of
from dinas_cli.search.fit.settings import Settings
from dinas_cli.search.fit.state import STATE
from dinas_cli.search.fit.training import Report, counted, train
from dinas_cli.search.trials import BackEnd, Beat, Result, Trial

MOST_IMAGES = 2000
"""Of training and validation in a trial."""
RESULT = "trained.json"


@dataclass(frozen=True)
class ImageTrials:
    """Trains every trial on the same images with the same settings (the protocol :class:`.trials.BackEnd`).

    What a trial costs is bounded by fewer images (``most``) and a smaller network (:func:`.networks.network_of`), not
    by fewer epochs: after few epochs of many, architectures are in another order.
    """

    images: Images
    settings: Settings = field(default_factory=Settings)
    most: int | None = MOST_IMAGES
    skeleton: str | None = None
    sizes: Mapping[str, int | None] = field(default_factory=dict)
    report: Report = lambda *_: None
    """Called after every epoch, see :data:`.training.Report`."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """Data set, schedule, number of images and network: what makes accuracies comparable."""
        facts = self.images.facts
        return {
            "data": facts.name,
            "data_sha256": facts.sha256,
            "classes": len(facts.classes),
            "channels": facts.channels,
            "image_size": facts.image_size,
            "settings": self.settings.to_dict(),
            "images": self.most,
            "skeleton": self.skeleton,
            "sizes": dict(self.sizes),
        }

    def network(self, record: Record) -> Network:
        """The network that a record is trained as; raises as :func:`.networks.network_of`."""
        return network_of(record, self.images.facts, self.skeleton, self.sizes, trial=True)

    def run(self, trial: Trial, folder: Path, beat: Beat) -> Result:
        """Train a trial in its folder, or take what is finished there; a network that cannot be trained has failed."""
        done = make_dir(folder) / RESULT
        if done.exists():
            return Result(**json.loads(done.read_text()))
        began = time.perf_counter()
        network = self.network(trial.record)
        try:
            trained = train(network, self.images, self.settings, folder, most=self.most, beat=beat, report=self.report)
        except DinasError as error:
            return Result(None, "accuracy", "%", failed=error.message)
        params, macs = network.counts
        losses = [line["loss"] for line in trained.log]
        result = Result(
            value=trained.log[-1]["accuracy"],
            metric="accuracy",
            unit="%",
            seconds=sum(line["seconds"] for line in trained.log) or time.perf_counter() - began,
            epochs=len(trained.log),
            details={
                "network": {} if network.skeleton is None else asdict(network.skeleton),
                "params": params,
                "macs": macs,
                "training_images": counted(self.images, "training", self.most),
                "validation_images": counted(self.images, "validation", self.most),
                "sum_of_losses": sum(losses),
                "losses": losses,
                "accuracies": [line["accuracy"] for line in trained.log],
                "machine": trained.machine,
            },
        )
        atomic_write(done, json.dumps(asdict(result), indent=2), force=True)
        (folder / STATE).unlink(missing_ok=True)  # last: a kill before it costs nothing
        return result


_conforms: type[BackEnd] = ImageTrials
