"""State dicts of original networks: filled at random, loaded into what is built and what is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn


def randomised(network: nn.Module, seed: int = 0) -> nn.Module:
    """The network in double precision with other weights and statistics everywhere, so that none can be mixed up."""
    import torch

    torch.manual_seed(seed)
    with torch.no_grad():
        for name, tensor in network.double().state_dict().items():
            if tensor.is_floating_point():
                tensor.uniform_(-0.5, 0.5)
                if name.endswith("running_var"):
                    tensor.add_(1)
    return network


def loaded_from(source: str, state: Mapping[str, Tensor]) -> Any:
    """The network of an exported source with these weights, strictly loaded, in double precision."""
    namespace: dict[str, Any] = {"__name__": "net"}
    exec(compile(source, "net.py", "exec"), namespace)
    network = namespace["build"]().double()
    network.load_state_dict(state, strict=True)
    return network


def assert_same(found: Any, expected: Any) -> None:
    """Two outputs, or tuples of them, that differ by 1e-6 at most, and that are not constant."""
    from torch.utils._pytree import tree_leaves

    for one, other in zip(tree_leaves(found), tree_leaves(expected), strict=True):
        assert one.shape == other.shape
        assert (one - other).abs().max() <= 1e-6 * max(1, other.abs().max())
        assert other.std() > 1e-3
