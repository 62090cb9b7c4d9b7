"""A search around a training loop of one's own: networks of NAS-Bench-201 that read scikit-learn's digits.

    python plain_pytorch.py --trials 12 --epochs 5

Needs scikit-learn: pip install scikit-learn.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import dinas_cli


def digits() -> tuple[TensorDataset, TensorDataset]:
    """1,797 grey images of 8 x 8 pixels, three quarters of them for training, the others for validation."""
    images, labels = load_digits(return_X_y=True)
    inputs = torch.tensor(images / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
    parts = train_test_split(inputs, torch.tensor(labels), random_state=0, stratify=labels)
    return TensorDataset(parts[0], parts[2]), TensorDataset(parts[1], parts[3])


def accuracies(record: dinas_cli.Record, epochs: int) -> Iterator[float]:
    """Trains a network; after each epoch its accuracy in percent on the validation images."""
    torch.manual_seed(0)
    training, validation = digits()
    network = dinas_cli.build(record, skeleton="cifar", channels=8, cells=1, classes=10, in_channels=1, image_size=8)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        network.train()
        for images, labels in DataLoader(training, batch_size=64, shuffle=True, drop_last=True):
            optimiser.zero_grad()
            nn.functional.cross_entropy(network(images), labels).backward()
            optimiser.step()
        schedule.step()
        network.eval()
        images, labels = validation.tensors
        with torch.inference_mode():
            yield 100 * (network(images).argmax(1) == labels).double().mean().item()


def options(description: str | None) -> Namespace:
    """How many networks, and how long each is trained."""
    parser = ArgumentParser(description=description)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=5)
    return parser.parse_args()


def main() -> None:
    """Ask, train, tell."""
    given = options(__doc__)
    study = dinas_cli.Study("nasbench201", params="1M", trials=given.trials)
    for number in range(given.trials):
        (record,) = study.ask()
        *_, accuracy = accuracies(record, given.epochs)
        study.tell(record, accuracy)
        print(f"{number:3} {record.provenance['proposed']:8} {accuracy:6.2f} %  {record.genotype}")
        if reason := study.enough():
            print(f"enough: {reason}")
            break
    assert study.best is not None
    best, accuracy = study.best
    print(f"best: {accuracy:.2f} %, {best.genotype}")


if __name__ == "__main__":
    main()
