"""A report as tables: for a terminal, and for a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lava_hw.report.types import Report

__all__ = ["as_html", "as_text", "head"]

Rows = list[list[str]]


def head(report: Report) -> str:
    """Say in one sentence how much of a network is on the chip."""
    count, every = len(report.on_chip), len(report.processes)
    if not count:
        return f"all {every} processes run in Python"
    where = f"chip {report.chip}" + (f" ({report.device})" if report.device else "")
    cores = f", {len(report.cores)} of {report.all_cores} cores" if report.cores else ""
    return f"{count} of {every} processes on {where}{cores}"


def _places(report: Report) -> Rows:
    rows = [["process", "class", "model", "runs on", "core", "takes most of"]]
    for p in report.processes:
        most = f"{p.binds}, {100 * p.share:.1f} %" if p.binds else p.reason
        rows.append(
            [p.name, p.process_class, p.model, p.device, ", ".join(map(str, p.cores)) or "-", most or "-"]
        )
    return rows


def _use(report: Report) -> Rows:
    resources = [r for r, amount in report.use.items() if amount]
    rows = [["use of", *resources]]
    rows += [
        [p.name, *(str(p.use.get(r, 0)) for r in resources)] for p in report.processes if p.device == "chip"
    ]
    for core in report.cores:
        rows.append([f"core {core.core}", *(str(core.use[r]) for r in resources)])
    rows.append(["limit of a core", *(str(report.limits[r]) for r in resources)])
    rows.append(["all", *(_marked(report.use[r], report.capacity[r]) for r in resources)])
    rows.append(["limit of the chip", *(str(report.capacity[r]) for r in resources)])
    return rows


def _marked(amount: int, limit: int) -> str:
    return f"! {amount}" if amount > limit else str(amount)


def _binding(report: Report) -> list[str]:
    return [f"core {c.core} is fullest in {c.binds}: {100 * c.share:.1f} %" for c in report.cores]


def _aligned(rows: Rows, left: Sequence[int]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if k in left else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def as_text(report: Report) -> str:
    """Give aligned tables."""
    lines = [head(report), "", *_aligned(_places(report), range(6))]
    if report.on_chip:
        lines += ["", *_aligned(_use(report), (0,)), *(["", *_binding(report)] if report.cores else [])]
    for problem in report.problems:
        lines += ["", problem]
    return "\n".join(lines)


def as_html(report: Report) -> str:
    """Give tables in HTML; every text is escaped."""

    def table(rows: Rows) -> str:
        lines = []
        for k, row in enumerate(rows):
            cell = "td" if k else "th"
            lines.append("<tr>" + "".join(f"<{cell}>{html.escape(c)}</{cell}>" for c in row) + "</tr>")
        return f"<table>{''.join(lines)}</table>"

    parts = [f"<p>{html.escape(head(report))}</p>", table(_places(report))]
    if report.on_chip:
        parts.append(table(_use(report)))
        parts += [f"<p>{html.escape(text)}</p>" for text in _binding(report)]
    parts += [f"<pre>{html.escape(problem)}</pre>" for problem in report.problems]
    return "".join(parts)
