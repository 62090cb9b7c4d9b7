"""Peak activation memory of a network that really runs, counted from torch's own operators: no shape is made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_VIEWS = ("slice", "view", "unbind", "select", "t", "detach", "_unsafe_view", "reshape", "alias", "unsqueeze")
_PART_OF_ANOTHER = ("relu", "leaky_relu", "tanh", "native_batch_norm", "_native_batch_norm_legit_no_training")
_ZEROS = ("zeros_like", "new_zeros", "zeros")


class Recorder(TorchDispatchMode):
    """Keeps every operator that runs: what it reads and what it makes, by number; None is what holds zeros alone."""

    def __init__(self, inputs: Sequence[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.sizes = [sum(each.numel() for each in inputs)]
        self.reads: list[list[int]] = [[]]
        self._kept: list[Tensor] = list(inputs)  # so that no other tensor gets the id of one of them
        self._numbers: dict[int, int | None] = {id(each): 0 for each in inputs}

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        read = [each for each in tree_leaves(args) if isinstance(each, Tensor) and id(each) in self._numbers]
        outputs = [each for each in tree_leaves(made) if isinstance(each, Tensor)]
        if name in _ZEROS:
            self._note(outputs, None)
        elif read:
            known = [number for each in read if (number := self._numbers[id(each)]) is not None]
            if not known:
                self._note(outputs, None)
            elif name in (*_VIEWS, *_PART_OF_ANOTHER) or (name in ("add", "cat") and len(known) == 1):
                self._note(outputs, known[0])
            else:
                self.sizes.append(outputs[0].numel())
                self.reads.append(known)
                self._note(outputs, len(self.sizes) - 1)
        return made

    def _note(self, outputs: Sequence[Tensor], number: int | None) -> None:
        self._kept += outputs
        self._numbers |= {id(each): number for each in outputs}

    def fill(self, module: nn.Module, inputs: Any, output: Tensor) -> None:
        """A cell whose output is nothing but zeros gives a tensor of them, for the next one cannot do without."""
        if self._numbers[id(output)] is None:
            self.sizes.append(output.numel())
            self.reads.append([])
            self._numbers[id(output)] = len(self.sizes) - 1

    def peak(self) -> int:
        """The most elements that are there at once: for each operator all that is made by then and still read."""
        count = len(self.sizes)
        needed = {count - 1}
        for number in reversed(range(count)):
            if number in needed:
                needed |= set(self.reads[number])
        readers: dict[int, list[int]] = {number: [] for number in needed}
        for number in needed:
            for each in self.reads[number]:
                readers[each].append(number)
        return max(
            sum(self.sizes[each] for each in needed if each <= now and max(readers[each], default=count) >= now)
            for now in needed
        )


def peak_elements(network: nn.Module, inputs: Sequence[Tensor]) -> int:
    """Of a network on the meta device, in evaluation mode."""
    recorder = Recorder(inputs)
    for module in network.modules():
        if type(module).__name__ == "Cell":
            module.register_forward_hook(recorder.fill)
    with torch.no_grad(), recorder:
        network.eval()(*inputs)
    return recorder.peak()
