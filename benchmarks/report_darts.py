"""The part of docs/results with training-free proxies of darts: the setting, cells asked for them, the ten best."""

from __future__ import annotations

from typing import Any

from benchmarks.darts_proxies import FILES, METRICS
from benchmarks.markdown import about, pm, result, table

NAMES = {"proxies": "generated", "random": "random"}


def proxies() -> list[str]:
    """One section of two result files."""
    lines = ["## darts: trainability and expressivity, untrained", ""]
    setting, data = result("darts_proxies"), result("darts_imagenet")
    return [*lines, *_measured(setting, data), "", *_groups(data), "", *_exported(data), "", *about(data["about"]), ""]


def _measured(setting: dict[str, Any], data: dict[str, Any]) -> list[str]:
    """What the proxies are, how far two initialisations agree, and how the surrogate ranks what it never saw."""
    unseen = data["surrogate_on_unseen"]
    rows = []
    for metric in METRICS:
        found, ranked = setting[metric], unseen[metric]
        quantiles = " / ".join(f"{found['quantiles'][level]:,.4g}" for level in ("10%", "50%", "90%"))
        agreement = f"{found['spearman_of_one']:.3f}, {found['spearman_of_the_mean']:.3f}"
        rows.append([metric, quantiles, agreement, f"{ranked['kendall']:.3f}, {ranked['spearman']:.3f}"])
    files = " and ".join(f"`benchmarks/measurements/{name}.json`" for name in FILES)
    return [
        f"The setting: {setting['setting']}.",
        f"{setting['architectures']:,} random architectures were measured ({files}); the surrogate learnt from",
        f"the first file, the {unseen['architectures']:,} of the second it never saw.",
        "",
        *table(
            [
                "proxy",
                "10 / 50 / 90 % quantile",
                "Spearman between initialisations: one, their mean",
                "surrogate on the unseen: Kendall τ, Spearman",
            ],
            rows,
        ),
    ]


def _groups(data: dict[str, Any]) -> list[str]:
    """Measured proxies of generated and of random cells."""
    heads = ["cells", "ntk", "linear regions", "ntk met", "regions met", "both met", "in the top 5 % accuracy"]
    rows = []
    for name, found in data["groups"].items():
        shares = [pm(found[f"{key}_met"]) for key in (*METRICS, "both")]
        rows.append([NAMES[name], pm(found["ntk"], 1, 1), pm(found["linear_regions"], 1, 0), *shares, pm(found["top"])])
    return [
        f"Asked for: {data['request']} (each proxy at the best tenth of random architectures).",
        f"What the tool returned, {data['networks_per_seed']} architectures per seed, was built and measured with new",
        "initialisations. Means of the proxies are geometric; the accuracy is the surrogate's opinion.",
        "",
        *table(heads, rows),
    ]


def _exported(data: dict[str, Any]) -> list[str]:
    """The networks for ImageNet."""
    exported = data["exported"]
    sizes = ", ".join(f"{name} {size}" for name, size in exported["skeleton"].items())
    rows = [
        [
            f"`{network['id']}`",
            f"`{network['genotype']}`",
            str(network["channels"]),
            f"{network['macs'] / 1e6:.0f} M",
            f"{network['params'] / 1e6:.2f} M",
            f"{network['ntk']:.1f}",
            f"{network['linear_regions']:,.0f}",
            f"{network['accuracy']:.2f}",
        ]
        for network in exported["networks"]
    ]
    return [
        f"The ten best of them by the sum of their ranks in both measured proxies, as networks for ImageNet ({sizes}),",
        f"`{exported['command']}`,",
        "with as many channels, up to the usual 48, as keep them below the mobile setting of 600 M:",
        "",
        *table(
            ["id", "genotype", "channels", "MACs", "parameters", "ntk", "linear regions", "accuracy (CIFAR-10) %"], rows
        ),
    ]
