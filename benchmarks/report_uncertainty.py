"""The part of docs/results about how true stated uncertainty is, and what it keeps out of a rank."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import about, parts, pm, result, table
from benchmarks.uncertainty import KAPPAS, MANY, UNSEEN
from dinas_cli.oracles.quality import KAPPA

KAPPA_NAMES = tuple(f"{kappa:g}" for kappa in KAPPAS)


def uncertainty() -> list[str]:
    """Standardised errors by distance, cells with many skips, agreement of darts, and what doubt was learnt."""
    lines = ["## How sure predictions are", ""]
    found = dict(parts(result("uncertainty")))
    errors = {name: part for name, part in found.items() if "errors" in part}
    lines += [
        "The error of held-out labels over the deviation stated for it, in normal scores, as root mean square: 1 where",
        "what is stated is so, more where it is too small. The thirds are by distance from the labels that training",
        "saw. Noise is taken from one half of the held-out labels for the other half; but of weights from before doubt",
        "was learnt (*before*) from the very labels that it is compared with.",
        "",
        *table(["weights", "metric", "held out", "all", "nearest third", "middle", "farthest third"], _rows(errors)),
        "",
    ]
    for name, part in errors.items():
        lines += [f"{name}: {about(part['about'])[0]}", ""]
    lines += _skips({name: part for name, part in errors.items() if "skips" in part})
    lines += _agreement({name: part["tau"] for name, part in errors.items() if "tau" in part})
    return lines + (_trend(found["trend"]) if "trend" in found else [])


def _rows(errors: dict[str, Any]) -> list[list[str]]:
    return [
        [name, f"`{column}`", f"{f['labels']:,}", *(f"{value:.2f}" for value in (f["all"], *f["bins"]))]
        for name, part in errors.items()
        for column, f in part["errors"].items()
    ]


def _skips(found: dict[str, Any]) -> list[str]:
    rows = [
        [
            *(name, asked, f"{f['limit']:.3f} ms"),
            *(f"{100 * f[part]['share']:.1f} % of {f[part]['cells']:,}" for part in ("labelled", "random")),
            f"{pm(f['returned']['share'])} of {f['returned']['cells']:,}",
        ]
        for name, part in found.items()
        for asked, f in part["skips"].items()
    ]
    text = [
        f"Share of darts cells with {MANY} or more skips in the normal cell, asked for the top 5 % under a limit:",
        "*labelled*: of the best 5 % by their labels among the labelled ones that are predicted to keep to it; *called",
        "best*: of the random cells that are said to satisfy; *returned*: of the 16 that `dinas generate` returns.",
    ]
    return [*text, "", *table(["weights", "limit", "", "labelled", "called best", "returned"], rows), ""]


def _agreement(found: dict[str, Any]) -> list[str]:
    rows = [
        [
            *(name, f"{tau['labels']:.3f} ({tau['number']} labels)", f"{tau['YAHPO']:.3f}" if "YAHPO" in tau else "–"),
            {True: "yes", False: "no"}.get(tau.get("learnt from YAHPO"), "–"),
        ]
        for name, tau in found.items()
    ]
    heads = ["weights", "held-out labels of NAS-Bench-301 v1.0", "YAHPO's model, random cells", "trained on YAHPO's"]
    return ["Agreement (Kendall's τ) of the predicted `acc` of darts:", "", *table(heads, rows), ""]


def _trend(part: dict[str, Any]) -> list[str]:
    rows = [
        [skips, f"{f['cells']:,}", *(f"{f[name]:.2f}" for name in ("too high by", "error", "doubt", "members apart"))]
        for skips, f in part["skips"].items()
    ]
    text = [
        f"A surrogate of darts that saw no cell with {UNSEEN} or more skips in the normal cell, on `acc_v09` of cells",
        "that it did not see, in normal scores: what it is too high by on average, the root mean square of its error,",
        "the doubt it states (which knows as little of these cells), and how far its members are apart.",
    ]
    heads = ["skips", "cells", "too high by", "error", "doubt", "members apart"]
    ranked = [
        [
            *(f"{share} of the space", f"{f['best']} of {f['cells']:,}"),
            *(f"{100 * f[name]['share']:.0f} % · {f[name]['score']:.2f}" for name in ("truth", *KAPPA_NAMES)),
        ]
        for share, f in part["ranked"].items()
    ]
    ask = [
        f"The best 5 % of the cells that it did not see, {UNSEEN} skips and more among them, under limits of latency:",
        f"share of more than {UNSEEN} skips · mean true score, if ranked by the truth and by the score less so many",
        f"doubts. The tool takes {KAPPA:g}: the fewest that never call too many of a kind best that nobody labelled.",
    ]
    kinds = ["limit", "best", "truth", *(f"{name} doubts" for name in KAPPA_NAMES)]
    return [*text, "", *table(heads, rows), "", *ask, "", *table(kinds, ranked), "", *about(part["about"]), ""]
