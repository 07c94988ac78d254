"""Processes and compiled networks in files (Lava's path).

The files are Python pickles: load only files that you trust.
"""

from __future__ import annotations

import pickle
from pathlib import Path

from lava_hw.magma.compiler.executable import Executable
from lava_hw.magma.core.process.interfaces import IdGeneratable
from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["SerializationObject", "load", "save"]

Processes = AbstractProcess | list[AbstractProcess]


class SerializationObject:
    """What is in a file.

    Parameters
    ----------
    processes : AbstractProcess or list
        Processes, with all that are connected.
    executable : Executable, optional
        A compiled network.
    """

    def __init__(self, processes: Processes, executable: Executable | None = None) -> None:
        self.processes = processes
        self.executable = executable


def save(processes: Processes, filename: str, executable: Executable | None = None) -> None:
    """Save processes, with all that are connected, and a compiled network.

    A process is saved as it was made; values of a runtime are not.

    Parameters
    ----------
    processes : AbstractProcess or list of AbstractProcess
        The list may be empty.
    filename : str
        `.pickle` is added if it does not end so.
    executable : Executable, optional
        Result of `compile`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, or something in a process cannot be saved.
    """
    if not isinstance(processes, AbstractProcess) and not (
        isinstance(processes, list) and all(isinstance(process, AbstractProcess) for process in processes)
    ):
        raise TypeError(f"<processes> must be an AbstractProcess or a list of them, got {processes!r}.")
    if not isinstance(filename, str):
        raise TypeError(f"<filename> must be a str, got {filename!r}.")
    if executable is not None and not isinstance(executable, Executable):
        raise TypeError(f"<executable> must be an Executable, got {executable!r}.")
    path = Path(filename if filename.endswith(".pickle") else f"{filename}.pickle")
    try:
        content = pickle.dumps(SerializationObject(processes, executable))
    except (pickle.PicklingError, AttributeError, TypeError) as err:
        raise TypeError(
            f"The processes cannot be saved: {err}. Classes and functions must be found by their names in a "
            "module, and parameters must be data."
        ) from err
    path.write_bytes(content)


def load(filename: str) -> tuple[Processes, Executable | None]:
    """Load what `save` has saved.

    Parameters
    ----------
    filename : str
        With its `.pickle`.

    Returns
    -------
    processes : AbstractProcess or list of AbstractProcess
        As given to `save`.
    executable : Executable or None
        Likewise.

    Raises
    ------
    TypeError
        If the name is no str.
    OSError
        If there is no such file.
    AssertionError
        If it holds something else.
    """
    if not isinstance(filename, str):
        raise TypeError(f"<filename> must be a str, got {filename!r}.")
    try:
        content = Path(filename).read_bytes()
    except FileNotFoundError as err:
        raise OSError(f"File {filename} could not be found.") from err
    with IdGeneratable.loaded_in_order():
        try:
            loaded = pickle.loads(content)
        except (pickle.UnpicklingError, EOFError, ValueError, IndexError, KeyError) as err:
            raise AssertionError(f"{filename} was not made by save(): {err}.") from err
    if not isinstance(loaded, SerializationObject):
        raise AssertionError(f"{filename} was not made by save(): it holds a {type(loaded).__name__}.")
    return loaded.processes, loaded.executable
