"""Report: how full each core is, as a table for a person."""

from __future__ import annotations

from lava_hw.image import Image


def report(image: Image) -> str:
    """Give a table of used and available resources, one line for each core that is used.

    A resource that is more than nine tenths full is marked with an asterisk.
    """
    cores = image.manifest.report
    busy = [core for core in sorted(cores) if any(used for used, _ in cores[core].values())]
    resources = sorted({resource for core in busy for resource in cores[core]})
    rows = [["core", *resources]]
    for core in busy:
        cells = (cores[core][resource] for resource in resources)
        rows.append(
            [str(core), *(f"{used}/{limit}{'*' if used * 10 > limit * 9 else ''}" for used, limit in cells)]
        )
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    unused = len(cores) - len(busy)
    return "\n".join([*lines, f"{unused} of {len(cores)} cores are not used"]) + "\n"
