"""Energy counters: RAPL in folders as Linux lays them out, NVML as far as it can be had without a GPU."""

from __future__ import annotations

import errno
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from dinas_cli.errors import NotFoundError
from dinas_cli.oracles.energy import Nvml, Rapl, counter_of


def domain(root: Path, folder: str, name: str, energy: int, most: int = 262_143_328_850) -> Path:
    """A RAPL domain with its counters, in µJ; the file that counts."""
    made = root / folder
    made.mkdir(parents=True)
    (made / "name").write_text(f"{name}\n")
    (made / "max_energy_range_uj").write_text(f"{most}\n")
    (made / "energy_uj").write_text(f"{energy}\n")
    return made / "energy_uj"


def test_packages_are_summed_and_nothing_else(tmp_path: Path) -> None:
    first, second = (
        domain(tmp_path, "intel-rapl:0", "package-0", 5000),
        domain(tmp_path, "intel-rapl:1", "package-1", 70_000),
    )
    others = [
        domain(tmp_path, folder, name, 1_000_000)
        for folder, name in (
            ("intel-rapl:0:0", "core"),
            ("intel-rapl:0:1", "dram"),
            ("intel-rapl:2", "psys"),
            ("intel-rapl-mmio:0", "package-0"),
        )
    ]
    (tmp_path / "intel-rapl").mkdir()
    counter = Rapl.here(tmp_path)
    before = counter.read()
    assert before == (5.0, 70.0)
    first.write_text("6500\n")
    second.write_text("70250\n")
    for other in others:
        other.write_text("9000000\n")
    assert counter.since(before) == pytest.approx(1.75)


def test_a_counter_that_starts_again(tmp_path: Path) -> None:
    first, second = (
        domain(tmp_path, "intel-rapl:0", "package-0", 9_000, 10_000),
        domain(tmp_path, "intel-rapl:1", "package-1", 1_000, 10_000),
    )
    counter = Rapl.here(tmp_path)
    before = counter.read()
    first.write_text("500")
    second.write_text("3000")
    assert counter.since(before) == pytest.approx(1.5 + 2.0)


def test_no_counters(tmp_path: Path) -> None:
    domain(tmp_path, "intel-rapl:0", "psys", 5)
    for root in (tmp_path, tmp_path / "none"):
        with pytest.raises(NotFoundError, match="no energy counter of this CPU is readable") as caught:
            Rapl.here(root)
        assert "dinas devices add NAME FILE --metric energy" in (caught.value.hint or "")


def test_counters_for_root_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions of files do not hold for root, who may run this."""
    domain(tmp_path, "intel-rapl:0", "package-0", 5)
    read = Path.read_text

    def refused(self: Path, encoding: str | None = None, errors: str | None = None) -> str:
        if self.name == "energy_uj":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return read(self, encoding, errors)

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(NotFoundError, match=r"intel-rapl:0/energy_uj may not be read: permission denied$") as caught:
        Rapl.here(tmp_path)
    assert (caught.value.hint or "").startswith("sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj")


@pytest.mark.parametrize("text", ["", "many", "1.5 J", "9" * 5000, "½"])
def test_counters_that_hold_no_number(tmp_path: Path, text: str) -> None:
    domain(tmp_path, "intel-rapl:0", "package-0", 5).write_text(text, encoding="utf-8")
    with pytest.raises(NotFoundError, match="energy_uj holds no number"):
        Rapl.here(tmp_path)


def test_counters_that_vanish(tmp_path: Path) -> None:
    path = domain(tmp_path, "intel-rapl:0", "package-0", 5)
    counter = Rapl.here(tmp_path)
    path.unlink()
    with pytest.raises(NotFoundError, match="energy_uj cannot be read: no such file"):
        counter.since((0.0,))


class Library(ModuleType):
    """What of ``pynvml`` is called, after its documentation; one GPU, which may be too old to count."""

    class NVMLError(Exception):
        """As the library's."""

    def __init__(self, counts: bool = True) -> None:
        super().__init__("pynvml")
        self.__spec__ = ModuleSpec("pynvml", None)
        self.counts, self.energy = counts, 1000

    def nvmlInit(self) -> None:
        """Nothing to do."""

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        """The GPU of that name."""
        if uuid != "GPU-12ab":
            raise self.NVMLError("Not Found")
        return uuid

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:
        """In mJ."""
        if not self.counts:
            raise self.NVMLError("Not Supported")
        self.energy += 250
        return self.energy


def test_nvml_counts_millijoules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Library())
    counter = Nvml.of("12ab")
    assert counter.since(counter.read()) == 250.0
    with pytest.raises(NotFoundError, match="NVML does not answer: Not Found"):
        Nvml.of("34cd")


def test_gpus_that_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Library(counts=False))
    with pytest.raises(NotFoundError, match="this GPU tells no energy: Not Supported"):
        Nvml.of("12ab")


def test_nvml_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with pytest.raises(NotFoundError, match="needs the package nvidia-ml-py") as caught:
        Nvml.of("12ab")
    assert caught.value.hint == "pip install nvidia-ml-py"


def test_a_device_without_any() -> None:
    with pytest.raises(NotFoundError, match="there is no energy counter of mps"):
        counter_of("mps")
