"""The README's figures: samples against their limits by device, search, every space, speed."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.common import RESULTS
from benchmarks.markdown import parts, pm, table
from benchmarks.report_spaces import overview
from benchmarks.rivals import WHOLE
from dinas_cli.bench.experiments import grouped, mean_sd
from dinas_cli.bench.runner import read
from dinas_cli.bench.suites.paper_tables import found_after
from dinas_cli.bench.suites.speed_tables import PAPER_STEPS, alike
from dinas_cli.spaces.registry import get_space


def headline() -> list[str]:
    """What the README says: samples against their limits, unseen devices, search, speed."""
    lines = [
        "Asked for the top 5 % accuracy under a latency limit (five limits from the 10 % to the 80 % quantile, three",
        "datasets), judged by the benchmark's table. Nine tenths of its labels trained the models; *held out*: the",
        "share among the samples whose labels training never saw, and their number over five seeds.",
        "",
        *by_device(),
        "",
        "The first three columns are samples as drawn, the next three what the tool's check lets through; *nothing",
        "sure* counts requests where noise leaves no architecture that satisfies with `--confidence 0.98`; without it",
        "`dinas generate` then goes down to 0.8 and says so.",
        *looked_up(),
    ]
    lines += ["", *overview(), "", *gains()]
    return [*lines, "", *speed()]


def by_device() -> list[str]:
    """One row per device, those that training never saw last, by their measurements."""
    known, new = (json.loads((RESULTS / f"{name}.json").read_text()) for name in ("constraints", "unseen"))
    heads = ["device", "within limit", "in the top 5 %, by the table", "held out"]
    heads += ["returned: within", "returned: top 5 %, by the table", "held out", "nothing sure"]
    rows = []
    for suffix, found in (("", known), (f", never seen, {new['about']['measured_per_device']} measurements", new)):
        cells = found["summary"]["cells"] // len(found["devices"])
        for device, g in found["devices"].items():
            shares = [*(pm(g[key]) for key in ("within", "top")), unseen_labels(g, "top", "samples")]
            shares += [*(pm(g[f"returned_{key}"]) for key in ("within", "top"))]
            shares += [unseen_labels(g, "returned_top", "returned")]
            rows.append([device + suffix, *shares, f"{g['cells_with_nothing_returned']} of {cells}"])
    return table(heads, rows)


def unseen_labels(group: dict[str, Any], share: str, count: str) -> str:
    """The share among samples whose labels training never saw, and their number; a dash where nobody counted them."""
    if not group.get(f"held_out_{count}"):
        return "–"
    return f"{pm(group[f'held_out_{share}'])} of {group[f'held_out_{count}']:,}"


def looked_up() -> list[str]:
    """Test accuracies that 16 look-ups reach on NAS-Bench-201, and how many it takes when labels are counted."""
    path = RESULTS / "bench-paper.json"
    groups = grouped(read(path).experiments) if path.is_file() else {}
    datasets = get_space("nasbench201").datasets
    few = [groups.get(f"nasbench201@{dataset}/P dinas", []) for dataset in datasets]
    honest, sceptic = (
        [groups.get(f"nasbench201@{dataset}/H {method}", []) for dataset in datasets]
        for method in ("dinas", "predictor on the whole space")
    )
    if not all(few) or not all(honest) or not all(sceptic):
        return []
    tests = " / ".join(mean_sd(run["test"][run["queries"].index(16)] for run in runs) for runs in few)
    needed, without = (" / ".join(map(found_after, runs)) for runs in (honest, sceptic))
    return [
        f"Without limits, 16 look-ups reach a test accuracy, read at the best validation accuracy, of {tests} %",
        "(CIFAR-10 / CIFAR-100 / ImageNet16-120), the values of the table's own best. When every label of training is",
        f"counted as a look-up, the table's best is found after {needed} look-ups; the same search without a",
        f"generator, its predictor ranking the whole space, takes {without}; in brackets how many of the searches,",
        "each of 200 look-ups, found it.",
    ]


def gains() -> list[str]:
    """Where a generator gains nothing: spaces that the surrogate ranks as a whole."""
    path = RESULTS / "rivals.json"
    found = json.loads(path.read_text()) if path.is_file() else {}
    whole = {name: part["methods"]["no limit"].get(WHOLE) for name, part in parts(found)}
    seconds = {name: figures["seconds"]["mean"] for name, figures in whole.items() if figures}
    if not seconds:
        return []
    return [
        f"In spaces small enough to be listed ({', '.join(seconds)}) the generator gains nothing:",
        f"their surrogate ranks everything there is in {max(seconds.values()):.1f} s or less. Against evolution and",
        "random cells on the same surrogate, at equal CPU time: [docs/results.md](docs/results.md).",
    ]


def speed() -> list[str]:
    """Milliseconds per architecture and whole processes, from the suite of that name."""
    path = RESULTS / "bench-speed.json"
    found = read(path).experiments if path.is_file() else {}
    batch, started = found.get("nasbench201/batch1000"), found.get("nasbench201/start")
    if batch is None or started is None:
        return []
    return [
        f"One architecture takes {batch['ours_ms']:.3f} ms on one CPU core (batch 1,000, guidance on, {batch['calls']}",
        f"network calls), the paper's configuration {batch['ratio']:,.0f} times that with its {PAPER_STEPS} calls, and",
        f"{alike(batch):.0f} times with as many calls as ours; `dinas generate -n 16` as a whole takes",
        f"{started['ratio']:.2f} times as long as `import torch` alone, which it does without.",
    ]
