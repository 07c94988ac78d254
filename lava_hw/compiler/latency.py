"""Does what a Python model sends in a step depend on what it receives in that step?

A model class may say it: ``sends_first = True`` (it does not), ``sends_first = False`` (it does).
Otherwise the order of ``self.<port>.recv()`` and ``self.<port>.send()`` in `run_spk` tells, as far as it
can be read from the code.
"""

from __future__ import annotations

import dis
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

_RECEIVE = frozenset({"recv", "peek", "probe"})


def depends(
    model: type[Any], in_ports: Iterable[str], out_ports: Iterable[str]
) -> Mapping[tuple[str, str], bool | None]:
    """Say for each pair of ports whether the message of the out port depends on that of the in port.

    Returns
    -------
    mapping of (in port, out port) to bool or None
        None where it cannot be told: the ports are not used by name in `run_spk`, or only within branches
        and loops.
    """
    pairs = [(i, o) for i in in_ports for o in out_ports]
    said = getattr(model, "sends_first", None)
    if said is not None:
        return dict.fromkeys(pairs, not said)
    run = getattr(model, "run_spk", None)
    if not isinstance(run, FunctionType):
        return dict.fromkeys(pairs)
    received, sent, straight = _order(run)
    return {(i, o): _depends(received.get(i), sent.get(o), straight) for i, o in pairs}


def _depends(received: int | None, sent: int | None, straight: bool) -> bool | None:
    if received is None or sent is None or not straight:
        return None
    return received < sent


def _order(run: FunctionType) -> tuple[dict[str, int], dict[str, int], bool]:
    """Give where each port is first received and first sent, and whether the code runs straight through."""
    received: dict[str, int] = {}
    sent: dict[str, int] = {}
    port: str | None = None
    straight = True
    on_self = False
    own = run.__code__.co_varnames[0] if run.__code__.co_argcount else ""
    for position, step in enumerate(dis.get_instructions(run)):
        name = step.opname
        if name.startswith(("LOAD_FAST", "LOAD_NAME")):
            # Python 3.13 has instructions that load two; the last one is on top.
            loaded = step.argval[-1] if isinstance(step.argval, tuple) else step.argval
            on_self, port = loaded == own, None
        elif name in ("LOAD_ATTR", "LOAD_METHOD"):
            if on_self:
                on_self, port = False, str(step.argval)
            elif port is not None and step.argval in _RECEIVE:
                received.setdefault(port, position)
            elif port is not None and step.argval == "send":
                sent.setdefault(port, position)
        elif "JUMP" in name or name == "FOR_ITER":
            straight = False
    return received, sent, straight
