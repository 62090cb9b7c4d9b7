"""What runs at the same time: parts of a batch on two threads, each matrix product on one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from dinas_cli.files.process_wide import Shared

WORKERS = 2
"""More would wait for each other: between its numpy calls, a thread of Python needs the interpreter for itself."""


def one_thread() -> AbstractContextManager[Any]:
    """Let numpy's matrix products run on one thread for a while.

    Dividing products of a fraction of a millisecond gains little, and where other processes want the cores as well,
    threads that wait for each other at the end of every product cost many times what the product does.
    """
    return _ONE()


def for_each(work: Callable[[slice], None], parts: Sequence[slice]) -> None:
    """Do ``work`` on every part, in any order and some at the same time; raises what it raises."""
    if len(parts) < WORKERS or cores() < WORKERS:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(work, parts):
            pass


def halves(count: int, most: int) -> list[slice]:
    """``count`` rows in parts of about one size, ``most`` or fewer: one part, or as many for each thread."""
    parts = -(-count // most)
    parts += parts > 1 and parts % WORKERS
    size = -(-count // max(parts, 1))
    return [slice(start, min(start + size, count)) for start in range(0, count, size)] if count else []


def cores() -> int:
    """How many cores this process may use, or ``OMP_NUM_THREADS`` where that is a lower number."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(available, int(wanted)) if wanted.isdecimal() and int(wanted) else available


@lru_cache
def _libraries() -> ThreadpoolController:
    np.zeros((1, 1)) @ np.zeros((1, 1))  # the library of products is found once it is loaded
    return ThreadpoolController()


def _limit() -> AbstractContextManager[object]:
    limit: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return limit


_ONE = Shared(_limit)
