"""Whether parts of a network may be some steps ahead of others."""

from __future__ import annotations

from lava_hw.graph.flat import Flat, FlatProcess
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.monitor.process import Monitor
from lava_hw.runtime.guards import has_guards

__all__ = ["batch_method", "may_run_ahead", "needs_lockstep", "run_ahead_allowed"]


def may_run_ahead(process: FlatProcess) -> bool:
    """Whether nothing that the model of a process does can stop a run or ask for a phase.

    The class itself must say `run_ahead = True`; it is not inherited, because a subclass may do more.
    """
    if process.on_chip:
        return True
    model = process.model_class
    if not model.__dict__.get("run_ahead", False):
        return False
    if issubclass(process.proc_class, Monitor):
        return not process.ref_ports
    return not has_guards(model) and not process.ref_ports


def batch_method(model: type) -> str:
    """Name of the method by which a model may be asked for several steps at once: `run_batch`, or its old
    name `run_block`; "" if it has none.

    A class whose parent has such a method and which has a `run_spk` of its own must not be asked: it does
    something else in a step.
    """
    if not model.__dict__.get("run_ahead", False):
        return ""
    step = next((klass for klass in model.__mro__ if "run_spk" in vars(klass)), None)
    for klass in model.__mro__:
        for name in ("run_batch", "run_block"):
            if name in vars(klass):
                return name if step is not None and issubclass(klass, step) else ""
    return ""


def needs_lockstep(flat: Flat) -> bool:
    """Whether all processes with steps must end a step before one starts the next."""
    stepped = [p for p in flat.processes if p.on_chip or _has_steps(p)]
    return bool(flat.refs) or not all(may_run_ahead(process) for process in stepped)


def _has_steps(process: FlatProcess) -> bool:
    protocol = process.model_class.implements_protocol
    return protocol is not None and issubclass(protocol, LoihiProtocol)


def run_ahead_allowed(flat: Flat) -> bool:
    """Whether the chip may be several steps ahead of Python, or behind it.

    So it is if nothing on the Python side can stop the run, no phase is asked for, and no path leads from
    the chip through Python back to the chip.

    Parameters
    ----------
    flat : Flat
        The network.
    """
    if needs_lockstep(flat) or any(not p.on_chip and not _has_steps(p) for p in flat.processes):
        return False
    after: dict[int, set[int]] = {process.index: set() for process in flat.processes}
    for link in flat.links:
        after[link.src_process].add(link.dst_process)
    on_chip = {process.index for process in flat.processes if process.on_chip}
    # Python processes that the chip reaches without passing the chip again.
    todo = [d for s in on_chip for d in after[s] if d not in on_chip]
    seen: set[int] = set()
    while todo:
        process = todo.pop()
        if process in seen:
            continue
        seen.add(process)
        for following in after[process]:
            if following in on_chip:
                return False
            todo.append(following)
    return True
