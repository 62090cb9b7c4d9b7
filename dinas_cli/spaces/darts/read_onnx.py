"""Reads YAHPO Gym's ONNX surrogate of NAS-Bench-301 by asking it about a fixed sample of architectures.

The model (Pfisterer et al., AutoML 2022) takes the types of all edges and the inputs of the nodes as categories, and
the epoch as a number; the file ``*_encoding.json`` beside it numbers the categories.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import DinasError, NotFoundError, UsageProblem
from dinas_cli.files.columns import Columns, foreign
from dinas_cli.spaces.darts.cells import CELLS, EDGES, NODES, OPERATIONS, PAIRS, arrays

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Space

EPOCH = 98
"""The last one the benchmark trained for."""
CALIBRATION = 0.9753, 1.0303
"""Slope and offset from its accuracies to those of NAS-Bench-301 v1.0."""
DRAWN = 20_000, 1
"""Architectures besides the reference: how many, and the seed that draws them."""

_PREFIX = "NetworkSelectorDatasetInfo_COLON_darts_COLON_"
_ABSENT = "#na#"


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Evaluate the model on ``space``'s reference and :data:`DRAWN` more: column ``acc_yahpo``.

    Raises :class:`CorruptFileError` for another model, :class:`NotFoundError` without its encoding,
    :class:`DinasError` naming the extra without onnxruntime.
    """
    import numpy as np

    model = Model.open(space, path)
    values = np.unique(np.concatenate([space.reference(), space.draw(*DRAWN)]), axis=0)
    slope, offset = CALIBRATION
    columns = {"acc_yahpo": slope * model(values) + offset}
    notes = (f"asked about {len(values):,} random architectures",)
    return Columns("YAHPO Gym surrogate", [space.decode(row) for row in values.tolist()], columns, notes)


class Model:
    """The surrogate, ready to be asked."""

    def __init__(self, session: Any, edges: np.ndarray, pairs: dict[tuple[int, int], np.ndarray]) -> None:
        """``edges (28, 8)`` numbers edge types by edge, ``pairs`` by cell and node the two sources ``(6, 6)``."""
        self._session = session
        self._edges = edges
        self._pairs = pairs

    @classmethod
    def open(cls, space: Space, path: Path) -> Model:
        """Load model and encoding; raises as :func:`read` does."""
        try:
            import onnxruntime
        except ImportError as error:
            raise DinasError(
                f"{path} cannot be read: package 'onnxruntime' is missing", "pip install 'dinas[darts]'"
            ) from error
        encoding = _encoding(space, path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        try:
            session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the package derives its errors from nothing more specific
            raise foreign(space, path, f"onnxruntime cannot read it: {' '.join(str(error).split())[:120]}") from error
        shapes = {item.name: list(item.shape) for item in session.get_inputs()}
        width = 2 * len(EDGES) + 2 * (len(NODES) - 1)
        if shapes != {"x_cat": [1, width], "x_cont": [1, 1]}:
            raise foreign(space, path, f"its inputs are {shapes}")
        return cls(session, *encoding)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Validation accuracy in percent ``(B,)``, not calibrated, of architectures ``(B, 28)``."""
        import numpy as np

        sources, _ = arrays(values)
        edges = self._edges[np.arange(values.shape[1]), values.astype(np.int64)]
        pairs = [self._pairs[at][sources[:, at[0], at[1], 0], sources[:, at[0], at[1], 1]] for at in self._pairs]
        categories = np.concatenate([edges, np.stack(pairs, 1)], 1).astype(np.int32)
        epoch = np.full((1, 1), EPOCH, np.float32)
        answers = (
            self._session.run(None, {"x_cat": row[None], "x_cont": epoch})[0] for row in categories
        )  # the model takes one architecture at a time
        return np.fromiter((answer[0, 0] for answer in answers), np.float64, len(values))


def _encoding(space: Space, path: Path) -> tuple[np.ndarray, dict[tuple[int, int], np.ndarray]]:
    """The numbers of all categories, from the file beside the model."""
    import numpy as np

    file = _beside(path)
    try:
        encoding = json.loads(file.read_text("utf-8"))
        names = [f"{_PREFIX}edge_{cell}_{edge}" for cell in CELLS for edge in range(len(EDGES))]
        edges = np.array([_numbers(encoding[name], [_ABSENT, *OPERATIONS[1:]]) for name in names])
        pairs: dict[tuple[int, int], np.ndarray] = {}
        for at, cell in enumerate(CELLS):
            # The first node has no choice; the benchmark counts nodes from 0, inputs included, as here.
            for place, node in list(enumerate(NODES))[1:]:
                table = np.zeros((node, node), np.int64)
                known = encoding[f"{_PREFIX}inputs_node_{cell}_{node}"]
                table[tuple(np.transpose(PAIRS[node]))] = _numbers(known, [f"{i}_{j}" for i, j in PAIRS[node]])
                pairs[at, place] = table
    except FileNotFoundError as error:
        raise NotFoundError(
            f"{path} needs its encoding beside it: {file.name} is missing", f"expected {space.files}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UsageProblem) as error:
        raise foreign(space, file, f"not the encoding of nb301 ({type(error).__name__}: {error})") from error
    return edges, pairs


def _beside(path: Path) -> Path:
    """The encoding of a model: of the same name, of the name without ``_surrogate``, or plain."""
    names = [f"{path.stem}_encoding.json", f"{path.stem.removesuffix('_surrogate')}_encoding.json", "encoding.json"]
    found = [path.with_name(name) for name in names if path.with_name(name).exists()]
    return found[0] if found else path.with_name(names[0])


def _numbers(known: dict[str, Any], categories: Iterable[str]) -> list[int]:
    numbers = [int(known[name]) for name in categories]
    if len(set(numbers)) != len(numbers) or min(numbers) < 0:
        raise ValueError(f"categories numbered {numbers}")
    return numbers
