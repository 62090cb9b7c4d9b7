"""Trains one network on images: the same seed gives the same weights to the last digit, interrupted or not."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import DinasError
from dinas_cli.search.fit.batches import Pixels
from dinas_cli.search.fit.settings import Settings
from dinas_cli.search.fit.state import restore, save, write_log
from dinas_cli.search.trials import Beat

if TYPE_CHECKING:
    from torch import Tensor, nn

WARM_UP = 0.05
"""Of all steps: the learning rate rises."""
BATCH_NORM_MOMENTUM = 0.1
"""Of all spaces in training. A benchmark's own may be 0.003, which takes thousands of steps to settle."""
USUAL_BATCH = 64
JUDGED_AT_ONCE = 500
BEAT = 5.0
"""Seconds after which others are told, within a long epoch, that this training is alive."""

Report = Callable[[int, int, float, float], None]
"""Called after every epoch with its number, their number, the loss and the validation accuracy in percent."""


class Trainer:
    """A network with its optimiser, and the average of its weights, which is what is judged and kept."""

    def __init__(self, network: nn.Module, training: Pixels, validation: Pixels, settings: Settings) -> None:
        import torch
        from accelerate import Accelerator
        from torch import nn

        self.settings = settings
        self.log: list[dict[str, Any]] = []
        self.accelerator = Accelerator(mixed_precision=settings.precision)
        device = self.accelerator.device
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = BATCH_NORM_MOMENTUM
        self.training, self.validation = (_on(device, part) for part in (training, validation))
        # Pixel by pixel in memory: convolutions and pools of few channels take half the time on CPUs.
        self.plain = network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = {name: tensor.detach().clone() for name, tensor in self.plain.state_dict().items()}
        decayed = [tensor for tensor in network.parameters() if tensor.ndim > 1]
        others = [tensor for tensor in network.parameters() if tensor.ndim <= 1]
        groups: list[dict[str, Any]] = [{"params": decayed}, {"params": others, "weight_decay": 0.0}]
        optimiser = torch.optim.SGD(
            [group for group in groups if group["params"]],
            lr=0.0,
            momentum=settings.momentum,
            weight_decay=settings.weight_decay,
            nesterov=True,
        )
        self.network, self.optimiser = self.accelerator.prepare(self.plain, optimiser)
        self.steps = max(1, len(training) // settings.batch)

    def run(self, folder: Path, identity: dict[str, Any], beat: Beat, report: Report) -> None:
        """Train to the end, from the state in ``folder`` if there is one; the averaged weights are in the network then.

        Raises :class:`DinasError` for a loss that is no number, and as :func:`.state.restore`.
        """
        kept = restore(folder, identity)
        if kept is not None:
            self._take(*kept)
            if self.accelerator.is_main_process:
                write_log(folder, self.log)
        while len(self.log) < self.settings.epochs:
            began = time.perf_counter()
            loss = self._epoch(len(self.log), beat)
            accuracy = self.accuracy(self.validation)
            line = {"epoch": len(self.log) + 1, "loss": loss, "accuracy": accuracy}
            self.log.append(line | {"seconds": round(time.perf_counter() - began, 3)})
            if self.accelerator.is_main_process:
                save(folder, self._tensors(), identity, self.log)
            beat()
            report(len(self.log), self.settings.epochs, loss, accuracy)
        self.plain.load_state_dict(self.average)
        self.plain.eval()

    def accuracy(self, part: Pixels) -> float:
        """The share of images, in percent, that the averaged weights put into the right class."""
        trained = {name: tensor.clone() for name, tensor in self.plain.state_dict().items()}
        self.plain.load_state_dict(self.average)
        try:
            return judged(self.plain, part)
        finally:
            self.plain.load_state_dict(trained)

    def _epoch(self, number: int, beat: Beat) -> float:
        """One epoch; the mean of its losses."""
        import torch
        from torch.nn.functional import cross_entropy

        processes, own = self.accelerator.num_processes, self.accelerator.process_index
        losses = torch.zeros((), device=self.accelerator.device)
        beaten = time.monotonic()
        self.network.train()
        with repeatable(self.settings.seed * 7919 + number):
            for step, (images, labels) in enumerate(self.training.epoch(number, self.settings)):
                self._set_rate(number * self.steps + step)
                outputs = self.network(images[own::processes])
                loss = cross_entropy(outputs, labels[own::processes], label_smoothing=self.settings.label_smoothing)
                self.optimiser.zero_grad()
                self.accelerator.backward(loss)
                self.accelerator.clip_grad_norm_(self.network.parameters(), self.settings.clip)
                self.optimiser.step()
                self._average(number * self.steps + step)
                losses += loss.detach()
                if time.monotonic() - beaten > BEAT:
                    beat()
                    beaten = time.monotonic()
        mean = float(self.accelerator.reduce(losses, "mean")) / self.steps
        if not math.isfinite(mean):
            raise DinasError(f"the loss of epoch {number + 1} is no number", "try a lower learning rate: --rate 0.01")
        return mean

    def _set_rate(self, step: int) -> None:
        """Linear warm-up, then half a cosine to zero."""
        done, settings = step / (self.steps * self.settings.epochs), self.settings
        highest = settings.rate * settings.batch / USUAL_BATCH
        rise = min(1.0, (done + 1 / (self.steps * settings.epochs)) / WARM_UP)
        for group in self.optimiser.param_groups:
            group["lr"] = highest * rise * (1 + math.cos(math.pi * done)) / 2

    def _average(self, step: int) -> None:
        """Move the averaged weights, and statistics of batch norms, towards the present ones."""
        import torch

        keep = min(math.exp(-1 / max(1.0, self.settings.averaged * self.steps)), (1 + step) / (10 + step))
        present = self.plain.state_dict()
        moving = [name for name, tensor in self.average.items() if tensor.is_floating_point()]
        torch._foreach_lerp_([self.average[name] for name in moving], [present[name] for name in moving], 1 - keep)
        for name in self.average.keys() - set(moving):
            self.average[name].copy_(present[name])

    def _tensors(self) -> dict[str, Tensor]:
        """Everything that the next epoch depends on."""
        found = {f"network.{name}": tensor for name, tensor in self.plain.state_dict().items()}
        found |= {f"average.{name}": tensor for name, tensor in self.average.items()}
        for number, parameter in enumerate(self._parameters()):
            buffer = self.optimiser.state[parameter].get("momentum_buffer")
            if buffer is not None:
                found[f"momentum.{number}"] = buffer
        return found

    def _take(self, tensors: dict[str, Tensor], log: list[dict[str, Any]]) -> None:
        device, self.log = self.accelerator.device, log
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "momentum": {}}
        for name, tensor in tensors.items():
            kind, _, rest = name.partition(".")
            parts[kind][rest] = tensor.to(device)
        self.plain.load_state_dict(parts["network"])
        self.average = {name: self._like(kept, parts["average"][name]) for name, kept in self.average.items()}
        parameters = self._parameters()
        for number, tensor in parts["momentum"].items():
            parameter = parameters[int(number)]
            self.optimiser.state[parameter]["momentum_buffer"] = self._like(parameter, tensor)

    @staticmethod
    def _like(tensor: Tensor, content: Tensor) -> Tensor:
        """``content`` in the memory format of ``tensor``."""
        import torch

        return torch.empty_like(tensor, requires_grad=False).copy_(content)

    def _parameters(self) -> list[nn.Parameter]:
        return [parameter for group in self.optimiser.param_groups for parameter in group["params"]]


def judged(network: nn.Module, part: Pixels) -> float:
    """The share of images, in percent, that a network puts into the right class."""
    right = sum(int((found == labels).sum()) for found, labels in predicted(network, part))
    return 100 * right / max(1, len(part))


def predicted(network: nn.Module, part: Pixels) -> Iterable[tuple[Tensor, Tensor]]:
    """The class that a network finds, and the right one, of every image: ``(B,)`` each."""
    import torch

    mode = network.training
    network.eval()
    with torch.inference_mode():
        for images, labels in part.in_order(JUDGED_AT_ONCE):
            yield network(images).argmax(1), labels
    network.train(mode)


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Let what networks draw while training depend on ``seed`` alone, and GPUs calculate the same every time."""
    import torch

    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices), torch.backends.cudnn.flags(deterministic=True, benchmark=False):
        torch.manual_seed(seed % 2**63)
        yield


def _on(device: Any, part: Pixels) -> Pixels:
    part.images, part.labels = part.images.to(device), part.labels.to(device)
    part.scale, part.offset = part.scale.to(device), part.offset.to(device)
    return part
