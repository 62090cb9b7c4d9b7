"""A space of somebody else's between its package and us: answers that break the contract become one clear error.

What a space says is believed everywhere, so that a wrong shape would surface far from its cause. ``dinas spaces check``
finds out beforehand; this names the culprit when nobody has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import DinasError, SpaceError

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


class Guarded:
    """Behaves like ``space``; its checked methods raise :class:`SpaceError` naming ``origin`` and what is wrong."""

    def __init__(self, space: Space, origin: str) -> None:
        self.__wrapped__ = space
        self._origin = origin

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.__wrapped__, name)
        if name in ANSWERS:
            found = self._checked(name, found, ANSWERS[name])
            self.__dict__[name] = found  # looked up once
        return found

    def _checked(self, name: str, method: Callable[..., Any], problem_of: Problem) -> Callable[..., Any]:
        @wraps(method)
        def checked(*args: Any, **options: Any) -> Any:
            try:
                answer = method(*args, **options)
                problem = problem_of(self.__wrapped__, answer, args)
            except DinasError:
                raise
            except Exception as error:
                problem = f"raises {type(error).__name__}: {' '.join(str(error).split())}"
            if problem is not None:
                space = self.__wrapped__.name
                raise SpaceError(f"space {space!r} of {self._origin}: {name} {problem}", f"dinas spaces check {space}")
            return answer

        return checked


Problem = Callable[["Space", Any, tuple[Any, ...]], str | None]
"""What is wrong with an answer of a space to arguments, in a few words; None when nothing is."""


def _values(space: Space, answer: Any, args: tuple[Any, ...]) -> str | None:
    choices = space.layout.choices
    fits = isinstance(answer, tuple) and len(answer) == len(choices)
    if fits and all(0 <= value < most for value, most in zip(answer, choices, strict=True)):
        return None
    return f"gives {answer!r}, not one of the types of each variable"


def _text(space: Space, answer: Any, args: tuple[Any, ...]) -> str | None:
    return None if isinstance(answer, str) and answer else f"gives {answer!r}, not text"


def _key(space: Space, answer: Any, args: tuple[Any, ...]) -> str | None:
    fits = isinstance(answer, int) and 0 <= answer < 2**63
    return None if fits else f"gives {answer!r}, not a number below 2**63"


def _architectures(space: Space, answer: Any, args: tuple[Any, ...]) -> str | None:
    import numpy as np

    choices = np.array(space.layout.choices)
    problem = array_problem(answer, (args[0] if args else None, len(choices)), "integer")
    if problem is None and ((answer < 0) | (answer >= choices)).any():
        return "gives types outside of the layout's choices"
    return problem


def _legal(space: Space, answer: Any, args: tuple[Any, ...]) -> str | None:
    return None if answer is None else array_problem(answer, (len(args[0]), max(space.layout.choices)), "bool_")


def _features(space: Space, answer: Any, args: tuple[Any, ...]) -> str | None:
    return _finite(answer) or array_problem(answer, (len(args[0]), None), "floating")


def _operators(space: Space, answer: Any, args: tuple[Any, ...]) -> str | None:
    if not isinstance(answer, tuple):
        return f"gives {type(answer).__name__}, not a tuple of arrays"
    problems = (_finite(counted) or array_problem(counted, (len(args[0]), None), "number") for counted in answer)
    return next((problem for problem in problems if problem), None)


def _closed_form(space: Space, answer: Any, args: tuple[Any, ...]) -> str | None:
    import numpy as np

    return _finite(answer) or array_problem(np.asarray(answer), np.shape(args[1])[:-1], "number")


def _finite(answer: Any) -> str | None:
    import numpy as np

    try:
        return None if np.isfinite(answer).all() else "gives a value that is not finite"
    except TypeError:
        return f"gives {type(answer).__name__}, not numbers"


def array_problem(answer: Any, shape: tuple[int | None, ...], kind: str) -> str | None:
    """What keeps an answer from being an array of that shape (None: any length) and kind of numbers (``bool_``, …)."""
    import numpy as np

    if not isinstance(answer, np.ndarray) or not np.issubdtype(answer.dtype, getattr(np, kind)):
        return f"gives {getattr(answer, 'dtype', type(answer).__name__)}, not an array of {kind.rstrip('_')}"
    if answer.ndim != len(shape) or any(b not in (None, a) for a, b in zip(answer.shape, shape, strict=True)):
        return (
            f"gives the shape {answer.shape}, not ({', '.join('any' if size is None else str(size) for size in shape)})"
        )
    return None


ANSWERS: dict[str, Problem] = {
    "encode": _values,
    "decode": _text,
    "key": _key,
    "canonical_id": _text,
    "reference": _architectures,
    "draw": _architectures,
    "legal": _legal,
    "features": _features,
    "operators": _operators,
    "closed_form": _closed_form,
    "sketch": lambda space, answer, args: None if isinstance(answer, tuple) else f"gives {answer!r}, not sketches",
    "source": _text,
}
"""The methods whose answers are checked; networks are not, whatever happens in them is said as it is."""
