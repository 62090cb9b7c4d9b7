"""A prompt for the lines that the documentation shows: ``dinas`` runs in this process, everything else in bash."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dinas_cli.cli.app import COMMANDS, load_command, run


@dataclass
class Prompt:
    """Runs command lines in ``folder``; remembers the last exit code, which ``echo $?`` prints."""

    folder: Path
    code: int = 0
    shown: list[str] = field(default_factory=list)
    """What the lines printed so far, standard error before standard output of each."""

    def __call__(self, line: str) -> str:
        """Run one line and return what it printed."""
        words = _words(line.replace("$?", str(self.code)))
        if not words:
            return ""
        error, output = self._bash(line) if _needs_bash(words) else self._pipeline(words)
        self.shown.append(error + output)
        return error + output

    def _pipeline(self, words: list[str]) -> tuple[str, str]:
        target, append = None, False
        if len(words) > 2 and words[-2] in (">", ">>"):
            target, append, words = self.folder / words[-1], words[-2] == ">>", words[:-2]
        stages: list[list[str]] = [[]]
        for word in words:
            stages.append([]) if word == "|" else stages[-1].append(word)
        errors, data, codes = "", "", []
        for stage in stages:
            code, data, error = self._own(stage[1:], data) if stage[0] == "dinas" else self._other(stage, data)
            errors += error
            codes.append(code)
        self.code = next((code for code in reversed(codes) if code), 0)
        if target is None:
            return errors, data
        target.write_text((target.read_text() if append and target.exists() else "") + data)
        return errors, ""

    def _own(self, args: list[str], data: str) -> tuple[int, str, str]:
        written = [io.BytesIO(), io.BytesIO()]
        output, error = (io.TextIOWrapper(bytes_, "utf-8", newline="\n", write_through=True) for bytes_ in written)
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(error):
            patch.chdir(self.folder)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data.encode()), "utf-8"))
            code = run(args)
        return code, written[0].getvalue().decode(), written[1].getvalue().decode()

    def _other(self, words: list[str], data: str) -> tuple[int, str, str]:
        done = subprocess.run(words, cwd=self.folder, input=data, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def _bash(self, line: str) -> tuple[str, str]:
        """In bash, where ``dinas`` and ``python`` are those that run this test."""
        functions = f'dinas() {{ "{sys.executable}" -m dinas_cli "$@"; }}; python() {{ "{sys.executable}" "$@"; }}; '
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {functions}{line.replace('$?', str(self.code))}"],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=False,
        )
        self.code = done.returncode
        return done.stderr, done.stdout


def unknown(line: str) -> str:
    """What ``dinas`` does not know in a line that is not run: a command or an option; empty where it knows all."""
    words = _words(line)
    for start in (place for place, word in enumerate(words) if word == "dinas"):
        stage = words[start + 1 :]
        end = next((place for place, word in enumerate(stage) if word in ("|", ">", ">>", "&&", ";")), len(stage))
        if problem := _unknown(stage[:end]):
            return problem
    return ""


def _unknown(words: list[str]) -> str:
    if not words or words[0].startswith("-"):
        return ""
    if words[0] not in COMMANDS:
        return f"command {words[0]}"
    command = load_command(words[0])
    inner = getattr(command, "commands", {})
    if inner and len(words) > 1 and words[1] in inner:
        command = inner[words[1]]
    elif inner and getattr(command, "no_args_is_help", False) and words[1:2] != ["--help"]:
        return f"command {' '.join(words[:2])}"
    known = {"--help", "-h", *(name for option in command.params for name in (*option.opts, *option.secondary_opts))}
    named = [word.partition("=")[0] for word in words if word.startswith("-") and word.strip("-")]
    return next((f"option {name} of {words[0]}" for name in named if name not in known), "")


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|>")
    lexer.whitespace_split, lexer.commenters = True, "#"
    return list(lexer)


def _needs_bash(words: list[str]) -> bool:
    """Whether a line is more than programs, pipes and a file to write to; quoted text does not tell."""
    return any(word in ("&&", ";", "cd") or word.startswith("$(") for word in words) or any(
        "$(" in word or word.endswith(("/*", "*.jpg")) or ("*" in word and "/" in word) for word in words
    )
