"""The part of docs/results about cells that papers published, from published.json."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import Section, command, sections, table

COUNTS = {"as here": "the first", "with the rest": "the second", "neither": "neither ✗"}


def published_cells() -> list[str]:
    """One section."""
    return ["## Published cells", "", *sections(SECTIONS, command)]


def published(data: dict[str, Any]) -> list[str]:
    """Parameters and multiply-accumulates here and as printed, and which differences nothing here explains."""
    networks = data["networks"]
    counted = [found for found in networks if found["macs_agree"] is not None]
    same = sum(found["params_agree"] for found in networks)
    explained = sum(found["macs_agree"] != "neither" for found in counted)
    heads = ["cell", "network", "parameters", "printed", "multiply-accumulates"]
    heads += ["with batch norm, ReLU, pooling", "printed", "which count it is", "printed figures were read in"]
    return [
        "Cells of authors' code in the networks of the papers' evaluations (20 cells of 36 channels on CIFAR-10, 14 of",
        "48 on ImageNet); figures in millions, for one image. Where neither the paper nor its authors' page was at",
        f"hand, a printed figure is one that a later paper quotes. {same} of {len(networks)} parameter counts are the",
        "printed ones, to the digits given, all without the auxiliary head, which works while training only. Of",
        f"multiply-accumulates there are two counts; {explained} of {len(counted)} printed figures are one of them to",
        "the million: with batch norm as two operations per element, ReLU as one, pooling as one per input element.",
        "",
        *table(heads, [_row(found) for found in networks]),
        "",
        *_unexplained(networks),
        "TE-NAS's cell of CIFAR-10 is missing: under its name the authors' code has a cell that it also lists under a",
        "later method's. Code: "
        + "; ".join(f"{found['name']}: {found['code']}" for found in _different(networks))
        + ".",
    ]


def _row(found: dict[str, Any]) -> list[str]:
    printed = found["printed"]
    return [
        found["name"],
        found["network"],
        f"{found['params'] / 1e6:.3f}",
        f"{printed['params_m']} {'✓' if found['params_agree'] else '✗'}",
        f"{found['macs'] / 1e6:.1f}",
        f"{found['macs_with_norms_activations_and_pooling'] / 1e6:.1f}",
        printed["macs_m"] or "–",
        COUNTS.get(found["macs_agree"], "–"),
        printed["where"],
    ]


def _unexplained(networks: list[dict[str, Any]]) -> list[str]:
    """What agrees with no count, and that an auxiliary head does not explain it."""
    lines = []
    for found in networks:
        if not found["params_agree"]:
            head = f"{found['params_with_auxiliary_head'] / 1e6:.2f}"
            printed = found["printed"]["params_m"]
            lines.append(
                f"* {found['name']}, {found['network']}: {printed} parameters are not explained; {head} with the head."
            )
        if found["macs_agree"] == "neither":
            lines.append(f"* {found['name']}: {found['printed']['macs_m']} multiply-accumulates are not explained.")
    return [*lines, ""] if lines else []


def _different(networks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({found["name"]: found for found in networks}.values())


SECTIONS: dict[str, tuple[str, Section]] = {"published": ("Parameters and multiply-accumulates", published)}
