"""Fixtures of all tests: the command line in this process or another, a data folder of its own, the benchmark data."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from dinas_cli.training import teacher
from tests.support.hub_server import Hub, serve
from tests.support.packages import make_package

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

# Two threads that fight over one core are slower than one; must be set before numpy and torch are imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "dinas-stack-space"
"""A package with a space of its own."""

# Shells start background jobs with interrupts ignored, which tests of interrupts would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Result:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


Cli = Callable[..., Result]


def pytest_configure(config: pytest.Config) -> None:
    """A data folder of this process for what fixtures of whole modules do before a test has its own.

    Teachers of surrogates know less, for nearly all trainings here are about something else.
    """
    teacher.TREES, teacher.ROUNDS = 20, 20
    folder = tempfile.mkdtemp(prefix="dinas-tests-")
    os.environ["DINAS_HOME"] = folder
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """What a command leaves in this process's environment (``--registry`` and ``--offline`` do) goes with its test.

    Else fixtures of whole modules, which are made before :func:`home` tidies up, would find it.
    """
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test alone, no settings of the user's, no network."""
    for name in list(os.environ):
        if name.startswith(("DINAS_", "_DINAS_")) and name != "DINAS_BENCH_DATA":
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("DINAS_HOME", str(folder))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_ASSETS_CACHE", "HUGGINGFACE_ASSETS_CACHE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(folder / "huggingface"))
    monkeypatch.setenv("COLUMNS", "120")
    return folder


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run ``dinas`` in this process: ``cli("spaces", "--json") -> Result``."""
    from dinas_cli.cli.app import run

    def call(*args: object) -> Result:
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def shell() -> Cli:
    """Run ``dinas`` in a process of its own: ``shell("eval", "-", input="…", env={…}) -> Result``."""

    def call(*args: object, input: str = "", env: dict[str, str] | None = None) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "dinas_cli", *map(str, args)],
            input=input,
            capture_output=True,
            text=True,
            env=os.environ | (env or {}),
            check=False,
            timeout=120,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Hub]:
    """A Hub on loopback that this process, and those it starts, take for the real one; no proxy in between."""
    from huggingface_hub import close_session, constants

    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    # The client reads its environment once, when it is imported.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    with serve() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server
        close_session()


@pytest.fixture(scope="session")
def bench_data() -> Path:
    """The folder of published benchmark data; tests that need it are skipped where there is none."""
    folder = Path(os.environ.get("DINAS_BENCH_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "nasbench201.csv.gz").is_file():
        pytest.skip(f"no benchmark data in {folder} (set DINAS_BENCH_DATA)")
    return folder


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Path]]:
    """Install a made-up package that brings spaces, for the time of this test: arguments of ``make_package``.

    ``code`` is a further folder to import from, of an editable installation for example.
    """
    from dinas_cli.spaces import registry

    with pytest.MonkeyPatch.context() as patch:

        def call(
            spaces: Mapping[str, str], files: Mapping[str, str] | None = None, *, code: Path | None = None, **about: str
        ) -> Path:
            folder = make_package(tmp_path_factory.mktemp("package"), spaces, files, **about)
            for place in filter(None, (folder, code)):
                patch.syspath_prepend(place)
                patch.setenv("PYTHONPATH", str(place), prepend=os.pathsep)
            for path in files or {}:
                patch.delitem(sys.modules, path.partition("/")[0].removesuffix(".py"), raising=False)
            registry.forget()
            return folder

        yield call
    registry.forget()


@pytest.fixture
def toy(install: Callable[..., Path]) -> Space:
    """The space of ``tests/support/toy.py``, known by its name for the time of this test."""
    from tests.support.toy import SPACE

    install({SPACE.name: "tests.support.toy:SPACE"})
    return SPACE


@pytest.fixture
def large_toy(install: Callable[..., Path]) -> Space:
    """The space of ``tests/support/large_toy.py``, likewise."""
    from tests.support.large_toy import SPACE

    install({SPACE.name: "tests.support.large_toy:SPACE"})
    return SPACE


@pytest.fixture
def stack(install: Callable[..., Path]) -> Space:
    """The space of the example package, installed as if with ``pip install -e``."""
    from dinas_cli.spaces.registry import get_space

    install({"stack": "dinas_stack:SPACE"}, code=EXAMPLE, name="dinas-stack-space", version="1.0")
    return get_space("stack")
