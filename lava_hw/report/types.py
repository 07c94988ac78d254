"""The values of a report, and its tables."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from lava_hw.report.tables import Rows, aligned, as_html

__all__ = ["ConnectionReport", "CoreReport", "ProcessReport", "Report"]


@dataclass(frozen=True)
class ProcessReport:
    """Where a process runs, and what it takes there.

    Attributes
    ----------
    name, process_class, model : str
        Its name in messages, and the names of its class and model.
    device : str
        "chip", or "Python" with the worker if it is not the program's own.
    cores : tuple of int
        Numbers of the cores that it is on.
    reason : str
        Why a process of a configuration for hardware is not on the chip; else empty.
    use : mapping of str to int
        What it takes of each resource, on all its cores together; empty in Python.
    binds : str
        The resource of which it takes the largest part of its cores; empty in Python.
    share : float
        That part, from 0 to 1 (above 1 if it does not fit).
    """

    name: str
    process_class: str
    model: str
    device: str
    cores: tuple[int, ...] = ()
    reason: str = ""
    use: Mapping[str, int] = field(default_factory=dict)
    binds: str = ""
    share: float = 0.0


@dataclass(frozen=True)
class ConnectionReport:
    """What a connection is on the chip.

    Attributes
    ----------
    name : str
        Of its process; one that the compiler made has the ports that it links, ``process.port>process.port``.
    sources, targets : int
        Elements of its ports.
    bits : int
        Bits of a weight in the synapse memory.
    values : bool
        Whether the values of messages count, or only where there is one.
    synapse_lines : int
        On all cores together.
    parts : int
        In how many parts its sources are summed.
    partial_sums : int
        Flits at most that the parts send to each other in a step.
    """

    name: str
    sources: int
    targets: int
    bits: int
    values: bool
    synapse_lines: int
    parts: int = 1
    partial_sums: int = 0


@dataclass(frozen=True)
class CoreReport:
    """How full a core is: as ProcessReport, for all processes that are on it."""

    core: int
    processes: tuple[str, ...]
    use: Mapping[str, int]
    binds: str
    share: float


@dataclass(frozen=True)
class Report:
    """What runs where.

    Attributes
    ----------
    chip, device : str
        Name of the chip, and what computes it; empty if nothing is on a chip.
    all_cores : int
        Cores that the chip has.
    limits : mapping of str to int
        What one core has of each resource.
    processes : tuple of ProcessReport
        In the order of the network.
    cores : tuple of CoreReport
        The cores that are used.
    problems : tuple of str
        What does not fit, if the report is about a network that was not built.
    connections : tuple of ConnectionReport
        What the connections are on the chip, those included that the compiler made.
    stages : int
        Stages of a step on the chip; 0 if nothing has its place there.
    """

    chip: str
    device: str
    all_cores: int
    limits: Mapping[str, int]
    processes: tuple[ProcessReport, ...]
    cores: tuple[CoreReport, ...]
    problems: tuple[str, ...] = ()
    connections: tuple[ConnectionReport, ...] = ()
    stages: int = 0

    @property
    def on_chip(self) -> tuple[str, ...]:
        """Names of the processes on the chip."""
        return tuple(process.name for process in self.processes if process.device == "chip")

    @property
    def use(self) -> dict[str, int]:
        """What all processes together take of each resource."""
        return {
            resource: sum(process.use.get(resource, 0) for process in self.processes)
            for resource in self.limits
        }

    @property
    def capacity(self) -> dict[str, int]:
        """What the whole chip has of each resource."""
        return {resource: self.all_cores * limit for resource, limit in self.limits.items()}

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as values that `json.dumps` takes."""
        found = asdict(self)
        found["use"], found["capacity"] = self.use, self.capacity
        return found

    def __str__(self) -> str:
        """Give tables for a terminal."""
        lines = [self.head, "", *aligned(self._places(), range(6))]
        if self.on_chip:
            if self.connections:
                lines += ["", *aligned(self._connection_table(), (0, 4))]
            lines += ["", *aligned(self._use_table(), (0,)), *(["", *self._binding()] if self.cores else [])]
        for problem in self.problems:
            lines += ["", problem]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Give tables for a notebook; every text is escaped."""
        parts = [f"<p>{html.escape(self.head)}</p>", as_html(self._places())]
        if self.on_chip:
            parts += [as_html(self._connection_table())] if self.connections else []
            parts.append(as_html(self._use_table()))
            parts += [f"<p>{html.escape(text)}</p>" for text in self._binding()]
        parts += [f"<pre>{html.escape(problem)}</pre>" for problem in self.problems]
        return "".join(parts)

    @property
    def head(self) -> str:
        """Say in one sentence how much of the network is on the chip."""
        count, every = len(self.on_chip), len(self.processes)
        if not count:
            return f"all {every} processes run in Python"
        where = f"chip {self.chip}" + (f" ({self.device})" if self.device else "")
        cores = f", {len(self.cores)} of {self.all_cores} cores" if self.cores else ""
        return f"{count} of {every} processes on {where}{cores}"

    def _places(self) -> Rows:
        rows = [["process", "class", "model", "runs on", "core", "takes most of"]]
        for p in self.processes:
            most = f"{p.binds}, {100 * p.share:.1f} %" if p.binds else p.reason
            rows.append(
                [p.name, p.process_class, p.model, p.device, ", ".join(map(str, p.cores)) or "-", most or "-"]
            )
        return rows

    def _connection_table(self) -> Rows:
        rows = [["connection", "sources", "targets", "bits", "counts", "synapse_lines", "parts"]]
        divided = any(conn.parts > 1 for conn in self.connections)
        rows[0] += ["partial sums a step"] if divided else []
        for c in self.connections:
            what = "values" if c.values else "spikes"
            numbers = [str(c.synapse_lines), str(c.parts), *([str(c.partial_sums)] if divided else [])]
            rows.append([c.name, str(c.sources), str(c.targets), str(c.bits), what, *numbers])
        return rows

    def _use_table(self) -> Rows:
        use, capacity = self.use, self.capacity
        resources = [r for r, amount in use.items() if amount]
        rows = [["use of", *resources]]
        rows += [
            [p.name, *(str(p.use.get(r, 0)) for r in resources)] for p in self.processes if p.device == "chip"
        ]
        for core in self.cores:
            rows.append([f"core {core.core}", *(str(core.use[r]) for r in resources)])
        rows.append(["limit of a core", *(str(self.limits[r]) for r in resources)])
        rows.append(["all", *(_marked(use[r], capacity[r]) for r in resources)])
        rows.append(["limit of the chip", *(str(capacity[r]) for r in resources)])
        return rows

    def _binding(self) -> list[str]:
        found = [f"core {c.core} is fullest in {c.binds}: {100 * c.share:.1f} %" for c in self.cores]
        return [*found, f"a step has {self.stages} stage{'s' if self.stages > 1 else ''}"]


def _marked(amount: int, limit: int) -> str:
    return f"! {amount}" if amount > limit else str(amount)
