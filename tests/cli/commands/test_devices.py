"""``dinas devices``: anchors, add, measure, list and rm, and generating for a device of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dinas_cli.oracles import devices
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import Cli
from tests.support.bundled import needs_weights
from tests.support.devices_made_up import costs, device
from tests.support.terminals import on_terminal

pytestmark = needs_weights


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """A file of measurements with a header."""
    genotypes = devices.anchors(SPACE.name, 48)
    lines = [f"{genotype}\t{cost}" for genotype, cost in zip(genotypes, costs(genotypes), strict=True)]
    path = tmp_path / "box.tsv"
    path.write_text("\n".join(["genotype\tms", *lines]) + "\n")
    return path


def test_anchors(cli: Cli, tmp_path: Path) -> None:
    result = cli("devices", "anchors", "-n", 10)
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == devices.anchors(SPACE.name, 10)
    assert cli("devices", "anchors", "-n", 10, "--seed", 1).out != result.out
    records = [json.loads(line) for line in cli("devices", "anchors", "-n", 10, "--json").out.splitlines()]
    assert [record["genotype"] for record in records] == result.out.splitlines()
    (tmp_path / "anchors.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    exported = cli("export", tmp_path / "anchors.jsonl", "--to", "pytorch", "-o", tmp_path / "nets")
    assert (exported.code, len(list((tmp_path / "nets").glob("*.py")))) == (0, 10)


def test_add_list_generate_rm(cli: Cli, measured: Path) -> None:
    result = cli("devices", "add", "box", measured, "--note", "on the bench", "--json")
    assert result.code == 0
    shown = json.loads(result.out)
    assert (shown["device"], shown["column"], shown["unit"], shown["measured"]) == ("box", "latency/box", "ms", 48)
    assert 0 < shown["lowest"] < shown["median"] < shown["highest"]
    assert shown["kendall_tau"] > 0.6
    assert Path(shown["file"]).is_file()
    assert result.err == "now: dinas generate --acc top5 --latency … --device box\n"

    rows = [json.loads(line) for line in cli("devices", "list", "--json").out.splitlines()]
    assert len({(row["device"], row["metric"], row["dataset"]) for row in rows}) == len(rows)
    (own,) = [row for row in rows if row["origin"] == "yours"]
    same = ("unit", "lowest", "median", "highest", "measured", "kendall_tau", "network")
    assert own == {key: shown[key] for key in same} | {
        "device": "box",
        "metric": "latency",
        "dataset": "all",
        "origin": "yours",
        "hardware": None,
        "aliases": None,
    }
    (tpu,) = [row for row in rows if row["device"] == "edgetpu" and row["dataset"] == "cifar10"]
    assert (tpu["hardware"], tpu["aliases"]) == ("Google Coral Edge TPU", "coral-edge-tpu, coral")

    limit = f"{shown['median']}ms"
    wish = ["--acc", "top30", "--latency", limit, "--device", "box", "--dataset", "cifar100", "-n", 4]
    generated = cli("generate", *wish, "--json", "-v")
    records = [json.loads(line) for line in generated.out.splitlines()]
    assert len(records) == 4
    assert all(record["metrics"]["latency/box"]["value"] <= shown["median"] for record in records)
    assert "latency/box (τ 0." in generated.err or "latency/box (τ 1." in generated.err
    evaluated = cli("eval", records[0]["genotype"], "--space", SPACE.name, "--device", "box", "--json")
    assert json.loads(evaluated.out)["metrics"]["latency/box"]["source"] == "surrogate"

    assert cli("devices", "rm", "box").err == "removed box: 1 file\n"
    assert cli("generate", *wish).code == 2


def test_list_in_every_mode(cli: Cli) -> None:
    devices.save(device())
    tsv = cli("devices", "list").out.splitlines()
    keys = "device metric dataset unit lowest median highest measured kendall_tau origin hardware aliases network"
    assert tsv[0].split("\t") == keys.split()
    assert {line.split("\t")[-4] for line in tsv[1:]} == {"shipped", "yours"}
    assert {"edgegpu", "fpga", "gold_6226", "box"} <= {line.split("\t")[0] for line in tsv[1:]}
    screen = on_terminal("devices", "list")
    assert (screen.code, screen.err) == (0, "+1 column (network): --wide\n")
    assert "box" in screen.out
    assert "kendall_tau" in screen.out
    wide = on_terminal("devices", "list", "--wide")
    assert (wide.code, wide.err) == (0, "")
    assert "network: the benchmark's own network" in wide.out


def test_add_from_standard_input_and_for_energy(shell: Cli, measured: Path) -> None:
    text = measured.read_text().replace("genotype\tms", "genotype\tmJ")
    result = shell("devices", "add", "box", "-", "--metric", "energy", "--dataset", "cifar10", "-q", input=text)
    assert (result.code, result.err) == (0, "")
    assert [one.column for one in devices.load_all(SPACE.name)] == ["energy/box@cifar10"]


def test_add_costs_in_seconds(cli: Cli, measured: Path) -> None:
    """The same device, whatever the unit it was measured in."""
    assert cli("devices", "add", "box", measured, "-q").code == 0
    measured.write_text(measured.read_text().removeprefix("genotype\tms\n"))
    assert cli("devices", "add", "slow", measured, "--unit", "s", "-q").code == 0
    in_ms, in_s = (dict(one.measurements) for one in devices.load_all(SPACE.name))
    assert in_s == pytest.approx({genotype: 1000 * cost for genotype, cost in in_ms.items() if cost is not None})
    refused = cli("devices", "add", "odd", measured, "--unit", "mJ")
    assert (refused.code, refused.err) == (
        2,
        "error: unknown latency unit 'mJ'\nhint: latency units: us, µs, μs, ms, s\n",
    )


def test_poor_measurements_are_warned_of(cli: Cli, tmp_path: Path) -> None:
    genotypes = devices.anchors(SPACE.name, 12)
    noise = [5.0, 1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.0, 4.0, 2.0, 8.0, 5.5]
    path = tmp_path / "noise.csv"
    path.write_text("".join(f"{genotype},{cost}\n" for genotype, cost in zip(genotypes, noise, strict=True)))
    result = cli("devices", "add", "noisy", path)
    assert result.code == 0
    assert result.err.startswith("warning: costs fitted to these measurements rank architectures poorly (τ ")


@pytest.mark.parametrize(
    ("args", "code", "message", "hint"),
    [
        (["add", "fpga", "{file}"], 2, "'fpga' is a device that dinas knows already", "my-fpga"),
        (["add", "a b", "{file}"], 2, "'a b' cannot name a device", "letters, digits"),
        (["add", "box", "{file}", "--dataset", "cifar1"], 2, "unknown dataset 'cifar1'", "did you mean 'cifar10'?"),
        (["add", "box", "{file}", "--metric", "heat"], 2, "invalid value for '--metric'", "--help"),
        (["add", "box", "{file}", "--space", "nb20"], 2, "unknown space 'nb20'", "did you mean 'nb201'?"),
        (["add", "box", "nothing.tsv"], 3, "no such file: nothing.tsv", "GENOTYPE<tab>COST"),
        (["add", "taken", "{file}"], 1, "latency of device 'taken' is known already", "--force"),
        (["measure", "taken", "--dataset", "cifar10"], 1, "latency of device 'taken' is known already", "--force"),
        (["measure", "fpga"], 2, "'fpga' is a device that dinas knows already", "my-fpga"),
        (["measure", "box", "--dataset", "cifar1"], 2, "unknown dataset 'cifar1'", "did you mean 'cifar10'?"),
        (["measure", "box", "-n", "3"], 2, "invalid value for '--count' / '-n'", "--help"),
        (["rm", "takn"], 3, "no device 'takn' of yours in nasbench201", "did you mean 'taken'?"),
        (["rm", "fpga"], 2, "'fpga' is not a device of yours", "dinas devices list"),
        (["anchors", "-n", "0"], 2, "invalid value for '--count' / '-n'", "--help"),
    ],
)
def test_bad_input(cli: Cli, measured: Path, args: list[str], code: int, message: str, hint: str) -> None:
    for one in (device("taken"), device("taken", "cifar10")):
        devices.save(one)
    result = cli("devices", *(str(measured) if arg == "{file}" else arg for arg in args))
    assert (result.code, result.out) == (code, "")
    error, advice = result.err.splitlines()
    assert message in error
    assert hint in advice
    assert len(devices.load_all(SPACE.name)) == 2


def test_a_broken_row_is_named_and_left_out(cli: Cli, measured: Path) -> None:
    clean = json.loads(cli("devices", "add", "clean", measured, "--json").out)
    lines = measured.read_text().splitlines()
    genotype, cost = lines[6].split("\t")
    lines[6], lines[9] = f"{genotype}\t{10 * float(cost)}", lines[9].split("\t")[0] + "\t"
    measured.write_text("\n".join(lines))
    result = cli("devices", "add", "box", measured, "--json")
    shown = json.loads(result.out)
    assert (result.code, shown["left_out"], clean["left_out"]) == (0, 2, 0)
    idle, broken, _ = result.err.splitlines()
    assert idle.startswith(f"warning: line 10: {lines[9].strip()}: does not run, as hardly any, ")
    assert broken.startswith(f"warning: line 7: {genotype}: {10 * float(cost):.4g} ms measured, ")
    assert broken.endswith(" ms by the others: left out")
    predicted = float(broken.split(", ")[1].split(" ms")[0])
    assert predicted == pytest.approx(float(cost), rel=0.3)
    assert shown["kendall_tau"] > clean["kendall_tau"] - 0.05


def test_seconds_for_milliseconds_are_refused_unless_they_are_meant(cli: Cli, measured: Path) -> None:
    rows = [line.split("\t") for line in measured.read_text().splitlines()[1:]]
    measured.write_text("".join(f"{genotype}\t{float(cost) / 1000}\n" for genotype, cost in rows))
    result = cli("devices", "add", "box", measured)
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines() == [
        f"error: {measured}: in ms these costs are a thousand times what is plausible: they look like s",
        "hint: say which they are: --unit s, or --unit ms if it is so",
    ]
    assert not devices.folder().exists()
    shown = json.loads(cli("devices", "add", "box", measured, "--unit", "s", "--json").out)
    assert 1 < shown["median"] < 100
    assert json.loads(cli("devices", "add", "fast", measured, "--unit", "ms", "--json").out)["median"] < 0.1


def test_measurements_that_cannot_be_read(cli: Cli, measured: Path) -> None:
    lines = measured.read_text().splitlines()
    lines[6] = lines[6].replace("\t", "\tabout ")
    measured.write_text("\n".join(lines))
    result = cli("devices", "add", "box", measured)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {measured}:7: 'about ")
    assert not devices.folder().exists()
    measured.write_text("\n".join(lines[:5]))
    assert "4 architectures measured; at least 8 different ones are needed" in cli("devices", "add", "x", measured).err


def test_force_replaces(cli: Cli, measured: Path) -> None:
    devices.save(device())
    assert cli("devices", "add", "box", measured, "--force", "--note", "anew", "-q").code == 0
    (one,) = devices.load_all(SPACE.name)
    assert one.note == "anew"


def test_a_broken_device_is_named_and_can_be_removed(cli: Cli) -> None:
    path = devices.save(device())
    path.write_text("{}")
    for command in (["devices", "list"], ["generate", "-n", 1]):
        result = cli(*command)
        assert (result.code, result.out) == (1, "")
        assert result.err.splitlines()[1] == f"hint: remove it: rm {path}"
    assert cli("devices", "rm", "box").code == 0
    assert cli("devices", "list").code == 0


def test_measured_elsewhere_on_a_network_of_ones_own(cli: Cli, measured: Path) -> None:
    assert cli("devices", "add", "box", measured, "--skeleton", "cifar", "--channels", 8, "--batch", 4, "-q").code == 0
    assert cli("devices", "add", "plain", measured, "-q").code == 0
    own, plain = (one.setting for one in devices.load_all(SPACE.name))
    assert own is not None
    assert plain is not None
    assert (own.network.name, own.sizes, own.batch) == ("cifar", {"cells": 5, "channels": 8}, 4)
    assert (plain.network.name, plain.batch) == ("own", None)
    refused = cli("devices", "add", "odd", measured, "--cells", 3)
    assert (refused.code, refused.err.splitlines()[0]) == (
        2,
        "error: skeleton 'own' of nasbench201 takes no --cells",
    )


def test_files_that_do_not_say_which_network_are_read(cli: Cli) -> None:
    path = devices.save(device())
    data = json.loads(path.read_text())
    assert "network" not in data
    (one,) = devices.load_all(SPACE.name)
    assert one.setting is None
    record = json.loads(cli("generate", "--latency", "99s", "--device", "box", "-n", 1, "--json").out)
    assert "networks" not in record
    path.write_text(json.dumps(data | {"network": {"skeleton": "cifer"}}))
    assert "a network cannot be read: " in cli("devices", "list").err


def test_devices_by_other_names(cli: Cli, measured: Path) -> None:
    wanted = ("generate", "--latency", "9s", "--dataset", "cifar10", "-n", 1, "--json")
    one, other = (json.loads(cli(*wanted, "--device", name).out) for name in ("edgegpu", "Jetson TX2"))
    assert one == other
    assert "latency/edgegpu@cifar10" in other["metrics"]
    evaluated = cli("eval", other["genotype"], "-s", SPACE.name, "--metrics", "latency/tx2", "--json")
    assert [*json.loads(evaluated.out)["metrics"]] == ["latency/edgegpu@cifar10"]
    taken = cli("devices", "add", "tx2", measured)
    assert (taken.code, taken.err.splitlines()) == (
        2,
        [
            "error: 'tx2' is a device that dinas knows already, as edgegpu",
            "hint: choose another name, such as my-tx2",
        ],
    )
    unknown = cli("generate", "--latency", "9s", "--device", "toaster")
    assert (unknown.code, "dinas devices measure NAME" in unknown.err, "dinas devices add NAME" in unknown.err) == (
        2,
        True,
        True,
    )
