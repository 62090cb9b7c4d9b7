"""Writing networks: names, clashes, and that files appear all together or not at all."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.exporting import files
from dinas_cli.exporting.files import write
from dinas_cli.exporting.plan import FORMATS, Network, plan

CELLS = ("333132", "301004", "222222")


def networks(*cells: str) -> list[Network]:
    return [plan(Record("", "nasbench201", cell)) for cell in cells or CELLS]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_network_gets_all_its_files(tmp_path: Path) -> None:
    made = networks()
    progress: list[int] = []
    written = write(made, "module", tmp_path / "deep" / "nets", progress=progress.append)
    expected = [
        tuple(tmp_path / "deep" / "nets" / f"{net.name}{ending}" for ending in FORMATS["module"]) for net in made
    ]
    assert (written.files, written.repeated, progress) == (expected, 0, [1, 2, 3])
    assert len(contents(tmp_path)) == 6


def test_repeated_networks_are_written_once_with_the_first_ones_record(tmp_path: Path) -> None:
    first, again = networks("301004", "301004")
    other = plan(Record("", "nasbench201", "301004", provenance={"seed": 5}))
    written = write([first, again, other], "pytorch", tmp_path)
    assert (len(written.files), written.repeated) == (1, 2)
    assert contents(tmp_path) == {f"{first.name}.py": first.source().encode()}


@pytest.mark.parametrize("ending", FORMATS["module"])
def test_any_existing_file_stops_everything(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    last = networks()[-1]
    (tmp_path / f"{last.name}{ending}").write_text("mine")
    monkeypatch.setattr(files, "render", lambda *_: pytest.fail("work was done before the names were checked"))
    with pytest.raises(DinasError, match=rf"{last.name}{ending} exists already"):
        write(networks(), "module", tmp_path)
    assert contents(tmp_path) == {f"{last.name}{ending}": b"mine"}
    monkeypatch.undo()
    write(networks(), "module", tmp_path, force=True)
    assert len(contents(tmp_path)) == 6
    assert b"mine" not in contents(tmp_path).values()


@pytest.mark.parametrize("failure", [DinasError("no"), KeyboardInterrupt(), MemoryError()])
def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    """Neither what was finished before it, nor temporary files; what was there stays as it was."""
    made = networks()
    old = {f"{made[0].name}.py": b"mine"}
    (tmp_path / f"{made[0].name}.py").write_bytes(b"mine")
    done: list[Network] = []

    def render(network: Network, form: str, seed: int) -> tuple[bytes, ...]:
        done.append(network)
        if len(done) == 3:
            raise failure
        return (b"source",)

    monkeypatch.setattr(files, "render", render)
    with pytest.raises(type(failure)):
        write(made, "pytorch", tmp_path, force=True)
    assert len(done) == 3
    assert contents(tmp_path) == old


@pytest.mark.parametrize("force", [False, True])
def test_a_name_taken_meanwhile_leaves_nothing_of_ours(tmp_path: Path, force: bool) -> None:
    """The last name is: those before it have been published already, and are taken back."""
    made, folder = networks(), tmp_path / "nets"
    last = folder / f"{made[-1].name}.safetensors"
    old = folder / f"{made[0].name}.py"
    if force:
        folder.mkdir()
        old.write_text("mine")

    def take(done: int) -> None:
        if done == len(made) and force:
            last.mkdir()
        elif done == len(made):
            last.write_text("theirs")

    with pytest.raises(DinasError, match=f"cannot write .*nets: |{last.name} exists already"):
        write(made, "module", folder, force=force, progress=take)
    assert contents(tmp_path) == ({f"nets/{old.name}": b"mine"} if force else {f"nets/{last.name}": b"theirs"})


def test_an_interrupt_while_names_are_taken_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def interrupted(source: Path, target: Path) -> None:
        link(source, target)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "link", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(networks(), "module", tmp_path / "nets")
    assert len(contents(tmp_path)) == 6


def test_a_folder_that_was_made_for_nothing_goes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "render", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write(networks(), "pytorch", tmp_path / "deep" / "nets")
    assert list(tmp_path.iterdir()) == []


def test_two_networks_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Network, "name", "one_name")
    with pytest.raises(DinasError, match="would be files of one name, one_name") as caught:
        write(networks(), "pytorch", tmp_path / "nets")
    assert caught.value.hint == "write them to different folders"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("form", "name", "words"),
    [
        ("onnx", "net.pt2", "--to onnx writes .onnx, not net.pt2"),
        ("pytorch", "net.safetensors", "--to pytorch writes .py, not net.safetensors"),
        ("module", "net.safetensors", "--to module writes .py and .safetensors, not net.safetensors"),
        ("module", "my-net.py", "my-net.py cannot be imported"),
    ],
)
def test_names_that_do_not_suit(tmp_path: Path, form: str, name: str, words: str) -> None:
    with pytest.raises(UsageProblem, match=words):
        write(networks("301004"), form, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_one_file_holds_one_network(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="2 networks do not fit into one file"):
        write(networks("301004", "333132", "301004"), "pytorch", tmp_path / "net.py")
    assert write(networks("301004", "301004"), "pytorch", tmp_path / "net.py").files == [(tmp_path / "net.py",)]


def test_a_folder_may_be_called_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "nets.py").mkdir()
    write(networks("301004"), "pytorch", tmp_path / "nets.py")
    assert len(contents(tmp_path / "nets.py")) == 1


def test_an_unwritable_place(tmp_path: Path) -> None:
    (tmp_path / "nets").write_text("")
    with pytest.raises(DinasError, match="cannot create folder"):
        write(networks(), "pytorch", tmp_path / "nets")
    with pytest.raises(DinasError, match=r"folder .* does not exist"):
        write(networks("301004"), "pytorch", tmp_path / "none" / "net.py")
