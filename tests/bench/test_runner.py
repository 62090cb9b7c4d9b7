"""The runner of ``dinas bench``: nothing is run twice, nothing is lost, nothing of other weights is mixed in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.bench import runner
from dinas_cli.bench.experiments import Experiment, Options, Results, Table
from dinas_cli.errors import CorruptFileError, DinasError, UsageProblem
from dinas_cli.files.locks import locked
from tests.support.bundled import needs_weights

pytestmark = needs_weights
OPTIONS = Options(("nasbench201",), 2, Path("work"))


class Counting:
    """A suite that remembers what was run."""

    name, title, seeds = "paper", "counting", 2
    spaces: tuple[str, ...] = ("nasbench201",)
    quick = "x/seed0"

    def __init__(self, fails_at: str = "", error: type[BaseException] = RuntimeError) -> None:
        self.ran: list[str] = []
        self.fails_at, self.error = fails_at, error

    def experiments(self, options: Options) -> Iterator[Experiment]:
        for seed in range(options.seeds):
            yield Experiment(f"x/seed{seed}", lambda seed=seed: self._run(f"x/seed{seed}"))  # type: ignore[misc]

    def tables(self, results: Results) -> list[Table]:
        return [Table("t", ("key",), tuple((key,) for key in results))]

    def _run(self, key: str) -> dict[str, Any]:
        if key == self.fails_at:
            raise self.error
        self.ran.append(key)
        return {"value": len(self.ran)}


def test_results_are_written_and_not_computed_again(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    first, second = Counting(), Counting()
    report = runner.run(first, OPTIONS, path, command="dinas bench")
    assert first.ran == ["x/seed0", "x/seed1"]
    assert {key: experiment["value"] for key, experiment in report.experiments.items()} == {"x/seed0": 1, "x/seed1": 2}
    assert report.about["command"] == "dinas bench"
    assert len(report.about["checkpoints"]["nasbench201"]["generator"]) == 12
    more = Options(OPTIONS.spaces, 3, OPTIONS.work)
    assert list(runner.run(second, more, path).experiments) == ["x/seed0", "x/seed1", "x/seed2"]
    assert second.ran == ["x/seed2"]
    assert runner.read(path).experiments.keys() == {"x/seed0", "x/seed1", "x/seed2"}


def test_a_whole_run_goes_on_from_a_coarse_one(tmp_path: Path) -> None:
    path, suite = tmp_path / "r.json", Counting()
    assert list(runner.run(suite, replace(OPTIONS, quick=True), path).experiments) == ["x/seed0"]
    assert list(runner.run(suite, OPTIONS, path).experiments) == ["x/seed0", "x/seed1"]
    assert suite.ran == ["x/seed0", "x/seed1"]


@pytest.mark.parametrize("name", runner.SUITES)
def test_coarse_versions_are_parts_of_the_suites(name: str) -> None:
    suite = runner.load_suite(name)
    options = Options(suite.spaces, suite.seeds, Path("work"))
    whole = [experiment.key for experiment in suite.experiments(options)]
    some = [experiment.key for experiment in runner.chosen(suite, replace(options, quick=True))]
    assert set(some) < set(whole)
    assert len(some) <= 250


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_whatever_ends_the_run_what_is_done_is_kept(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "r.json"
    with pytest.raises(error):
        runner.run(Counting("x/seed1", error), OPTIONS, path)
    assert list(runner.read(path).experiments) == ["x/seed0"]
    again = Counting()
    runner.run(again, OPTIONS, path)
    assert again.ran == ["x/seed1"]


def test_other_weights_are_refused_and_force_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    runner.run(Counting(), OPTIONS, path)
    data = json.loads(path.read_text())
    data["about"]["checkpoints"]["nasbench201"]["generator"] = "0" * 12
    runner.write(runner.Report(data["about"], data["experiments"]), path)
    before = path.read_bytes()
    with pytest.raises(DinasError, match="other weights of nasbench201"):
        runner.run(Counting(), OPTIONS, path)
    assert path.read_bytes() == before
    anew = Counting()
    runner.run(anew, OPTIONS, path, force=True)
    assert anew.ran == ["x/seed0", "x/seed1"]


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "dinas/bench@9"}', '{"schema": "dinas/bench@2"}', "\0"])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(CorruptFileError, match="no results of dinas bench"):
        runner.run(Counting(), OPTIONS, path)
    assert path.read_text() == text


def test_results_of_another_suite_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    runner.run(Counting(), OPTIONS, path)
    other = Counting()
    other.name = "speed"
    with pytest.raises(DinasError, match="results of suite 'paper'"):
        runner.run(other, OPTIONS, path)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"value": 1', '"value": NaN'), ('"value": 1', '"value": 7'), ('"x/seed0"', '"x/seed5"'), ('"crc32"', '"crc"')],
)
def test_altered_results_are_not_built_upon(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "r.json"
    runner.run(Counting(), OPTIONS, path)
    text = path.read_text()
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(CorruptFileError, match="not what was written") as caught:
        runner.run(Counting(), OPTIONS, path)
    assert "--force" in str(caught.value.hint)
    assert path.read_text() == text.replace(old, new, 1)


def test_two_runs_into_one_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    with locked(path), pytest.raises(DinasError, match=r"r\.json is being written by another process"):
        runner.run(Counting(), OPTIONS, path)
    runner.run(Counting(), OPTIONS, path)
    assert list(tmp_path.iterdir()) == [path]


def test_suites_are_found_by_name() -> None:
    for name in runner.SUITES:
        suite = runner.load_suite(name)
        assert suite.name == name
        assert suite.spaces
    with pytest.raises(UsageProblem, match="unknown suite 'papr'") as error:
        runner.load_suite("papr")
    assert "did you mean 'paper'?" in str(error.value.hint)
