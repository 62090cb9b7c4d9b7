"""Trained networks as ``huggingface_hub`` loads them: ``TrainedNetwork.from_pretrained("OWNER/NAME")``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from dinas_cli.search.fit.folder import WEIGHTS, About


class TrainedNetwork(nn.Module, PyTorchModelHubMixin, library_name="dinas"):
    """A network that ``dinas fit`` trained: images ``(B, C, S, S)``, pixels between 0 and 1 -> logits ``(B, classes)``.

    It is rebuilt from its description; no code comes with the weights. ``labels`` are the names of the classes.
    """

    def __init__(
        self,
        space: str,
        genotype: str,
        skeleton: dict[str, Any],
        labels: list[str],
        mean: list[float],
        deviation: list[float],
        schema: str = "",
    ) -> None:
        """The members of ``config.json``; raises :class:`ValueError` and :class:`DinasError` for what is none."""
        super().__init__()
        given = {"space": space, "genotype": genotype, "skeleton": skeleton, "labels": labels}
        about = About.from_dict(given | {"mean": mean, "deviation": deviation, "schema": schema})
        self.labels = about.labels
        self.network = about.build()
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation)[:, None, None], persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Logits ``(B, classes)`` of images ``(B, C, S, S)`` with pixels between 0 and 1."""
        logits: Tensor = self.network((images - self.mean) / self.deviation)
        return logits

    def _save_pretrained(self, save_directory: Path) -> None:
        """Write the tensors of the network itself, under the names that they have in its source."""
        from safetensors.torch import save_file

        tensors = {name: tensor.contiguous() for name, tensor in self.network.state_dict().items()}
        save_file(tensors, save_directory / WEIGHTS)

    @classmethod
    def _load_as_safetensor(cls, model: Any, model_file: str, map_location: str, strict: bool) -> Any:
        """Fill the network, always strictly: a tensor less would be one that is random."""
        from safetensors.torch import load_file

        model.network.load_state_dict(load_file(model_file))
        return model.to(map_location).eval()
