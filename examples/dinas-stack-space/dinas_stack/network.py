"""The network around a stack; everything below the imports is also the text of exported files."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

OPERATIONS: dict[str, Callable[[], nn.Module]] = {
    "skip": lambda: nn.Identity(),
    "conv1x1": lambda: nn.Sequential(nn.Conv2d(8, 8, 1), nn.ReLU()),
    "conv3x3": lambda: nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()),
    "maxpool": lambda: nn.MaxPool2d(2),
}


class Network(nn.Module):
    """Images ``(B, 1, 8, 8)`` -> logits ``(B, 10)``."""

    def __init__(self, layers: Sequence[str]) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU())
        self.layers = nn.Sequential(*(OPERATIONS[name]() for name in layers))
        self.classifier = nn.Linear(8, 10)

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.layers(self.stem(images))
        logits: Tensor = self.classifier(torch.flatten(features, 2).mean(2))
        return logits
