"""``dinas generate``: what goes to which stream in every mode, completion, interrupts and closed pipes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dinas_cli.cli.commands.generate import parse_guidance
from dinas_cli.errors import UsageProblem
from dinas_cli.oracles import devices
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import Cli
from tests.support.bundled import limited, needs_weights
from tests.support.devices_made_up import device
from tests.support.terminals import DINAS, interrupted, on_terminal

pytestmark = needs_weights
COUNTS = r"\d+ drawn, \d+ valid, \d+ unique, \d+ satisfying"


def test_tsv_in_a_pipe(cli: Cli) -> None:
    result = cli("generate", *limited())
    assert result.code == 0
    rows = list(csv.DictReader(io.StringIO(result.out), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == len({row["id"] for row in rows}) == 3
    assert list(rows[0])[:3] == ["id", "space", "genotype"]
    for row in rows:
        assert SPACE.canonical_id(SPACE.encode(row["genotype"])) == row["id"]
        assert json.loads(row["request"])["rank"] == {"metric": "acc", "top": 30.0}
        assert set(json.loads(row["provenance"])) == {"checkpoint", "sha256", "seed", "index", "version"}
        assert "latency/fpga@cifar10=surrogate" in row["sources"]
    assert "\x1b" not in result.out + result.err


def test_json_lines(cli: Cli) -> None:
    result = cli("generate", *limited(), "--json")
    records = [json.loads(line) for line in result.out.splitlines()]
    assert len(records) == 3
    for record in records:
        assert record["schema"] == "dinas/architecture@1"
        assert record["metrics"]["latency/fpga@cifar10"]["source"] == "surrogate"
        assert record["metrics"]["latency/fpga@cifar10"]["kendall_tau"] > 0.5
        assert record["metrics"]["params@cifar10"]["source"] == "computed"


def test_words_go_to_stderr(cli: Cli) -> None:
    result = cli("generate", *limited(), "--json", "--verbose")
    counts, *sources = result.err.splitlines()
    assert re.fullmatch(rf"top 30 % acc@cifar10 with latency/fpga ≤ .* ms: {COUNTS} \(checked by surrogate\)", counts)
    assert re.match(
        r"from surrogate, agrees on held-out architectures with the benchmark: acc@cifar10 \(τ 0\.\d+\)", sources[0]
    )
    assert sources[1] == "from computed: params@cifar10, macs@cifar10"
    assert sources[2].startswith("latency/fpga@cifar10, energy/fpga@cifar10: the benchmark's own network for cifar10 (")
    assert len(sources) == 3
    (plain,) = cli("generate", *limited(), "--json").err.splitlines()
    assert re.fullmatch(
        r"top 30 % acc with latency/fpga ≤ .* ms\. acc, test_acc, latency/fpga, energy/fpga predicted \(± holds two of "
        r"three measurements\); params, macs exact \(on cifar10\)",
        plain,
    )


def test_quiet(cli: Cli) -> None:
    loud, quiet = cli("generate", *limited()), cli("generate", *limited(), "--quiet")
    assert (quiet.code, quiet.err) == (0, "")
    assert quiet.out == loud.out


def test_seed_and_default(cli: Cli) -> None:
    first, again, other = (cli("generate", "-n", 2, "--json", "--seed", seed) for seed in (1, 1, 2))
    assert first.out == again.out != other.out
    assert len(cli("generate", "--quiet").out.splitlines()) == 1 + 16


def test_on_a_terminal() -> None:
    result = on_terminal("generate", *limited())
    assert result.code == 0
    header, rule, *rows = [line for line in result.out.splitlines() if line.strip()]
    assert header.split()[:3] == ["id", "acc", "(%)"]
    assert "latency/fpga" in header
    assert set(rule.strip()) <= {"─", " "}
    assert sum(line.lstrip().startswith("nb201-") for line in rows) == 3
    assert "predicted" in result.err
    assert "predicted" not in result.out
    plain = on_terminal("generate", "-n", "1", "--quiet", NO_COLOR="1", TERM="dumb")
    assert (plain.code, plain.err) == (0, "")


def test_output_file(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "found.jsonl"
    result = cli("generate", *limited(), "-o", path)
    assert (result.code, result.out) == (0, "")
    assert result.err.startswith(f"wrote 3 architectures to {path}\n")
    assert path.read_text() == cli("generate", *limited(), "--json").out
    # Refused before any work: not even the checkpoint was looked for.
    before = path.read_bytes()
    result = cli("generate", *limited(), "-o", path, "--checkpoint", "nosuch")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error: {path} exists already\nhint: overwrite it with --force")
    assert path.read_bytes() == before
    assert cli("generate", "-n", "1", "-o", path, "--force", "-q").code == 0
    assert len(path.read_text().splitlines()) == 1


def test_exclude(cli: Cli, tmp_path: Path) -> None:
    asked = ("generate", "--acc", "top1", "-n", "3", "--json", "-q")
    first = cli(*asked).out
    found = tmp_path / "found.jsonl"
    found.write_text(first)
    second = cli(*asked, "--exclude", found).out
    ids = [{json.loads(line)["id"] for line in text.splitlines()} for text in (first, second)]
    assert [len(names) for names in ids] == [3, 3]
    assert not ids[0] & ids[1]
    genotype = json.loads(first.splitlines()[0])["genotype"]
    assert json.loads(cli(*asked, "--exclude", genotype).out.splitlines()[0])["id"] in ids[0]
    for bad, text in (("301009", "--exclude: 301009"), (str(tmp_path / "no.jsonl"), "no such file")):
        result = cli(*asked, "--exclude", bad)
        assert (result.code, result.out) == (3 if "no such" in text else 2, "")
        assert text in result.err
    result = cli("generate", "--space", "darts", "--exclude", found)
    assert (result.code, result.out) == (2, "")
    assert "nasbench201" in result.err


def test_guidance_weights(cli: Cli) -> None:
    assert parse_guidance("2.5") == 2.5
    assert parse_guidance("acc=3, latency=0") == {"acc": 3.0, "latency": 0.0}
    for text in ("acc=", "acc=3,acc=2", "=3", "acc=3,latency", "101", "-1", "nan", "acc=inf", ""):
        with pytest.raises(UsageProblem) as caught:
            parse_guidance(text)
        assert "--guidance" in str(caught.value.hint)
    result = cli("generate", *limited(), "--guidance", "latency=3,params=1")
    assert result.code == 0
    assert result.err.startswith("warning: the guidance weight of params is without effect")


def test_fewer_steps_and_more_confidence(cli: Cli) -> None:
    for options in (["--steps", "2"], ["--confidence", "0.99"], ["--guidance", "0"], ["--sampler", "any-order"]):
        assert len(cli("generate", *limited(), *options, "--json").out.splitlines()) == 3


def test_fewer_than_asked_for_is_a_warning(cli: Cli) -> None:
    result = cli("generate", "--params", "73.31k", "--macs", "7.79M", "--acc", "top1", "-n", 40)
    assert result.code == 0
    assert 1 <= len(result.out.splitlines()) - 1 < 40
    assert result.err.startswith(("warning: the space has only ", "warning: the last 4096 samples held no further one"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["generate", "--device", "edgeg"], {"edgegpu"}),
        (["generate", "--device", "bo"], {"box"}),
        (["generate", "--dataset", "cifar"], {"cifar10", "cifar100"}),
        (["generate", "--checkpoint", "nasbench201-"], {"nasbench201-surrogate"}),
        (["devices", "rm", ""], {"box"}),
    ],
)
def test_completion_without_torch(home: Path, words: list[str], expected: set[str]) -> None:
    devices.save(device())
    (home / "devices" / "nasbench201-broken-latency-all.json").write_text("{")  # must not get in the way
    code = "import sys; sys.argv = ['dinas']; from dinas_cli.cli.app import run\ntry: run()\n"
    code += "finally: print(sorted({'torch', 'numpy'} & set(sys.modules)), file=sys.stderr)"
    line = " ".join(["dinas", *words])
    env = {"_DINAS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | env, capture_output=True, text=True)
    assert (set(done.stdout.split()), done.stderr) == (expected, "[]\n")


def test_closed_pipe() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*DINAS, "generate", "-n", "2"], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert done.returncode == 0
    assert b"Error" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*DINAS, "generate", "-n", "1", "-q"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr == b"error: cannot write to standard output: no space left on device\n"


@pytest.mark.parametrize("to_file", [False, True])
def test_ctrl_c_writes_what_was_found(tmp_path: Path, to_file: bool) -> None:
    path = tmp_path / "found.jsonl"
    output = ["-o", str(path)] if to_file else []
    result = interrupted([*DINAS, "generate", "-n", "4900", "--acc", "top99", "--json", *output], r"[1-9]\d+ drawn")
    assert result.code == 130
    text = path.read_text() if to_file else result.out
    records = [json.loads(line) for line in text.splitlines()]
    assert 0 < len(records) < 4900
    assert len({record["id"] for record in records}) == len(records)
    assert f"warning: interrupted: {len(records)} of 4900 found" in result.err
    assert "Traceback" not in result.err
