"""Code blocks of a page: those that name a file, and those that are run as they are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def blocks(page: Path, language: str = "python") -> list[str]:
    """Give the fenced blocks of a language, in order."""
    return re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def files(page: Path) -> dict[str, str]:
    """Give the blocks whose first line is a comment with a file's name: name to content."""
    named = {}
    for block in blocks(page):
        first, _, rest = block.partition("\n")
        if match := re.fullmatch(r"# (\S+\.py)", first):
            assert match[1] not in named, f"{page.name} has {match[1]} twice"
            named[match[1]] = rest
    return named


def write(page: Path, folder: Path) -> list[str]:
    """Put the named blocks into files below `folder`; give their names."""
    named = files(page)
    for name, content in named.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent != folder:
            (path.parent / "__init__.py").touch()
        path.write_text(content, encoding="utf-8")
    return list(named)


def loose(page: Path) -> list[str]:
    """Give the blocks without a file's name."""
    named = files(page)
    return [b for b in blocks(page) if b.partition("\n")[2] not in named.values()]


def fences(page: Path) -> list[tuple[str, str]]:
    """Give all fenced blocks in order: language ("" for none) and content."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def prose(page: Path) -> list[tuple[int, str]]:
    """Give the lines of running text with their numbers: no fenced or indented blocks, no rows of tables."""
    lines, fenced = [], False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith(("    ", "|")):
            lines.append((number, line))
    return lines
