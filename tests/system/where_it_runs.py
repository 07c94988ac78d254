"""The table of docs/where_it_runs.md: made from runs of the recorded cases that passed.

Run as ``python -m tests.system.where_it_runs``; `make where` does. It runs the cases on golden and the RTL
first, and writes nothing if one of them fails.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from lava_hw._pages import with_part
from lava_hw.errors import LavaHwWarning
from lava_hw.graph.reasons import chip_models
from lava_hw.report.library import library
from tests.api.recorded import CASES
from tests.system.populations import KINDS
from tests.system.recorded_on_chip import Plan, plan, run_all

PAGE = Path(__file__).resolve().parents[2] / "docs" / "where_it_runs.md"
SOURCE = "tests that passed"
DEVICES = (("golden", "test8"), ("golden", "test32"), ("verilator", "test8"), ("verilator", "test32"))
Passed = Mapping[tuple[str, str], Iterable[str]]


def section(planned: Plan, passed: Passed) -> str:
    """Give the table.

    Parameters
    ----------
    planned : Plan
        What was asked of the chip.
    passed : mapping of (device, chip) to names of cases
        What ran there with the recorded answers.
    """
    recorded = Counter(_process(name) for name, case in CASES.items() if case["tag"] != "floating_pt")
    counts = {where: Counter(_process(name) for name in names) for where, names in passed.items()}
    lines = [
        "| process | recorded | golden | RTL, 8 lanes | RTL, 32 lanes | drawn |",
        "|---|---|---|---|---|---|",
    ]
    rest: list[str] = []
    for cls in library():
        name = cls._class_label()
        if not chip_models(cls):
            rest.append(f"`{name}` ({recorded[_path(cls)]})" if recorded[_path(cls)] else f"`{name}`")
            continue
        golden = min(counts["golden", chip][_path(cls)] for chip in ("test8", "test32"))
        cells = [
            recorded[_path(cls)],
            golden,
            *(counts["verilator", c][_path(cls)] for c in ("test8", "test32")),
        ]
        shown = [str(count) if count else "-" for count in cells]
        drawn = any(kind.cls is cls for kind in KINDS.values())
        lines.append(f"| `{name}` | {' | '.join(shown)} | {'yes' if drawn else '-'} |")
    lines += ["", *_list("Python only, with their recorded cases:", sorted(set(rest), key=str.lower))]
    if planned.in_python:
        lines += ["", "Recorded cases of processes with a chip model that run in Python:", ""]
        lines += [f"- `{name}`: {reason}" for name, reason in sorted(planned.in_python.items())]
    return "\n".join(lines)


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}".replace("lava_hw.", "lava.", 1)


def _process(case: str) -> str:
    return str(CASES[case]["process"]).replace("lava_hw.", "lava.", 1)


def _list(text: str, names: list[str]) -> list[str]:
    lines = [text]
    for number, name in enumerate(names):
        word = name + ("," if number < len(names) - 1 else ".")
        if len(lines[-1]) + len(word) + 1 > 120:
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return lines


def written(page: str, planned: Plan, passed: Passed) -> str:
    """Give the page with its generated part written anew."""
    return with_part(page, SOURCE, section(planned, passed), "where")


def main() -> None:
    """Run everything, and write the page."""
    warnings.simplefilter("ignore", LavaHwWarning)
    planned = plan()
    for device, chip in DEVICES:
        run_all(planned.on_chip, device, chip)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(written(page, planned, dict.fromkeys(DEVICES, planned.on_chip)), encoding="utf-8")


if __name__ == "__main__":
    main()
