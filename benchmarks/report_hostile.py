"""The part of docs/results about inputs and faults that the tool has to survive."""

from __future__ import annotations

from benchmarks.markdown import result, table

DOORS = {
    "genotypes": "genotypes of all spaces and dialects, damaged, made up and wrapped",
    "records": "records, lines and files of many, what is written of them",
    "requests": "units, goals, limits, guidance, arguments of commands and of Python",
    "weights": "weights of generators and surrogates, their headers and configurations",
    "official": "official files, tables, registry, devices and measurements",
}


def hostile() -> list[str]:
    """Inputs tried and faults survived, by door."""
    lines = ["## Inputs that no user means", ""]
    data = result("hostile")
    tried = sum(door["tried"] for door in data["doors"].values())
    faults = data["faults"]
    lines += [
        f"{tried:,} examples that hypothesis makes, each to be answered, or refused with one documented error and a",
        "hint, within five seconds. *Failing*: any other end.",
        "",
        *table(
            ["door", "tried", "failing"],
            [[DOORS.get(name, name), f"{f['tried']:,}", str(f["failing"])] for name, f in data["doors"].items()],
        ),
        "",
        "Faults of the machine (`tests/faults`: kills at random moments, full disks, homes that cannot be written or",
        "are not there, locales, streams that are closed): "
        + ", ".join(f"{count} {name}" for name, count in faults.items() if name != "seconds")
        + ".",
        "",
        f"`{data['about']['command']}` · {data['about']['date']}",
        "",
    ]
    return lines
