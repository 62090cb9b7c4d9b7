"""Networks are built and run as if torch had just been imported, whatever the caller has set, whose settings stay.

All of it holds for one thread alone: no setting and no random state of the process is changed and put back, which other
threads would notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from inspect import isfunction, signature
from typing import Any


@contextmanager
def as_imported(seed: int | None = None, device: str = "cpu") -> Iterator[None]:
    """Let torch make float32 tensors on ``device`` and, with a ``seed``, draw random numbers from a stream of its own.

    The numbers are those that ``torch.manual_seed(seed)`` would give.
    """
    import torch

    with ExitStack() as stack:
        usual = torch.get_default_dtype() == torch.float32
        if torch.get_default_device().type != device:
            stack.enter_context(torch.device(device))
        if seed is not None or not usual:
            generator = None if seed is None else torch.Generator("cpu").manual_seed(seed)
            stack.enter_context(_mode()(generator, usual))
        yield


@lru_cache
def _mode() -> Any:
    import torch
    from torch import nn
    from torch.overrides import TorchFunctionMode

    tensor = torch.Tensor
    drawing: set[Any] = {tensor.uniform_, tensor.normal_, tensor.bernoulli_, tensor.random_, tensor.exponential_}
    # What these call is not seen any more.
    functions = [each for each in vars(nn.init).values() if isfunction(each)]
    drawing |= {each for each in functions if "generator" in signature(each).parameters}
    new = {torch.rand, torch.randn, torch.randint, torch.randperm}
    floating = {torch.rand, torch.randn, torch.empty, torch.zeros, torch.ones, torch.eye, torch.linspace}

    class AsImported(TorchFunctionMode):
        """Adds what is left to defaults."""

        def __init__(self, generator: torch.Generator | None, usual: bool) -> None:
            super().__init__()
            self.generator, self.usual = generator, usual

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = dict(kwargs or {})
            if not self.usual and func in floating and kwargs.get("dtype") is None:
                kwargs["dtype"] = torch.float32
            drawn = func in new or (func in drawing and (args or [*kwargs.values()])[0].device.type == "cpu")
            if self.generator is not None and drawn and kwargs.get("generator") is None:
                kwargs["generator"] = self.generator
            return func(*args, **kwargs)

    return AsImported
