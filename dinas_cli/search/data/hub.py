"""Image sets of the Hub, by name, through the library ``datasets``; images stay undecoded until they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from dinas_cli.checkpoints.hub import endpoint, hub_errors
from dinas_cli.checkpoints.network import Probe, offline
from dinas_cli.errors import DinasError, OfflineError, need_packages
from dinas_cli.files.atomic import make_dir
from dinas_cli.files.cache import cache_dir
from dinas_cli.files.process_wide import Shared
from dinas_cli.files.text import one_line, visible
from dinas_cli.search.data.examples import ALIASES, Example, Source


def read_hub(name: str) -> Source:
    """The examples of a set called ``OWNER/NAME``, or ``OWNER/NAME:CONFIGURATION`` where it has several.

    It is downloaded into our own cache folder. Raises :class:`OfflineError`, :class:`NotFoundError` for no such set,
    and :class:`DinasError` for one without images and classes.
    """
    need_packages("an image set of the Hub", "search", {"datasets": "datasets"})
    if offline():
        raise OfflineError(
            f"{name} is not here, and the network is switched off", "unset DINAS_OFFLINE, HF_HUB_OFFLINE"
        )
    Probe([endpoint()]).require(endpoint())
    repository, _, configuration = name.partition(":")
    with hub_errors(f"hf://datasets/{repository}"):
        from huggingface_hub import HfApi

        commit = HfApi(endpoint=endpoint(), library_name="dinas").dataset_info(repository).sha
    folder = make_dir(cache_dir() / "datasets")
    try:
        with _SILENT():
            from datasets import load_dataset

            found = load_dataset(repository, configuration or None, revision=commit, cache_dir=str(folder))
    except ConnectionError as error:
        raise OfflineError(f"cannot fetch {name}: {one_line(str(error))}") from error
    except Exception as error:  # whatever is wrong with files of others
        raise DinasError(
            f"{name} cannot be read: {one_line(str(error))[:300]}", "name a configuration: OWNER/NAME:CONFIGURATION"
        ) from error
    return from_splits(found, name, str(commit))


def from_splits(splits: Mapping[str, Any], name: str, state: str) -> Source:
    """The examples of the splits of a set, by their names (``datasets.DatasetDict``); see :func:`read_hub`.

    Images are those of the first column of images; classes those of the first ``ClassLabel``, else the different
    values of a column ``label``. Examples without a class (label −1) are left out, and splits of other names too.
    """
    from datasets import Image

    features = next(iter(splits.values())).features
    image = next((column for column, feature in features.items() if isinstance(feature, Image)), None)
    label = next((column for column, feature in features.items() if hasattr(feature, "names")), None)
    label = label or next((column for column in ("label", "labels", "class") if column in features), None)
    if image is None or label is None:
        missing = "images" if image is None else "classes"
        raise DinasError(f"{name} has no column of {missing}", f"its columns: {visible(', '.join(features))[:300]}")
    known = {split: rows for split, rows in splits.items() if split.lower() in ALIASES}
    divided = "training" in {ALIASES[split.lower()] for split in known}
    used = known if divided else splits
    names = list(getattr(features[label], "names", None) or ())
    if not names:
        names = sorted({value for rows in used.values() for value in rows.unique(label) if value is not None})
    numbers: dict[Any, int] = {value: number for number, value in enumerate(names)}
    examples = []
    for split, rows in used.items():
        undecoded = rows.select_columns([image]).cast_column(image, Image(decode=False))
        for place, value in enumerate(rows.with_format(None)[label]):
            number = numbers.get(value, -1) if not hasattr(features[label], "names") else value
            if number is None or number < 0:
                continue
            read = partial(_content, undecoded, image, place)
            examples.append(Example(f"{split}/{place}", number, ALIASES[split.lower()] if divided else None, read))
    if len(names) < 2 or not examples:
        raise DinasError(f"{name} has no images of two classes or more", "see its page on the Hub")
    return Source(name.replace("/", "-").replace(":", "-"), name, state, tuple(map(str, names)), examples)


def _content(rows: Any, column: str, place: int) -> bytes:
    found = rows[place][column]
    content: bytes | None = found["bytes"]
    if content is not None:
        return content
    with open(found["path"], "rb") as stream:
        return stream.read()


@contextmanager
def _silence() -> Iterator[None]:
    from datasets.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars, logging

    bars, level = not are_progress_bars_disabled(), logging.get_verbosity()
    disable_progress_bars()
    logging.set_verbosity(logging.CRITICAL)
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            enable_progress_bars()


_SILENT = Shared(_silence)
