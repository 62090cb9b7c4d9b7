"""The part of docs/results about language models asked for under limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.markdown import about, checked, pm, result, table

METHODS = ("generate --ppl top5", "generate --ppl best", "evolution")


def language_models() -> list[str]:
    """By size: the judge, the surrogate, samples, limits, devices left out."""
    lines = ["## Language models", ""]
    lines += [
        "HW-GPT-Bench. Perplexities are of weights *inherited* from a super-network. One half of the table's rows,",
        "chosen by a hash of the model, trains surrogate and generator; the judge is an additive fit per embedding",
        "width on the other half, which no part of the tool has seen. *Regret*: perplexity by the judge above the",
        "optimum of an integer program of the judge's own under the same limit; *sure optimum*: the same program under",
        "a limit that leaves room for the measurements' noise, as all searches here do (certainty 0.98): what lies",
        "between the two is the price of certainty. *Evolution*: on the same surrogate, as sure of the limit, with two",
        "seconds of CPU time. *Check*: without a judge, how many of the judge's rows that the tool takes to keep the",
        "limit do, as measured.",
        "",
    ]
    for name, found in result("gpt").items():
        if name != "about":
            lines += [f"### {name}", ""] + (_left_out(found) if "devices" in found else _size(found))
            lines += [*about(found["about"]), ""]
    return lines


def _size(found: Mapping[str, Any]) -> list[str]:
    judge, told, drawn = found["judge"], found["surrogate"], found["samples"]
    error = judge["perplexity"]
    widths = ", ".join(f"{tau:.3f} at width {width}" for width, tau in told["within a width"].items())
    latencies = {name: one["median_relative"] for name, one in judge["latency"].items()}
    devices = [
        [name, f"{told['latency'][name]:.3f}", f"{error['kendall_tau']:.3f}", f"{100 * error['median_relative']:.1f} %"]
        for name, error in judge["latency"].items()
    ]
    return [
        f"The judge's own error, out of fold on its {judge['rows']:,} rows: perplexity τ {error['kendall_tau']:.3f}, "
        f"root mean square {error['rmse']:.2f}; latencies {100 * min(latencies.values()):.1f} to "
        f"{100 * max(latencies.values()):.1f} % in the median. The surrogate ranks these rows, which it has not seen, "
        f"with τ {told['perplexity']:.3f} ({widths}).",
        "",
        f"Samples as drawn, asked for the top 5 %: {pm(drawn['valid'])} valid, {pm(drawn['unique'])} different, "
        f"{pm(drawn['top 5 %'])} in the top 5 % by the judge; {pm(drawn['ms_per_sample'], 1, 2)} ms of CPU time each "
        "at batch 256, on one thread.",
        "",
        *table(["device", "surrogate τ", "judge τ", "judge, median error"], devices),
        "",
        *_limits(found["limits"]),
    ]


def _left_out(found: Mapping[str, Any]) -> list[str]:
    return [
        f"Not in the training, known by {found['measured']} measurements: {', '.join(found['devices'])}.",
        "",
        *_limits(found["limits"]),
    ]


def _limits(limits: Mapping[str, Any]) -> list[str]:
    passed, kept = checked(limits.values())
    heads = ["device, quantile", "limit", "optimum", "sure optimum", "check"]
    heads += [f"{name}: {what}" for name in METHODS for what in _WHAT]
    rows = []
    for name, found in limits.items():
        rows.append([name, f"{found['limit_ms']:.1f} ms", f"{found['optimum']:.2f}"])
        rows[-1] += ["–" if found["sure_optimum"] is None else f"{found['sure_optimum']:.2f}", _check(found)]
        for method in METHODS:
            one = found[method]
            rows[-1] += [_mean(one, key, digits) for key, digits in _WHAT.values()]
    means = ["**mean**", "", "", "", ""]
    for method in METHODS:
        for key, digits in _WHAT.values():
            told = [one[key]["mean"] for found in limits.values() if key in (one := found[method])]
            means.append(f"{np.mean([each for each in told if each is not None]):.{digits}f}" if told else "–")
    empty = {name: sum(found[name]["empty"] for found in limits.values()) for name in METHODS}
    none = ", ".join(f"{name} {count}" for name, count in empty.items())
    rows_said = f"Without a judge, over all of these limits: of {passed:,} rows that the check takes to keep a limit,"
    share = f"{100 * kept:.2f} % do, as measured."
    return [
        rows_said,
        share,
        "",
        *table(heads, [*rows, means]),
        "",
        f"Requests without an answer, over all seeds: {none}.",
        "",
    ]


def _mean(found: Mapping[str, Any], key: str, digits: int) -> str:
    return f"{found[key]['mean']:.{digits}f}" if key in found and found[key]["mean"] is not None else "–"


def _check(found: Mapping[str, Any]) -> str:
    rows = found["check"]["rows"]
    return f"{100 * found['check']['kept']:.1f} % of {rows:,}" if rows else "–"


_WHAT = {"within": ("within", 3), "regret": ("regret", 2), "diversity": ("diversity", 2)}
