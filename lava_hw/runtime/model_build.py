"""Makes the model object of a process in Python, with initial values and ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lava_hw.graph.flat import FlatProcess, private_copy
from lava_hw.magma.core.model.py.model import PyAsyncProcessModel, PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort, PyRefPort, PyVarPort, Source
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.parameters import ProcessParameters
from lava_hw.sparse_values import canonical

if TYPE_CHECKING:
    from lava_hw.runtime.channel import PortChannel

__all__ = ["ModelPorts", "make_model"]


@dataclass(frozen=True)
class ModelPorts:
    """What the ports of a model are connected with.

    Parameters
    ----------
    sources : mapping of str to list of Source
        Channels into each InPort.
    targets : mapping of str to list of PortChannel
        Channels out of each OutPort.
    references : mapping of str to (callable, callable)
        Functions by which a RefPort reads and writes.
    """

    sources: Mapping[str, list[Source]]
    targets: Mapping[str, list[PortChannel]]
    references: Mapping[str, tuple[Callable[..., Any], Callable[..., Any]]]


def make_model(spec: FlatProcess, ports: ModelPorts, loglevel: int) -> Any:
    """Make a model object.

    Parameters
    ----------
    spec : FlatProcess
        The process and its model class.
    ports : ModelPorts
        What the ports are connected with.
    loglevel : int
        Level of the model's logger.

    Raises
    ------
    TypeError
        If the class is no model, does not initialise its parent, or declares something without a class.
    ValueError
        If an initial value does not fit.
    """
    memo: dict[int, Any] = {}  # what is given twice is copied once
    model: Any = spec.model_class(
        ProcessParameters({k: private_copy(v, memo) for k, v in spec.params.items()})
    )
    if not isinstance(model, (PyLoihiProcessModel, PyAsyncProcessModel)) and not callable(
        getattr(model, "run_async", None)
    ):
        raise TypeError(
            f"Model {spec.model_class.__name__} of process '{spec.name}' must derive from "
            "PyLoihiProcessModel or PyAsyncProcessModel."
        )
    if "proc_params" not in vars(model):
        raise TypeError(f"{spec.model_class.__name__}.__init__ must call super().__init__(proc_params).")
    model.log.setLevel(loglevel)
    for name, lava_type in spec.types.items():
        setattr(model, name, _member(spec, name, lava_type, ports))
    model.model_id = spec.index
    return model


def _member(spec: FlatProcess, name: str, lava_type: LavaPyType, ports: ModelPorts) -> Any:
    """Make a port or the initial value of a Var."""
    cls, d_type = lava_type.cls, lava_type.d_type
    if not isinstance(cls, type):
        raise TypeError(f"LavaPyType of '{name}' of {spec.model_class.__name__} needs a class, got {cls!r}.")
    if issubclass(cls, PyInPort):
        return cls(spec.in_ports[name], d_type, ports.sources[name])
    if issubclass(cls, PyOutPort):
        return cls(spec.out_ports[name], d_type, ports.targets[name], f"'{spec.name}.{name}'")
    if issubclass(cls, PyRefPort):
        make: Any = cls
        return make(spec.ref_ports[name], d_type, *ports.references.get(name, ()))
    if issubclass(cls, PyVarPort):
        return cls(spec.var_ports[name], d_type)
    return _initial_value(spec, name, lava_type)


def _initial_value(spec: FlatProcess, name: str, lava_type: LavaPyType) -> Any:
    var, d_type = spec.vars[name], lava_type.d_type
    if lava_type.cls is np.ndarray:
        value = np.zeros(var.shape, d_type)
        try:
            value[...] = np.asarray(var.init)
        except (ValueError, TypeError) as err:
            raise type(err)(
                f"Initial value of Var '{name}' of process '{spec.name}' does not fit: shape {var.shape} "
                f"and type {value.dtype} are declared, got shape {np.shape(var.init)}. Give one "
                f"number, or an array of this shape. ({err})"
            ) from err
        return value
    if hasattr(var.init, "tocsr"):
        with np.errstate(invalid="ignore"):
            return canonical(var.init).astype(d_type)
    return private_copy(var.init)
