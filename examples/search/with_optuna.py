"""The same search as a study of Optuna, with a storage that outlives the process and a pruner.

    python with_optuna.py --trials 12 --epochs 5 --storage sqlite:///digits.db

Run it again, or in several terminals: all processes add trials to one study. Then `optuna-dashboard sqlite:///digits.db`.
Needs Optuna and scikit-learn: pip install 'dinas[optuna]' scikit-learn.
"""

from __future__ import annotations

from argparse import ArgumentParser

import optuna
from plain_pytorch import accuracies

from dinas_cli.search.optuna_sampler import DinasSampler


def main() -> None:
    """Optuna's own loop; its trials know which network to train."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--storage", default="sqlite:///digits.db")
    given = parser.parse_args()

    sampler = DinasSampler("nasbench201", params="1M", trials=given.trials)
    study = optuna.create_study(
        study_name="digits",
        storage=given.storage,
        load_if_exists=True,
        direction="maximize",
        sampler=sampler,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1),
    )

    def objective(trial: optuna.Trial) -> float:
        accuracy = 0.0
        for epoch, accuracy in enumerate(accuracies(sampler.architecture(trial), given.epochs)):
            trial.report(accuracy, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return accuracy

    study.optimize(objective, n_trials=given.trials, callbacks=[sampler.stop_when_enough])
    best = sampler.architecture(study.best_trial)
    print(f"best of {len(study.trials)}: {study.best_value:.2f} %, {best.genotype}")


if __name__ == "__main__":
    main()
