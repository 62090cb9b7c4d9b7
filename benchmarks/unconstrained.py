"""Best of k look-ups without limits: validation accuracy decides, the test accuracy read there is reported.

The tool's own protocol: ask for the very top, draw, rank the different architectures by the surrogate, look up the k
best. Beside it the paper's: k samples of a top-5 % request looked up as they come (192 in DiNAS, table 3).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.constraints import keys
from dinas_cli.diffusion.model import Wishes

LOOKUPS = (1, 4, 8, 16, 32, 64, 128, 192)
DRAWN = 1024


def curve(setup: common.Setup, dataset: str, rows: np.ndarray) -> dict[int, tuple[float, float]]:
    """Validation and test accuracy of the best by validation among the first k look-ups."""
    validation = setup.truth.reference(f"acc@{dataset}")
    test = setup.truth.reference(f"test_acc@{dataset}")
    found = {}
    for k in LOOKUPS:
        best = rows[:k][int(np.argmax(validation[rows[:k]]))]
        found[k] = float(validation[best]), float(test[best])
    return found


def ranked(setup: common.Setup, dataset: str, seed: int) -> np.ndarray:
    """Different samples of a top-0.1 % request, the surrogate's favourites first."""
    values = setup.generator.sample(Wishes(dataset, 0.1), DRAWN, seed=seed)
    rows = np.array(list(dict.fromkeys(keys(setup.space, values).tolist())))
    return np.asarray(rows[np.argsort(-setup.guess.reference(f"acc@{dataset}")[rows], kind="stable")])


def plain(setup: common.Setup, dataset: str, seed: int) -> np.ndarray:
    """Samples of a top-5 % request as they come."""
    return keys(setup.space, setup.generator.sample(Wishes(dataset, 5.0), max(LOOKUPS), seed=seed))


def main() -> None:
    """Both protocols on all datasets."""
    options = common.parser(__doc__).parse_args()
    setup = common.load(options)
    results: dict[str, Any] = {}
    for dataset in setup.space.datasets:
        validation = setup.truth.reference(f"acc@{dataset}")
        test = setup.truth.reference(f"test_acc@{dataset}")
        best = int(np.argmax(validation))
        entry: dict[str, Any] = {
            "optimum": {"validation": float(validation[best]), "test_there": float(test[best])},
        }
        for name, choose in (("surrogate-ranked", ranked), ("paper", plain)):
            curves = [curve(setup, dataset, choose(setup, dataset, seed)) for seed in range(options.seeds)]
            entry[name] = {
                str(k): {
                    "validation": common.mean_sd([c[k][0] for c in curves]),
                    "test": common.mean_sd([c[k][1] for c in curves]),
                }
                for k in LOOKUPS
            }
        results[dataset] = entry
    common.write(options, setup.about, {"look_ups": list(LOOKUPS), "drawn": DRAWN, "datasets": results})


if __name__ == "__main__":
    main()
