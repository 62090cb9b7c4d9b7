"""``dinas export`` of weights, graph files and other skeletons: what goes to which stream, exit codes, clashes."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from dinas_cli.architectures.schema import Record, to_json_line
from dinas_cli.exporting.plan import FORMATS
from dinas_cli.spaces.registry import get_space
from tests.conftest import Cli

SPACE = get_space("nasbench201")
CELL, OTHER = "333132", "301004"
SMALL = ["--skeleton", "cifar", "--channels", "4", "--cells", "1", "--image-size", "16"]
DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), "
    "('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))"
)
"""The cells that the DARTS paper found last and evaluated."""


def test_module_says_how_to_load_it(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    result = cli("export", CELL, "-s", "nasbench201", "--to", "module", "-o", path, "--seed", 3)
    loading = f"in {tmp_path}:\n  from net import load\n  network = load()\n"
    assert (result.code, result.out, result.err) == (0, "", f"wrote 1 network to {path}\n{loading}")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["net.py", "net.safetensors"]
    first = (tmp_path / "net.safetensors").read_bytes()
    for seed, same in ((3, True), (4, False)):
        again = cli("export", CELL, "-s", "nasbench201", "--to", "module", "-o", path, "--seed", seed, "-f", "-q")
        assert (again.code, again.err) == (0, "")
        assert ((tmp_path / "net.safetensors").read_bytes() == first) is same


@pytest.mark.parametrize("form", ["torch-export", "onnx"])
def test_exporters_of_torch_say_nothing(shell: Cli, tmp_path: Path, form: str) -> None:
    """In a process of its own, where nobody catches what they write."""
    folder = tmp_path / "nets"
    result = shell("export", CELL, OTHER, "-s", "nasbench201", "--to", form, "-o", folder, *SMALL, "--quiet")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert [path.suffix for path in folder.iterdir()] == [FORMATS[form][0]] * 2
    assert all(path.name.startswith("nb201_") for path in folder.iterdir())
    again = shell("export", OTHER, "-s", "nasbench201", "--to", form, "-o", folder, *SMALL)
    assert (again.code, again.out) == (1, "")
    assert again.err.endswith("exists already\nhint: overwrite it with --force, or choose another name\n")


def test_one_existing_file_of_many_keeps_all_from_being_written(cli: Cli, tmp_path: Path) -> None:
    stem = f"{SPACE.canonical_id(SPACE.encode(OTHER))}_{SPACE.key(SPACE.encode(OTHER))}_cifar10".replace("-", "_")
    (tmp_path / f"{stem}.safetensors").write_text("mine")
    result = cli("export", CELL, OTHER, "-s", "nasbench201", "--to", "module", "-o", tmp_path)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error: {tmp_path / stem}.safetensors exists already\n")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(f"{stem}.safetensors", "mine")]


def test_missing_extra(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("onnx", "onnxscript", "onnxruntime"):
        monkeypatch.setitem(sys.modules, name, None)
    result = cli("export", CELL, "-s", "nasbench201", "--to", "onnx", "-o", tmp_path / "net.onnx")
    assert (result.code, result.out) == (3, "")
    assert result.err == "error: --to onnx needs onnx and onnxscript and onnxruntime\nhint: pip install 'dinas[onnx]'\n"
    assert list(tmp_path.iterdir()) == []


def test_missing_extra_openvino(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    result = cli("export", CELL, "-s", "nasbench201", "--to", "openvino", "-o", tmp_path / "net.xml")
    assert (result.code, result.out) == (3, "")
    assert result.err == "error: --to openvino needs openvino\nhint: pip install 'dinas[openvino]'\n"
    assert list(tmp_path.iterdir()) == []


def test_quantised_and_measured(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    result = cli("export", OTHER, "-s", "nasbench201", *SMALL, "--to", "onnx", "--quantize", "--measure", "-o", path)
    assert (result.code, result.out) == (0, "")
    known = r"[\w]+: in int8 outputs differ by at most [\d.]+% of the float model's range \(random inputs\); "
    times = r"[\d.]+ ms in float and [\d.]+ ms in int8 \(onnxruntime on this machine, 1 thread, 1 input\)"
    assert re.fullmatch(known + times, result.err.splitlines()[1])
    assert b"QuantizeLinear" in path.read_bytes()


@pytest.mark.parametrize("flag", ["--quantize", "--measure"])
@pytest.mark.parametrize("form", ["pytorch", "module", "torch-export", "openvino", "genotype", "json"])
def test_int8_and_latency_are_of_onnx_alone(cli: Cli, tmp_path: Path, form: str, flag: str) -> None:
    result = cli("export", CELL, "-s", "nasbench201", "--to", form, flag, "-o", tmp_path / "net")
    assert (result.code, result.out) == (2, "")
    assert result.err == f"error: {flag} has no meaning with --to {form}\nhint: use --to onnx\n"
    assert list(tmp_path.iterdir()) == []


def test_wrong_ending(cli: Cli, tmp_path: Path) -> None:
    result = cli("export", CELL, "-s", "nasbench201", "--to", "onnx", "-o", tmp_path / "net.py")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: --to onnx writes .onnx, not net.py\nhint: -o NAME.onnx\n"


def test_a_skeleton_changes_the_network_and_says_what_it_costs(cli: Cli) -> None:
    result = cli("export", CELL, "-s", "nasbench201", *SMALL, "--classes", "7")
    assert result.code == 0
    for line in ("CLASSES = 7", "CHANNELS = 4", "CELLS = 1", "INPUT_SHAPE = (3, 16, 16)"):
        assert f"\n{line}\n" in result.out
    assert "# skeleton: cifar (channels 4, cells 1, classes 7, image_size 16), " in result.out
    assert result.err.startswith("nb201_4b74efc55394_8343_cifar10_cifar: ")
    assert result.err.endswith(" multiply-accumulates\n")
    assert cli("export", CELL, "-s", "nasbench201", *SMALL, "--quiet").err == ""


def test_metrics_of_another_skeleton_are_said_to_be_the_benchmarks(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    metrics = {"acc@cifar10": {"value": 91.0, "unit": "%", "source": "table"}}
    data = Record("", "nasbench201", SPACE.decode(SPACE.encode(CELL))).to_dict() | {"metrics": metrics}
    path.write_text(json.dumps(data) + "\n")
    note = "# metrics of the benchmark's own network around this cell:\n# acc@cifar10: 91 % (table)\n"
    assert note in cli("export", path, *SMALL).out
    assert "metrics of the benchmark's" not in cli("export", path).out


def test_imagenet_skeleton_of_darts_is_the_papers(cli: Cli, tmp_path: Path) -> None:
    """4.7 M parameters and 3.3 M on CIFAR-10, as the paper states them; images of 224 x 224 under 600 M."""
    result = cli("export", DARTS_V2, "-s", "darts", "--skeleton", "imagenet", "-o", tmp_path / "net.py")
    assert result.code == 0
    assert ": 4.72 M parameters, 529.91 M multiply-accumulates, within the mobile setting of 600.00 M\n" in result.err
    assert "\nINPUT_SHAPE = (3, 224, 224)\n" in (tmp_path / "net.py").read_text()
    wide = cli("export", DARTS_V2, "-s", "darts", "--skeleton", "imagenet", "--channels", "64")
    assert ", above the mobile setting of 600.00 M\n" in wide.err
    result = cli("export", DARTS_V2, "-s", "darts", "--skeleton", "cifar", "-o", tmp_path / "small.py")
    assert ": 3.35 M parameters, 528.36 M multiply-accumulates\n" in result.err
    assert "mobile" not in result.err


def test_drop_path_and_auxiliary_head_act_while_training_only(cli: Cli, tmp_path: Path) -> None:
    import torch

    torch.set_num_threads(1)
    sizes = ["--skeleton", "cifar", "--channels", "4", "--cells", "3"]
    result = cli("export", DARTS_V2, "-s", "darts", *sizes, "--drop-path", "0.5", "--auxiliary")
    assert "\nDROP_PATH = 0.5\nAUXILIARY = True\n" in result.out
    scope: dict[str, object] = {"__name__": "net"}
    exec(compile(result.out, "net.py", "exec"), scope)
    network = scope["build"]()  # type: ignore[operator]
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        logits, auxiliary = network.train()(images)
        again, _ = network(images)
        assert logits.shape == auxiliary.shape == (2, 10)
        assert not torch.equal(logits, again)
        assert torch.equal(network.eval()(images), network(images))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--skeleton", "imagenet"], "space 'nasbench201' has no skeleton 'imagenet'\nhint: skeletons: own, cifar"),
        (["--skeleton", "own", "--classes", "7"], "skeleton 'own' of nasbench201 takes no --classes"),
        (["--skeleton", "cifar", "--auxiliary"], "skeleton 'cifar' of nasbench201 takes no --auxiliary"),
        (["--skeleton", "cifar", "--cells", "0"], "--cells 0 is out of range\nhint: from 1 to 200"),
        (["--skeleton", "cifar", "--drop-path", "x"], "invalid value for '--drop-path'"),
    ],
)
def test_wrong_skeleton_options(cli: Cli, arguments: list[str], words: str) -> None:
    result = cli("export", CELL, "-s", "nasbench201", *arguments)
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert len(result.err.splitlines()) <= 2


def test_skeletons_complete(shell: Cli) -> None:
    words = {"_DINAS_COMPLETE": "complete_bash", "COMP_WORDS": "dinas export -s darts --skeleton ", "COMP_CWORD": "5"}
    assert shell(env=words).out.split() == ["own", "cifar", "imagenet"]


def test_records_of_several_spaces_go_into_one_folder(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    spaces = [get_space(name) for name in ("nasbench201", "nasbench101", "darts")]
    rows = [Record("", space.name, space.decode(space.draw(1, 1)[0].tolist())) for space in spaces]
    path.write_text("".join(f"{to_json_line(row)}\n" for row in rows))
    result = cli("export", path, "-o", tmp_path / "nets")
    assert (result.code, result.err) == (0, f"wrote 3 networks to {tmp_path / 'nets'}\n")
    prefixes = sorted(item.name.partition("_")[0] for item in (tmp_path / "nets").iterdir())
    assert prefixes == ["darts", "nb101", "nb201"]


def test_grey_images(cli: Cli, tmp_path: Path) -> None:
    for space, genotype, options in (
        ("nasbench201", CELL, SMALL),
        ("transnas-micro", "3_33_320", ["--skeleton", "taskonomy", "--dataset", "jigsaw"]),
    ):
        path = tmp_path / f"{space.replace('-', '_')}.py"
        result = cli("export", genotype, "-s", space, *options, "--in-channels", 1, "-o", path)
        assert result.code == 0, result.err
        text = path.read_text("utf-8")
        assert "in_channels 1" in text.partition("\nfrom __future__")[0]
        assert "IN_CHANNELS = 1\n" in text
    assert "INPUT_SHAPE = (9, 1, 64, 64)" in text
    refused = cli("export", CELL, "-s", "nasbench201", *SMALL, "--in-channels", 0)
    assert (refused.code, refused.err) == (2, "error: --in-channels 0 is out of range\nhint: from 1 to 1024\n")


def test_large_images_name_the_skeleton_for_them(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    result = cli("export", DARTS_V2, "-s", "darts", "--skeleton", "cifar", "--image-size", 224, "-o", path)
    assert result.code == 0
    assert result.err.splitlines()[1:] == [
        "darts_970428e4d45f_530982637408096428_cifar: 3.35 M parameters, 25.89 G multiply-accumulates",
        "darts_970428e4d45f_530982637408096428_cifar: --skeleton imagenet is for images of 224 x 224, with 529.15 M "
        "multiply-accumulates instead of 25.89 G",
    ]
    # Of 200 pixels the other skeleton makes nothing, 64 are nearer to 32, and its own images are for it.
    for name, size in (("cifar", 200), ("cifar", 64), ("imagenet", 224), ("imagenet", 64)):
        again = cli("export", DARTS_V2, "-s", "darts", "--skeleton", name, "--image-size", size, "-o", path, "-f")
        assert (again.code, "is for images" in again.err) == (0, False)


@pytest.mark.parametrize(("name", "size"), [("cifar", 16), ("cifar", 24), ("imagenet", 192)])
def test_an_auxiliary_head_that_could_not_train_is_refused_before_anything_is_written(
    cli: Cli, tmp_path: Path, name: str, size: int
) -> None:
    path = tmp_path / "nets"
    options = ["--skeleton", name, "--image-size", size, "--auxiliary"]
    for form in ("pytorch", "module"):
        result = cli("export", DARTS_V2, "-s", "darts", *options, "--to", form, "-o", path)
        assert result.code in (1, 2)
        assert result.err.startswith(f"error: --auxiliary needs larger images than --image-size {size}"), result.err
        assert not path.exists() or list(path.iterdir()) == []


def test_published_weights_are_written_beside_the_source(cli: Cli, tmp_path: Path) -> None:
    """Into the network of the same sizes with an auxiliary head; everything else is refused, and nothing written."""
    import torch
    from safetensors.torch import load_file

    from tests.support.original_darts import OriginalNetwork

    torch.manual_seed(0)
    genotype = eval(DARTS_V2, {"Genotype": dict, "range": range})
    original = OriginalNetwork(genotype, 4, 5, 10)
    torch.save({"state_dict": original.state_dict(), "epoch": 600}, tmp_path / "official.pt")
    folder = tmp_path / "nets"
    folder.mkdir()
    options = ["-s", "darts", "--skeleton", "cifar", "--channels", 4, "--cells", 5, "--to", "module"]
    published = ["--weights", tmp_path / "official.pt"]
    result = cli("export", DARTS_V2, *options, *published, "--auxiliary", "-o", folder / "net.py")
    assert result.code == 0, result.err
    written = load_file(folder / "net.safetensors")
    assert written.keys() == original.state_dict().keys()
    assert all(torch.equal(tensor, written[name]) for name, tensor in original.state_dict().items())
    for more, code, error in (
        ([*published], 1, "error: official.pt does not fit the network: the network has no auxiliary_head."),
        ([*published, "--seed", 1], 2, "error: --seed has no meaning with --weights\n"),
        (["--weights", tmp_path / "none.pt"], 3, f"error: no such file: {tmp_path / 'none.pt'}\n"),
        (
            [*published, "--classes", 7, "--auxiliary"],
            1,
            "error: official.pt does not fit the network: auxiliary_head.",
        ),
    ):
        refused = cli("export", DARTS_V2, *options, *more, "-o", tmp_path / "other.py")
        assert (refused.code, refused.out) == (code, "")
        assert refused.err.startswith(error), refused.err
    several = cli("export", "0313-0313-0213-0225:0010-1022-0022-1022", DARTS_V2, *options, *published, "-o", folder)
    assert (several.code, several.err.splitlines()[0]) == (2, "error: weights are of one network, not of 2")
    source = cli("export", DARTS_V2, "-s", "darts", *published)
    assert (source.code, source.err.splitlines()[0]) == (2, "error: --weights has no meaning with --to pytorch")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nets", "official.pt"]
