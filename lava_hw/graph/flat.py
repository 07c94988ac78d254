"""The flat description of a network: plain, frozen, deterministic."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["Flat", "FlatProcess", "FlatVar", "Link", "RefLink", "private_copy"]

Shape = tuple[int, ...]
Index = npt.NDArray[np.int64]


def private_copy(value: Any, memo: dict[int, Any] | None = None) -> Any:
    """A copy that belongs to one model; what cannot be copied (a process, a lock, an open file) is shared."""
    if isinstance(value, AbstractProcess):
        return value
    try:
        return copy.deepcopy(value, memo)
    except Exception:
        return value


@dataclass(frozen=True)
class FlatVar:
    """A Var.

    Parameters
    ----------
    name : str
        Name in its process.
    shape : tuple of int
        Shape.
    init : object
        Initial value as given, a copy; a scalar stays a scalar.
    """

    name: str
    shape: Shape
    init: Any


@dataclass(frozen=True)
class FlatProcess:
    """A process that is executed (one with a sub-process model is replaced by its parts).

    Parameters
    ----------
    index : int
        Position in `Flat.processes`; order of creation.
    name : str
        Unique name.
    process : AbstractProcess
        The live object. For the runtime only.
    proc_class, model_class : type
        Class of the process and the chosen model.
    on_chip : bool
        Whether the model is one for the chip.
    params : dict
        `proc_params`, a deep copy.
    vars : dict of str to FlatVar
        The Vars by name, sorted.
    in_ports, out_ports, ref_ports, var_ports : dict of str to tuple of int
        Shapes by name, sorted; implicit VarPorts are left out.
    types : dict of str to LavaPyType
        What a Python model declares; empty for others.
    reason : str
        Why a process of a configuration for hardware runs in Python: a text for a person; else empty.
    stored_bits : int
        Bits of a weight in the chip's memory, as the run configuration says it.
    """

    index: int
    name: str
    process: AbstractProcess
    proc_class: type[AbstractProcess]
    model_class: type[AbstractProcessModel]
    on_chip: bool
    params: dict[str, Any]
    vars: dict[str, FlatVar]
    in_ports: dict[str, Shape]
    out_ports: dict[str, Shape]
    ref_ports: dict[str, Shape]
    var_ports: dict[str, Shape]
    types: dict[str, LavaPyType]
    reason: str = ""
    stored_bits: int = 8


@dataclass(frozen=True)
class Link:
    """Data of one OutPort into one InPort: dst.flat[dst_index[k]] += src.flat[src_index[k]].

    Parameters
    ----------
    src_process, dst_process : int
        Indices into `Flat.processes`.
    src_port, dst_port : str
        Names of the ports.
    src_index, dst_index : int64 array or None
        None stands for 0, 1, 2, ...; the shapes may differ even then (a reshape).
    """

    src_process: int
    src_port: str
    dst_process: int
    dst_port: str
    src_index: Index | None = None
    dst_index: Index | None = None


@dataclass(frozen=True)
class RefLink:
    """A RefPort and the Var that it reads and writes: ref.flat[k] is var.flat[index[k]].

    Parameters
    ----------
    process : int
        Index of the process with the RefPort.
    port : str
        Name of the RefPort.
    var_process : int
        Index of the process with the Var.
    var : str
        Name of the Var.
    index : int64 array or None
        None stands for 0, 1, 2, ...
    """

    process: int
    port: str
    var_process: int
    var: str
    index: Index | None = None


@dataclass(frozen=True)
class Flat:
    """A network.

    Parameters
    ----------
    processes : tuple of FlatProcess
        In order of creation.
    links : tuple of Link
        By destination process, destination port (sorted by name), then order of connection: the order of the
        sum.
    refs : tuple of RefLink
        By process and port.
    aliases : dict
        (name of a hierarchical process, Var) -> (index of process, Var) that it stands for.
    parents : tuple of (str, AbstractProcess)
        Names and objects of hierarchical processes. For the runtime only.
    lowered : mapping of int to object
        What the chip models said about their processes, by index, where they were asked already: the compiler
        takes it from here instead of asking again.
    """

    processes: tuple[FlatProcess, ...]
    links: tuple[Link, ...]
    refs: tuple[RefLink, ...]
    aliases: dict[tuple[str, str], tuple[int, str]]
    parents: tuple[tuple[str, AbstractProcess], ...]
    lowered: Mapping[int, Any] = field(default_factory=dict, compare=False, repr=False)

    def by_name(self, name: str) -> FlatProcess:
        """The process of a name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for process in self.processes:
            if process.name == name:
                return process
        raise KeyError(f"No process is named '{name}'; known: {', '.join(p.name for p in self.processes)}.")
