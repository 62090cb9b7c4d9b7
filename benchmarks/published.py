"""Cells that papers published, in the networks of their evaluation: parameters and multiply-accumulates here and there.

    python -m benchmarks.published

Genotypes are typed from the papers and their authors' code, and so are the figures, in millions as they are printed.
TE-NAS's cell of CIFAR-10 is missing: under its name the authors' code has the cell of a later paper.

Multiply-accumulates are counted twice: as this program does, those of convolutions and matrix products, and with batch
norm as two operations per element, ReLU as one and pooling as one per input element, as a widespread counter does.
"""

from __future__ import annotations

import platform
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.common import write
from dinas_cli import __version__
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.shared.protocol import Values
from dinas_cli.spaces.shared.skeletons import choose, count

CIFAR, IMAGENET = "cifar", "imagenet"


@dataclass(frozen=True)
class Published:
    """A cell of a paper: by network its printed parameters and multiply-accumulates in millions, and what is odd."""

    name: str
    source: str
    normal: str
    """The pairs of the normal cell, operations shortened: ``sep3:0 skip:1 …``."""
    reduction: str
    printed: dict[str, tuple[str, str]]
    note: str = ""

    def values(self) -> Values:
        """The edge types, with the order of inputs."""
        return SPACE.encode(f"Genotype(normal={_pairs(self.normal)}, reduce={_pairs(self.reduction)})")


SHORT = {
    "max": "max_pool_3x3",
    "avg": "avg_pool_3x3",
    "skip": "skip_connect",
    "sep3": "sep_conv_3x3",
    "sep5": "sep_conv_5x5",
    "dil3": "dil_conv_3x3",
    "dil5": "dil_conv_5x5",
}
CELLS = (
    Published(
        "DARTS_V1",
        "DARTS, first order (Liu et al., ICLR 2019)",
        "sep3:1 sep3:0 skip:0 sep3:1 skip:0 sep3:1 sep3:0 skip:2",
        "max:0 max:1 skip:2 max:0 max:0 skip:2 skip:2 avg:0",
        {CIFAR: ("3.3", "")},
        "not explained: the cell of the authors' code has fewer parameters, and with the auxiliary head more",
    ),
    Published(
        "DARTS_V2",
        "DARTS, second order (Liu et al., ICLR 2019)",
        "sep3:0 sep3:1 sep3:0 sep3:1 sep3:1 skip:0 skip:0 dil3:2",
        "max:0 max:1 skip:2 max:1 max:0 skip:2 skip:2 max:1",
        {CIFAR: ("3.3", ""), IMAGENET: ("4.7", "574")},
        "574 is not explained: the authors never published how they counted, see [export.md](export.md#skeletons)",
    ),
    Published(
        "SNAS",
        "SNAS, moderate constraint (Xie et al., ICLR 2019)",
        "sep3:0 sep3:1 skip:0 dil3:1 skip:1 skip:0 skip:0 sep3:1",
        "max:0 max:1 max:1 skip:2 skip:2 max:1 max:0 dil5:2",
        {CIFAR: ("2.8", "")},
        "not explained: of the two readings of the paper's figure (the last operation dil5, as here, or dil3) neither gives "
        "the paper's count; its ImageNet figures are of a cell under a mild constraint, which it does not show",
    ),
    Published(
        "P-DARTS",
        "P-DARTS, searched on CIFAR-10 (Chen et al., ICCV 2019)",
        "skip:0 dil3:1 skip:0 sep3:1 sep3:1 sep3:3 sep3:0 dil5:4",
        "avg:0 sep5:1 sep3:0 dil5:2 max:0 dil3:1 dil3:1 dil5:3",
        {CIFAR: ("3.4", ""), IMAGENET: ("4.9", "557")},
    ),
    Published(
        "PC_DARTS_cifar",
        "PC-DARTS, searched on CIFAR-10 (Xu et al., ICLR 2020)",
        "sep3:1 skip:0 sep3:0 dil3:1 sep5:0 sep3:1 avg:0 dil3:1",
        "sep5:1 max:0 sep5:1 sep5:2 sep3:0 sep3:3 sep3:1 sep3:2",
        {CIFAR: ("3.6", ""), IMAGENET: ("5.3", "586")},
    ),
    Published(
        "PC_DARTS_image",
        "PC-DARTS, searched on ImageNet (Xu et al., ICLR 2020)",
        "skip:1 sep3:0 sep3:0 skip:1 sep3:1 sep3:3 sep3:1 dil5:4",
        "sep3:0 skip:1 dil5:2 max:1 sep3:2 sep3:1 sep5:0 sep3:3",
        {IMAGENET: ("5.3", "597")},
    ),
    Published(
        "DrNAS_cifar10",
        "DrNAS, progressive (Chen et al., ICLR 2021)",
        "sep3:0 sep5:1 sep3:1 sep3:2 skip:0 sep3:1 sep3:2 dil5:3",
        "max:0 sep5:1 dil5:2 sep5:1 sep5:1 dil5:3 skip:4 sep5:1",
        {CIFAR: ("4.1", "")},
    ),
    Published(
        "DrNAS_imagenet",
        "DrNAS, progressive, searched on ImageNet (Chen et al., ICLR 2021)",
        "sep3:1 sep3:0 sep3:0 sep3:1 sep3:0 dil3:3 skip:0 sep3:1",
        "max:0 sep3:1 sep3:0 skip:2 sep3:0 sep3:2 sep3:3 sep3:1",
        {IMAGENET: ("5.7", "")},
    ),
    Published(
        "TENAS_imagenet",
        "TE-NAS, searched on ImageNet (Chen et al., ICLR 2021)",
        "sep3:0 skip:1 dil5:1 sep3:2 sep3:0 dil5:3 sep3:0 dil3:4",
        "dil3:0 sep5:1 dil3:0 sep3:2 sep3:0 dil3:1 sep3:0 sep5:4",
        {IMAGENET: ("5.4", "")},
    ),
)


def main() -> None:
    """Count every cell in the networks that its paper has figures of."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="JSON file (default: benchmarks/results/published.json)")
    facts = {
        "command": "python -m benchmarks.published",
        "dinas": __version__,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "date": time.strftime("%Y-%m-%d"),
    }
    rows = [counted(cell, network) for cell in CELLS for network in cell.printed]
    write(parser.parse_args(), facts, {"networks": rows})


def counted(cell: Published, network: str) -> dict[str, Any]:
    """One network: what is computed, what is printed, and which of the counts that is."""
    values, skeleton = cell.values(), choose(SPACE, network)
    params, macs = count(SPACE, values, None, skeleton)
    with_head = count(SPACE, values, None, choose(SPACE, network, auxiliary=True))[0]
    more = macs + sum(other_operations(values, network).values())
    printed_params, printed_macs = cell.printed[network]
    return {
        "name": cell.name,
        "source": cell.source,
        "network": network,
        "genotype": SPACE.decode(values, "compact"),
        "params": params,
        "params_with_auxiliary_head": with_head,
        "macs": macs,
        "macs_with_norms_activations_and_pooling": more,
        "printed_params_m": printed_params,
        "printed_macs_m": printed_macs,
        "params_agree": f"{params / 1e6:.1f}" == printed_params,
        "macs_agree": {"": None, f"{macs / 1e6:.0f}": "as here", f"{more / 1e6:.0f}": "with the rest"}.get(
            printed_macs, "neither"
        ),
        "note": cell.note,
    }


def other_operations(values: Values, network: str) -> dict[str, int]:
    """Operations of batch norm, ReLU and pooling for one image, counted as it passes through the network."""
    import torch
    from torch import Tensor, nn

    skeleton = choose(SPACE, network)
    rules: dict[str, tuple[tuple[type[nn.Module], ...], int]] = {
        "batch norm": ((nn.BatchNorm2d,), 2),
        "relu": ((nn.ReLU,), 1),
        "pooling": ((nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d), 1),
    }
    found = dict.fromkeys(rules, 0)

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        for name, (kinds, each) in rules.items():
            found[name] += each * inputs[0].numel() * isinstance(module, kinds)

    with torch.device("meta"), torch.no_grad():
        built = SPACE.build(values, skeleton=skeleton).eval()
        for module in built.modules():
            module.register_forward_hook(note)
        built(*SPACE.example(skeleton=skeleton))
    return found


def _pairs(text: str) -> list[tuple[str, int]]:
    return [(SHORT[name], int(source)) for name, source in (pair.split(":") for pair in text.split())]


if __name__ == "__main__":
    main()
