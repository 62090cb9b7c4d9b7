"""How a network is trained: the schedule, which is the same for trials of a search and for what comes out of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from dinas_cli.errors import UsageProblem

Precision = Literal["no", "bf16", "fp16"]


@dataclass(frozen=True)
class Settings:
    """Stochastic gradient descent with Nesterov momentum, a short warm-up and a cosine down to zero."""

    epochs: int = 30
    batch: int = 64
    rate: float = 0.1
    """The highest learning rate, for batches of 64; it grows with the batch."""
    momentum: float = 0.9
    weight_decay: float = 5e-4
    """Of weights of convolutions and of the classifier."""
    label_smoothing: float = 0.1
    averaged: float = 1.0
    """Epochs over which the weights that are judged and kept are averaged, exponentially."""
    clip: float = 5.0
    """Norm of gradients at most."""
    shift: float = 0.125
    """How far images are shifted in training, as a part of their edge."""
    mirror: bool | None = None
    """Whether images are mirrored at random; None: those in colour are, since digits and letters come in grey."""
    precision: Precision = "no"
    """Of the arithmetic: ``no`` is float32 throughout."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 2:
            raise UsageProblem(f"{self.epochs} epochs of batches of {self.batch}", "1 epoch and batches of 2 at least")
        if not 0 < self.rate < 100:
            raise UsageProblem(f"a learning rate of {self.rate} is out of range", "for example 0.1")

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def mirrors(self, channels: int) -> bool:
        """Whether images of so many channels are mirrored."""
        return channels == 3 if self.mirror is None else self.mirror
