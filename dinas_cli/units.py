"""Quantities with units: a strict parser for what users type, and a formatter for what they read."""

from __future__ import annotations

import math
import re
from decimal import Context, Decimal

from dinas_cli.errors import UsageProblem

_NUMBER = re.compile(
    r"\s*([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]{1,3})?\s*([^\s0-9.+-][^\s]*)?\s*", re.IGNORECASE
)
_LONGEST = 60
"""Characters of a quantity."""
_EXACT = Context(prec=400, traps=[])
"""Arithmetic that rounds no quantity, whatever the caller has set."""
_FACTORS: dict[str, dict[str, Decimal]] = {
    "ms": {"us": Decimal("1e-3"), "µs": Decimal("1e-3"), "μs": Decimal("1e-3"), "ms": Decimal(1), "s": Decimal(1000)},
    "s": {"ms": Decimal("1e-3"), "s": Decimal(1), "min": Decimal(60), "h": Decimal(3600)},
    "mJ": {"uJ": Decimal("1e-3"), "µJ": Decimal("1e-3"), "μJ": Decimal("1e-3"), "mJ": Decimal(1), "J": Decimal(1000)},
    "count": {"": Decimal(1), "k": Decimal(1000), "K": Decimal(1000), "M": Decimal(10**6), "G": Decimal(10**9)},
    "B": {
        "B": Decimal(1),
        "KB": Decimal(1000),
        "MB": Decimal(10**6),
        "GB": Decimal(10**9),
        "KiB": Decimal(2**10),
        "MiB": Decimal(2**20),
    },
    "%": {"": Decimal(1), "%": Decimal(1)},
    "": {"": Decimal(1)},
}
"""Accepted suffixes and the factor to the unit; case matters, for ``mJ`` and ``MJ`` are a billion apart."""
_FORMS = {
    "ms": "a time like 2ms, 0.002s or 800us",
    "s": "a time like 20min, 1200s or 0.5h",
    "mJ": "an energy like 5mJ, 0.005J or 800uJ",
    "count": "a count like 1000000, 1.2k, 600M or 1G",
    "B": "a memory like 256KB (256,000 bytes), 320KiB (of 1,024) or 1MB",
    "%": "a percentage like 72 or 72%, at most 100",
    "": "a plain number like 0.52 or -0.7",
}


def suffixes(unit: str) -> tuple[str, ...]:
    """What may follow the number of a quantity in ``unit``: ``us``, ``ms`` and ``s`` for ``"ms"``."""
    return tuple(_FACTORS[unit])


def parse_quantity(text: str, unit: str, *, name: str = "") -> float:
    """The quantity ``text`` in ``unit`` (a key of :data:`_FACTORS`), finite.

    It is positive but where there is no unit. A bare number is a quantity only where the unit is a count, a percentage
    or none. ``name`` is the option or metric to blame. Raises :class:`UsageProblem` that names the text and the
    accepted forms.
    """
    factors = _FACTORS[unit]
    subject = f"{name}: " if name else ""
    hint = f"write {_FORMS[unit]}"
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise UsageProblem(f"{subject}{text[:_LONGEST]!r} is not a quantity", hint)
    sign, digits, exponent, suffix = match[1], match[2], match[3] or "", match[4] or ""
    if suffix not in factors:
        what = f"has an unknown unit {suffix!r}" if suffix else "has no unit"
        raise UsageProblem(f"{subject}{text[:_LONGEST]!r} {what}", hint)
    value = float(_EXACT.multiply(_EXACT.create_decimal(digits + exponent), factors[suffix]))
    if math.isinf(value):
        raise UsageProblem(f"{subject}{text[:_LONGEST]!r} is too large", hint)
    if not unit:
        return -value if sign == "-" else value
    if sign == "-" or value == 0:
        raise UsageProblem(f"{subject}{text[:_LONGEST]!r} is not positive", hint)
    if unit == "%" and value > 100:
        raise UsageProblem(f"{subject}{text[:_LONGEST]!r} is more than 100 %", hint)
    return value


def format_number(value: float, unit: str = "") -> str:
    """``value`` as people read it, without its unit: ``2.00``, ``0.0451``, ``1.07 M``; ``–`` when it is missing."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if unit in ("count", "B"):
        return _scaled(value)
    if unit == "%" or value == 0 or 1 <= abs(value) < 1e9:
        return f"{value:.2f}"
    return f"{value:.3g}"


def format_quantity(value: float, unit: str) -> str:
    """``value`` with its unit: ``2.00 ms``, ``94.37 %``, ``1.07 M``."""
    number = format_number(value, unit)
    if unit == "B" and number[-1] in "GMk":
        return number[:-1] + number[-1].upper() + "B"
    return number if unit in ("count", "") or math.isnan(value) else f"{number} {unit}"


def format_uncertain(value: float, deviation: float, unit: str) -> str:
    """A prediction as people read it, to the digits that it is good for: ``90.5 ± 0.4``, ``1.31 ± 0.04 M``.

    The deviation has one significant digit, two where the first is a 1; one that nobody knows, or none, is left out.
    """
    if not (math.isfinite(value) and math.isfinite(deviation) and deviation > 0):
        return format_number(value, unit)
    factor, prefix = _prefix(value) if unit in ("count", "B") else (1.0, "")
    value, deviation = value / factor, deviation / factor
    shown = significant(deviation, 1)
    if f"{shown:e}"[0] == "1":
        shown = significant(deviation, 2)
    places = max(0, -math.floor(math.log10(shown)) + (f"{shown:e}"[0] == "1"))
    most = 2 if prefix or unit == "%" or value == 0 or abs(value) >= 1 else 2 - math.floor(math.log10(abs(value)))
    places = min(places, most)
    if float(f"{deviation:.{places}f}") == 0:  # less than people are shown of any value
        return format_number(value * factor, unit)
    return f"{value:.{places}f} ± {deviation:.{places}f}{prefix}"


def significant(value: float, digits: int) -> float:
    """``value`` rounded to so many significant digits."""
    return float(f"{value:.{digits}g}")


def _prefix(value: float) -> tuple[float, str]:
    """The factor that a count is divided by before people read it, and what stands for it."""
    for factor, prefix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        # Rounding to two decimals must not give 1000.00 k, so the border lies a little below the factor.
        if abs(value) >= factor * (1 - 5e-6):
            return factor, prefix
    return 1.0, ""


def _scaled(value: float) -> str:
    """A count with three or four figures and a decimal prefix."""
    factor, prefix = _prefix(value)
    if prefix:
        return f"{value / factor:.2f}{prefix}"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
