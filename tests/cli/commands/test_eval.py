"""``dinas eval``: every mode and input, bad lines among good ones, pipes, speed, and torch left alone."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.architectures.schema import Record, from_json, to_json_line
from dinas_cli.checkpoints import registry
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import Cli
from tests.support.benchmark_files import CELLS, GENOTYPES, HEADER, install_table, partial, rows, write_csv

REQUEST = Request("nasbench201", "cifar10", None, None, (Budget("latency", 2.0, "fpga"),))


@pytest.fixture
def table(tmp_path: Path) -> None:
    """Four architectures: accuracies on cifar10, latencies 1, 2, none, 4 ms on fpga."""
    costs = [f"{genotype},{'' if i == 2 else i + 1}" for i, genotype in enumerate(GENOTYPES)]
    partial(
        write_csv(tmp_path / "a.csv", HEADER, rows()),
        write_csv(tmp_path / "cifar10.csv", "arch_str,fpga_latency_ms", costs),
    )


def records(path: Path, *indexes: int, request: Request | None = REQUEST) -> Path:
    made = [
        Record(
            SPACE.canonical_id(CELLS[index]),
            "nasbench201",
            GENOTYPES[index],
            request={} if request is None else request.to_dict(),
            provenance={"seed": 0, "index": index},
        )
        for index in indexes
    ]
    path.write_text("".join(f"{to_json_line(record)}\n" for record in made))
    return path


@pytest.mark.usefixtures("table")
def test_tsv(cli: Cli) -> None:
    result = cli("eval", *GENOTYPES[:2], "-s", "nb201", "--device", "fpga", "--source", "table", "-v")
    header, *lines = (line.split("\t") for line in result.out.splitlines())
    assert header == [
        "id", "space", "genotype", "acc@cifar10", "test_acc@cifar10", "latency/fpga@cifar10", "params@cifar10",
        "macs@cifar10", "sources", "networks", "request", "provenance",
    ]  # fmt: skip
    assert [line[3:6] for line in lines] == [["80.5", "81.25", "1.0"], ["81.5", "82.25", "2.0"]]
    assert "latency/fpga@cifar10=table" in lines[0][8]
    assert "macs@cifar10=computed" in lines[0][8]
    assert result.err.splitlines() == [
        "from table: acc@cifar10, test_acc@cifar10, latency/fpga@cifar10, params@cifar10",
        "from computed: macs@cifar10",
        "latency/fpga@cifar10: the benchmark's own network for cifar10 (5 cells per stage, 16 channels, 10 classes, "
        "32 × 32 pixels), 1 image at once",
    ]
    assert result.code == 0


@pytest.mark.usefixtures("table")
def test_json_and_verdicts(cli: Cli, tmp_path: Path) -> None:
    path = records(tmp_path / "in.jsonl", 0, 1, 2, 3)
    result = cli("eval", path, "--json", "--source", "table")
    found = [from_json(line) for line in result.out.splitlines()]
    assert [record.provenance for record in found] == [
        {"seed": 0, "index": index, "satisfies": index < 2} for index in range(4)
    ]
    assert [record.genotype for record in found] == list(GENOTYPES)
    assert found[0].request == REQUEST.to_dict()
    missing = json.loads(result.out.splitlines()[2])["metrics"]["latency/fpga@cifar10"]
    assert missing == {"value": None, "unit": "ms", "source": "table", "device": "fpga", "dataset": "cifar10"}
    assert result.err.splitlines()[-1] == "2 of 4 satisfy their request"
    header, *lines = (line.split("\t") for line in cli("eval", path, "--quiet").out.splitlines())
    assert [line[header.index("satisfies")] for line in lines] == ["yes", "yes", "no", "no"]


@pytest.mark.usefixtures("table")
def test_quiet_says_nothing_but_errors(cli: Cli, tmp_path: Path) -> None:
    result = cli("eval", records(tmp_path / "in.jsonl", 0), "--quiet", "--source", "table")
    assert (result.code, result.err) == (0, "")


@pytest.mark.usefixtures("table")
def test_on_a_terminal(home: Path) -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "dinas_cli", "eval", GENOTYPES[0], "-s", "nb201", "-m", "acc,latency/fpga", "-q"]
    process = subprocess.Popen(command, stdout=follower, env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"})
    os.close(follower)
    shown = b""
    try:
        while part := os.read(leader, 4096):
            shown += part
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(leader)
    assert process.wait() == 0
    text = shown.decode()
    assert "acc@cifar10 (%)" in text  # with -q no summary names the dataset, so the headings do
    assert "80.50" in text
    assert SPACE.decode(SPACE.encode(GENOTYPES[0]), "ops") in text.splitlines()[-1]
    assert "\t" not in text


@pytest.mark.usefixtures("table")
def test_bad_lines_are_named_and_the_rest_goes_on(cli: Cli, tmp_path: Path) -> None:
    path = records(tmp_path / "in.jsonl", 0, 1)
    good = path.read_text().splitlines()
    broken = ["{", '{"schema": "dinas/architecture@9"}', good[0].replace("skip_connect", "conv_9x9"), "|none~0|"]
    cruel = good[0].replace('"limit": 2.0', '"limit": -2.0')
    path.write_text("\n".join([broken[0], good[0], *broken[1:], "", cruel, good[1]]) + "\n")
    result = cli("eval", path, "--json", "--source", "table")
    assert result.code == 1
    assert [from_json(line).genotype for line in result.out.splitlines()] == list(GENOTYPES[:2])
    errors = [line for line in result.err.splitlines() if line.startswith("error:")]
    assert [error.split(":")[2] for error in errors] == ["1", "3", "4", "5", "7"]
    assert "conv_9x9" in errors[2]
    assert "out of range" in errors[4]


@pytest.mark.usefixtures("table")
def test_only_bad_lines(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text("nonsense\n")
    result = cli("eval", path, "--space", "nb201")
    assert (result.code, result.out) == (1, "")
    assert f"error: {path}:1: " in result.err
    path.write_text("\n")
    empty = cli("eval", path, "--space", "nb201")
    assert (empty.code, empty.out) == (0, "")
    assert "no architectures" in empty.err


@pytest.mark.usefixtures("table")
def test_pipes_keep_requests_in_every_form(shell: Cli, tmp_path: Path) -> None:
    text = records(tmp_path / "in.jsonl", 1, 3).read_text()
    once = shell("eval", "-", input=text)
    again = shell("eval", "-", "--json", input=once.out)
    assert (once.code, again.code) == (0, 0)
    found = [from_json(line) for line in again.out.splitlines()]
    assert [(record.provenance["satisfies"], record.provenance["index"]) for record in found] == [(True, 1), (False, 3)]
    exported = shell("export", "-", "--to", "genotype", input=once.out)
    assert exported.out.splitlines() == [GENOTYPES[1], GENOTYPES[3]]


@pytest.mark.usefixtures("table")
def test_wrong_usage(cli: Cli) -> None:
    for args, code, words in (
        (("--metrics", "latency"), 2, "latency needs a device"),
        (("--metrics", ","), 2, "names no metric"),
        (("--metrics", "akk"), 2, "no metric 'akk'"),
        (("--metrics", "latency/fgpa"), 2, "did you mean 'fpga'"),
        (("--dataset", "cifar"), 2, "unknown dataset 'cifar'"),
        (("--device", "toaster"), 2, "unknown device 'toaster'"),
        (("--source", "rumour"), 2, "rumour"),
        (("--metrics", "acc@cifar100", "--source", "table"), 3, "no source at hand knows acc@cifar100"),
    ):
        result = cli("eval", GENOTYPES[0], "--space", "nasbench201", *args)
        assert (result.code, result.out) == (code, ""), args
        assert words in result.err
    assert cli("eval", "missing.jsonl").code == 3
    assert cli("eval", GENOTYPES[0]).code == 2
    assert "did you mean 'nasbench201'" in cli("eval", GENOTYPES[0], "-s", "nasbnch201").err


def test_without_a_table_the_hint_is_to_import_one(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "checkpoints.toml").write_text("")  # no surrogate either
    monkeypatch.setattr(registry, "registry_path", lambda: tmp_path / "checkpoints.toml")
    result = cli("eval", GENOTYPES[0], "-s", "nb201", "--json")
    assert result.code == 0
    metrics = json.loads(result.out)["metrics"]
    assert metrics["params@cifar10"]["source"] == "computed"
    assert "test_acc@cifar10" not in metrics
    assert "test_acc@cifar10: dinas tables import nasbench201 FILE..." in result.err
    refused = cli("eval", GENOTYPES[0], "-s", "nb201", "--source", "table")
    assert refused.code == 3
    assert "hint: dinas tables import nasbench201 FILE..." in refused.err


@pytest.mark.usefixtures("table")
def test_the_surrogate_states_its_kendall_tau(cli: Cli) -> None:
    result = cli("eval", GENOTYPES[0], "-s", "nb201", "--source", "surrogate", "--json", "-v")
    if result.code == 3:
        pytest.skip("this installation has no surrogate of nasbench201")
    metric = json.loads(result.out)["metrics"]["acc@cifar10"]
    assert metric["source"] == "surrogate"
    assert 0.5 < metric["kendall_tau"] <= 1
    assert f"acc@cifar10 (τ {metric['kendall_tau']:.3f})" in result.err


def test_a_truncated_table_is_named(cli: Cli, home: Path, tmp_path: Path) -> None:
    partial(write_csv(tmp_path / "a.csv", HEADER, rows()))
    where = home / "tables" / "nasbench201.safetensors"
    where.write_bytes(where.read_bytes()[:-7])
    result = cli("eval", GENOTYPES[0], "-s", "nb201")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error: {where} is no usable table of nasbench201")


def test_ten_thousand_records_from_the_table(tmp_path: Path, bench_data: Path) -> None:
    install_table(bench_data)
    request = Request("nasbench201", "cifar100", Rank("acc", 5.0), None, (Budget("latency", 5.0, "fpga"),)).to_dict()
    lines = []
    for index, cell in enumerate(SPACE.reference()[3_000:13_000].tolist()):
        made = Record(SPACE.canonical_id(cell), "nasbench201", SPACE.decode(cell), {}, request, {"index": index})
        lines.append(to_json_line(made))
    many, one = tmp_path / "many.jsonl", tmp_path / "one.jsonl"
    many.write_text("\n".join(lines))
    one.write_text(lines[0])
    code = (
        "import sys\n"
        "from dinas_cli.cli.app import run\n"
        "code = run(sys.argv[1:])\n"
        "assert 'torch' not in sys.modules\n"
        "sys.exit(code)"
    )

    def seconds(*program: str, lines: int) -> float:
        """Processor time, because other programs may be running."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, "-c", *program], capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("\n") == lines
        assert "eval" not in program or "from the benchmark's table" in done.stderr
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def longer(code: str, *before: str) -> float:
        """What 10,000 records take longer than one, at best."""
        taken = [[seconds(code, *before, str(path), lines=n) for path, n in ((one, 1), (many, 10_000))] for _ in "123"]
        return min(pair[1] for pair in taken) - min(pair[0] for pair in taken)

    # In terms of this machine at this moment: reading and writing the same lines with the json module.
    copy = "import json, sys\nfor line in open(sys.argv[1]):\n    print(json.dumps(json.loads(line)))"
    assert longer(code, "eval", "--json") < 10 * longer(copy)
