"""Themes: enough contrast everywhere, kinds told apart, estimates of text that hold."""

from __future__ import annotations

from itertools import combinations

import pytest

from dinas_cli.draw.theme import THEMES, Theme, contrast, cut, ink_on, legend, text_width
from dinas_cli.spaces.shared.protocol import KINDS


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: str(theme.name))
def test_contrast(theme: Theme) -> None:
    assert set(theme.fills) == set(KINDS)
    for background in (theme.background, theme.card):
        assert contrast(theme.ink, background) >= 7
        assert contrast(theme.faint, background) >= 4.5
        assert contrast(theme.line, background) >= 3
    for fill in theme.fills.values():
        assert contrast(ink_on(fill), fill) >= 4.5
    explained = [theme.fills[kind] for kind in legend(KINDS)]
    assert len(set(explained)) == len(explained)


def test_contrast_of_the_extremes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#123456", "#123456") == 1
    assert (ink_on("#f0e442"), ink_on("#0072b2")) == ("#000000", "#ffffff")


def test_kinds_differ_for_colour_blind_eyes() -> None:
    """Simulated red- and green-blindness (Viénot, Brettel & Mollon, 1999) leaves no two kinds alike."""
    fills = [THEMES["light"].fills[kind] for kind in legend(KINDS)]
    for matrix in (
        ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
        ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    ):
        seen = []
        for fill in fills:
            linear = [(int(fill[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)]
            seen.append([max(0.0, sum(m * c for m, c in zip(row, linear, strict=True))) ** (1 / 2.2) for row in matrix])
        for one, other in combinations(seen, 2):
            assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 0.08


def test_legend_names_what_is_there_in_a_fixed_order() -> None:
    assert legend(["skip", "conv", "input", "", "skip", "sum"]) == ["conv", "skip"]


@pytest.mark.parametrize(
    "text", ["conv 3×3", "leaky relu", "nb201-55a1bda26ce5", "latency/fpga@cifar10 2.00 ms", "MWMW"]
)
def test_text_takes_no_more_room_than_estimated(text: str) -> None:
    image_font = pytest.importorskip("PIL.ImageFont")
    assert image_font.load_default(20).getlength(text.replace("×", "x")) <= text_width(text, 20)


def test_cut_text_fits() -> None:
    assert cut("short", 12, 100) == "short"
    long = cut("x" * 1000, 12, 100)
    assert long.endswith("…")
    assert text_width(long, 12) <= 100
