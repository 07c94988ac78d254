"""Networks side by side: figures of each on every reference, as a table for the terminal and for a page."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from digits.references import REFERENCES, WORDS, Classification, count_differences, run_config

from lava_hw import RunConfig
from lava_hw._pages import with_part
from trained.references import Net, classify_all, observe

Array = np.ndarray

MAX_LOSS = 0.01
"""How far accuracies in floating and in fixed point may be apart, either way."""

_HEADS = {
    "network": "network",
    "accuracy_float": "accuracy, floating point",
    "accuracy": "accuracy, chip",
    "cores": "cores",
    "steps": "steps a sample",
    "cycles_per_step": "cycles a step",
    "cycles": "cycles a sample",
    "operations": "synaptic operations a sample",
    "messages": "messages of neurons a sample",
    "mismatches": "values that differ",
}


@dataclass(frozen=True)
class Row:
    """Figures of a network; None where the device has none.

    Attributes
    ----------
    network : str
        What it is called.
    accuracy_float, accuracy : float
        Of the trained network in floating point, and on the device.
    cores : int
        Cores that did synaptic operations.
    steps, cycles_per_step, cycles, operations, messages : float
        Means over all samples, as `_HEADS` calls them.
    mismatches : int
        Values in which Python, golden and RTL differ: outputs of all samples in each step, all Vars after
        each step of some samples, and synaptic operations.
    """

    network: str
    accuracy_float: float
    accuracy: float
    cores: int | None
    steps: float
    cycles_per_step: float | None
    cycles: float | None
    operations: float | None
    messages: float | None
    mismatches: int

    def failures(self, least: float) -> list[str]:
        """What had to hold and does not, a sentence each."""
        found = []
        if self.accuracy < least:
            found.append(f"{self.network}: accuracy is {self.accuracy:.4f}; at least {least} is asked for")
        if abs(self.accuracy - self.accuracy_float) > MAX_LOSS + 1e-12:
            found.append(
                f"{self.network}: accuracy {self.accuracy:.4f} and that in floating point, "
                f"{self.accuracy_float:.4f}, differ by more than {MAX_LOSS}"
            )
        if self.mismatches:
            found.append(f"{self.network}: Python, golden and RTL differ in {self.mismatches} values")
        return found


def row(
    network: str,
    accuracy_float: float,
    labels: Array,
    runs: Mapping[str, Classification],
    seen: Mapping[str, Mapping[str, Array]],
) -> Row:
    """Make a row of runs on several references, the last of which is reported; "python" is among them."""
    device = list(runs)[-1]
    run, mismatches = runs[device], 0
    for name in runs:
        if name != "python":
            mismatches += int(np.count_nonzero(runs[name].rasters != runs["python"].rasters))
            mismatches += sum(count_differences(seen["python"], seen[name]).values())
            mismatches += int(runs[name].total("synops") != run.total("synops"))
    steps = run.rasters.shape[0] * run.rasters.shape[1]
    cycles = run.chip["cycles"] or None
    return Row(
        network,
        accuracy_float,
        float(np.mean(run.answers == labels)),
        sum(core["synops"] > 0 for core in run.cores.values()) or None,
        steps / len(labels),
        cycles and cycles / steps,
        cycles and cycles / len(labels),
        run.total("synops") / len(labels) if run.cores else None,
        run.total("spikes_out") / len(labels) if run.cores else None,
        mismatches,
    )


def measure(
    network: str,
    net: Net,
    accuracy_float: float,
    samples: Array,
    labels: Array,
    run_cfgs: Mapping[str, RunConfig],
    watched: int,
) -> Row:
    """Run a network on all references, the first `watched` samples also step by step."""
    runs, seen = {}, {}
    for name, run_cfg in run_cfgs.items():
        begun = time.perf_counter()
        runs[name] = classify_all(net, samples, run_cfg)
        seen[name] = observe(net, samples[:watched], run_cfg)
        print(f"  {network}: {WORDS[name]}, {time.perf_counter() - begun:.1f} s", flush=True)
    return row(network, accuracy_float, labels, runs, seen)


def markdown(rows: Sequence[Row]) -> str:
    """The table, a network a column."""
    lines = []
    for field in fields(Row):
        cells = [_HEADS[field.name], *(_cell(field.name, getattr(one, field.name)) for one in rows)]
        lines.append("| " + " | ".join(cells) + " |")
    lines.insert(1, "|---" * (len(rows) + 1) + "|")
    return "\n".join(lines)


def _cell(name: str, value: str | float | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if name.startswith("accuracy"):
        return f"{value:.4f}"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def options(description: str, arguments: Sequence[str] | None, chip: str, samples: int) -> argparse.Namespace:
    """Read what all of these programs can be asked for; `samples` is the number of held-out ones."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--device", choices=REFERENCES, default="verilator", help="what is reported on")
    parser.add_argument("--chip", default=chip, help="name of a chip or path of its YAML file")
    parser.add_argument(
        "--samples",
        type=int,
        default=samples,
        help=f"held-out samples ({samples}); of a few, bounds of accuracy may fail by chance",
    )
    parser.add_argument("--epochs", type=int, help="passes over what is trained on")
    parser.add_argument("--out", type=Path, help="file for the figures, JSON")
    parser.add_argument("--page", type=Path, help="page of docs/ whose table is written anew")
    given = parser.parse_args(arguments)
    if not 1 <= given.samples <= samples:
        parser.error(f"--samples must be from 1 to {samples}")
    if given.epochs is not None and given.epochs < 1:
        parser.error("--epochs must be at least 1")
    return given


def references(given: argparse.Namespace) -> dict[str, RunConfig]:
    """Run configurations of Python and of all references up to the one that was asked for."""
    names = REFERENCES[: REFERENCES.index(given.device) + 1]
    return {name: run_config(name, given.chip) for name in names}


def finish(
    program: str, rows: Sequence[Row], least: Sequence[float], given: argparse.Namespace, begun: float
) -> int:
    """Print the table, write what was asked for; 1 if a bound does not hold, else 0."""
    table = markdown(rows)
    print(f"\n{table}\n\n{time.perf_counter() - begun:.0f} s in all")
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps([asdict(one) for one in rows], indent=2) + "\n", encoding="utf-8")
    if given.page is not None:
        page = given.page.read_text(encoding="utf-8")
        given.page.write_text(with_part(page, f"`{program}`", table, "trained"), encoding="utf-8")
    failures = [one for r, bound in zip(rows, least, strict=True) for one in r.failures(bound)]
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if failures else 0
