"""Tables of the suite ``paper``: one per protocol and benchmark, published figures beside them where comparable."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from dinas_cli.bench.experiments import Results, Table, grouped, mean_sd

PUBLISHED = {
    ("nasbench201@cifar10", "P"): "DiNAS (paper): validation 91.61, test 94.37 with 192 look-ups",
    ("nasbench201@cifar100", "P"): "DiNAS (paper): validation 73.49, test 73.51 with 192 look-ups",
    ("nasbench201@imagenet16-120", "P"): "DiNAS (paper): validation 46.66, test 45.41 with 192 look-ups",
    (
        "nasbench101",
        "P",
    ): "DiNAS (paper): validation 94.98 with 150 look-ups, in the whole table with the mean of "
    "three runs: not comparable with this part of it (7 %, one run each)",
    ("darts", "P"): "DiNAS (paper): 94.92, by the benchmark's own surrogate: not comparable with this one's scale",
}
"""What the paper reports, by benchmark and protocol."""
SOURCES = {
    "table": "Look-ups read the benchmark's table.",
    "surrogate": "No table has enough of this space: look-ups ask the bundled surrogate, which also ranks; what is "
    "compared is how well each method finds what the surrogate likes.",
}
PROTOCOLS = {
    "P": "labels of training are not counted",
    "H": "every label is a look-up",
}
HALF = "half split"
PLAIN, COMPARED = ("random search", "local search", "evolution"), (100, 200)
"""Baselines without a predictor, and numbers of look-ups at which they are compared with."""
POINTS = (8, 16, 32, 64, 100, 150, 192, 200)


def tables(results: Results) -> list[Table]:
    """One table per benchmark and protocol, then quality by label budget."""
    by_benchmark: dict[tuple[str, str], dict[str, list[Mapping[str, Any]]]] = {}
    budgets: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for key, runs in grouped(results).items():
        benchmark, _, method = key.partition("/")
        if method == HALF:
            continue
        protocol, _, name = method.partition(" ")
        if name.endswith(" labels"):
            budgets.setdefault(benchmark, {})[name] = runs
        else:
            by_benchmark.setdefault((benchmark, protocol), {})[name] = runs
    found = [_search(benchmark, protocol, methods) for (benchmark, protocol), methods in by_benchmark.items()]
    honest = {name: methods for (name, protocol), methods in by_benchmark.items() if protocol == "H"}
    compared = [table for table in [_compared(honest)] if table.rows]
    halves = [_half_split(key, runs) for key, runs in grouped(results).items() if key.endswith(f"/{HALF}")]
    return [*compared, *found, *([_budgets(budgets)] if budgets else []), *halves]


def _search(benchmark: str, protocol: str, methods: Mapping[str, list[Mapping[str, Any]]]) -> Table:
    """Best so far at some numbers of look-ups, for every method."""
    first = next(iter(methods.values()))[0]
    last = max(run["queries"][-1] for runs in methods.values() for run in runs)
    points = [k for k in POINTS if k <= last]
    tested = first["test"] is not None
    header = ("method", "labels", "seeds", *(f"best of {k}" for k in points), *(("test",) if tested else ()))
    rows = []
    for name, runs in methods.items():
        test = [_reached(runs, "test", last)] if tested else []
        labels = str(max(run["labels"] for run in runs)) if protocol == "P" else "in look-ups"
        shown = [_reached(runs, "value", k) for k in points]
        rows.append((name, labels, str(len(runs)), *shown, *test, found_after(runs)))
    optimum = "" if first["optimum"] is None else f" The best there is: {first['optimum']:.2f}."
    note = [SOURCES[first["source"]] + optimum, PUBLISHED.get((benchmark, protocol), "")]
    return Table(
        f"{benchmark}: best validation value by look-ups, protocol {protocol} ({PROTOCOLS[protocol]})",
        (*header, "optimum found after"),
        tuple(rows),
        " ".join(text for text in note if text),
    )


def _reached(runs: list[Mapping[str, Any]], what: str, k: int) -> str:
    """Mean ± sd of what runs had after ``k`` look-ups, and how many made so many where it was not all."""
    found = [run[what][run["queries"].index(k)] for run in runs if k in run["queries"]]
    return mean_sd(found) + ("" if len(found) == len(runs) else f" ({len(found)} of {len(runs)})")


def found_after(runs: list[Mapping[str, Any]]) -> str:
    """How many look-ups the optimum took: mean ± sd of the runs that found it, and how many did."""
    if runs[0]["optimum"] is None:
        return "–"
    found = [run["found"] for run in runs if run["found"] is not None]
    return f"{mean_sd(found, 0)} ({len(found)} of {len(runs)})"


def _compared(honest: Mapping[str, dict[str, list[Mapping[str, Any]]]]) -> Table:
    """Our mean against that of the best baseline without a predictor, in every benchmark of protocol H."""
    rows = []
    for benchmark, methods in honest.items():
        runs = [run for name in ("dinas", *PLAIN) for run in methods.get(name, [{"queries": []}])]
        if not all(COMPARED[-1] in run["queries"] for run in runs):
            continue  # not yet run, or with fewer look-ups
        row: list[str] = [benchmark]
        for k in COMPARED:
            means = {name: fmean(_values_at(methods[name], k)) for name in ("dinas", *PLAIN)}
            best = max(PLAIN, key=means.__getitem__)
            verdict = "above" if means["dinas"] > means[best] else "not above"
            ours, theirs = (mean_sd(_values_at(methods[name], k)) for name in ("dinas", best))
            row += [ours, f"{verdict} {best}: {theirs}"]
        rows.append(tuple(row))
    heads = (text for k in COMPARED for text in (f"dinas, best of {k}", f"best of the baselines at {k}"))
    return Table(
        "Protocol H at a glance: dinas against random search, local search and evolution",
        ("benchmark", *heads),
        tuple(rows),
        "Means over seeds are compared; guided search, which has the same predictor, is in the tables below.",
    )


def _values_at(runs: list[Mapping[str, Any]], k: int) -> list[float]:
    return [run["value"][run["queries"].index(k)] for run in runs]


def _budgets(budgets: Mapping[str, dict[str, list[Mapping[str, Any]]]]) -> Table:
    rows = []
    for benchmark, groups in budgets.items():
        for name, runs in sorted(groups.items(), key=lambda group: float(group[1][0]["labels"])):
            share = name.removesuffix(" labels")
            rows.append(
                (
                    benchmark,
                    f"{runs[0]['labels']}" + (f" ({share})" if share.endswith("%") else ""),
                    str(max(run["looked_up"] for run in runs)),
                    str(len(runs)),
                    mean_sd(run["best_label"] for run in runs),
                    mean_sd(run["value"] for run in runs),
                    "–" if runs[0]["optimum"] is None else f"{runs[0]['optimum']:.2f}",
                )
            )
    return Table(
        "Quality by label budget, protocol H: trained once on that many random labels, then look-ups",
        ("benchmark", "labels", "look-ups in all", "seeds", "best label", "best found", "optimum"),
        tuple(rows),
        "Labels are random architectures and count as look-ups; the generator is trained from them alone. 7% is what "
        "DGPO pre-trains on, which reports to come within 0.32 points of training on all labels.",
    )


def _half_split(key: str, runs: list[Mapping[str, Any]]) -> Table:
    """Validity, uniqueness and novelty, beside what is published and what chance would give."""
    first = runs[0]
    seeds, samples = str(len(runs)), str(first["samples"])
    ours = [mean_sd((run[name] for run in runs), 1) for name in ("valid", "unique", "novel")]
    rows = [("dinas, samples as drawn", seeds, samples, *ours)]
    for name, title in (("different", "dinas, as returned"), ("excluding", "dinas, as returned with --exclude")):
        drawn = mean_sd((run[name]["drawn"] for run in runs), 0)
        novel = mean_sd((run[name]["novel"] for run in runs), 1)
        rows.append((title, seeds, drawn, "100", "100", novel))
    chance = [f"{first['uniform'][name]:.1f}" for name in ("unique", "novel")]
    rows.append(("uniform draws (calculated)", "–", samples, "100", *chance))
    rows += [
        ("DiffusionNAG (published)", "–", "–", "99.0", "98.7", "49.2"),
        ("PNAG (published)", "–", "–", "100", "99.7", "59.3"),
    ]
    return Table(
        f"{key.partition('/')[0]}: validity, uniqueness and novelty after training on {first['seen']:,} architectures",
        ("samples", "seeds", "drawn", "valid %", "unique %", "novel %"),
        tuple(rows),
        "Novel: not among the architectures of training. Returned architectures are valid and different by "
        f"construction ({samples} of them). A faithful sampler of this space that draws independently cannot beat the "
        "calculated row in uniqueness, and one that is fair to both halves not in novelty; whoever wants new ones says "
        "which are known.",
    )
