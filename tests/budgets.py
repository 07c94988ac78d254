"""How long each kind of test may take; the figures stand in tests/README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

TESTS = Path(__file__).resolve().parent
CORES = 2
"""Cores of the machine that the budgets are for."""
MOST_MINUTES = 45
"""What `make test` may take on such a machine, installation and linters included."""


def read(text: str) -> dict[str, int]:
    """Give the seconds by kind of the table with the heading "seconds of one core"."""
    found = re.search(
        r"^\| kind \| seconds of one core \|[^\n]*\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE
    )
    if found is None:
        raise ValueError("tests/README.md has no table '| kind | seconds of one core |'")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()]
    return {row[0].strip("`/"): int(row[1].replace(",", "")) for row in rows}


def kind_of(test: str) -> str:
    """Give the kind of a test: its folder below tests/."""
    parts = test.split("::")[0].split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "tests" else parts[0]


def table(seconds: Mapping[str, float], budgets: Mapping[str, int]) -> Iterator[str]:
    """Give the lines of a table, the longest kinds first; what is over its budget is marked."""
    for kind, used in sorted(seconds.items(), key=lambda item: -item[1]):
        budget = budgets.get(kind)
        mark = "" if budget is None or used <= budget else "  over its budget"
        yield f"{kind:<12}{used:>8.0f} s of {'-' if budget is None else budget:>5}{mark}"
    yield f"{'all':<12}{sum(seconds.values()):>8.0f} s of {sum(budgets.values()):>5}"


BUDGETS = read((TESTS / "README.md").read_text(encoding="utf-8"))
