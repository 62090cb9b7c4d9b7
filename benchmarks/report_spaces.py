"""The part of docs/results that compares all search spaces, from benchmarks/results/space-*.json."""

from __future__ import annotations

from typing import Any

from benchmarks.common import RESULTS
from benchmarks.markdown import about, part_of, pm, result, table
from dinas_cli.spaces.registry import space_names

LEARNT = "learnt from"
"""What a result says of a judge: whether training asked it."""


def spaces() -> list[str]:
    """One section: samples of every space, ranks by dataset, limits, surrogates."""
    found = measured_spaces()
    lines = [
        "## All search spaces",
        "",
        "Samples as drawn, before the tool's own check: 1,000 per seed. *valid*: keeps the rules of its space.",
        "*unique*: different architectures among them; *novel*: not among the labelled ones that training saw (both",
        "asked for nothing). *top 5 %*: of samples asked for the top 5 %, those that are. *judged by*: the benchmark's",
        "table if it holds the whole space, else the surrogate that the generator learnt from. *held out*: the same",
        "share among samples whose labels training never saw, by the table, and the number of these samples over all",
        "seeds. *within*: of 256 samples asked for the top 5 % under a latency limit at the 20, 50 or 80 % quantile,",
        "those that keep to it; *top of feasible*: and are in the top 5 % of what does. *ms each*: batch 256, guidance",
        "on, CPU threads in brackets.",
        "",
        *table(
            [
                *("space", "labels", "valid", "unique", "novel", "top 5 %", "judged by", "held out"),
                *("within", "top of feasible", "held out", "ms each"),
            ],
            [_row(name, data) for name, data in found.items()],
        ),
        *_missing([name for name in space_names() if name not in found]),
    ]
    lines += ["", "### Ranks by dataset", "", *_ranks(found), ""]
    lines += ["### Limits by space", "", *_limits(found), ""]
    lines += ["### Latency of darts, measured", "", *_measured(), ""]
    lines += ["### Surrogates", "", *_surrogates(found), ""]
    return [*lines, *(line for data in found.values() for line in [*about(data["about"]), ""])]


def _missing(names: list[str]) -> list[str]:
    return ["", f"Not measured yet: {', '.join(names)}."] if names else []


def overview() -> list[str]:
    """The README's table: samples of all spaces as drawn."""
    rows = []
    for name, data in measured_spaces().items():
        s = data["summary"]
        top, judge = _judged(data)
        within = pm(s["within"]) if "within" in s else "–"
        rows.append([name, pm(s["valid"]), top, judge, part_of(s["top_held_out"]), within])
    return [
        "All spaces, samples as drawn, before any check. *held out*: the same share among the samples whose labels",
        "training never saw, by the table. A table that has only a part of a space counts the samples that it has:",
        "",
        *table(["space", "valid", "asked for the top 5 %: in it", "judged by", "held out", "within a limit"], rows),
    ]


def _judged(data: dict[str, Any]) -> tuple[str, str]:
    """Share in the top 5 %, and who says so: the table if it can say anything."""
    s, tabled = data["summary"], data["summary"]["top_by_table"]
    if data["truth"] == "table":
        return pm(s["top"]), "table"
    if tabled["share"] is None and (word := _unlearnt(data)):
        return word
    if tabled["share"] is None:
        return pm(s["top"]), "own surrogate"
    return pm(tabled["share"]), f"table, {tabled['samples']:,} samples that it has"


def _unlearnt(data: dict[str, Any]) -> tuple[str, str] | None:
    """Share in the top 5 % by a model of the benchmark that training never asked, and its name."""
    for rank in data["ranked"].values():
        for name, share in rank["independent"].items():
            if data["judges"][name].get(LEARNT) is False:
                return pm(share), f"{name}, which training never asked"
    return None


def _row(name: str, data: dict[str, Any]) -> list[str]:
    s = data["summary"]
    limits = [pm(s[key]) if key in s else "–" for key in ("within", "top_of_feasible")]
    return [
        name,
        f"{data['about']['label_budget']:,}",
        *(pm(s[key]) for key in ("valid", "unique", "novel", "top")),
        data["truth"],
        part_of(s["top_held_out"]),
        *limits,
        part_of(s.get("feasible_held_out")),
        f"{data['speed']['ms_per_architecture']:.2f} ({data['speed'].get('threads', 1)})",
    ]


def _ranks(found: dict[str, Any]) -> list[str]:
    rows = []
    for name, data in found.items():
        for dataset, r in data["ranked"].items():
            tabled = part_of(r["by_table"]) if data["truth"] != "table" else "–"
            others = ", ".join(f"{judge} {pm(share)}" for judge, share in r["independent"].items()) or "–"
            figures = [*(pm(r[key]) for key in ("valid", "unique", "novel", "top")), data["truth"], tabled, others]
            rows.append([name, dataset, *figures, part_of(r["held_out"]), f"{r['threshold']:.3f}", pm(r["best"], 1, 3)])
    heads = [
        "space",
        "dataset",
        "valid",
        "unique",
        "novel",
        "top 5 %",
        "judged by",
        "by table",
        "by others",
    ]
    return [
        "Asked for the top 5 %. *by table*: the share among samples that a partial table has, and their number. *held",
        "out*: by the table, among samples whose labels training never saw. One architecture may be drawn often: it is",
        "also said how many different ones there are. *by others*: by trees that learnt from the labels held out, and",
        "by YAHPO Gym's model of NAS-Bench-301, each with a threshold of its own.",
        *_others(found),
        "",
        *table([*heads, "held out", "threshold", "best of 1,000"], rows),
    ]


def _others(found: dict[str, Any]) -> list[str]:
    """What there is to know of those judges."""
    lines = []
    for name, data in found.items():
        for judge, facts in data["judges"].items():
            told = [_fact(*fact) for fact in facts.items()]
            lines.append(f"{name}, {judge}: {', '.join(told)}.")
    return lines


def _fact(name: str, value: object) -> str:
    return "training never asked it" if name == LEARNT and value is False else f"{name} {value}"


def _limits(found: dict[str, Any]) -> list[str]:
    rows = [
        [
            *(name, cell["cell"], f"{cell['limit_ms']:.3f} ms", pm(cell["within"]), pm(cell["top"])),
            *(data["truth"], part_of(cell["held_out"])),
        ]
        for name, data in found.items()
        for cell in data["limited"]
        if name != "nasbench201"
    ]
    text = "Asked for the top 5 % under one latency limit (nasbench201 has [a page of its own](limits.md))."
    heads = ["space", "dataset, device, quantile", "limit", "within", "top of feasible", "judged by", "held out"]
    return [text, "", *table(heads, rows)]


def _measured() -> list[str]:
    """The latency model on networks that it was not fitted to, and generated networks measured."""
    fit, data = result("darts_latency")["held_out"], result("darts_measured")
    lines = [
        f"The model (operator costs, 10 folds over {fit['architectures']} random architectures that were measured): "
        f"mean absolute error {100 * fit['mape']:.1f} %,",
        f"Spearman {fit['spearman']:.3f}, Kendall {fit['kendall']:.3f}; {100 * fit['share_under_2_ms']:.1f} % take "
        "under",
        "2 ms. Networks that the tool returned for",
        "the top 5 % under a limit, built and measured afterwards (*2 % above*: at most that much over the limit):",
        "",
    ]
    rows = [
        [name, f"{c['limit_ms']:.3f} ms", str(c["networks"]), str(c["within"]), str(c["within_2_percent"])]
        for name, c in data["cells"].items()
    ]
    return [*lines, *table(["quantile", "limit", "networks", "within", "2 % above"], rows), "", *about(data["about"])]


def _surrogates(found: dict[str, Any]) -> list[str]:
    rows = []
    for name, data in found.items():
        taus = data["kendall_tau"]
        if name == "nasbench201":
            taus = {column: tau for column, tau in taus.items() if "/" not in column}
        rows += [[name, f"`{column}`", f"{tau:.3f}"] for column, tau in taus.items() if tau is not None]
    text = "Kendall's τ on the 10 % of labels that training never saw (nasbench201: devices left out here)."
    return [text, "", *table(["space", "metric", "τ"], rows)]


def measured_spaces() -> dict[str, Any]:
    """What was found of every space that has weights to be measured, by its name."""
    return {name: result(f"space-{name}") for name in space_names() if (RESULTS / f"space-{name}.json").is_file()}
