"""``dinas export``: what goes where, exit codes, names, clashes, pipes in every form, hostile records, speed."""

from __future__ import annotations

import dataclasses
import io
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.architectures.records import Metric, Record, to_json_line
from dinas_cli.cli.output import Sink
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import Cli

BEST, CHAIN = (3, 3, 3, 1, 3, 2), (3, 0, 1, 0, 0, 4)
BEST_NAME, CHAIN_NAME = (
    f"{SPACE.canonical_id(cell).replace('-', '_')}_{SPACE.key(cell)}_cifar10.py" for cell in (BEST, CHAIN)
)
REQUEST = Request("nasbench201", "cifar100", Rank("acc", 5.0), None, (Budget("latency", 2.0, "fpga"),))


def record(cell: tuple[int, ...], **changes: object) -> Record:
    return dataclasses.replace(
        Record(
            id=SPACE.canonical_id(cell),
            space="nasbench201",
            genotype=SPACE.decode(cell),
            metrics={"acc@cifar100": Metric(73.5, "%", "surrogate", {"kendall_tau": 0.91})},
            request=REQUEST.to_dict(),
            provenance={"checkpoint": "nasbench201", "seed": 7, "index": 3, "version": "0.1.0"},
        ),
        **changes,  # type: ignore[arg-type]
    )


def write(path: Path, *records: Record) -> Path:
    path.write_text("".join(f"{to_json_line(item)}\n" for item in records), "utf-8")
    return path


def test_one_source_goes_to_stdout(cli: Cli) -> None:
    result = cli("export", SPACE.decode(BEST), "--space", "nb201")
    header = f"architecture: {SPACE.canonical_id(BEST)}\ngenotype: {SPACE.decode(BEST)}"
    assert (result.code, result.err) == (0, "")
    assert result.out == SPACE.source(BEST, header=header)


def test_header_states_where_the_architecture_comes_from(cli: Cli, tmp_path: Path) -> None:
    out = cli("export", write(tmp_path / "a.jsonl", record(BEST))).out
    for line in (
        f"# architecture: {SPACE.canonical_id(BEST)}",
        f"# genotype: {SPACE.decode(BEST)}",
        "# acc@cifar100: 73.5 % (surrogate, kendall_tau 0.91)",
        "# constraints: top 5 % acc@cifar100 with latency/fpga ≤ 2.00 ms",
        "# checkpoint: nasbench201\n# seed: 7",
    ):
        assert f"\n{line}\n" in out
    assert "\nCLASSES = 100\n" in out  # the dataset that the record's request names


def test_dataset_option_wins_over_the_request(cli: Cli, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", record(BEST))
    out = cli("export", path, "--dataset", "imagenet16-120").out
    assert "\nCLASSES = 120\nINPUT_SHAPE = (3, 16, 16)\n" in out


def test_one_source_to_a_file(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    result = cli("export", SPACE.decode(BEST), "-s", "nasbench201", "-o", path)
    assert (result.code, result.out, result.err) == (0, "", f"wrote 1 network to {path}\n")
    again = cli("export", SPACE.decode(CHAIN), "-s", "nasbench201", "-o", path)
    assert (again.code, again.out) == (1, "")
    assert again.err == f"error: {path} exists already\nhint: overwrite it with --force, or choose another name\n"
    assert SPACE.canonical_id(BEST) in path.read_text("utf-8")
    assert cli("export", SPACE.decode(CHAIN), "-s", "nasbench201", "-o", path, "--force", "--quiet").err == ""
    assert SPACE.canonical_id(CHAIN) in path.read_text("utf-8")


def test_several_go_to_a_folder_under_names_of_their_own(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "nets"
    twin = SPACE.decode((3, 0, 1, 0, 4, 0))  # another cell of the same id as CHAIN
    assert SPACE.canonical_id(SPACE.encode(twin)) == SPACE.canonical_id(CHAIN)
    result = cli("export", *map(SPACE.decode, (BEST, CHAIN, CHAIN)), twin, "-s", "nasbench201", "-o", folder)
    assert (result.code, result.out, result.err) == (0, "", f"wrote 3 networks to {folder} (1 repeated)\n")
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 3
    assert {BEST_NAME, CHAIN_NAME} <= set(names)
    assert all(name.removesuffix(".py").isidentifier() for name in names)


def test_one_without_py_ending_goes_to_a_folder_too(cli: Cli, tmp_path: Path) -> None:
    assert cli("export", SPACE.decode(BEST), "-s", "nasbench201", "-o", tmp_path / "nets").code == 0
    assert [path.name for path in (tmp_path / "nets").iterdir()] == [BEST_NAME]


def test_a_clash_writes_nothing_at_all(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / CHAIN_NAME).write_text("mine")
    arguments = ("export", SPACE.decode(BEST), SPACE.decode(CHAIN), "-s", "nasbench201", "-o", tmp_path)
    result = cli(*arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error: {tmp_path / CHAIN_NAME} exists already\nhint: ")
    assert [path.name for path in tmp_path.iterdir()] == [CHAIN_NAME]
    assert (tmp_path / CHAIN_NAME).read_text() == "mine"
    assert cli(*arguments, "--force").code == 0
    assert "class Network" in (tmp_path / CHAIN_NAME).read_text("utf-8")
    assert len(list(tmp_path.iterdir())) == 2  # and no temporary files


def test_several_sources_need_a_folder(cli: Cli, tmp_path: Path) -> None:
    for output in ([], ["-o", tmp_path / "net.py"]):
        result = cli("export", SPACE.decode(BEST), SPACE.decode(CHAIN), "-s", "nasbench201", *output)
        assert (result.code, result.out) == (2, "")
        assert result.err == "error: 2 networks do not fit into one file\nhint: name a folder with -o FOLDER\n"
    assert list(tmp_path.iterdir()) == []


def test_outputs_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "nets").write_text("")
    for name, words in (("nets", "cannot create folder"), ("nets/net.py", "folder"), ("none/net.py", "folder")):
        result = cli("export", SPACE.decode(BEST), "-s", "nasbench201", "-o", tmp_path / name)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith(f"error: {words} {tmp_path}")


@pytest.mark.parametrize("dialect", SPACE.dialects)
def test_genotypes_in_every_dialect(cli: Cli, tmp_path: Path, dialect: str) -> None:
    path = write(tmp_path / "a.jsonl", record(BEST), record(CHAIN))
    result = cli("export", path, "--to", "genotype", "--dialect", dialect)
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [SPACE.decode(BEST, dialect), SPACE.decode(CHAIN, dialect)]
    again = tmp_path / "genotypes.txt"
    assert cli("export", path, "--to", "genotype", "--dialect", dialect, "-o", again).code == 0
    assert again.read_text() == result.out
    assert cli("export", again, "-s", "nasbench201", "--to", "genotype").out.splitlines()[0] == SPACE.decode(BEST)


def test_records_are_kept_whole(cli: Cli, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", record(BEST), record(CHAIN, id=""))
    result = cli("export", path, "--to", "json")
    assert result.out.splitlines() == [to_json_line(record(BEST)), to_json_line(record(CHAIN))]


def test_pipe_from_tsv_and_from_json_lines(shell: Cli, tmp_path: Path) -> None:
    records = [record(BEST), record(CHAIN)]
    for mode in ("tsv", "json"):
        text = io.StringIO()
        Sink("tsv" if mode == "tsv" else "json", stdout=text).records(records)
        result = shell("export", "-", "-o", tmp_path / mode, input=text.getvalue())
        assert (result.code, result.out, result.err) == (0, "", f"wrote 2 networks to {tmp_path / mode}\n")
        sources = [path.read_text("utf-8") for path in sorted((tmp_path / mode).iterdir())]
        assert all("# constraints: top 5 % acc@cifar100 with latency/fpga" in source for source in sources)
        assert all("# acc@cifar100: 73.5 % (surrogate" in source for source in sources)
        assert all(path.name.endswith("_cifar100.py") for path in (tmp_path / mode).iterdir())


def test_bad_lines_are_named_and_the_rest_is_written(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        f"{to_json_line(record(BEST))}\n"
        '{"schema": "dinas/architecture@9"}\n'
        "|none~0|\n"
        f"{to_json_line(record(BEST, request={'space': 'nasbench201', 'dataset': 'svhn'}))}\n"
        f"{to_json_line(record(BEST, request={'space': 'nasbench201', 'colour': 'red'}))}\n"
        f"{to_json_line(record(CHAIN))}\n"
    )
    result = cli("export", path, "-s", "nasbench201", "-o", tmp_path / "nets", "--quiet")
    errors = [line for line in result.err.splitlines() if line.startswith("error: ")]
    assert result.code == 1
    assert [f"{path}:{line}: " in error for line, error in zip((2, 3, 4, 5), errors, strict=True)] == [True] * 4
    assert "unknown dataset 'svhn'" in errors[2]
    assert len(list((tmp_path / "nets").iterdir())) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--to", "tensorflow"], 2, "'tensorflow'"),
        (["--to", "onnx"], 2, "--to onnx cannot go to standard output\nhint: -o NAME.onnx or -o FOLDER"),
        (["--to", "pytorch", "--seed", "1"], 2, "--seed has no meaning with --to pytorch"),
        (["--to", "json", "--skeleton", "cifar"], 2, "--skeleton has no meaning with --to json"),
        (["--to", "genotype", "--image-size", "64"], 2, "--image-size has no meaning with --to genotype"),
        (["--skeleton", "imagnet"], 2, "has no skeleton 'imagnet'"),
        (["--cells", "3"], 2, "skeleton 'own' of nasbench201 takes no --cells\nhint: skeletons: own"),
        (["--to", "genotype", "--dialect", "tupel"], 2, "did you mean 'tuple'?"),
        (["--dialect", "tuple"], 2, "--dialect has no meaning with --to pytorch"),
        (["--to", "json", "--dataset", "cifar10"], 2, "--dataset has no meaning with --to json"),
        (["--dataset", "cifar-100"], 2, "did you mean 'cifar100'?"),
        (["--space", "nasbench210"], 2, "did you mean 'nasbench201'?"),
    ],
)
def test_wrong_options(cli: Cli, arguments: list[str], code: int, words: str) -> None:
    space = [] if "--space" in arguments else ["--space", "nasbench201"]
    result = cli("export", SPACE.decode(BEST), *space, *arguments)
    assert (result.code, result.out) == (code, "")
    assert words in result.err
    assert result.err.startswith("error: ")
    assert len(result.err.splitlines()) <= 2


def test_nothing_to_export(shell: Cli) -> None:
    result = shell("export", "-")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error: no architectures in the input\nhint: name files")


def test_a_hundred_networks_in_three_seconds_and_without_torch(shell: Cli, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *(record(tuple(cell)) for cell in SPACE.reference()[::157].tolist()))
    begin = time.monotonic()
    result = shell("export", path, "-o", tmp_path / "nets")
    assert (result.code, result.err) == (0, f"wrote 100 networks to {tmp_path / 'nets'}\n")
    assert time.monotonic() - begin <= 3
    code = (
        "import sys; from dinas_cli.cli.app import run; "
        f"run(['export', {str(path)!r}, '-o', {str(tmp_path / 'more')!r}, '-q']); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
