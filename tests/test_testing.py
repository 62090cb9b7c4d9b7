"""The conformance tests: every space of this package passes, and each breach of the contract is named."""

from __future__ import annotations

import pytest

from dinas_cli.spaces.registry import BUILT_IN, get_space
from dinas_cli.testing import CHECKS, Check


@pytest.mark.parametrize("check", CHECKS, ids=str)
@pytest.mark.parametrize("name", BUILT_IN)
def test_every_space_keeps_its_contract(name: str, check: Check) -> None:
    import torch

    torch.set_num_threads(1)
    check(get_space(name))
