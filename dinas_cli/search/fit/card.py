"""The model card of a trained network: what it is, how good, on what it was trained, and how it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dinas_cli.checkpoints.card import with_metadata
from dinas_cli.files.text import visible
from dinas_cli.units import format_quantity

if TYPE_CHECKING:
    from dinas_cli.exporting.plan import Network
    from dinas_cli.search.data.images import Facts
    from dinas_cli.search.fit.folder import About

_SHOWN = 20
"""Classes whose accuracy the card lists."""


def card(network: Network, about: About, facts: Facts, figures: Mapping[str, Any], command: str) -> str:
    """Markdown with the metadata block that the Hub reads.

    The licence is *other*: whose it is to say, the images' owner's and the trainer's, nobody knows here.
    """
    from huggingface_hub import EvalResult, ModelCardData

    name = visible(facts.name)
    result = EvalResult(
        task_type="image-classification",
        dataset_type=name,
        dataset_name=name,
        metric_type="accuracy",
        metric_value=round(figures["test_accuracy"], 2),
        metric_name="test accuracy (%)",
    )
    metadata = ModelCardData(
        license="other",
        library_name="dinas",
        pipeline_tag="image-classification",
        tags=["dinas", "neural-architecture-search", "pytorch_model_hub_mixin", network.space.name],
        model_name=network.record.id,
        eval_results=[result],
    )
    return with_metadata(metadata, _body(network, about, facts, figures, command))


def licensed(text: str, licence: str) -> str:
    """A card with another licence."""
    from huggingface_hub import ModelCard

    found = ModelCard(text)
    found.data["license"] = licence.lower()
    return str(found)


def _body(network: Network, about: About, facts: Facts, figures: Mapping[str, Any], command: str) -> Iterator[str]:
    shape, counts, settings = about.shape, facts.counts, figures["settings"]
    yield ""
    yield f"# {network.record.id}, trained on {visible(facts.name)}"
    yield ""
    yield f"An image classifier of {len(about.labels)} classes: a cell of the search space {network.space.name} in the"
    yield f"skeleton {network.skeleton.name if network.skeleton else 'own'}, trained by `dinas fit`."
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| test accuracy | {figures['test_accuracy']:.2f} % of {counts['test']:,} images |"
    yield f"| validation accuracy | {figures['validation_accuracy']:.2f} % of {counts['validation']:,} images |"
    yield f"| parameters | {format_quantity(figures['params'], 'count')} |"
    yield f"| multiply-accumulates | {format_quantity(figures['macs'], 'count')} |"
    yield f"| images | {shape.channels} × {shape.size} × {shape.size} |"
    yield f"| trained on | {counts['training']:,} images, {settings['epochs']} epochs, seed {settings['seed']} |"
    yield f"| on | {visible(figures['machine'])}, {figures['seconds']:,.0f} s |"
    if facts.drawn:
        yield f"| drawn from the training images | {' and '.join(facts.drawn)} |"
    yield f"| genotype | `{network.record.genotype}` |"
    by_class = figures["test_accuracy_by_class"]
    yield ""
    yield "| class | test accuracy |"
    yield "|---|---|"
    for label, value in list(by_class.items())[:_SHOWN]:
        yield f"| {visible(label).replace('|', ' ')} | {'–' if value is None else f'{value:.1f} %'} |"
    if len(by_class) > _SHOWN:
        yield f"| {len(by_class) - _SHOWN} more | see figures.json |"
    yield ""
    yield "## Use"
    yield ""
    yield "    dinas predict FOLDER image.png"
    yield ""
    yield "In Python with `dinas`, which rebuilds the network from `config.json` and runs no code of this folder:"
    yield ""
    yield "    from dinas_cli import TrainedNetwork"
    yield '    network = TrainedNetwork.from_pretrained("OWNER/NAME")  # or this folder'
    yield f"    logits = network(images)  # (B, {shape.channels}, {shape.size}, {shape.size}), pixels between 0 and 1"
    yield ""
    yield "Without `dinas`, in this folder (`network.py` needs torch and safetensors); images are to be normalised by"
    yield "`mean` and `deviation` of `config.json`, as those of `model.onnx` are, where there is one:"
    yield ""
    yield "    from network import load"
    yield "    logits = load().eval()((images - mean) / deviation)"
    if command:
        yield ""
        yield "## Made by"
        yield ""
        yield f"    {visible(command)}"
