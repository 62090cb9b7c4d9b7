"""The model card of a repository on the Hub, generated from the registry entries of the files in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dinas_cli.checkpoints.checkpoint import Checkpoint
from dinas_cli.files.text import flat

if TYPE_CHECKING:
    from huggingface_hub import CardData

_ROLES = {
    "generator": "draws architectures that meet constraints",
    "surrogate": "estimates the metrics of architectures that no table knows",
    "table": "holds published metrics of architectures",
}


def model_card(repo_id: str, entries: Sequence[Checkpoint]) -> str:
    """Markdown with the metadata block that the Hub reads: what the files are, how they were made and measured."""
    from huggingface_hub import ModelCardData

    licences = list(dict.fromkeys(entry.licence for entry in entries))
    about = ModelCardData(
        license=licences[0].lower() if len(licences) == 1 else "other",
        library_name="dinas",
        tags=["neural-architecture-search", "graph-diffusion", "dinas", *dict.fromkeys(e.space for e in entries)],
    )
    return with_metadata(about, _body(repo_id, entries))


def with_metadata(about: CardData, body: Iterable[str]) -> str:
    """A card: the block that the Hub reads, then lines of Markdown, the first of which is empty."""
    from huggingface_hub import ModelCard

    return str(ModelCard("\n".join(["---", about.to_yaml(), "---", *body]))) + "\n"


def _body(repo_id: str, entries: Sequence[Checkpoint]) -> Iterator[str]:
    yield ""
    yield f"# {repo_id.split('/')[-1]}"
    yield ""
    yield "Weights of `dinas`, which generates neural-network cells that meet constraints with a multi-conditioned"
    yield "graph diffusion model. Safetensors only: no pickles, nothing is executed when they are loaded."
    for entry in entries:
        yield ""
        yield f"## {entry.name}"
        yield ""
        yield f"The {entry.kind} of {entry.space}: {_ROLES[entry.kind]}."
        yield ""
        yield "| | |"
        yield "|---|---|"
        for key, value in _facts(entry):
            yield f"| {key} | {_cell(value)} |"
        if entry.figures:
            yield ""
            yield "Measured:"
            yield ""
            yield "| figure | value |"
            yield "|---|---|"
            for key, value in flat(entry.figures):
                yield f"| {_cell(key)} | {_cell(value)} |"
        yield ""
        yield "Made from data by:"
        yield ""
        yield f"    {_one_line(entry.command)}"
    yield ""
    yield "## Use"
    yield ""
    for entry in entries:
        if entry.kind == "generator":
            yield f"    dinas generate --space {entry.space} --checkpoint {entry.name} --acc top5 -n 16"
        else:
            yield f"    dinas download {entry.name}"
    yield ""
    yield "The entry in `checkpoints.toml` pins the commit and the SHA-256; a file that differs is never loaded."


def _facts(entry: Checkpoint) -> Iterator[tuple[str, Any]]:
    facts: Mapping[str, Any] = {
        "file": f"`{entry.filename}`, {entry.bytes} bytes",
        "SHA-256": f"`{entry.sha256}`",
        "licence": entry.licence,
        "conditions" if entry.kind == "generator" else "metrics": ", ".join(entry.conditions),
        "labelled architectures seen in training": entry.label_budget or None,
        "seed": None if entry.kind == "table" else entry.seed,
    }
    yield from ((key, value) for key, value in facts.items() if value not in (None, ""))


def _cell(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return _one_line(text).replace("|", "\\|")


def _one_line(text: str) -> str:
    return " ".join(text.split())
