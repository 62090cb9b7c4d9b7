"""The networks of TransNAS-Bench-101: an encoder of four to six residual or cell modules, and the decoder of a task.

Everything below the imports is also the text of exported files, which hold the networks of all seven tasks: scene and
object classes and room layout (``Classifier``), jigsaw, segmentation, surface normals and autoencoder (``Translator``).
Layers, widths and initialisation are those of the networks that the benchmark trained; the discriminator that
accompanied the translators in training is no part of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
            self.downsample = nn.Sequential(convolution, nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.downsample(x) + self.conv_b(self.conv_a(x))
        return output


class Encoder(nn.Module):
    """Images ``(B, 3, S, S)`` -> features ``(B, C, S/4r, S/4r)``, with ``r = 2**halvings``."""

    def __init__(self, modules: Sequence[int], cell: Sequence[str]) -> None:
        """``modules`` are types 1-4, two blocks each: :class:`Cell`, or :class:`ResidualBlock` if ``cell`` is empty."""
        super().__init__()

        def block(inputs: int, outputs: int, stride: int) -> nn.Module:
            return Cell(cell, inputs, outputs, stride) if cell else ResidualBlock(inputs, outputs, stride)

        half = STEM_CHANNELS // 2
        self.stem = nn.Sequential(
            nn.Conv2d(3, half, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(half),
            ReLUConvBN(half, STEM_CHANNELS, 3, 2),
        )
        self.body = nn.Sequential()
        self.channels, self.halvings = STEM_CHANNELS, 0
        for kind in modules:
            inputs, self.channels = self.channels, self.channels * (2 if kind in DOUBLING else 1)
            stride = 2 if kind in HALVING else 1
            self.body.append(
                nn.Sequential(block(inputs, self.channels, stride), block(self.channels, self.channels, 1))
            )
            self.halvings += kind in HALVING
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.body(self.stem(images))
        return features


def layer(inputs: int, outputs: int, double: bool = False) -> nn.Sequential:
    """A decoder's layer: 3x3 convolution, transposed where it doubles height and width, batch norm, leaky ReLU."""
    convolution = (
        nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)
        if double
        else nn.Conv2d(inputs, outputs, 3, padding=1)
    )
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2))


class Classifier(nn.Module):
    """Images ``(B, 3, S, S)`` -> logits or coordinates ``(B, outputs)``."""

    def __init__(self, modules: Sequence[int], cell: Sequence[str], outputs: int) -> None:
        super().__init__()
        self.encoder = Encoder(modules, cell)
        self.decoder = nn.Linear(self.encoder.channels, outputs)

    def forward(self, images: Tensor) -> Tensor:
        output: Tensor = self.decoder(self.encoder(images).mean((2, 3)))
        return output


class Jigsaw(nn.Module):
    """Nine tiles of an image ``(B, 9, 3, S, S)`` -> logits of their permutation ``(B, outputs)``."""

    def __init__(self, modules: Sequence[int], cell: Sequence[str], outputs: int) -> None:
        super().__init__()
        self.encoder = Encoder(modules, cell)
        self.decoder = nn.Linear(TILES * self.encoder.channels, outputs)

    def forward(self, tiles: Tensor) -> Tensor:
        # Place by place, so that in training batch norm sees tiles of one place at a time, as it did in the benchmark.
        features = torch.cat([self.encoder(tile) for tile in tiles.unbind(1)], 1)
        output: Tensor = self.decoder(features.mean((2, 3)))
        return output


class Segmenter(nn.Module):
    """Images ``(B, 3, S, S)`` -> logits of every pixel ``(B, outputs, S, S)``."""

    def __init__(self, modules: Sequence[int], cell: Sequence[str], outputs: int) -> None:
        super().__init__()
        self.encoder = Encoder(modules, cell)
        narrow = 4 - self.encoder.halvings  # layers that only narrow, before those that double height and width
        self.decoder = nn.Sequential(
            layer(self.encoder.channels, 1024),
            *(layer(1024 >> step, 512 >> step, double=step >= narrow) for step in range(5)),
            layer(32, 32, double=True),
            nn.Conv2d(32, outputs, 3, padding=1),
        )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.decoder(self.encoder(images))
        return logits


class Translator(nn.Module):
    """Images ``(B, 3, S, S)`` -> images ``(B, outputs, S, S)`` in [-1, 1]."""

    def __init__(self, modules: Sequence[int], cell: Sequence[str], outputs: int) -> None:
        super().__init__()
        self.encoder = Encoder(modules, cell)
        widths = (1024, 512, 512, 256, 128, 64, 64, 32, 32, 16, 32, 16)
        first = 8 - 2 * self.encoder.halvings  # from here on, every other layer doubles height and width
        self.decoder = nn.Sequential(
            layer(self.encoder.channels, 1024),
            layer(1024, 1024),
            *(
                layer(widths[step], widths[step + 1], double=step >= first and step % 2 == 0)
                for step in range(len(widths) - 1)
            ),
            nn.Conv2d(16, outputs, 3, padding=1),
            nn.Tanh(),
        )

    def forward(self, images: Tensor) -> Tensor:
        translated: Tensor = self.decoder(self.encoder(images))
        return translated
