"""Tables of the suite ``samplers``: methods side by side, network calls, guidance, and how the models were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dinas_cli.bench.experiments import Results, Table, grouped, mean_sd

Groups = Mapping[str, list[Mapping[str, Any]]]

WORDS = {
    "paper": "paper's method",
    "marginal": "paper's kernel, our size",
    "absorbing": "our kernel, one-hot targets",
    "default": "ours as shipped",
}
"""Methods in the order of their rows: from the paper's to ours, one change at a time."""
HEADER = ("method", "calls", "samples", "valid %", "unique %", "top 5 %", "judged by", "best of 16", "best of 192")
ABOUT = (
    "Asked for the top 5 %, guidance 2 unless said otherwise, before any check. top 5 %: share of all samples drawn "
    "that are, by the benchmark's table, or where none holds the space by the surrogate that the models learnt from. "
    "Training saw nine tenths of a table's labels for ours, 99 % for the others: too few samples are held out for a "
    "share of their own. best of k: of the first k samples looked up as they come, chosen by validation; in brackets "
    "the test accuracy read there. Samples: of each seed × seeds. ± over seeds."
)


def tables(results: Results) -> list[Table]:
    """All tables that the results so far can fill."""
    groups = grouped(results)
    problems = list(dict.fromkeys(key.partition("/")[0] for key in results))
    found = [table for name in problems for table in _of_problem(name, groups, results)]
    models = [_model(key, results[key]) for key in results if key.endswith("/model")]
    if models:
        header = ("problem", "method", "kernel", "layers", "parameters", "conditions", "labels", "steps", "per step")
        note = "per step: architectures or requests. The marginal kernel learns from one state of each, the other from "
        found.append(Table("How the models were trained", header, tuple(models), note + "one per unmasked variable."))
    return found


def _of_problem(name: str, groups: Groups, results: Results) -> Iterator[Table]:
    judge = next(
        (results[key]["truth"] for key in results if key.startswith(f"{name}/") and "truth" in results[key]), "–"
    )
    own = {method: groups[key] for method in WORDS if (key := f"{name}/{method}/own") in groups}
    if own:
        timed = sorted((results[key] for key in results if key.startswith(f"{name}/time/")), key=lambda t: t["batch"])
        header = (*HEADER, *(f"ms at {t['batch']}" for t in timed), *(("× ours",) if timed else ()))
        rows = tuple((WORDS[m], *_figures(found, judge), *_times(m, timed)) for m, found in own.items())
        note = f"{ABOUT} ms: CPU time of one thread per architecture, methods in turns; × ours: the ratio at the last."
        yield Table(f"{name}: methods", header, rows, note)
    calls = [
        (WORDS[method], sampler, *_figures(found, judge))
        for method in WORDS
        for sampler in ("ancestral", "iterative", "any-order")
        for found in _series(groups, f"{name}/{method}/{sampler}-", "calls")
    ]
    if calls:
        note = "ancestral: the exact posterior over skipped steps. iterative: predict, draw, noise to the next level."
        yield Table(f"{name}: network calls", (HEADER[0], "sampler", *HEADER[1:]), tuple(calls), note)
    weights = [
        (WORDS[method], f"{found[0]['guidance']:g}", *_figures(found, judge))
        for method in WORDS
        for found in _series(groups, f"{name}/{method}/guidance-", "guidance")
    ]
    if weights:
        yield Table(f"{name}: guidance weight", (HEADER[0], "weight", *HEADER[1:]), tuple(weights))


def _series(groups: Groups, prefix: str, by: str) -> list[list[Mapping[str, Any]]]:
    """Groups whose keys start with ``prefix``, in the order of a number in their results."""
    return sorted((found for key, found in groups.items() if key.startswith(prefix)), key=lambda found: found[0][by])


def _figures(found: list[Mapping[str, Any]], judge: str) -> tuple[str, ...]:
    shares = (mean_sd((100 * f[name] for f in found), 1) for name in ("valid", "unique", "top"))
    bests = (_best([f["best"].get(k, [None, None]) for f in found]) for k in ("16", "192"))
    return (str(found[0]["calls"]), f"{found[0]['samples']} × {len(found)}", *shares, judge, *bests)


def _best(found: list[list[float | None]]) -> str:
    text, test = (mean_sd(best[i] for best in found) for i in (0, 1))
    return text if all(best[1] is None for best in found) else f"{text} ({test})"


def _times(method: str, timed: list[Mapping[str, Any]]) -> tuple[str, ...]:
    times = [t["ms"][method] for t in timed]
    ratio = (f"{times[-1] / timed[-1]['ms']['default']:,.1f}",) if timed else ()
    return (*(f"{ms:,.2f}" for ms in times), *ratio)


def _model(key: str, model: Mapping[str, Any]) -> tuple[str, ...]:
    problem, method, _ = key.split("/")
    counts = (f"{model[name]:,}" for name in ("labels", "steps", "requests"))
    sizes = (str(model["layers"]), f"{model['parameters']:,}")
    return (problem, WORDS[method], model["kernel"], *sizes, ", ".join(model["conditions"]), *counts)
