"""The page of limits on NAS-Bench-201: all cells, devices never seen, two limits, weights of guidance, each part."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import Section, about, parts, pm, sections, table
from benchmarks.report_readme import unseen_labels


def limits() -> list[str]:
    """One section per result file, after what all of them share."""
    return [
        "## NAS-Bench-201 in full",
        "",
        "Accuracy is validation accuracy after 200 epochs, latencies are those of HW-NAS-Bench and HELP. The judge is",
        "the table, which the tool did not have while sampling or checking; but nine tenths of its labels trained the",
        "models. *held out*: the share in the top 5 % among the samples whose labels training never saw, and their",
        "number.",
        "",
        *sections(SECTIONS, about),
    ]


def constraints(data: dict[str, Any]) -> list[str]:
    """All cells, then by device, quantile and dataset."""
    lines = [
        "One cell asks for the top 5 % accuracy under one latency limit on one device and dataset: 24 devices, limits",
        "at the 10, 20, 35, 50 and 80 % quantiles × 3 datasets, 256 samples and 5 seeds each. *Raw*: samples as drawn.",
        "*Returned*: those the tool's own check lets through, by the surrogate alone. Where no sample is surely right",
        "with `--confidence 0.98`, as here, nothing is returned and the tool says so: noisy devices at tight limits;",
        "how it does when it may be less sure: [certainty](certainty.md#how-sure-answers-are). *gap*: best",
        "feasible accuracy less the best of the 16 that the tool returns; *least gap*: less the best of all in",
        "the space that passes the check, which no sampler can beat. Noise makes the difference: the best feasible",
        "architecture of a noisy device is one whose measurement came out low, which nobody can know beforehand.",
        "",
        *_cells(data["summary"]),
    ]
    for name in ("quantiles", "datasets", "devices"):
        lines += ["", *_groups(name.removesuffix("s"), data[name], gaps=True)]
    return lines


def unseen(data: dict[str, Any]) -> list[str]:
    """Held-out devices and how well few measurements rank."""
    lines = [
        "Four devices of different kinds never seen in training, by neither surrogate nor generator; each is",
        f"described by {data['about']['measured_per_device']} measured architectures.",
        "",
        *_cells(data["summary"]),
        "",
        *_groups("device", data["devices"]),
        "",
        "Rank correlation (Spearman) of fitted with measured latencies over the space, by number of measurements (HELP",
        "reports 0.932 from 10):",
        "",
    ]
    columns = list(next(iter(data["ranking"].values()))["columns"])
    lines += table(
        ["measurements", *columns, "mean"],
        [
            [count, *(pm(entry["columns"][c]["spearman"], 1, 3) for c in columns), f"{entry['mean_spearman']:.3f}"]
            for count, entry in data["ranking"].items()
        ],
    )
    return lines


def joint(data: dict[str, Any]) -> list[str]:
    """Pairs of limits."""
    lines: list[str] = [
        "Two limits at once, each at a quantile of its own; the rank is taken among those that meet both."
    ]
    for name, part in parts(data):
        lines += ["", f"**{name}**", "", *_cells(part["summary"]), "", *_groups("device", part["devices"])]
    return lines


def weights(data: dict[str, Any]) -> list[str]:
    """Joint and weighted guidance, by how tight the limit is."""
    limits = list(next(part for _, part in parts(data))["quantiles"])
    rows = []
    for name, part in parts(data):
        groups, worst = [part["summary"], *part["quantiles"].values()], part["summary"]["worst_cell_within"]
        shares = (pm(group[key]) for group in groups for key in ("within", "top"))
        held_out = unseen_labels(part["summary"], "top", "samples")
        rows.append([f"`{name}`", *shares, held_out, f"{100 * worst['mean']:.1f} % ({worst['cell']})"])
    heads = [f"{limit.replace('%', ' %')} {figure}" for limit in ("all", *limits) for figure in ("within", "top 5 %")]
    return [
        f"{data['about']['samples']} samples as drawn, asked for the top 5 % under a latency limit at three quantiles,",
        "on three devices and datasets: the share that keeps to the limit, and that is in the top 5 % of the feasible,",
        "by the table. *held out*: the latter at all limits, among samples whose labels training never saw.",
        "",
        *table(["`--guidance`", *heads, "held out", "worst cell within"], rows),
    ]


def study(data: dict[str, Any]) -> list[str]:
    """Comparisons."""
    lines = [
        "All devices at the 20 and 50 % quantiles on cifar100, 64 samples, 2 seeds: for comparison only. *gap*: best",
        "feasible accuracy less the best of the 16 returned; *least gap*: less the best of all that passes.",
    ]
    titles = {
        "guidance": "guidance weight",
        "steps": "network calls",
        "tighten": "limits told to the generator tighter by (noise deviations)",
        "confidence": "confidence of the check",
    }
    for part, title in titles.items():
        lines += ["", *_groups(title, data[part], gaps=part == "confidence")]
    return lines


def variants(data: dict[str, Any]) -> list[str]:
    """Models of short trainings, each with one part of the method taken away."""
    lines = [
        "Short trainings without four devices, each with one part taken away: on the devices that they knew, and on",
        "the four, which 48 measurements describe. Requests as above.",
    ]
    for devices, found in parts(data):
        lines += ["", *_groups(f"training variant, {devices}", found)]
    return lines


SECTIONS: dict[str, tuple[str, Section]] = {
    "constraints": ("Constraints", constraints),
    "unseen": ("Devices never seen in training", unseen),
    "joint": ("Joint constraints", joint),
    "guidance_weights": ("Weights per condition", weights),
    "study": ("What each part gives", study),
    "variants": ("Parts of the training", variants),
}


def _cells(s: dict[str, Any]) -> list[str]:
    worst, coverage = s["worst_cell_within"], s["coverage_of_feasible_top"]["mean"]
    return table(
        ["figure", "value"],
        [
            ["cells", str(s["cells"])],
            ["raw within budget", pm(s["within"])],
            ["raw in the top 5 % of the feasible", pm(s["top"])],
            ["the same, held out", unseen_labels(s, "top", "samples")],
            ["worst cell with ≥ 100 feasible, raw within budget", f"{100 * worst['mean']:.1f} % ({worst['cell']})"],
            ["such cells below 80 %", str(s["cells_below_80"])],
            ["returned within budget", pm(s["returned_within"])],
            ["returned in the top 5 % of the feasible", pm(s["returned_top"])],
            ["the same, held out", unseen_labels(s, "returned_top", "returned")],
            ["returned per 256 drawn", pm(s["returned"], 1, 1)],
            ["cells with nothing returned", str(s["cells_with_nothing_returned"])],
            ["best of the 16 returned below the best feasible, accuracy points", pm(s["favourites_gap"], 1, 2)],
            ["best of the first 16 that passed the check, likewise", pm(s["gap"], 1, 2)],
            ["best of all that passes this check, likewise", f"{s['least_gap_under_this_check']:.2f}"],
            ["different architectures among 256", pm(s["unique"], 1, 1)],
            ["share of the feasible top 5 % reached by 1,000 samples", f"{100 * coverage:.1f} %"],
        ],
    )


def _groups(title: str, groups: dict[str, Any], *, gaps: bool = False) -> list[str]:
    heads = [title, "raw within", "raw top 5 %, by the table", "held out", "returned within"]
    heads += ["returned top 5 %, by the table", "held out", "cells empty", "unique"]
    rows = []
    for name, g in groups.items():
        shares = [pm(g["within"]), pm(g["top"]), unseen_labels(g, "top", "samples")]
        shares += [pm(g["returned_within"]), pm(g["returned_top"]), unseen_labels(g, "returned_top", "returned")]
        row = [name, *shares, str(g["cells_with_nothing_returned"]), pm(g["unique"], 1, 0)]
        rows.append([*row, pm(g["favourites_gap"], 1, 2), f"{g['least_gap_under_this_check']:.2f}"] if gaps else row)
    return table([*heads, "gap", "least gap"] if gaps else heads, rows)
