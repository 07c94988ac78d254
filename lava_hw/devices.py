"""The one table of devices: what computes a chip, by name or by ``scheme://address``.

An entry is the text ``module:attribute`` and is imported when it is asked for. The attribute is a `Backend`;
`lava_hw.device.backend` says what such an object does. A device is added here, or by `register`, or by an
installed package, as an entry point of the group ``lava_hw.devices``::

    [project.entry-points."lava_hw.devices"]
    board = "my_package.board:BOARD"
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

__all__ = ["GROUP", "check", "find", "known", "register"]

GROUP = "lava_hw.devices"
"""Entry points of this group are devices of installed packages."""

_TABLE = {
    "golden": "lava_hw.device.golden:GOLDEN",
    "verilator": "lava_hw.device.verilator:VERILATOR",
}
_NAME = re.compile(r"[a-z][a-z0-9+.-]*")
_ENTRY = re.compile(r"[\w.]+:[\w.]+")


def register(name: str, entry: str) -> None:
    """Add a device.

    Parameters
    ----------
    name : str
        Its name, and the scheme of its addresses: a lower-case letter, then also digits, ``+``, ``.``, ``-``.
    entry : str
        ``module:attribute`` of its `Backend`.

    Raises
    ------
    ValueError
        If the name or the entry is none, or there is another device of this name.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a device; it needs the form of a scheme, as 'board'")
    if not _ENTRY.fullmatch(entry):
        raise ValueError(f"device {name!r}: {entry!r} is no entry; give 'module:attribute'")
    if _TABLE.get(name, entry) != entry or name in _installed():
        raise ValueError(f"there is a device {name!r} already; take another name")
    _TABLE[name] = entry


@lru_cache(maxsize=1)
def _installed() -> dict[str, EntryPoint]:
    """Give the entry points of installed packages; the names of the table are never theirs."""
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in _TABLE}


def known() -> tuple[str, ...]:
    """Give the names of all devices, sorted."""
    return tuple(sorted({*_TABLE, *_installed()}))


def check(device: str) -> tuple[str, str]:
    """Give name and address of a device, without importing anything.

    Parameters
    ----------
    device : str
        A name, or ``scheme://address``; the address of a name alone is empty.

    Raises
    ------
    ValueError
        If there is no such device; the message names those that there are.
    """
    name, _, address = device.partition("://") if isinstance(device, str) else (device, "", "")
    if name in _TABLE or name in _installed():
        return name, address
    names = known()
    text = f"there is no device {device!r}; the devices are {', '.join(names[:-1])} and {names[-1]}"
    near = difflib.get_close_matches(str(name), names, 1)
    raise ValueError(f"{text}; did you mean {near[0]!r}?" if near else text)


def find(device: str) -> tuple[Any, str]:
    """Import the back end of a device, and give it with the address.

    Raises
    ------
    ValueError
        If there is no such device.
    ImportError
        If its module cannot be imported, or lacks the attribute.
    """
    name, address = check(device)
    if name not in _TABLE:
        return _installed()[name].load(), address
    module, _, attribute = _TABLE[name].partition(":")
    found = import_module(module)
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise ImportError(f"device {name!r}: module {module} has no {attribute}")
        found = getattr(found, part)
    return found, address
