"""The caller's settings neither matter nor change, and several threads may call at the same time."""

from __future__ import annotations

import decimal
import logging
import random
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

import dinas_cli
from dinas_cli.architectures.schema import Record
from dinas_cli.diffusion.threads import one_thread
from dinas_cli.exporting.formats import render
from dinas_cli.exporting.plan import plan
from dinas_cli.files.process_wide import Shared
from dinas_cli.files.torch_state import as_imported
from dinas_cli.units import parse_quantity
from tests.support.bundled import needs_weights

GENOTYPE = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"


@pytest.fixture
def odd_caller() -> Iterator[None]:
    """Somebody who has set everything otherwise."""
    decimal_before = decimal.getcontext().copy()
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    decimal.setcontext(decimal.Context(prec=2, traps=[decimal.Inexact, decimal.Rounded]))
    yield
    torch.set_default_dtype(torch.float32)
    torch.set_default_device("cpu")
    decimal.setcontext(decimal_before)


def state() -> list[Any]:
    """What a library must leave alone."""
    context = decimal.getcontext()
    return [
        torch.get_default_dtype(), torch.get_default_device(), torch.get_num_threads(), torch.get_rng_state().tolist(),
        torch.is_grad_enabled(), str(np.random.get_state()), random.getstate(), np.geterr(), context.prec,
        list(warnings.filters), logging.root.level, logging.root.manager.disable, list(logging.root.handlers),
        logging.getLogger("huggingface_hub").level, [each["num_threads"] for each in threadpool_info()],
    ]  # fmt: skip


def answers() -> list[Any]:
    """What the library says: numbers and networks."""
    network = plan(Record("", "nasbench201", GENOTYPE))
    built = network.build(seed=3)
    with torch.no_grad(), torch.device("cpu"):
        out = built.eval()(*network.example(2, seed=1))[0]
    return [
        dinas_cli.generate("nasbench201", n=2, acc="top5", latency="5ms", device="fpga", seed=7),
        [each.tolist() for each in built.state_dict().values()], out.tolist(), str(out.dtype), network.counts,
        render(network, "module", 0), parse_quantity("1.2345678901234ms", "ms"), parse_quantity("12345.6k", "count"),
    ]  # fmt: skip


@needs_weights
def test_the_same_for_an_odd_caller(request: pytest.FixtureRequest) -> None:
    usual_before = state()
    usual = answers()
    assert state() == usual_before
    request.getfixturevalue("odd_caller")
    before = state()
    odd = answers()
    assert state() == before
    for one, other in zip(usual, odd, strict=True):
        assert one == other


def test_numbers_are_those_of_a_seed() -> None:
    def drawn() -> list[torch.Tensor]:
        parts = (torch.nn.Linear(7, 33), torch.nn.LSTM(4, 6), torch.nn.Embedding(5, 9), torch.nn.Conv2d(3, 8, 3))
        weights = [each.detach() for part in parts for each in part.parameters()]
        return [*weights, torch.randn(3, 40), torch.rand(5), torch.randint(9, (4,)), torch.empty(9).bernoulli_(0.3)]

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        expected = drawn()
    with as_imported(5):
        assert all(map(torch.equal, drawn(), expected))


def test_other_threads_draw_what_they_would() -> None:
    """Building and training networks elsewhere rewinds nobody's random stream."""
    from dinas_cli.training.perceptrons import perceptron

    stop = threading.Event()

    def build() -> None:
        while not stop.is_set():
            plan(Record("", "nasbench201", GENOTYPE)).build()
            perceptron(4, 8, 2, seed=1)

    def mine() -> list[float]:
        torch.manual_seed(11)
        return [torch.rand(()).item() for _ in range(30_000)]

    alone = mine()
    threads = [threading.Thread(target=build) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert mine() == alone
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_thread_counts_after_several_threads() -> None:
    before = [each["num_threads"] for each in threadpool_info()]
    first, second = one_thread(), one_thread()
    first.__enter__()
    second.__enter__()  # while the first is inside, as two threads would be
    first.__exit__(None, None, None)
    assert {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"} == {1}
    second.__exit__(None, None, None)
    assert [each["num_threads"] for each in threadpool_info()] == before


def test_a_shared_change_is_undone_by_the_last_one() -> None:
    silent = Shared(lambda: warnings.catch_warnings(action="ignore"))
    before = list(warnings.filters)
    one, other = silent(), silent()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert warnings.filters != before
    other.__exit__(None, None, None)
    assert warnings.filters == before


@needs_weights
def test_several_threads_generate_the_same() -> None:
    found: dict[int, Any] = {}

    def ask(number: int) -> None:
        found[number] = dinas_cli.generate("nasbench201", n=3, acc="top5", seed=4)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(each == found[0] for each in found.values())
