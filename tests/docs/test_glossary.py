"""docs/glossary.md: sorted, a sentence each, only words that are used; words that were replaced are gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.docs.markdown import DOCS, ROOT

WORDS, REPLACED = (DOCS / "glossary.md").read_text(encoding="utf-8").split("## Words that were replaced")
ROWS = re.findall(r"^\| ([\w -]+) \| (.*) \|$", WORDS, re.MULTILINE)[1:]

# Rows of replaced words: before, now, package.
BEFORE = re.findall(r"^\| (.*) \| (.*) \| (\w*) \|$", REPLACED, re.MULTILINE)[1:]


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


@cache
def modules() -> dict[str, str]:
    """Texts of the modules of the package, by path."""
    paths = sorted((ROOT / "lava_hw").rglob("*.py"))
    return {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in paths}


@cache
def pages() -> dict[str, str]:
    """Pages that speak of the project as it is: not the changelog, not decisions, not the glossary."""
    paths = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
    paths += [p for top in ("lava_hw", "rtl", "sim", "configs", "tests") for p in (ROOT / top).rglob("*.md")]
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(paths)
        if path.name not in ("CHANGELOG.md", "glossary.md") and path.parent.name != "decisions"
    }


def test_pages_or_code_use_each_word() -> None:
    text = re.sub(r"\s+", " ", "\n".join([*pages().values(), *modules().values()])).lower()
    unused = [word for word, _ in ROWS if not re.search(rf"\b{re.escape(word.lower())}", text)]
    assert unused == []


# -- words that were replaced --------------------------------------------------------------------------------


@cache
def names(module: str) -> frozenset[str]:
    """The module's name without its package, and the names of its classes, functions and methods."""
    tree = ast.parse(modules()[module])
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, kinds)) | {
        *Path(module).with_suffix("").parts
    }


def places(before: str, package: str) -> Iterator[str]:
    """Say where an old word is still used."""
    if before.startswith("`"):
        top = f"lava_hw/{package}/" if package else "lava_hw/"
        yield from (
            module for module in modules() if module.startswith(top) and before[1:-1] in names(module)
        )
        return
    pattern = re.compile(rf"(?<![a-z]){re.escape(before)}(?![a-z])", re.IGNORECASE)
    for place, text in {**modules(), **pages()}.items():
        if place != "docs/glossary.md" and pattern.search(text):
            yield place


OLD = [(before, package) for cell, _, package in BEFORE for before in cell.split(", ")]


@pytest.mark.parametrize(("before", "package"), OLD, ids=lambda text: text.strip("`") or "all")
def test_old_words_are_gone(before: str, package: str) -> None:
    found = sorted(places(before, package))
    assert found == [], f"docs/glossary.md has the word that is used instead of {before}"


def test_each_old_word_has_a_new_one_that_is_explained() -> None:
    explained = {word for word, _ in ROWS}
    for before, now, _ in BEFORE:
        for word in re.sub(r" \(.*?\)", "", now).split(", "):
            assert word in explained, f"{before} became {word}"


def test_an_old_word_is_found(tmp_path: Path) -> None:
    """By the names that are there in any case."""
    assert "lava_hw/runtime/scheduler.py" in places("`scheduler`", "runtime")
    assert "lava_hw/device/device.py" in places("`Device`", "")
    assert "docs/chip.md" in places("quiescent", "")
