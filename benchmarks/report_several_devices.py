"""The part of docs/results about limits on several devices at once."""

from __future__ import annotations

from benchmarks.markdown import about, pm, result, table

METHODS = ("dinas generate", "all", "one view each", "strictest", "last", "ranking")


def several_devices() -> list[str]:
    """For pairs and triples, what each method keeps and reaches."""
    lines = ["## Several devices at once", ""]
    data = result("several_devices")
    lines += [
        "NAS-Bench-201, random pairs and triples of the 24 devices, data sets in turn; every limit is at the 20,",
        "35, 50 or 80 % quantile of its own device, and the top 5 % of those that keep all limits are asked for.",
        "*all*: the generator is told every limit; *one view each*: guidance adds what each alone changes;",
        "*strictest*, *last*: it is told one. *returned*: what the check by the surrogate lets pass, at a",
        "confidence of 0.98. *ranking*: all of the space that passes it, without a generator. *dinas generate*:",
        "what the command returns, which asks for less certainty where nothing is that certain. The judge is the",
        "table, nine tenths of whose labels trained the models.",
    ]
    heads = ["method", "drawn: within all", "in the top 5 %", "returned: within all", "in the top 5 %", "nothing"]
    for name, found in data.items():
        if name == "about":
            continue
        rows = []
        for method in METHODS:
            one = found["methods"][method]
            own = method in ("ranking", "dinas generate")
            drawn = ["–", "–"] if own else [pm(one["within"]), pm(one["top"])]
            rows.append([method, *drawn, pm(one["returned_within"]), pm(one["returned_top"]), f"{one['empty']:g}"])
        lines += ["", f"**{found['requests']} {name}**", "", *table(heads, rows)]
    return [*lines, "", *about(data["about"]), ""]
