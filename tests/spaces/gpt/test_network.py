"""The language model: its counts, its cache, slices of super-networks, phases to be timed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import DinasError
from dinas_cli.exporting.plan import plan
from dinas_cli.exporting.weights import read
from dinas_cli.files.torch_state import as_imported
from dinas_cli.oracles import devices
from dinas_cli.oracles.measuring import latency, setting_here
from dinas_cli.spaces.gpt_l import SPACE as LARGE
from dinas_cli.spaces.gpt_s import SPACE as SMALL
from dinas_cli.spaces.shared.gpt.network import Network, rotate
from dinas_cli.spaces.shared.phases import phase_of
from tests.conftest import Cli

TINY = (32, (1, 2), (2, 3), True, 50, 64)
SUPER = Network(64, (3, 3, 3), (4, 4, 4), True, 50, 64).eval()


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with torch.no_grad():
        yield


def test_parameters_on_the_meta_device_are_those_of_the_table() -> None:
    (row,) = LARGE.draw(1, 0)
    with as_imported(0, "meta"):
        network = LARGE.build(row.tolist())
    assert sum(p.numel() for p in network.parameters()) == LARGE.closed_form("params", row[None])[0]
    (row,) = SMALL.draw(1, 1)
    wide = SMALL.closed_form("macs", row[None])[0] / (8 * 1024)
    with as_imported(0, "meta"):
        maps = [m for m in SMALL.build(row.tolist()).modules() if isinstance(m, torch.nn.Linear)]
    assert sum(m.in_features * m.out_features for m in maps) == wide


def test_no_token_sees_the_next_ones() -> None:
    network = Network(*TINY).eval()
    tokens = torch.randint(50, (2, 12))
    whole = network(tokens)
    changed = tokens.clone()
    changed[:, 8:] = 1
    torch.testing.assert_close(network(changed)[:, :8], whole[:, :8])
    torch.testing.assert_close(network(tokens[:, :5]), whole[:, :5])


@pytest.mark.parametrize("parts", [(12,), (1,) * 12, (5, 1, 6)])
def test_a_text_read_in_parts_with_a_cache_is_the_text(parts: tuple[int, ...]) -> None:
    network = Network(*TINY).eval()
    tokens = torch.randint(50, (2, 12))
    cache, start, found = network.empty(2, 20), 0, []
    for length in parts:
        found.append(network.lm_head(network.read(tokens[:, start : start + length], cache, start)))
        start += length
    torch.testing.assert_close(torch.cat(found, 1), network(tokens), atol=1e-5, rtol=1e-5)


def test_generated_texts_are_those_that_full_passes_give() -> None:
    network = Network(*TINY).eval()
    expected = tokens = torch.randint(50, (3, 4))
    for _ in range(6):
        expected = torch.cat([expected, network(expected)[:, -1:].argmax(-1)], 1)
    assert torch.equal(network.generate(tokens, 6, temperature=0), expected)
    assert torch.equal(network.generate(tokens, 6, top=1), expected)
    assert network.generate(tokens, 6).shape == (3, 10)
    with pytest.raises(ValueError, match="longer than the context of 64"):
        network.generate(torch.randint(50, (1, 60)), 8)


def test_attention_knows_how_far_tokens_are_apart_not_where_they_are() -> None:
    q, k = torch.randn(2, 1, 1, 1, 64)
    network = Network(*TINY)
    at = [(rotate(t, network.cos[i, None], network.sin[i, None])) for t, i in ((q, 3), (k, 9), (q, 13), (k, 19))]
    torch.testing.assert_close((at[0] * at[1]).sum(), (at[2] * at[3]).sum())


def sliced(tokens: Tensor, width: int, heads: tuple[int, ...], ratios: tuple[int, ...], bias: bool) -> Tensor:
    """What :data:`SUPER` says when every layer uses its first rows and columns alone, computed by hand."""

    def linear(layer: torch.nn.Linear, x: Tensor, outputs: int) -> Tensor:
        part = layer.bias[:outputs] if bias and layer.bias is not None else None
        return F.linear(x, layer.weight[:outputs, : x.shape[-1]], part)

    def norm(layer: torch.nn.LayerNorm, x: Tensor) -> Tensor:
        return F.layer_norm(x, (width,), layer.weight[:width], layer.bias[:width])

    x, (batch, length) = SUPER.transformer.wte.weight[tokens][..., :width], tokens.shape
    cos, sin = SUPER.cos[:length], SUPER.sin[:length]
    for number, (h, m) in enumerate(zip(heads, ratios, strict=True)):
        block: Any = SUPER.transformer.h[number]
        q, k, v = (
            linear(block.attn.attn, norm(block.norm_1, x), 192 * h).view(batch, length, h, 3, 64).permute(3, 0, 2, 1, 4)
        )
        seen = F.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v, is_causal=True)
        seen = linear(block.attn.proj, seen.transpose(1, 2).reshape(batch, length, 64 * h), width)
        y = norm(block.norm_2, x)
        gated = F.silu(linear(block.mlp.fc_1, y, m * width)) * linear(block.mlp.fc_2, y, m * width)
        x = x + seen + linear(block.mlp.proj, gated, width)
    return F.linear(norm(SUPER.transformer.ln_f, x), SUPER.lm_head.weight[:, :width])


@pytest.mark.parametrize("bias", [True, False])
def test_the_slice_of_a_super_network_says_what_the_super_network_says(tmp_path: Path, bias: bool) -> None:
    for parameter in SUPER.parameters():
        parameter.normal_(std=0.2)
    save_file({f"model.{name}": tensor for name, tensor in SUPER.state_dict().items()}, tmp_path / "super.safetensors")
    weights = read(tmp_path / "super.safetensors")
    network = Network(32, (2, 1), (2, 4), bias, 50, 64).eval()
    from dinas_cli.exporting.weights import fit, renamed

    network.load_state_dict(fit(renamed(weights, SMALL, ""), network, nested=True))
    tokens = torch.randint(50, (2, 9))
    torch.testing.assert_close(network(tokens), sliced(tokens, 32, (2, 1), (2, 4), bias), atol=1e-4, rtol=1e-4)
    larger = Network(32, (4, 1), (2, 4), bias, 50, 64)
    with pytest.raises(
        DinasError, match=r"too small, transformer.h.0.attn.attn.weight is \(576, 64\), and .* \(768, 32\)"
    ):
        fit(renamed(weights, SMALL, ""), larger, nested=True)
    deeper = Network(32, (1,) * 4, (2,) * 4, bias, 50, 64)
    with pytest.raises(DinasError, match=r"it has no transformer.h.3.norm_1.weight"):
        fit(renamed(weights, SMALL, ""), deeper, nested=True)


def test_weights_of_a_super_network_are_exported_with_the_model(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dinas_cli.spaces.shared.gpt.space.WORDS", 50)
    network = Network(384, (8,) * 12, (4,) * 12, True, 50, 1024)
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, tmp_path / "s.safetensors")
    genotype = "192:" + ",".join(["4x2", "8x3"] * 5) + ":plain"
    result = cli(
        "export",
        genotype,
        "-s",
        "gpt-s",
        "--to",
        "module",
        "--weights",
        tmp_path / "s.safetensors",
        "-o",
        tmp_path / "net.py",
    )
    assert result.code == 0, result.err
    made = plan(Record("", "gpt-s", genotype), weights=read(tmp_path / "s.safetensors")).build()
    assert torch.equal(made.transformer.h[1].attn.proj.weight, network.transformer.h[1].attn.proj.weight[:192, :512])  # type: ignore[union-attr, index]
    wide = genotype.replace("192", "768")
    result = cli(
        "export",
        wide,
        "-s",
        "gpt-s",
        "--to",
        "module",
        "--weights",
        tmp_path / "s.safetensors",
        "-o",
        tmp_path / "wide.py",
    )
    assert result.code == 1
    assert "it is too small" in result.err


def test_reading_and_writing_are_timed_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dinas_cli.spaces.shared.gpt.space.WORDS", 50)
    values = SMALL.encode("192:" + ",".join(["4x2"] * 10) + ":plain")
    found = []
    for phase, words in SMALL.phases.items():
        setting = setting_here(SMALL, None, phase=phase)
        assert setting.run.startswith(words)
        assert phase_of(SMALL, setting) == phase
        found.append(latency(SMALL, values, setting, seconds=0.01).median)
    assert found[0] > 2 * found[1] > 0


def test_this_machine_becomes_two_devices(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("WORDS", 50), ("PROMPT", 8)):
        monkeypatch.setattr(f"dinas_cli.spaces.shared.gpt.space.{name}", number)
    result = cli("devices", "measure", "box", "--space", "gpt-s", "-n", 8)
    assert result.code == 0, result.err
    found = {device.name: device.setting for device in devices.load_all("gpt-s")}
    assert set(found) == {"box-prefill", "box-decode"}
    assert all(setting is not None and phase_of(SMALL, setting) == name[4:] for name, setting in found.items())
    assert "now: dinas generate --acc top5 --latency … --device box-decode --space gpt-s\n" in result.err


def test_costs_are_those_of_a_batch_and_say_so() -> None:
    for space, batch in ((SMALL, 8), (LARGE, 1)):
        setting = space.setting("h100", None)
        assert setting is not None
        assert setting.batch == batch
        told = {spec.name: spec.title for spec in space.metrics}
        assert f"{batch} text" in told["macs"]
        assert f"{batch} text" in told["latency"]
        assert "inherited from a super-network" in told["ppl"]
    assert SMALL.setting("mine", None) is None
    assert np.array_equal(SMALL.operators(SMALL.draw(3, 0))[0].shape, (3, 30))
