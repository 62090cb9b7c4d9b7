"""Cells that papers published, in the networks of their evaluation: parameters and multiply-accumulates here and there.

    python -m benchmarks.published

Genotypes are those of authors' code. Printed figures, in millions, are what authors' pages or papers say, or where
neither was at hand what a later paper quotes: every one has its place beside it. TE-NAS's cell of CIFAR-10 is missing:
under its name the authors' code has a cell that it also lists under a later method's.

Multiply-accumulates are counted twice: as this program does, those of convolutions and matrix products, and with batch
norm as two operations per element, ReLU as one and pooling as one per input element, as a widespread counter does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.common import facts, plain_parser, write
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.shared.protocol import Values
from dinas_cli.spaces.shared.skeletons import choose, count

CIFAR, IMAGENET = "cifar", "imagenet"


DRNAS_PAGE = "README of xiangning-chen/DrNAS"
PC_PAGE = "README of yuhuixu1993/PC-DARTS"
QUOTED = "quoted in TE-NAS (arXiv 2102.11535), tables 2 and 3"
OTO = "multiply-accumulates quoted in OTOv3"


@dataclass(frozen=True)
class Printed:
    """Figures of one network in millions, as they are printed (empty: none was found), and where they were read."""

    params: str
    macs: str
    where: str


@dataclass(frozen=True)
class Published:
    """A cell of a paper, the code that it was taken from, and what is printed of it by network."""

    name: str
    code: str
    normal: str
    """The pairs of the normal cell, operations shortened: ``sep3:0 skip:1 …``."""
    reduction: str
    printed: dict[str, Printed]

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
        "quark0/darts (there called DARTS)",
        "sep3:1 sep3:0 skip:0 sep3:1 skip:0 sep3:1 sep3:0 skip:2",
        "max:0 max:1 skip:2 max:0 max:0 skip:2 skip:2 avg:0",
        {CIFAR: Printed("3.3", "", f"{QUOTED}, and by {PC_PAGE}")},
    ),
    Published(
        "DARTS_V2",
        "yuhuixu1993/PC-DARTS",
        "sep3:0 sep3:1 sep3:0 sep3:1 sep3:1 skip:0 skip:0 dil3:2",
        "max:0 max:1 skip:2 max:1 max:0 skip:2 skip:2 max:1",
        {
            CIFAR: Printed("3.349", "", "README of quark0/darts"),
            IMAGENET: Printed("4.719", "574", f"README of quark0/darts; multiply-accumulates quoted by {PC_PAGE}"),
        },
    ),
    Published(
        "SNAS_mild",
        "SNAS-Series/SNAS-Series",
        "sep3:0 sep3:1 skip:0 dil3:1 skip:0 skip:1 skip:0 sep3:1",
        "max:0 max:1 max:1 skip:2 max:1 skip:2 max:0 dil5:2",
        {IMAGENET: Printed("4.3", "522", f"{QUOTED}; multiply-accumulates quoted by {PC_PAGE}")},
    ),
    Published(
        "SNAS_moderate",
        "SNAS-Series/SNAS-Series",
        "dil5:0 skip:1 sep3:0 skip:1 skip:0 skip:1 sep3:0 dil5:1",
        "max:0 max:1 sep5:0 dil5:1 sep5:0 sep5:1 sep5:0 sep5:1",
        {CIFAR: Printed("2.8", "", f"{QUOTED}, without the name of the constraint")},
    ),
    Published(
        "P-DARTS",
        "chenxin061/pdarts",
        "skip:0 dil3:1 skip:0 sep3:1 sep3:1 sep3:3 sep3:0 dil5:4",
        "avg:0 sep5:1 sep3:0 dil5:2 max:0 dil3:1 dil3:1 dil5:3",
        {CIFAR: Printed("3.4", "", QUOTED), IMAGENET: Printed("4.9", "557", f"{QUOTED}; {OTO}")},
    ),
    Published(
        "PC_DARTS_cifar",
        "yuhuixu1993/PC-DARTS",
        "sep3:1 skip:0 sep3:0 dil3:1 sep5:0 sep3:1 avg:0 dil3:1",
        "sep5:1 max:0 sep5:1 sep5:2 sep3:0 sep3:3 sep3:1 sep3:2",
        {CIFAR: Printed("3.6", "", PC_PAGE), IMAGENET: Printed("5.3", "586", f"{QUOTED}; {OTO}")},
    ),
    Published(
        "PC_DARTS_image",
        "yuhuixu1993/PC-DARTS",
        "skip:1 sep3:0 sep3:0 skip:1 sep3:1 sep3:3 sep3:1 dil5:4",
        "sep3:0 skip:1 dil5:2 max:1 sep3:2 sep3:1 sep5:0 sep3:3",
        {IMAGENET: Printed("5.3", "597", f"{QUOTED}; multiply-accumulates: {PC_PAGE}")},
    ),
    Published(
        "DrNAS_cifar10",
        "xiangning-chen/DrNAS",
        "sep3:0 sep5:1 sep3:1 sep3:2 skip:0 sep3:1 sep3:2 dil5:3",
        "max:0 sep5:1 dil5:2 sep5:1 sep5:1 dil5:3 skip:4 sep5:1",
        {CIFAR: Printed("4.1", "", DRNAS_PAGE)},
    ),
    Published(
        "DrNAS_imagenet",
        "xiangning-chen/DrNAS",
        "sep3:1 sep3:0 sep3:0 sep3:1 sep3:0 dil3:3 skip:0 sep3:1",
        "max:0 sep3:1 sep3:0 skip:2 sep3:0 sep3:2 sep3:3 sep3:1",
        {IMAGENET: Printed("5.7", "", DRNAS_PAGE)},
    ),
    Published(
        "TENAS_imagenet",
        "chenwydj/DARTS_evaluation",
        "sep3:0 skip:1 dil5:1 sep3:2 sep3:0 dil5:3 sep3:0 dil3:4",
        "dil3:0 sep5:1 dil3:0 sep3:2 sep3:0 dil3:1 sep3:0 sep5:4",
        {IMAGENET: Printed("5.4", "", "TE-NAS (arXiv 2102.11535), table 3")},
    ),
)


def main() -> None:
    """Count every cell in the networks that its paper has figures of."""
    options = plain_parser(__doc__).parse_args()
    rows = [counted(cell, network) for cell in CELLS for network in cell.printed]
    write(options, facts(), {"networks": rows})


def counted(cell: Published, network: str) -> dict[str, Any]:
    """One network: what is computed, what is printed, and which of the counts that is."""
    values, skeleton = cell.values(), choose(SPACE, network)
    params, macs = count(SPACE, values, None, skeleton)
    with_head = count(SPACE, values, None, choose(SPACE, network, auxiliary=True))[0]
    more = macs + sum(other_operations(values, network).values())
    printed = cell.printed[network]
    digits = len(printed.params.partition(".")[2])
    counts = {f"{macs / 1e6:.0f}": "as here", f"{more / 1e6:.0f}": "with the rest"}
    return {
        "name": cell.name,
        "code": cell.code,
        "network": network,
        "genotype": SPACE.decode(values, "compact"),
        "params": params,
        "params_with_auxiliary_head": with_head,
        "macs": macs,
        "macs_with_norms_activations_and_pooling": more,
        "printed": {"params_m": printed.params, "macs_m": printed.macs, "where": printed.where},
        "params_agree": f"{params / 1e6:.{digits}f}" == printed.params,
        "macs_agree": counts.get(printed.macs, "neither") if printed.macs else None,
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
