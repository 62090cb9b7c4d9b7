"""The part of docs/results about rivals on the same surrogate, with the same CPU time."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import about, parts, pm, result, table
from benchmarks.rival_methods import RETURNED
from benchmarks.rivals import HELD_OUT, QUANTILE, SECONDS


def rivals() -> list[str]:
    """One section, one table per space."""
    lines = ["## The same surrogate, searched otherwise", ""]
    lines += [
        f"Every method has {SECONDS:g} s of one CPU thread, ranks by the same surrogate, checks limits in the same way",
        f"and returns the {RETURNED} best that it found, or fewer, of which means are then. *evolution* is regularised",
        "evolution (Real et al., 2019), its children scored many at a time. *score*: what the surrogate ranks by,",
        "which all methods see. The judges saw nothing of the search; what of their word the training has seen is said",
        f"under each table. Theirs are the mean of the {RETURNED} and, in brackets, the best of them. *held out*: the",
        f"table's word on the {HELD_OUT} best of those found whose labels training never saw. *diversity*: share of",
        f"variables in which two of the {RETURNED} differ. A limit is one that {QUANTILE:.0%} of the space keep to. ±",
        "over seeds.",
        "",
    ]
    for name, part in parts(result("rivals")):
        lines += [f"**{name}**", "", *_table(part), "", *_judges(part), "", *about(part["about"]), ""]
    return lines


def _table(part: dict[str, Any]) -> list[str]:
    methods = part["methods"]
    known = {key for group in methods.values() for figures in group.values() for key in figures}
    judges = [name for name in ("table", "held out by table", "YAHPO", "trees") if name in known]
    heads = ["request", "method", "score", *(name.removesuffix(" by table") for name in judges), "diversity"]
    heads += [*(["truly within"] if "within" in known else []), "returned", "scored", "CPU s"]
    rows = []
    for asked, group in methods.items():
        for method, f in group.items():
            row = [asked, method, _figure(f, "score", 2), *(_judged(f, name) for name in judges)]
            row += [_figure(f, "diversity", 2)]
            row += [pm(f["within"]) if "within" in f else "–"] if "within" in known else []
            row += [
                f"{f[name]['mean']:,.{digits}f}" for name, digits in (("returned", 0), ("scored", 0), ("seconds", 1))
            ]
            rows.append(row)
    return table(heads, rows)


def _judges(part: dict[str, Any]) -> list[str]:
    limit, judges = part["limit"], part["judges"]
    device = "" if limit["device"] is None else f" on {limit['device']}"
    texts = [f"The limit: {limit['metric']}{device} of at most {limit['value']:,.4g}."]
    if part["dataset"]:
        texts.append(f"Dataset: {part['dataset']}.")
    if not judges:
        texts.append("Judged by the benchmark's table, nine tenths of whose labels trained the models.")
    if "trees" in judges:
        trees = judges["trees"]
        texts.append(
            f"*trees*: ensembles of trees that learnt `{trees['column']}` from {trees['labels']:,} labels which "
            f"training never saw (Kendall's τ in folds {trees['kendall_tau']:.3f})."
        )
    if "YAHPO" in judges:
        word = "the surrogate has learnt from it" if judges["YAHPO"]["learnt from"] else "training never asked it"
        texts.append(f"*YAHPO*: YAHPO Gym's model of NAS-Bench-301, calibrated; {word}.")
    return [" ".join(texts)]


def _judged(figures: dict[str, Any], name: str) -> str:
    best = figures.get(f"best by {name}")
    return _figure(figures, name, 2) + (f" ({best['mean']:.2f})" if best else "")


def _figure(figures: dict[str, Any], name: str, digits: int) -> str:
    return pm(figures[name], 1, digits) if name in figures else "–"
