"""Every code block of README and docs is run, and shows what it shows.

A block that cannot run here has its reason before it, ``<!--- skip: next "needs a GPU" -->``; that the commands and
options in it exist is checked all the same. ``DINAS_DOCS=write`` writes what is printed into the blocks that show it.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import tomllib
from pathlib import Path
from unittest import SkipTest

import pytest

pytest.importorskip("sybil")
from sybil import Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser, SkipParser

from dinas_cli.architectures.schema import from_dict
from dinas_cli.cli.app import run
from tests.conftest import ROOT
from tests.support.bundled import needs_weights
from tests.support.documents import DOCUMENTS, accuracy, furnish, training
from tests.support.nightly import NIGHTLY
from tests.support.prompt import Prompt, unknown

CODE = ("python", "sh", "console", "json", "toml")
PLAIN = ("text", "bibtex", "markdown", "{toctree}", "{include}", "{eval-rst}")
"""What a block can be besides: nothing that runs."""
SLOW = ("--space gpt-s --ppl best",)
"""Commands that take half a minute: they are run at night, by day their options are looked up."""
WRITE = os.environ.get("DINAS_DOCS") == "write"
pytestmark = needs_weights


def commands(text: str) -> list[str]:
    """The lines of a block, those that end in a backslash joined with the next."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def sh(example: Example) -> None:
    """Lines that all succeed, whatever they print."""
    prompt: Prompt = example.namespace["prompt"]
    for line in commands(example.parsed):
        if not NIGHTLY and any(words in line for words in SLOW):
            assert not (problem := unknown(line)), f"{example.path}:{example.line}: unknown {problem}"
            continue
        shown = prompt(line)
        assert prompt.code == 0, f"{example.path}:{example.line}: {line}\n{shown}"


def console(example: Example) -> None:
    """Lines after ``$``, and what they print."""
    prompt: Prompt = example.namespace["prompt"]
    blocks = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n?)*)", example.parsed, re.MULTILINE)
    assert blocks, f"{example.path}:{example.line}: no line begins with $"
    printed = [(line, prompt(line)) for line, _ in blocks]
    if WRITE:
        example.namespace["written"].append((example.parsed, "".join(f"$ {line}\n{text}" for line, text in printed)))
        return
    for (line, shown), (_, found) in zip(blocks, printed, strict=True):
        assert rounded(found) == rounded(shown), f"{example.path}:{example.line}: {line}"


def rounded(text: str) -> str:
    """Four digits of what has more: the last ones differ from one processor to the next."""
    return re.sub(r"\d+\.\d{4,}", lambda found: f"{float(found[0]):.4g}", text.strip())


def python(example: Example) -> None:
    """Statements, or a session with prompts."""
    if not example.parsed.startswith(">>>"):
        PythonEvaluator()(example)
        return
    test = doctest.DocTestParser().get_doctest(example.parsed, example.namespace, "block", example.path, example.line)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    runner.run(test, out=said.append, clear_globs=False)
    example.namespace.update(test.globs)
    assert not said, "".join(said)


def data(example: Example) -> None:
    """JSON, records among it, and TOML can be read."""
    if example.region.lexemes["arguments"] == "toml":
        tomllib.loads(example.parsed)
        return
    read = json.loads(example.parsed)
    if read.get("schema") == "dinas/architecture@1":
        from_dict(read)


SYBIL = Sybil(
    parsers=[
        SkipParser(),
        *(
            CodeBlockParser(language, evaluator)
            for language, evaluator in zip(CODE, (python, sh, console, data, data), strict=True)
        ),
    ],
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    document = SYBIL.parse(ROOT / path)
    examples = list(document.examples())
    if not examples:
        pytest.skip("has no code")
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    if "my-laptop" in document.text:
        assert run(["devices", "add", "my-laptop", "measured.tsv", "-q"]) == 0
        capsys.readouterr()
    document.namespace.update(prompt=Prompt(tmp_path), written=[], accuracy=accuracy, training=training)
    for example in examples:
        try:
            example.evaluate()
        except SkipTest:
            problems = [
                unknown(line.removeprefix("$ ")) for line in str(example.parsed).splitlines() if "dinas " in line
            ]
            assert not any(problems), f"{path}:{example.line}: unknown {''.join(problems)}"
    if document.namespace["written"]:
        text = (ROOT / path).read_text("utf-8")
        for old, new in document.namespace["written"]:
            text = text.replace(old, new)
        (ROOT / path).write_text(text, "utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_every_block_says_what_it_is(path: Path) -> None:
    """Highlighting needs a language, and what has none, or is only indented, would never be run."""
    from markdown_it import MarkdownIt

    for token in MarkdownIt("commonmark").parse((ROOT / path).read_text("utf-8")):
        line = f"{path}:{(token.map or [0])[0] + 1}"
        assert token.type != "code_block", f"{line}: an indented block; give it a fence and a language"
        if token.type == "fence":
            assert token.info.partition(" ")[0] in (*CODE, *PLAIN), line
