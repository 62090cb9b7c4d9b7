"""Reads the official NAS-Bench-201 ``.pth`` (v1.0, v1.1) through the ``nas-bench-201`` package.

The package opens files with ``torch.load``, which since torch 2.6 refuses them: they hold numpy scalars, and only
weights are loaded by default. Here the file is opened in that same strict mode with stand-ins for exactly those
scalars, so it cannot run code, and handed to the package as a dictionary, a few architectures at a time, because the
package copies what it is given and the whole file needs tens of gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import DinasError
from dinas_cli.files.columns import Columns, foreign
from dinas_cli.files.torch_files import BROKEN, load_torch

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

OFFICIAL = {"cifar10": "cifar10", "cifar100": "cifar100", "imagenet16-120": "ImageNet16-120"}
"""The package's names of our datasets."""
_AT_ONCE = 64
_EPOCHS = "200"


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read accuracies after 200 epochs (means over seeds), parameters and multiply-accumulates.

    For cifar10 validation accuracy is that of training on the train half (``cifar10-valid``), test accuracy that of
    training on train and validation images, as usual. Only ``dataset`` is read if one is named. Raises
    :class:`CorruptFileError` for a truncated or foreign file, :class:`DinasError` without the package.
    """
    import numpy as np

    data = load_torch(space, path)
    layout = {"meta_archs": list, "arch2infos": dict}
    for name, kind in layout.items():
        if not isinstance(data, dict) or not isinstance(data.get(name), kind):
            raise foreign(space, path, f"a torch file without the member {name!r}")
    wanted = [name for name in space.datasets if dataset in (None, name)]
    keys = [f"{metric}@{name}" for name in wanted for metric in ("acc", "test_acc", "params", "macs")]
    found: dict[str, list[float]] = {key: [] for key in [*keys, "index"]}
    genotypes: list[str] = []
    try:
        for index, genotype, results in _results(data):
            if results.arch_str != genotype:
                raise foreign(space, path, f"architecture {index} is {genotype} here and {results.arch_str} there")
            genotypes.append(genotype)
            found["index"].append(index)
            for name in wanted:
                for metric, value in _metrics(results, OFFICIAL[name]).items():
                    found[f"{metric}@{name}"].append(value)
    except BROKEN as error:
        reason = f"its results are laid out otherwise ({type(error).__name__}: {error})"
        raise foreign(space, path, " ".join(reason.split())) from error
    columns = {key: np.array(values, np.float64) for key, values in found.items()}
    return Columns("official NAS-Bench-201 file", genotypes, columns)


def _results(data: dict[str, Any]) -> Iterator[tuple[int, str, Any]]:
    """Official index, genotype and the package's ``ArchResults`` of every evaluated architecture; empties ``data``."""
    try:
        from nas_201_api import NASBench201API
    except ImportError as error:
        raise DinasError(
            "reading the official file needs the package nas-bench-201", "pip install 'dinas[nasbench201]'"
        ) from error

    infos = data["arch2infos"]
    indexes = sorted(infos)
    for start in range(0, len(indexes), _AT_ONCE):
        some = indexes[start : start + _AT_ONCE]
        chosen = {index: infos.pop(index) for index in some}
        api = NASBench201API(
            {"meta_archs": data["meta_archs"], "arch2infos": chosen, "evaluated_indexes": some}, verbose=False
        )
        for index in some:
            yield index, data["meta_archs"][index], api.arch2infos_dict[index][_EPOCHS]


def _metrics(results: Any, name: str) -> dict[str, float]:
    """Metrics of one architecture on one dataset (the package's name), NaN where it was not trained."""
    trained = results.get_dataset_names()
    halves = "cifar10-valid" if name == "cifar10" else name
    nan = float("nan")
    values = dict.fromkeys(("acc", "test_acc", "params", "macs"), nan)
    if halves in trained:
        values["acc"] = float(results.get_metrics(halves, "x-valid")["accuracy"])
    if name in trained:
        values["test_acc"] = float(results.get_metrics(name, "ori-test" if name == "cifar10" else "x-test")["accuracy"])
        costs = results.get_compute_costs(name)
        # The file counts in millions; both are whole numbers of parameters and multiply-accumulates.
        values["params"], values["macs"] = round(float(costs["params"]) * 1e6), round(float(costs["flops"]) * 1e6)
    return values
