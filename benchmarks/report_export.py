"""The part of docs/results about exported networks and exact counts, from counts.json, export.json, digits.json."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import Section, command, parts, sections, table, wrapped


def exported() -> list[str]:
    """One section."""
    return ["## Exported networks and counts", "", *sections(SECTIONS, command)]


def counts(data: dict[str, Any]) -> list[str]:
    """Closed forms against tables and built networks."""
    stated = [
        [space, f"`{column.rpartition(': ')[2]}`", f"{c['rows']:,}", f"{c['exact']:,}", _gap(c)]
        for space, found in parts(data)
        for column, c in found["tables"].items()
    ]
    built = [
        [space, str(made["networks"]), *(str(made.get(name, "–")) for name in ("params", "macs"))]
        for space, found in parts(data)
        for made in [found["networks"]]
    ]
    return [
        "Parameters and multiply-accumulates are computed in closed form. Every count that a benchmark's own files",
        "state, against these:",
        "",
        *table(["space", "column", "rows", "exact", "largest gap"], stated),
        "",
        "And random networks that were built and counted, with those that the closed forms give exactly:",
        "",
        *table(["space", "networks", "parameters exact", "multiply-accumulates exact"], built),
    ]


def export(data: dict[str, Any]) -> list[str]:
    """Sources alone, programs and ONNX models against built networks."""
    rows = []
    for space, found in parts(data):
        graphs = found["programs_and_onnx_models_within"]
        within = f"{graphs['count']} + {graphs['count']} within {graphs['gap']:g}"
        took = f"{found['seconds_of_100']:.2f}"
        rows.append([space, str(found["sources"]), f"{found['largest_gap']:.1e}", within, took])
    return [
        "Random architectures as source files, imported by an interpreter that has no dinas: largest difference of",
        "outputs to the built network's with the same weights; programs (`.pt2`) and ONNX models likewise. *seconds*:",
        "`dinas export` of 100 sources as a whole process, start-up included.",
        "",
        *table(["space", "sources", "largest difference", "programs + ONNX models", "seconds for 100"], rows),
    ]


def digits(data: dict[str, Any]) -> list[str]:
    """Exported sources can be trained."""
    rows = [[space, str(d["steps"]), f"{d['first_loss']:.2f}", f"{d['last_loss']:.2f}"] for space, d in parts(data)]
    return [
        "One random architecture of each, exported small and trained on scikit-learn's digits: mean loss of the first",
        "and the last five steps.",
        "",
        *table(["space", "steps", "first loss", "last loss"], rows),
    ]


def _gap(count: dict[str, Any]) -> str:
    return "–" if count["exact"] == count["rows"] else f"{100 * count['largest_relative_gap']:.2g} %"


def enumeration(data: dict[str, Any]) -> list[str]:
    """Cells of NASBench-101, walked through and counted in three ways."""
    ways = ["canonical", "hashes", "labelled"]
    rows = [[str(n), *(f"{data[way][at]:,}" for way in ways)] for at, n in enumerate(data["vertices"])]
    published = next(found for name, found in data.items() if name.endswith(".csv.gz"))
    text = (
        f"All cells of nasbench101: {data['all_hashes']:,} different ones by the official hash, as many by canonical"
        f" forms, and {data['catalogue']:,} in the built-in catalogue. Of {published['rows']:,} rows that were "
        f"published {published['own_hash']:,} have the hash that is worked out here, and "
        f"{published['params_exact']:,} exactly the parameters."
    )
    return [*wrapped(text), "", *table(["vertices", "different by canonical form", "by hash", "labelled graphs"], rows)]


SECTIONS: dict[str, tuple[str, Section]] = {
    "counts": ("Counts", counts),
    "nasbench101_enumeration": ("Every cell of NASBench-101", enumeration),
    "export": ("Export", export),
    "digits": ("Training of exported sources", digits),
}
