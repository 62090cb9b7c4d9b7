"""Parts of a batch on threads: all are done, errors are heard, and numbers do not change."""

from __future__ import annotations

import os

import numpy as np
import pytest

from dinas_cli.diffusion import guidance
from dinas_cli.diffusion.generator import Conditioning
from dinas_cli.diffusion.threads import cores, for_each, halves, one_thread
from tests.support.bundled import GENERATOR, needs_weights

PARTS = [slice(start, start + 3) for start in range(0, 60, 3)]


@pytest.mark.parametrize("count", [0, 1, 2, len(PARTS)])
def test_every_part_is_done_once(count: int) -> None:
    done = np.zeros(60)

    def work(part: slice) -> None:
        done[part] += 1

    for_each(work, PARTS[:count])
    assert done.tolist() == [1] * 3 * count + [0] * (60 - 3 * count)


@pytest.mark.parametrize("count", [0, 1, 7, 64, 65, 129, 1000])
def test_parts_are_of_about_one_size_and_as_many_for_each_thread(count: int) -> None:
    parts = halves(count, 64)
    assert [row for part in parts for row in range(part.start, part.stop)] == list(range(count))
    assert len(parts) == 1 if 0 < count <= 64 else len(parts) % 2 == 0
    sizes = [part.stop - part.start for part in parts]
    assert all(size <= 64 for size in sizes)
    assert not sizes or max(sizes) - min(sizes) < len(sizes)


def test_errors_are_heard() -> None:
    def work(part: slice) -> None:
        if part.start == 30:
            raise ValueError("thirty")

    with pytest.raises(ValueError, match="thirty"):
        for_each(work, PARTS)


@pytest.mark.parametrize(("wanted", "found"), [("1", 1), ("100000", None), ("", None), ("0", None), ("x", None)])
def test_cores(monkeypatch: pytest.MonkeyPatch, wanted: str, found: int | None) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", wanted)
    assert cores() == found or (found is None and 1 <= cores() <= (os.cpu_count() or 1))


@needs_weights
def test_samples_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    from dinas_cli.diffusion.generator import Generator

    monkeypatch.setattr(guidance, "LARGEST", 2**13)
    model, drawn = Generator.load(GENERATOR), []
    for number in (1, 2):
        monkeypatch.setattr("dinas_cli.diffusion.threads.cores", lambda number=number: number)
        drawn.append(model.sample(Conditioning("cifar10", 5.0), 100))
    assert np.array_equal(drawn[0], drawn[1])


def test_products_run_on_one_thread_for_a_while() -> None:
    from threadpoolctl import threadpool_info

    def threads() -> list[int]:
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    before = threads()
    with one_thread():
        assert set(threads()) <= {1}
    assert threads() == before
