"""docs/glossary.md: sorted, a sentence each, and only words that the pages use."""

from __future__ import annotations

import re

from tests.docs.markdown import DOCS, ROOT

ROWS = re.findall(
    r"^\| ([\w -]+) \| (.*) \|$", (DOCS / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
)[1:]

# Terms that are to replace others of the code (these are named in the same row).
COMING = {"legalise", "lower", "schedule", "step batch", "edge", "worker pool", "coordinator"}


def test_each_word_is_there_once_and_explained_in_one_sentence() -> None:
    words = [word for word, _ in ROWS]
    assert len(words) > 50
    assert len(set(words)) == len(words)
    for word, meaning in ROWS:
        assert 15 < len(meaning) < 130, word
        assert ". " not in meaning, word
        assert not meaning.endswith("."), word


def test_words_are_in_order() -> None:
    words = [word.lower() for word, _ in ROWS]
    assert words == sorted(words)


def test_the_pages_use_each_word() -> None:
    pages = [p for p in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")] if p.name != "glossary.md"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages).lower()
    unused = [word for word, _ in ROWS if not re.search(rf"\b{re.escape(word.lower())}", text)]
    assert set(unused) <= COMING, unused


def test_what_the_code_calls_otherwise_exists() -> None:
    passes = (DOCS / "compiler.md").read_text(encoding="utf-8")
    for word, meaning in ROWS:
        if called := re.search(r"the code calls it (\w+)", meaning):
            assert word in COMING, word
            assert called[1] in passes or called[1] in (DOCS / "device.md").read_text(encoding="utf-8"), word
