"""The part of docs/results.md about cells that papers published, from published.json."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import Section, command, sections, table

COUNTS = {
    "as here": "convolutions and matrix products, as here",
    "with the rest": "with batch norm, ReLU and pooling",
    "neither": "neither",
}


def published_cells() -> list[str]:
    """One section; a result that is missing is said to be missing."""
    return ["## Published cells", "", *sections(SECTIONS, command)]


def published(data: dict[str, Any]) -> list[str]:
    """Parameters and multiply-accumulates here and in the papers, each difference explained or said not to be."""
    rows, notes = [], {}
    for found in data["networks"]:
        more = found["macs_with_norms_activations_and_pooling"] / 1e6
        rows.append(
            [
                found["name"],
                found["network"],
                f"{found['params'] / 1e6:.3f}",
                f"{found['printed_params_m']} {'✓' if found['params_agree'] else '✗'}",
                f"{found['macs'] / 1e6:.1f}",
                f"{more:.1f}",
                found["printed_macs_m"] or "–",
                COUNTS.get(found["macs_agree"], "–"),
            ]
        )
        if found["note"]:
            notes[found["name"]] = found["note"]
    heads = ["cell", "network", "parameters", "printed", "multiply-accumulates", "with batch norm, ReLU, pooling"]
    sources = {found["name"]: found["source"] for found in data["networks"]}
    agree = sum(found["params_agree"] for found in data["networks"])
    counts = [found for found in data["networks"] if found["macs_agree"] is not None]
    explained = sum(found["macs_agree"] != "neither" for found in counts)
    return [
        "Genotypes typed from papers and their authors' code, in the networks of the papers' evaluations (20 cells of",
        "36 channels on CIFAR-10, 14 cells of 48 channels on ImageNet); all figures in millions, for one image. ✓: the",
        f"paper's figure, to the digits it prints ({agree} of {len(rows)} parameter counts). Papers do not say which",
        "operations they count; the last column says which of the two counts here gives the paper's figure, to the",
        f"million ({explained} of {len(counts)}). Auxiliary heads, which work while training only, are in neither.",
        "",
        *table([*heads, "printed", "which is the count"], rows),
        "",
        *(f"* {name}: {note}." for name, note in notes.items()),
        "",
        "TE-NAS's cell of CIFAR-10 is missing: under its name the authors' code has the cell of a later paper.",
        "",
        "Sources: " + "; ".join(f"{name}: {source}" for name, source in sources.items()) + ".",
    ]


SECTIONS: dict[str, tuple[str, Section]] = {"published": ("Parameters and multiply-accumulates", published)}
