"""The command line's contracts: start-up without torch, streams, exit codes, errors in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import dinas_cli
from dinas_cli.cli import app
from dinas_cli.errors import (
    CorruptFileError,
    DinasError,
    GenotypeError,
    NotFoundError,
    OfflineError,
    UnsatisfiedError,
    UsageProblem,
)
from tests.conftest import Cli


def install(monkeypatch: pytest.MonkeyPatch, command: Callable[[], None]) -> None:
    """Make ``dinas version`` run ``command``: real commands that fail in every way are hard to come by."""
    module = ModuleType("dinas_cli.cli.commands.version")
    module.command = command  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dinas_cli.cli.commands.version", module)


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"]])
def test_help_lists_every_command_with_its_line(cli: Cli, args: list[str]) -> None:
    result = cli(*args)
    assert result.code == 0
    assert result.err == ""
    for name, line in app.COMMANDS.items():
        assert f"  {name} " in result.out
        assert line in result.out


@pytest.mark.parametrize("group", ["tables", "checkpoints", "devices"])
def test_help_lines_of_groups_are_whole(cli: Cli, monkeypatch: pytest.MonkeyPatch, group: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    listed = cli(group, "--help").out.partition("\nCommands:\n")[2].splitlines()
    assert len(listed) >= 4
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def test_version_option(cli: Cli) -> None:
    assert cli("--version").out == f"dinas {dinas_cli.__version__}\n"


HEAVY = """
import sys
from dinas_cli.cli.app import COMMANDS, run
for args in (["--help"], ["spaces"], ["version"], ["checkpoints", "list"], *([name, "--help"] for name in COMMANDS)):
    assert run(args) == 0, args
    heavy = {"torch", "numpy", "torch_geometric", "huggingface_hub", "safetensors", "scipy"} & set(sys.modules)
    assert not heavy, (args, heavy)
"""


def test_no_heavy_import_for_help_and_listings() -> None:
    done = subprocess.run([sys.executable, "-c", HEAVY], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (0, ["one in full: dinas spaces NAME"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dinas ", set(app.COMMANDS)),
        ("dinas sp", {"spaces"}),
        ("dinas spaces nasbench2", {"nasbench201"}),
        ("dinas checkpoints ", {"list", "info", "verify", "path", "rm", "entry"}),
        ("dinas export --skeleton ", {"own", "cifar", "imagenet", "taskonomy"}),
    ],
)
def test_completion_without_torch(line: str, expected: set[str]) -> None:
    code = "import sys; sys.argv = ['dinas']; from dinas_cli.cli.app import run\ntry: run()\n"
    code += "finally: print(sorted({'torch', 'numpy'} & set(sys.modules)), file=sys.stderr)"
    words = line.split(" ")
    env = {"_DINAS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | env, capture_output=True, text=True)
    assert set(done.stdout.split()) == expected
    assert done.stderr == "[]\n"


def test_completion_script() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dinas_cli"],
        env=os.environ | {"_DINAS_COMPLETE": "source_bash"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_DINAS_COMPLETE=complete_bash" in done.stdout


def test_unknown_command_gets_a_suggestion(cli: Cli) -> None:
    result = cli("generat")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: unknown command 'generat'\nhint: did you mean 'generate'? commands: ")
    assert result.err.count("\n") == 2


@pytest.mark.parametrize(
    ("args", "message", "hint"),
    [
        (["--nosuch"], "no such option: --nosuch", "dinas --help"),
        (["version", "--jsn"], "no such option: --jsn (Possible options: --json)", "dinas version --help"),
        (["version", "extra"], "got unexpected extra argument(s) (extra)", "dinas version --help"),
        (["checkpoints", "nosuch"], "no such command 'nosuch'", "dinas checkpoints --help"),
        (["checkpoints", "info"], "missing argument 'NAME'", "dinas checkpoints info --help"),
        (["generate", "--acc"], "option '--acc' requires an argument", "dinas generate --help"),
        (
            ["export", "x", "--to", "caffe"],
            "invalid value for '--to': 'caffe' is not one of "
            "'pytorch', 'module', 'torch-export', 'onnx', 'openvino', 'genotype', 'json'",
            "dinas export --help",
        ),
    ],
)
def test_usage_errors_are_one_line_and_a_hint(cli: Cli, args: list[str], message: str, hint: str) -> None:
    result = cli(*args)
    assert (result.code, result.out) == (2, "")
    assert result.err == f"error: {message}\nhint: {hint}\n"


def test_group_without_command_shows_its_help(cli: Cli) -> None:
    result = cli("checkpoints")
    assert (result.code, result.out) == (2, "")
    assert "Usage: dinas checkpoints" in result.err
    assert "\nCommands:\n" in result.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DinasError, 1),
        (CorruptFileError, 1),
        (UsageProblem, 2),
        (GenotypeError, 2),
        (NotFoundError, 3),
        (OfflineError, 4),
        (UnsatisfiedError, 5),
    ],
)
def test_exit_codes(cli: Cli, monkeypatch: pytest.MonkeyPatch, error: type[DinasError], code: int) -> None:
    def fail() -> None:
        raise error("it\nbroke", "mend it")

    install(monkeypatch, fail)
    result = cli("version")
    assert (result.code, result.out, result.err) == (code, "", "error: it broke\nhint: mend it\n")


def test_unexpected_errors_are_one_line_unless_debugging(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("oh")

    install(monkeypatch, fail)
    result = cli("version")
    assert result.code == 1
    assert result.err == "error: unexpected ZeroDivisionError: oh\nhint: run it again with DINAS_DEBUG=1 to see where\n"
    monkeypatch.setenv("DINAS_DEBUG", "1")
    result = cli("version")
    assert result.err.startswith("Traceback (most recent call last):")
    assert result.err.endswith("DINAS_DEBUG=1 to see where\n")


def test_interrupt(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    install(monkeypatch, interrupt)
    assert cli("version").code == 130


@pytest.mark.parametrize("arguments", ["spaces --json", "--help", "--version", "version"])
def test_closed_pipe_is_quiet(arguments: str) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "dinas_cli", *arguments.split()], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_closed_pipe_amid_much_output() -> None:
    code = (
        "import sys, types; from dinas_cli.cli import app\n"
        "from dinas_cli.cli.output import Sink\n"
        "module = types.ModuleType('dinas_cli.cli.commands.version')\n"
        "module.command = lambda: [Sink('tsv').line('x' * 1000) for _ in range(1000)] and None\n"
        "sys.modules['dinas_cli.cli.commands.version'] = module\n"
        "sys.argv = ['dinas', 'version']; app.main()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("buffered", ["", "1"])
def test_full_disk_behind_stdout(buffered: str) -> None:
    command = [sys.executable, "-m", "dinas_cli", "version"]
    env = os.environ | {"PYTHONUNBUFFERED": buffered}
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=env)
    assert done.returncode == 1
    assert done.stderr == b"error: cannot write to standard output: no space left on device\n"


def test_terminal_that_cannot_show_everything(shell: Cli) -> None:
    result = shell("spaces", "nasbench201", env={"PYTHONIOENCODING": "ascii"})
    assert result.code == 0


def test_installed_script_and_module_agree(shell: Cli) -> None:
    script = Path(sys.executable).with_name("dinas")
    done = subprocess.run([script, "version", "--json"], capture_output=True, text=True, check=True)
    assert done.stdout == shell("version", "--json").out
    assert {"name": "dinas", "version": dinas_cli.__version__} in map(json.loads, done.stdout.splitlines())
