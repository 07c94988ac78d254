"""Plain English in all pages: statements begin with a subject, and words are those of the field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT
from tests.docs.test_pages import PAGES

# Begins a sentence: a paragraph, what ends the one before, an item of a list, a cell of a table.
BEGIN = r"(?:^|\A|[.!?:;]['\"*`)]*\s+|\|\s*|^\s*[-*]\s+|^\s*\d+\.\s+|\*\*)"
STATEMENT = re.compile(rf"{BEGIN}((?:Who|What)\b[^.?!|]*[.?!|]?)", re.MULTILINE)
TOLD = re.compile(r"\b(?:be|is|are|was|were|been|being)\s+told\b")


def paragraphs(text: str) -> Iterator[str]:
    """Running text, a paragraph, an item of a list or a row of a table at a time; no code, no headings."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        if not line.strip() or line.startswith(("#", "|", "    ")) or re.match(r"\s*([-*]|\d+\.) ", line):
            if lines:
                yield "\n".join(lines)
            lines = []
        if line.strip() and not line.startswith(("#", "    ")):
            lines.append(line)


def faults(text: str) -> list[str]:
    found = []
    for paragraph in paragraphs(text):
        found += [s for s in STATEMENT.findall(paragraph) if not s.endswith("?")]
        found += [paragraph for _ in TOLD.findall(paragraph)]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_sentences_begin_with_their_subject(page: Path) -> None:
    assert faults(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "What fits is kept.",
        "One thing. What fits\nis kept.",
        "- Who waits is late.",
        "1. What is sent",
        "| a | What is sent |",
        "**What is random.** Nothing.",
        "The user is told so.",
        "It must be\ntold.",
    ],
)
def test_faults_are_found(text: str) -> None:
    assert len(faults(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "What is a step? A unit.",
        "# What differs\n\nNothing.",
        "```\nWhat is it.\n```",
        "That is what it is.",
        "The whole was retold.",
    ],
)
def test_other_text_is_none(text: str) -> None:
    assert faults(text) == []


def test_messages_of_the_demo_use_plain_words() -> None:
    for path in [ROOT / "examples/demo.py", *(ROOT / "examples/digits").glob("*.py")]:
        for text in re.findall(r"\"[^\"\n]*\"", path.read_text(encoding="utf-8")):
            assert not re.search(r"\b(?:witness|told)", text), f"{path.name}: {text}"


def test_references_are_called_so() -> None:
    """`witness` is a word of our own. The glossary says what is used instead; names of files are left."""
    for page in PAGES:
        if page.name == "glossary.md":
            continue
        text = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
        assert "witness" not in text.lower(), page.relative_to(ROOT)


def too_long(text: str) -> list[str]:
    """Lines of prose over 120: no tables, no blocks of code, no line that a single piece of code fills."""
    found, fenced, code, before = [], False, False, ""
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        # Four spaces behind an empty line are a block of code; behind text they continue an item of a list.
        code = line.startswith("    ") and (code or not before.strip())
        before = line
        if fenced or code or line.startswith(("|", "```")) or len(line) <= 120:
            continue
        if max(map(len, re.findall(r"`[^`]*`|\S+", line))) < 100:
            found.append(line)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_lines_of_prose_end_at_120(page: Path) -> None:
    assert too_long(page.read_text(encoding="utf-8")) == []


def test_long_lines_are_found() -> None:
    long = "word " * 30
    assert len(too_long(f"{long}\n\n- {long}\n   {long}\n\n10. a\n    {long}\n")) == 4
    assert too_long(f"    {long}\n\n| {long} |\n\n```\n{long}\n```\n\nshort\n- `{'code ' * 30}`\n") == []
