"""Writes docs/results, and the README's figures, from benchmarks/results: figures are never typed by hand."""

from __future__ import annotations

from pathlib import Path

from benchmarks.pages import PAGES, Page
from benchmarks.report_readme import headline

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "results"
README = ROOT / "README.md"
MARKS = "<!-- figures -->", "<!-- /figures -->"
NOTE = "<!-- Written by python -m benchmarks.report from benchmarks/results: change those, not this file. -->"


def main() -> None:
    """One page per question with its answer first, an index of all answers, and the README's figures."""
    TARGET.mkdir(exist_ok=True)
    for page in PAGES:
        write(TARGET / f"{page.name}.md", written(page))
    for stray in {path.stem for path in TARGET.glob("*.md")} - {"index", *(page.name for page in PAGES)}:
        (TARGET / f"{stray}.md").unlink()
    write(TARGET / "index.md", index())
    text = README.read_text("utf-8")
    before, _, rest = text.partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    README.write_text(before + "\n".join([MARKS[0], "", *headline(), "", MARKS[1]]) + after, "utf-8")
    print(f"wrote {TARGET} and the figures of {README}")


def written(page: Page) -> list[str]:
    """The lines of a page: question, answer, then what was measured."""
    lines = [NOTE, "", f"# {page.question}", "", *page.answer(), ""]
    return lines + [line for part in page.parts for line in part()]


def index() -> list[str]:
    """The lines of the index: how to read figures, then every question with its answer."""
    lines = [
        NOTE,
        "",
        "# Results",
        "",
        "What was measured, in plain words first; each page has the tables, and under each of them the command that",
        "measures it again, and the hashes of the weights that it is of, which a test holds against the package's. ±",
        "is the standard deviation over seeds. *Held out* are labels that training never saw.",
        "",
    ]
    for page in PAGES:
        lines += [f"## [{page.question}]({page.name}.md)", "", *page.answer(), ""]
    return lines


def write(path: Path, lines: list[str]) -> None:
    """A file of lines, with one line end after the last."""
    path.write_text("\n".join(lines).rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main()
