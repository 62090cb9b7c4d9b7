"""The networks of TransNAS-Bench-101: an encoder of four to six residual or cell modules, and the decoder of a task.

Everything below the imports is also the text of exported files, which hold the networks of all seven tasks: scene and
object classes and room layout (``Classifier``), jigsaw, segmentation, surface normals and autoencoder (``Translator``).
Layers, widths, initialisation and parameter names are those of the networks that the benchmark trained, whose state
dicts load strictly; the discriminator that accompanied the translators in training is no part of them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

DOUBLING, HALVING = (2, 4), (3, 4)
"""Types of modules that double the channels, and that halve height and width; type 1 does neither."""
STEM_CHANNELS = 64
TILES = 9


class ReLUConvBN(nn.Module):
    """ReLU, convolution that keeps the size unless strided, batch norm: ``(B, I, H, W)`` -> ``(B, O, H/s, W/s)``."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.ops = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.ops(x)
        return output


class Zero(nn.Module):
    """No edge: zeros ``(B, O, H/s, W/s)``."""

    def __init__(self, outputs: int, stride: int) -> None:
        super().__init__()
        self.outputs, self.stride = outputs, stride

    def forward(self, x: Tensor) -> Tensor:
        height, width = ((size + self.stride - 1) // self.stride for size in x.shape[2:])
        return x.new_zeros(x.shape[0], self.outputs, height, width)


class FactorizedReduce(nn.Module):
    """A skip connection that changes the shape: two 1x1 convolutions, one of the image shifted by a pixel."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.convs = nn.ModuleList(nn.Conv2d(inputs, outputs // 2, 1, stride=stride, bias=False) for _ in range(2))
        self.pad = nn.ZeroPad2d((0, 1, 0, 1))
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        shifted = self.pad(x)[:, :, 1:, 1:]
        output: Tensor = self.bn(torch.cat([self.convs[0](x), self.convs[1](shifted)], 1))
        return output


def skip_connect(inputs: int, outputs: int, stride: int) -> nn.Module:
    """The input itself where the shape stays, :class:`FactorizedReduce` where it changes."""
    return nn.Identity() if (inputs, stride) == (outputs, 1) else FactorizedReduce(inputs, outputs, stride)


OPERATIONS: dict[str, Callable[[int, int, int], nn.Module]] = {
    "none": lambda inputs, outputs, stride: Zero(outputs, stride),
    "skip_connect": skip_connect,
    "conv_1x1": lambda inputs, outputs, stride: ReLUConvBN(inputs, outputs, 1, stride),
    "conv_3x3": lambda inputs, outputs, stride: ReLUConvBN(inputs, outputs, 3, stride),
}


class Cell(nn.Module):
    """Four nodes, each the sum of an operation of every earlier one: ``(B, I, H, W)`` -> ``(B, O, H/s, W/s)``."""

    def __init__(self, operations: Sequence[str], inputs: int, outputs: int, stride: int) -> None:
        """``operations`` belong to the edges 0-1, 0-2, 1-2, 0-3, 1-3, 2-3; those that leave node 0 change the shape."""
        super().__init__()
        self.edges = nn.ModuleList(
            OPERATIONS[name](inputs, outputs, stride) if edge in (0, 1, 3) else OPERATIONS[name](outputs, outputs, 1)
            for edge, name in enumerate(operations)
        )

    def forward(self, x: Tensor) -> Tensor:
        edge = self.edges
        node1: Tensor = edge[0](x)
        node2: Tensor = edge[1](x) + edge[2](node1)
        node3: Tensor = edge[3](x) + edge[4](node1) + edge[5](node2)
        return node3


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a skip connection: ``(B, I, H, W)`` -> ``(B, O, H/s, W/s)``."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv_a = ReLUConvBN(inputs, outputs, 3, stride)
        self.conv_b = ReLUConvBN(outputs, outputs, 3)
        self.downsample: nn.Module = nn.Identity()
        if (inputs, stride) != (outputs, 1):
            convolution = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)
            # The benchmark's code gave this norm its switches by position, where epsilon and momentum stand.
            self.downsample = nn.Sequential(convolution, nn.BatchNorm2d(outputs, eps=1.0, momentum=1.0))

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.downsample(x) + self.conv_b(self.conv_a(x))
        return output


class Backbone(nn.Sequential):
    """Images ``(B, I, S, S)`` -> features ``(B, C, S/4r, S/4r)``, with ``r = 2**halvings``."""

    def __init__(self, modules: Sequence[int], cell: Sequence[str], in_channels: int) -> None:
        """``modules`` are types 1-4, two blocks each: :class:`Cell`, or :class:`ResidualBlock` if ``cell`` is empty."""

        def block(inputs: int, outputs: int, stride: int) -> nn.Module:
            return Cell(cell, inputs, outputs, stride) if cell else ResidualBlock(inputs, outputs, stride)

        half = STEM_CHANNELS // 2
        stem = nn.Sequential(
            nn.Conv2d(in_channels, half, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(half),
            ReLUConvBN(half, STEM_CHANNELS, 3, 2),
        )
        super().__init__(OrderedDict(stem=stem))
        self.channels, self.halvings = STEM_CHANNELS, 0
        for place, kind in enumerate(modules):
            inputs, self.channels = self.channels, self.channels * (2 if kind in DOUBLING else 1)
            stride = 2 if kind in HALVING else 1
            blocks = nn.Sequential(block(inputs, self.channels, stride), block(self.channels, self.channels, 1))
            self.add_module(f"layer{place}", blocks)
            self.halvings += kind in HALVING
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


class Layer(nn.Module):
    """A decoder's layer: 3x3 convolution, transposed where it doubles height and width, batch norm, leaky ReLU.

    The last layer of a decoder is its convolution alone.
    """

    def __init__(self, inputs: int, outputs: int, *, double: bool = False, last: bool = False) -> None:
        super().__init__()
        self.conv: nn.Module = (
            nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)
            if double
            else nn.Conv2d(inputs, outputs, 3, padding=1)
        )
        self.norm = nn.Identity() if last else nn.BatchNorm2d(outputs)
        self.activation = nn.Identity() if last else nn.LeakyReLU(0.2)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.activation(self.norm(self.conv(x)))
        return output


class Head(nn.Module):
    """Features ``(B, C, H, W)``, averaged over the image -> logits ``(B, outputs)``."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.fc = nn.Linear(channels, outputs)

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.fc(features.mean((2, 3)))
        return logits


def segmentation(channels: int, halvings: int, outputs: int) -> nn.Module:
    """Features ``(B, C, H, W)`` -> logits of every pixel: eight layers, of which some double the size."""
    narrow = 4 - halvings  # layers that only narrow, before those that double height and width
    layers = nn.Sequential(
        Layer(channels, 1024),
        *(Layer(1024 >> step, 512 >> step, double=step >= narrow) for step in range(5)),
        Layer(32, 32, double=True),
        Layer(32, outputs, last=True),
    )
    return nn.Sequential(OrderedDict(model=layers))


def translation(channels: int, halvings: int, outputs: int) -> nn.Module:
    """Features ``(B, C, H, W)`` -> an image in [-1, 1]: fourteen layers, of which some double the size."""
    widths = (channels, 1024, 1024, 512, 512, 256, 128, 64, 64, 32, 32, 16, 32, 16)
    first = 11 - 2 * halvings  # from here on, every other layer doubles height and width
    layers = OrderedDict(
        (f"conv{number}", Layer(inputs, width, double=number >= first and number % 2 == 1))
        for number, (inputs, width) in enumerate(pairwise(widths), 1)
    )
    return nn.Sequential(OrderedDict(**layers, conv14=Layer(widths[-1], outputs, last=True), tanh=nn.Tanh()))


class Network(nn.Module):
    """An encoder and the decoder of a task."""

    def __init__(self, modules: Sequence[int], cell: Sequence[str], outputs: int, in_channels: int = 3) -> None:
        """``modules`` and ``cell`` are those of :class:`Backbone`."""
        super().__init__()
        backbone = Backbone(modules, cell, in_channels)
        self.encoder = nn.Sequential(OrderedDict(network=backbone))
        self.decoder = self.make_decoder(backbone.channels, backbone.halvings, outputs)

    def make_decoder(self, channels: int, halvings: int, outputs: int) -> nn.Module:
        return Head(channels, outputs)

    def forward(self, images: Tensor) -> Tensor:
        output: Tensor = self.decoder(self.encoder(images))
        return output


class Classifier(Network):
    """Images ``(B, I, S, S)`` -> logits or coordinates ``(B, outputs)``."""


class Jigsaw(Network):
    """Nine tiles of an image ``(B, 9, I, S, S)`` -> logits of their permutation ``(B, outputs)``."""

    def make_decoder(self, channels: int, halvings: int, outputs: int) -> nn.Module:
        return Head(TILES * channels, outputs)

    def forward(self, tiles: Tensor) -> Tensor:
        # Place by place, so that in training batch norm sees tiles of one place at a time, as it did in the benchmark.
        output: Tensor = self.decoder(torch.cat([self.encoder(tile) for tile in tiles.unbind(1)], 1))
        return output


class Segmenter(Network):
    """Images ``(B, I, S, S)`` -> logits of every pixel ``(B, outputs, S, S)``."""

    def make_decoder(self, channels: int, halvings: int, outputs: int) -> nn.Module:
        return segmentation(channels, halvings, outputs)


class Translator(Network):
    """Images ``(B, I, S, S)`` -> images ``(B, outputs, S, S)`` in [-1, 1]."""

    def make_decoder(self, channels: int, halvings: int, outputs: int) -> nn.Module:
        return translation(channels, halvings, outputs)
