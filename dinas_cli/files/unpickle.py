"""A restricted unpickler: plain containers and numbers only, so that a benchmark pickle cannot run code.

Names outside :data:`ALLOWED` are refused before anything is called. numpy's scalars and arrays are read by stand-ins
of our own, which turn them into Python numbers and lists; numpy itself never sees the file's bytes.
"""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

from dinas_cli.errors import CorruptFileError, NotFoundError
from dinas_cli.files.pickles import check_file

_FORMATS = {
    "b1": "?", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q",
    "f2": "e", "f4": "f", "f8": "d",
}  # fmt: skip
"""numpy type codes and the same in :mod:`struct`; an array of objects (``O8``) holds a list instead of bytes."""


class DType:
    """Stand-in for ``numpy.dtype``: a number's type code and byte order."""

    def __init__(self, code: object, *flags: object) -> None:
        text = str(code).lstrip("<>=|")
        if text not in _FORMATS and text not in ("O8", "O"):
            raise pickle.UnpicklingError(f"type {text!r} is not a plain number")
        self.code = text
        self.order = ">" if str(code).startswith(">") else "<"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if any(part is not None for part in state[2:5]):
            raise pickle.UnpicklingError("structured types are not plain numbers")
        self.order = ">" if state[1] == ">" else "<"

    def unpack(self, data: object) -> list[Any]:
        """The numbers in ``data`` (bytes), or its members if it holds objects (a list)."""
        if self.code.startswith("O"):
            if not isinstance(data, list):
                raise pickle.UnpicklingError("an array of objects without its list")
            return data
        raw = data.encode("latin1") if isinstance(data, str) else data
        if not isinstance(raw, (bytes, bytearray)):
            raise pickle.UnpicklingError("numbers without their bytes")
        return [number for (number,) in struct.iter_unpack(self.order + _FORMATS[self.code], raw)]


class Array(list[Any]):
    """Stand-in for ``numpy.ndarray``: a one-dimensional list of numbers."""

    def __init__(self, *ignored: object) -> None:
        super().__init__()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        shape, dtype, data = state[1], state[2], state[4]
        self[:] = _checked(dtype, data, shape)


def scalar(dtype: object, data: object = b"") -> Any:
    """Stand-in for ``numpy.core.multiarray.scalar``: one Python number."""
    (number,) = _checked(dtype, data, ())
    return number


def reconstruct(kind: object, shape: object, code: object) -> Array:
    """Stand-in for ``numpy.core.multiarray._reconstruct``: an empty array, filled by its state."""
    if kind is not Array:
        raise pickle.UnpicklingError("an array of an unknown class")
    return Array()


def frombuffer(data: object, dtype: object, shape: tuple[int, ...], order: str) -> Array:
    """Stand-in for ``numpy.core.numeric._frombuffer`` (pickle protocol 5)."""
    array = Array()
    array[:] = _checked(dtype, data, shape)
    return array


def encode(text: object, encoding: object = "latin1") -> bytes:
    """Stand-in for ``_codecs.encode``, by which old protocols write bytes."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("bytes in an unknown encoding")
    return text.encode("latin1")


NUMPY: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "dtype"): DType,
    ("numpy", "ndarray"): Array,
    **{(f"numpy.{core}.multiarray", "scalar"): scalar for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "_reconstruct"): reconstruct for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): frombuffer for core in ("core", "_core")},
}
"""Stand-ins by the module and name that pickles use."""

ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    **NUMPY,
    ("collections", "OrderedDict"): OrderedDict,
    ("_codecs", "encode"): encode,
    **{(module, "set"): set for module in ("builtins", "__builtin__")},
}
"""Every name a pickle may use."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which plain data do not need")
        return ALLOWED[module, name]


def load_plain(path: Path, what: str) -> Any:
    """Load a pickle of dicts, lists, strings and numbers (also numpy's, which become Python's).

    ``what`` says in the message what the file should be. Raises :class:`CorruptFileError` for a truncated file, one
    that holds anything else, and one that comes to more than its size allows (see :mod:`dinas_cli.files.pickles`), and
    :class:`NotFoundError` when there is none. Nothing in the file is ever called.
    """
    try:
        with open(path, "rb") as stream:
            check_file(stream)
            return _Unpickler(stream, encoding="latin1").load()
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {path}") from error
    except (
        pickle.UnpicklingError, EOFError, ValueError, TypeError, LookupError, AttributeError, OverflowError,
        MemoryError, RecursionError, ImportError, OSError, struct.error,
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CorruptFileError(f"{path} is not {what}: {reason}") from error


def _checked(dtype: object, data: object, shape: object) -> list[Any]:
    """The numbers of one scalar (shape ``()``) or of a vector (shape ``(n,)``)."""
    if not isinstance(dtype, DType) or not isinstance(shape, tuple) or len(shape) > 1:
        raise pickle.UnpicklingError("numbers that are neither single nor in a row")
    numbers = dtype.unpack(data)
    if len(numbers) != prod(shape):
        raise pickle.UnpicklingError(f"{len(numbers)} numbers where {prod(shape)} were announced")
    return numbers
