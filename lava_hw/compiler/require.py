"""Require: what must be on the chip, and is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lava_hw.compiler.errors import NotOnChip
from lava_hw.graph import Flat, FlatProcess
from lava_hw.graph.reasons import ASKED, NO_MODEL, NOT_COVERED
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import HwRunCfg

__all__ = ["check_required", "is_io"]

# What brings messages to the chip and takes them away has its place in Python, whatever ports it has.
_IO_PACKAGES = ("lava_hw.proc.io", "lava_hw.proc.monitor", "lava_hw.proc.receiver")
_MORE = {
    NO_MODEL: "no chip model is there for its class; `lava-hw chips` and README list what runs on the chip",
    ASKED: "exception_proc_model_map keeps it in Python; take it out there",
    NOT_COVERED: NOT_COVERED,
}


def is_io(process: FlatProcess) -> bool:
    """Whether a process only brings messages or only takes them: it has no InPort, or no OutPort."""
    module = process.proc_class.__module__
    library = any(module == package or module.startswith(f"{package}.") for package in _IO_PACKAGES)
    return library or not process.in_ports or not process.out_ports


def check_required(flat: Flat, run_cfg: HwRunCfg) -> None:
    """Refuse a network of which something is not on the chip that `require_chip` asks for.

    Raises
    ------
    NotOnChip
        If there is such a process; all are named, each with the reason.
    ValueError
        If something in `require_chip` is no process of the network.
    TypeError
        If something in it is neither a process, nor a class of processes, nor a name.
    """
    if run_cfg.require_chip is False:
        return
    if run_cfg.require_chip is True:
        wanted = [p for p in flat.processes if p.reason and (p.reason != NO_MODEL or not is_io(p))]
    else:
        listed = {p.index for item in run_cfg.require_chip for p in _listed(flat, item)}
        wanted = [p for p in flat.processes if p.index in listed and not p.on_chip]
    if not wanted:
        return
    lines = [f"  {p.name} ({p.proc_class.__name__}): {_MORE.get(p.reason, p.reason)}" for p in wanted]
    one = "process is" if len(wanted) == 1 else "processes are"
    text = f"require_chip: {len(wanted)} {one} not on the chip:\n" + "\n".join(lines)
    if run_cfg.require_chip is True:
        text += "\nTo let one of them run in Python, list those that must be on the chip: require_chip=[...]."
    raise NotOnChip(text, wanted[0].name)


def _listed(flat: Flat, item: Any) -> Iterator[FlatProcess]:
    """The processes that an entry stands for; those inside of it, if it is a network of others."""
    if isinstance(item, type) and issubclass(item, AbstractProcess):
        found = [p for p in flat.processes if any(isinstance(live, item) for live in _around(p.process))]
    elif isinstance(item, AbstractProcess):
        found = [p for p in flat.processes if any(live is item for live in _around(p.process))]
    elif isinstance(item, str):
        parents = {parent.serial for name, parent in flat.parents if name == item}
        found = [
            p
            for p in flat.processes
            if p.name == item or any(a.serial in parents for a in _around(p.process))
        ]
    else:
        raise TypeError(
            f"require_chip: processes, classes of processes and names can be listed, got {item!r}."
        )
    if not found:
        known = ", ".join([*(p.name for p in flat.processes), *(name for name, _ in flat.parents)])
        what = f"named {item!r}" if isinstance(item, str) else f"{getattr(item, '__name__', item)!s}"
        raise ValueError(f"require_chip: no process of this network is {what}; there are {known}.")
    yield from found


def _around(process: AbstractProcess | None) -> Iterator[AbstractProcess]:
    while process is not None:
        yield process
        process = process.parent_proc
