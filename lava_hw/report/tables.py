"""Tables for a terminal, and for a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence

__all__ = ["Rows", "aligned", "as_html"]

Rows = list[list[str]]
"""The cells of a table; the first row is its head."""


def aligned(rows: Rows, left: Sequence[int]) -> list[str]:
    """Give the lines of a table with aligned columns: to the left those that are named, else to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if k in left else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def as_html(rows: Rows) -> str:
    """Give a table in HTML; every text is escaped."""
    lines = []
    for k, row in enumerate(rows):
        cell = "td" if k else "th"
        lines.append("<tr>" + "".join(f"<{cell}>{html.escape(c)}</{cell}>" for c in row) + "</tr>")
    return f"<table>{''.join(lines)}</table>"
