"""The ImageNet experiment up to training: cells asked for good proxies against random ones, both really measured.

    python -m benchmarks.darts_imagenet --cells cells

Asked for: the top 5 % accuracy with both proxies at the best tenth of the architectures that the surrogate learnt from
(`benchmarks/measurements/darts-proxies.json`). What the tool returns is measured as
`benchmarks.darts_proxies` measures, with initialisations of its own, and stands against random cells measured likewise
that the surrogate never saw (`darts-proxies-unseen.json`, in five parts). The ten best, by the sum of their ranks in
both proxies as TE-NAS ranks, become networks for ImageNet with as many channels as keep them below 600 M
multiply-accumulates; `--cells` names a folder to keep them.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.darts_latency import MEASUREMENTS
from benchmarks.darts_proxies import METRICS, measured
from benchmarks.spaces import TOP
from dinas_cli.architectures.conditions import Budget, Rank, Request, find_metric
from dinas_cli.architectures.schema import Record
from dinas_cli.exporting.files import write
from dinas_cli.exporting.plan import Network, plan
from dinas_cli.generation.generate import generate
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.darts.skeletons import IMAGENET, SKELETONS
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.shared.skeletons import MOBILE_MACS

BEST = 0.1
"""Share of the architectures that a proxy's limit leaves, for each proxy alone."""
EXPORTED = 10
PARTS = 5
"""Of the random architectures, as there are seeds of generated ones."""
FRESH = 10_000
"""Added to the seeds of initialisations, so that none is one that the surrogate's labels were measured with."""


def main() -> None:
    """Generate, measure, export."""
    parser = common.parser(__doc__)
    parser.add_argument("--count", type=int, default=40, help="networks per seed")
    parser.add_argument("--cells", type=Path, help="folder for the networks of the ten best")
    parser.add_argument(
        "--unseen-only", action="store_true", help="take up more unseen architectures, for these results"
    )
    options = parser.parse_args()
    options.space = SPACE.name
    setup = common.models(options)
    oracles = Oracles(SPACE, None, setup.surrogate)
    limits = {metric: limit(metric) for metric in METRICS}
    if options.unseen_only:
        path = options.out or common.RESULTS / "darts_imagenet.json"
        results = json.loads(path.read_text())
        if results["about"]["checkpoint_sha256"] != setup.about["checkpoint_sha256"]:
            raise SystemExit(f"{path} is about another checkpoint: measure everything")
        path.write_text(json.dumps(against_unseen(results, oracles), indent=1) + "\n")
        return
    rank = Rank(SPACE.rank_metric, TOP)
    budgets = tuple(Budget(metric, value) for metric, value in limits.items())
    request = Request(SPACE.name, rank=rank, budgets=budgets)
    runs: list[dict[str, float]] = []
    found: list[tuple[Record, dict[str, float]]] = []
    for seed in range(options.seeds):
        records = generate(request, options.count, seed=seed, checkpoint=str(setup.file), oracles=oracles).records
        values = np.array([record.values for record in records], np.int8)
        proxies = measured(values.tolist(), FRESH + seed)
        runs.append(summary(proxies, values, limits, oracles))
        rows = zip(*(proxies[metric].tolist() for metric in METRICS), strict=True)
        found += [(record, dict(zip(METRICS, row, strict=True))) for record, row in zip(records, rows, strict=True)]
    results = {
        "limits": limits,
        "request": request.describe(SPACE),
        "networks_per_seed": options.count,
        "groups": {"proxies": figures_over_seeds(runs)},
        "exported": export(best(found), options.cells),
    }
    common.write(options, setup.about, against_unseen(results, oracles))


def against_unseen(results: dict[str, Any], oracles: Oracles) -> dict[str, Any]:
    """The results with random architectures that the surrogate never saw, in parts, and how it ranks them."""
    values, proxies = _measurements("darts-proxies-unseen")
    parts = [slice(first, None, PARTS) for first in range(PARTS)]
    several = [
        summary({metric: found[part] for metric, found in proxies.items()}, values[part], results["limits"], oracles)
        for part in parts
    ]
    groups = results["groups"] | {"random": figures_over_seeds(several)}
    return results | {"groups": groups, "surrogate_on_unseen": ranking(oracles, values, proxies)}


def figures_over_seeds(several: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation of every figure over seeds."""
    return {key: common.mean_sd([one[key] for one in several]) for key in several[0]}


def limit(metric: str) -> float:
    """What a tenth of the architectures that the surrogate learnt from reach, to three figures."""
    known = _measurements("darts-proxies")[1][metric]
    share = BEST if find_metric(SPACE, metric).bound == "<=" else 1 - BEST
    return float(f"{np.quantile(known, share):.3g}")


def summary(
    proxies: dict[str, np.ndarray], values: np.ndarray, limits: dict[str, float], oracles: Oracles
) -> dict[str, float]:
    """Measured proxies of one seed, the shares that keep to the limits, and what the surrogate says of the accuracy."""
    met = {metric: reached(metric, proxies[metric], value) for metric, value in limits.items()}
    accuracy = oracles.metric(values, SPACE.rank_metric)[0]
    least = np.quantile(oracles.reference(SPACE.rank_metric), 1 - TOP / 100)
    return {
        "networks": float(len(values)),
        **{metric: float(np.exp(np.log(proxies[metric]).mean())) for metric in METRICS},
        **{f"{metric}_met": float(there.mean()) for metric, there in met.items()},
        "both_met": float(np.logical_and.reduce(list(met.values())).mean()),
        "accuracy": float(accuracy.mean()),
        "top": float((accuracy >= least).mean()),
    }


def reached(metric: str, values: np.ndarray, value: float) -> np.ndarray:
    """Which of the values ``(B,)`` are on the right side of a limit."""
    there: np.ndarray = values <= value if find_metric(SPACE, metric).bound == "<=" else values >= value
    return there


def ranking(oracles: Oracles, values: np.ndarray, proxies: dict[str, np.ndarray]) -> dict[str, Any]:
    """How the surrogate ranks measured architectures ``(B, 28)`` that it never saw."""
    from scipy.stats import kendalltau, spearmanr

    found: dict[str, Any] = {"architectures": len(values)}
    for metric, truth in proxies.items():
        predicted = oracles.metric(values, metric)[0]
        found[metric] = {
            "kendall": round(float(kendalltau(predicted, truth)[0]), 4),
            "spearman": round(float(spearmanr(predicted, truth)[0]), 4),
        }
    return found


def best(found: list[tuple[Record, dict[str, float]]]) -> list[tuple[Record, dict[str, float]]]:
    """The ten best different architectures by the sum of their ranks in the measured proxies."""
    different = list({record.id: (record, proxies) for record, proxies in found}.values())
    ranks = np.zeros(len(different))
    for metric in METRICS:
        values = np.array([proxies[metric] for _, proxies in different])
        ranks += (values if find_metric(SPACE, metric).bound == "<=" else -values).argsort().argsort()
    return [different[place] for place in np.argsort(ranks, kind="stable")[:EXPORTED]]


def mobile(record: Record) -> Network:
    """The widest network for ImageNet around a cell, of an even number of channels, that a phone may run."""
    widest = SKELETONS[IMAGENET]["channels"]
    assert widest is not None
    for channels in range(int(widest), 0, -2):
        network = plan(record, None, IMAGENET, {"channels": channels})
        if network.counts[1] < MOBILE_MACS:
            return network
    raise SystemExit(f"no network of {record.id} is small enough")


def export(chosen: list[tuple[Record, dict[str, float]]], folder: Path | None) -> dict[str, Any]:
    """Write networks for ImageNet, in the folder or a temporary one, and say what they are."""
    networks = [mobile(record) for record, _ in chosen]
    with tempfile.TemporaryDirectory() as temporary:
        written = write(networks, "pytorch", folder or Path(temporary), force=True)
        for path, *_ in written.files:
            compile(path.read_text(), path.name, "exec")
    return {
        "skeleton": {name: size for name, size in SKELETONS[IMAGENET].items() if size and name != "channels"},
        "command": f"dinas export GENOTYPE --space darts --to pytorch --skeleton {IMAGENET} --channels CHANNELS",
        "networks": [
            {
                "id": record.id,
                "genotype": SPACE.decode(SPACE.encode(record.genotype), "compact"),
                "channels": network.skeleton.channels if network.skeleton else None,
                "params": network.counts[0],
                "macs": network.counts[1],
                **{metric: round(value, 2) for metric, value in proxies.items()},
                "accuracy": round(record.metrics[SPACE.rank_metric].value, 2),
            }
            for (record, proxies), network in zip(chosen, networks, strict=True)
        ],
    }


def _measurements(name: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Architectures ``(B, 28)`` of a benchmark file and their proxies ``(B,)``."""
    rows = json.loads((MEASUREMENTS / f"{name}.json").read_text())["measurements"]
    proxies = {metric: np.array([row[place] for row in rows]) for place, metric in enumerate(METRICS, 1)}
    return np.array([SPACE.encode(row[0]) for row in rows], np.int8), proxies


if __name__ == "__main__":
    main()
