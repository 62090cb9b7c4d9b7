"""What untrained networks tell: the condition of their neural tangent kernel, and how many linear regions they have.

Both are the training-free measures of TE-NAS (Chen et al., ICLR 2021): a kernel that is well conditioned trains
quickly (Jacot et al., NeurIPS 2018), a network of many linear regions expresses much (Xiong et al., ICML 2020).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn


def calibrated(network: nn.Module, inputs: Tensor) -> nn.Module:
    """The network in evaluation mode, its batch norms with the statistics of ``inputs (B, ...)``.

    An untrained network normalises by nothing otherwise. Examples no longer see each other, so a kernel between them
    is one of the function that the network is.
    """
    import torch
    from torch.nn.modules.batchnorm import _BatchNorm

    network.train()
    for part in network.modules():
        if isinstance(part, _BatchNorm):
            part.reset_running_stats()
            part.momentum = None  # the plain mean over batches, here of one
    with torch.no_grad():
        network(inputs)
    return network.eval()


def ntk(network: nn.Module, inputs: Tensor) -> Tensor:
    """The empirical neural tangent kernel ``(B, B)`` float64 of the sum of a network's outputs, on ``inputs (B, ...)``.

    Entry i, j is the product of the gradients that examples i and j give all parameters. Each example goes through
    by itself and the network stays in its mode, which has to be evaluation where there are batch norms.
    """
    import torch
    from torch.func import functional_call, grad, vmap

    parameters = {name: each.detach() for name, each in network.named_parameters()}

    def output(given: dict[str, Tensor], example: Tensor) -> Tensor:
        found: Tensor = functional_call(network, given, (example[None],)).sum()
        return found

    gradients = vmap(grad(output), in_dims=(None, 0))(parameters, inputs)
    jacobian = torch.cat([each.flatten(1) for each in gradients.values()], dim=1).double()
    return jacobian @ jacobian.T


def ntk_condition(network: nn.Module, inputs: Tensor) -> float:
    """The condition number of :func:`ntk`, its largest eigenvalue by its smallest; infinite for a singular kernel."""
    import torch

    values = torch.linalg.eigvalsh(ntk(network, inputs)).tolist()
    # Below this, what is left of an eigenvalue is rounding.
    least = len(values) * torch.finfo(torch.float64).eps * values[-1]
    return float(values[-1] / values[0]) if values[0] > least else float("inf")


def linear_regions(network: nn.Module, inputs: Tensor) -> int:
    """In how many linear regions of a network ``inputs (B, ...)`` lie: different patterns of active ``nn.ReLU`` units.

    At most B; the count is that of all regions where the inputs are dense. A network without ReLU has one.
    """
    import numpy as np
    import torch
    from torch import nn

    found: list[np.ndarray] = []

    def note(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        found.append(np.packbits((given[0] > 0).flatten(1).numpy(), axis=1))

    hooks = [part.register_forward_pre_hook(note) for part in network.modules() if isinstance(part, nn.ReLU)]
    try:
        with torch.no_grad():
            network(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return len({row.tobytes() for row in np.concatenate(found, axis=1)}) if found else 1
