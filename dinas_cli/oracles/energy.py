"""Energy counters: RAPL of a CPU's packages, NVML of an NVIDIA GPU; what they count includes idle power."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module, util
from pathlib import Path
from typing import Any, Protocol

from dinas_cli.errors import NotFoundError, reason_of

POWERCAP = Path("/sys/class/powercap")
"""Where Linux has RAPL's counters, of Intel's and AMD's CPUs."""
ELSEWHERE = "energies measured by other means: dinas devices add NAME FILE --metric energy"


class Counter(Protocol):
    """Counts the energy that a processor takes."""

    @property
    def name(self) -> str:
        """What counts, in a setting's words."""
        ...

    def read(self) -> tuple[float, ...]:
        """The counters as they stand, in mJ; raises :class:`NotFoundError` where they cannot be read any more."""
        ...

    def since(self, before: tuple[float, ...]) -> float:
        """Energy in mJ since they stood at ``before``."""
        ...


@dataclass(frozen=True)
class Rapl:
    """The packages' counters in the folders of Linux' powercap; cores, memory and platform are not summed."""

    packages: tuple[Path, ...]
    ranges: tuple[float, ...]
    """In mJ, where each counter starts again at zero."""
    name: str = "RAPL (packages)"

    @classmethod
    def here(cls, root: Path) -> Rapl:
        """Those under ``root``, as :data:`POWERCAP` has them.

        Raises :class:`NotFoundError` when there are none or they cannot be read.
        """
        # intel-rapl-mmio:0 counts a package once more, in another way; intel-rapl:0:1 is a part of one.
        found = [each for each in sorted(root.glob("intel-rapl:*")) if _text(each / "name").startswith("package-")]
        if not found:
            raise NotFoundError(f"no energy counter of this CPU is readable: no RAPL package in {root}", ELSEWHERE)
        counters = cls(tuple(found), tuple(_millijoules(each / "max_energy_range_uj") for each in found))
        counters.read()
        return counters

    def read(self) -> tuple[float, ...]:
        return tuple(_millijoules(each / "energy_uj") for each in self.packages)

    def since(self, before: tuple[float, ...]) -> float:
        """The same, where each counter has started again at most once, which takes minutes."""
        steps = zip(self.read(), before, self.ranges, strict=True)
        return sum(now - then + (limit if now < then else 0.0) for now, then, limit in steps)


@dataclass(frozen=True)
class Nvml:
    """The counter of one GPU since its driver was loaded; cards from Volta on have one."""

    library: Any
    """The module ``pynvml``."""
    handle: Any
    name: str = "NVML"

    @classmethod
    def of(cls, uuid: str) -> Nvml:
        """The GPU with that ``uuid``, whatever number it has; raises :class:`NotFoundError` for one without."""
        if util.find_spec("pynvml") is None:
            raise NotFoundError("the energy of a GPU needs the package nvidia-ml-py", "pip install nvidia-ml-py")
        library = import_module("pynvml")
        try:
            library.nvmlInit()
            counter = cls(library, library.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}"))
        except library.NVMLError as error:
            raise NotFoundError(f"NVML does not answer: {error}", ELSEWHERE) from error
        counter.read()
        return counter

    def read(self) -> tuple[float, ...]:
        try:
            return (float(self.library.nvmlDeviceGetTotalEnergyConsumption(self.handle)),)
        except self.library.NVMLError as error:
            raise NotFoundError(f"this GPU tells no energy: {error}", ELSEWHERE) from error

    def since(self, before: tuple[float, ...]) -> float:
        return self.read()[0] - before[0]


def counter_of(device: str) -> Counter:
    """The energy counter of one of torch's devices; raises :class:`NotFoundError` where none is readable."""
    if device == "cpu":
        return Rapl.here(POWERCAP)
    if device != "cuda":
        raise NotFoundError(f"there is no energy counter of {device}", ELSEWHERE)
    import torch

    return Nvml.of(str(torch.cuda.get_device_properties(torch.cuda.current_device()).uuid))


def _text(path: Path) -> str:
    """A file's text; none where there is none."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _millijoules(path: Path) -> float:
    """A counter file's microjoules; raises :class:`NotFoundError` with what to do where it cannot be read."""
    try:
        return int(path.read_text(encoding="ascii")) / 1e3
    except PermissionError as error:
        hint = f"sudo chmod a+r {POWERCAP}/intel-rapl:*/energy_uj, until the next start"
        raise NotFoundError(f"{path} may not be read: {reason_of(error)}", hint) from error
    except OSError as error:
        raise NotFoundError(f"{path} cannot be read: {reason_of(error)}", ELSEWHERE) from error
    except ValueError as error:
        raise NotFoundError(f"{path} holds no number", ELSEWHERE) from error
