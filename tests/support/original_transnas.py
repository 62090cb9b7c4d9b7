"""The networks of TransNAS-Bench-101 (Duan et al., CVPR 2021), written anew, with the names of the benchmark's code.

Names, and what the paper leaves open, are as in that code.

Nothing here knows this package. An architecture is ``64-<modules>-<cell>``: every module has two cells, the first of
which doubles the channels (module types 2 and 4) and halves the image (3 and 4). Encoder and decoder were saved apart.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def block(**children: nn.Module) -> nn.Sequential:
    """Modules in a row, by name."""
    made = nn.Sequential()
    for name, child in children.items():
        made.add_module(name, child)
    return made


def relu_conv_norm(before: int, after: int, kernel: int, stride: int) -> nn.Module:
    convolution = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
    return block(ops=nn.Sequential(nn.ReLU(), convolution, nn.BatchNorm2d(after)))


class Reduced(nn.Module):
    """A skip connection where the shape changes."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(before, after // 2, 1, stride, bias=False) for _ in range(2))
        self.bn = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        x = x.clamp(min=0)
        moved = torch.zeros_like(x)
        moved[:, :, :-1, :-1] = x[:, :, 1:, 1:]
        return self.bn(torch.cat([self.convs[0](x), self.convs[1](moved)], 1))


class Nothing(nn.Module):
    def __init__(self, after: int, stride: int) -> None:
        super().__init__()
        self.after, self.stride = after, stride

    def forward(self, x: Tensor) -> Tensor:
        return x.new_zeros(len(x), self.after, x.shape[2] // self.stride, x.shape[3] // self.stride)


class MicroCell(nn.Module):
    def __init__(self, code: str, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.nodes = code.split("_")
        self.edges = nn.ModuleList()
        for operations in self.nodes:
            for start, operation in enumerate(operations):
                channels, step = (before, stride) if start == 0 else (after, 1)
                if operation == "0":
                    self.edges.append(Nothing(after, step))
                elif operation == "1" and (channels, step) == (after, 1):
                    self.edges.append(nn.Identity())
                elif operation == "1":
                    self.edges.append(Reduced(channels, after, step))
                else:
                    self.edges.append(relu_conv_norm(channels, after, {"2": 1, "3": 3}[operation], step))

    def forward(self, x: Tensor) -> Tensor:
        features, edges = [x], iter(self.edges)
        for operations in self.nodes:
            features.append(torch.stack([next(edges)(features[start]) for start in range(len(operations))]).sum(0))
        return features[-1]


class Residual(nn.Module):
    """Its shortcut's batch norm has an epsilon of 1: the authors' code gives ``True`` where epsilon stands."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv_a = relu_conv_norm(before, after, 3, stride)
        self.conv_b = relu_conv_norm(after, after, 3, 1)
        if (before, stride) != (after, 1):
            self.downsample = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after, True, True)
            )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = self.downsample(x) if hasattr(self, "downsample") else x
        return shortcut + self.conv_b(self.conv_a(x))


def encoder(architecture: str) -> nn.Module:
    base, modules, code = architecture.split("-")
    c = int(base)

    def cell(before: int, after: int, stride: int) -> nn.Module:
        return Residual(before, after, stride) if code == "basic" else MicroCell(code, before, after, stride)

    stem = nn.Sequential(
        nn.Conv2d(3, c // 2, 3, 2, 1, bias=False), nn.BatchNorm2d(c // 2), relu_conv_norm(c // 2, c, 3, 2)
    )
    layers: dict[str, nn.Module] = {}
    for place, kind in enumerate(modules):
        before, c = c, c * 2 if kind in "24" else c
        layers[f"layer{place}"] = nn.Sequential(cell(before, c, 2 if kind in "34" else 1), cell(c, c, 1))
    return block(network=block(stem=stem, **layers))


class Pooled(nn.Module):
    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.fc = nn.Linear(channels, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


def decoder_layer(before: int, after: int, doubles: bool) -> nn.Module:
    convolution: nn.Module = nn.Conv2d(before, after, 3, 1, 1)
    if doubles:
        convolution = nn.ConvTranspose2d(before, after, 3, 2, 1, output_padding=1)
    return block(conv=convolution, norm=nn.BatchNorm2d(after), slope=nn.LeakyReLU(0.2))


def segmentation_decoder(channels: int, doublings: int, outputs: int) -> nn.Module:
    """Eight layers: one, then as many that halve the channels as leave room for those that double the image."""
    layers, width = [decoder_layer(channels, 1024, False)], 1024
    for number in range(5):
        layers.append(decoder_layer(width, width // 2, number >= 6 - doublings))
        width //= 2
    layers += [decoder_layer(width, width, True), block(conv=nn.Conv2d(width, outputs, 3, 1, 1))]
    return block(model=nn.Sequential(*layers))


def generative_decoder(channels: int, doublings: int) -> nn.Module:
    """Fourteen layers; of the odd ones from the third to the thirteenth the last ``doublings`` double the image."""
    widths = (1024, 1024, 512, 512, 256, 128, 64, 64, 32, 32, 16, 32, 16)
    made: dict[str, nn.Module] = {}
    for number, width in enumerate(widths, 1):
        doubles = number in range(13, 1, -2)[:doublings]
        made[f"conv{number}"] = decoder_layer(channels, width, doubles)
        channels = width
    return block(**made, conv14=block(conv=nn.Conv2d(channels, 3, 3, 1, 1), tanh=nn.Tanh()))


class OriginalNetwork(nn.Module):
    """The benchmark's network of a task, by the task's name."""

    def __init__(self, architecture: str, task: str) -> None:
        super().__init__()
        modules = architecture.split("-")[1]
        channels = 64 << sum(kind in "24" for kind in modules)
        doublings = 2 + sum(kind in "34" for kind in modules)
        self.encoder = encoder(architecture)
        made: dict[str, Any] = {
            "segmentsemantic": lambda: segmentation_decoder(channels, doublings, 17),
            "normal": lambda: generative_decoder(channels, doublings),
            "jigsaw": lambda: Pooled(9 * channels, 1000),
            "class_scene": lambda: Pooled(channels, 47),
        }
        self.decoder = made[task]()

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim == 5:
            return self.decoder(torch.cat([self.encoder(x[:, place]) for place in range(x.shape[1])], 1))
        return self.decoder(self.encoder(x))
