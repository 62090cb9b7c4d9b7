"""The part of docs/results about searches whose workers, nodes and drivers are killed."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import command, result, table

PARTS = {"local": "{workers} workers in one folder", "ray": "Ray, {nodes} nodes of two CPUs"}


def killed_searches() -> list[str]:
    """What kills cost, by engine."""
    lines = ["## Searches that are killed", ""]
    data = result("killed_searches")
    found = {name: data[name] for name in PARTS if name in data}
    trials = {f"{part['trials']} trials of {part['epochs']} epochs" for part in found.values()}
    lines += [
        f"{' and '.join(sorted(trials))}, by a program that keeps each epoch of half a second in the folder of",
        "its trial, with processes killed (SIGKILL) at random moments: of local workers one that is at work, of Ray a",
        "node with all that runs on it, or the driver. What was killed is started anew; while a node is, no epoch",
        "ends. *Cut short*: how often a worker died on a trial. *Begun again*: epochs that an earlier worker had",
        "begun; *at most*: by one death, on average, in the trial where these cost most. *Touched later*: trials in",
        "whose folders anything was done after their result.",
        "",
        *table(
            [
                *("", "kills", "trials with one result", "failed", "cut short", "epochs begun again", "at most"),
                *("touched later", "seconds"),
            ],
            [_row(PARTS[name].format(**part), part) for name, part in found.items()],
        ),
        "",
        *command(data["about"]),
        "",
    ]
    return lines


def _row(name: str, found: dict[str, Any]) -> list[str]:
    drivers = found.get("driver_kills")
    kills = f"{found['kills']}" if drivers is None else f"{found['kills']} of nodes, {drivers} of the driver"
    whole = found["results"] if found["one_result_each"] else "not all"
    return [
        *(name, kills, f"{whole} of {found['trials']}", str(found["failed"])),
        *(str(found["deaths_of_workers_on_a_trial"]), f"{found['epochs_begun_again']} of {found['epochs_kept']}"),
        f"{found['most_epochs_lost_by_a_death']:.2g}",
        *(str(found["trials_touched_after_their_result"]), str(found["seconds"])),
    ]
