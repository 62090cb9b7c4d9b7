"""Workers that Ray places: a task does one trial of the run; which one, the folder says, as it does everywhere.

Ray begins a task anew whose node died, and that task takes up the trial, or another. The driver keeps as many tasks
waiting as there are trials left, and knows nothing that is not in the folder, so it may die and be started again.
"""

from __future__ import annotations

import time

from dinas_cli.search.engines.cluster import Cluster, Tasks
from dinas_cli.search.runs.folder import Nothing, Run
from dinas_cli.search.runs.worker import PAUSE, Work, work


def run(job: Work, cluster: Cluster) -> Nothing:
    """Have the trials of ``job`` done on a cluster until nothing is left; returns why.

    Raises :class:`DinasError` where too many trials fail, and for what :class:`.Cluster` refuses.
    """
    here = Run(job.folder)
    with cluster.connected():
        tasks: Tasks[Nothing | None] = Tasks(cluster, _one_trial)
        number = 0
        while True:
            trials = here.trials()
            here.check(trials)
            left = job.trials - sum(trial.finished is not None for trial in trials)
            if left <= 0:
                return Nothing(busy=False)
            while len(tasks) < min(left, cluster.most or left):
                tasks.begin(number, job)
                number += 1
            for _, outcome in tasks.ended(wait=PAUSE):
                if outcome is not None and not outcome.busy:
                    return outcome
                if outcome is not None:
                    time.sleep(PAUSE)  # all that is left is others'


def _one_trial(job: Work) -> Nothing | None:
    return work(job, most=1, patient=False)
