"""The README's figures: answers against their limits, fronts, search, every space, speed."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import parts, pm, result, suite_results, wrapped
from benchmarks.report_bench import small_figures
from benchmarks.report_spaces import overview
from benchmarks.rivals import WHOLE
from dinas_cli.bench.experiments import grouped, mean_sd
from dinas_cli.bench.suites.paper_tables import found_after
from dinas_cli.bench.suites.speed_tables import PAPER_STEPS, alike
from dinas_cli.spaces.registry import get_space


def headline() -> list[str]:
    """What the README says: limits, fronts, search, every space, speed, with the two small figures."""
    return [
        *limits(),
        "",
        *small_figures("docs/plots"),
        *looked_up(),
        "",
        *overview(),
        "",
        *gains(),
        "",
        *speed(),
    ]


def limits() -> list[str]:
    """Samples and answers against their limits, known devices and new ones."""
    known, new = (result(name) for name in ("constraints", "unseen"))
    s, other = known["summary"], new["summary"]
    text = (
        f"Asked for the top 5 % accuracy under a latency limit ({s['cells']} requests: {len(known['devices'])} "
        "devices, five limits, three data sets of NAS-Bench-201), judged by the benchmark's table, nine tenths of "
        f"whose labels trained the models: {pm(s['returned_within'])} of what is returned keeps to the limit, and "
        f"{pm(s['returned_top'])} is in the top 5 % of what does ({unseen_labels(s, 'returned_top', 'returned')} among "
        f"those whose labels training never saw). On {len(new['devices'])} devices that training never saw, described "
        f"by {new['about']['measured_per_device']} measurements each: {pm(other['returned_within'])} and "
        f"{pm(other['returned_top'])}. In {s['cells_with_nothing_returned']} of the {s['cells']} requests noise leaves "
        "no architecture that keeps to the limit with a probability of 98 %; then `dinas generate` goes down to 80 %, "
        "and says so."
    )
    return wrapped(text)


def unseen_labels(group: dict[str, Any], share: str, count: str) -> str:
    """The share among samples whose labels training never saw, and their number; a dash where nobody counted them."""
    if not group.get(f"held_out_{count}"):
        return "–"
    return f"{pm(group[f'held_out_{share}'])} of {group[f'held_out_{count}']:,}"


def looked_up() -> list[str]:
    """Test accuracies that 16 look-ups reach on NAS-Bench-201, and how many it takes when labels are counted."""
    groups = grouped(suite_results("paper").experiments)
    datasets = get_space("nasbench201").datasets
    few = [groups[f"nasbench201@{dataset}/P dinas"] for dataset in datasets]
    honest, sceptic = (
        [groups[f"nasbench201@{dataset}/H {method}"] for dataset in datasets]
        for method in ("dinas", "predictor on the whole space")
    )
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
    whole = {name: part["methods"]["no limit"].get(WHOLE) for name, part in parts(result("rivals"))}
    seconds = {name: figures["seconds"]["mean"] for name, figures in whole.items() if figures}
    return [
        f"In spaces small enough to be listed ({', '.join(seconds)}) the generator gains nothing:",
        f"their surrogate ranks everything there is in {max(seconds.values()):.1f} s or less. Against evolution and",
        "random cells on the same surrogate, at equal CPU time: [rivals](docs/results/rivals.md).",
    ]


def speed() -> list[str]:
    """Milliseconds per architecture and whole processes, from the suite of that name."""
    found = suite_results("speed").experiments
    batch, started = found["nasbench201/batch1000"], found["nasbench201/start"]
    return [
        f"One architecture takes {batch['ours_ms']:.3f} ms on one CPU core (batch 1,000, guidance on, {batch['calls']}",
        f"network calls), the paper's configuration {batch['ratio']:,.0f} times that with its {PAPER_STEPS} calls, and",
        f"{alike(batch):.0f} times with as many calls as ours; `dinas generate -n 16` as a whole takes",
        f"{started['ratio']:.2f} times as long as `import torch` alone, which it does without.",
    ]
