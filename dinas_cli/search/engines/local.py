"""Workers that are processes of this machine: this one, and as many others as are asked for."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from dinas_cli.errors import DinasError
from dinas_cli.files.interrupts import end_like_interrupts
from dinas_cli.search.runs.folder import Nothing
from dinas_cli.search.runs.worker import Work, work

_END = 15.0
"""Seconds that workers have to give their trials back when this process is interrupted."""


def run(job: Work, workers: int = 1) -> Nothing:
    """Work in this process and in ``workers - 1`` others until nothing is left; returns why.

    Others end with this process, however it ends, and what they die of costs nothing but time: this one goes on.
    Raises what :func:`.worker.work` does.
    """
    with _others(job, workers - 1):
        return work(job) or Nothing(busy=False)


@contextmanager
def _others(job: Work, count: int) -> Iterator[None]:
    """So many further workers, gone when the block ends by an error and waited for otherwise."""
    context = multiprocessing.get_context("spawn")  # forked processes inherit locks and threads in any state
    processes = [context.Process(target=_work, args=(job,), name=f"worker {number + 2}") for number in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    except BaseException:
        _end(processes)
        raise
    for process in processes:
        process.join()


def _end(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_END)
        if process.is_alive():
            process.kill()
            process.join()


def _work(job: Work) -> None:
    """A worker in a process of its own, which hears of the end of the one that started it."""
    end_like_interrupts()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of a terminal; the first process ends the others
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    try:
        work(job)
    except (KeyboardInterrupt, DinasError):
        os._exit(1)  # quietly: the first process says what there is to say


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
