"""Processes that are made of a text alone: ports, Vars and ranges, models in Python and for the chip."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from lava_hw.equations.errors import EquationsError
from lava_hw.equations.microcode import Program, write
from lava_hw.equations.neurons import neurons_of
from lava_hw.equations.numpy_step import NumpyStep, numpy_step
from lava_hw.equations.text import Equations, Graded, Input, Parameter, Spikes, State
from lava_hw.ir import Constant, FlatProcess, KeptVar, Neurons, NeuronState, filled, held
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.cast import cast
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU, NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

__all__ = ["AbstractNeurons", "neuron"]


class AbstractNeurons(AbstractProcess):
    """Parent of processes that `neuron` makes.

    Further arguments, by name, are initial values of states and parameters, one for all neurons or one for
    each.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.

    Raises
    ------
    EquationsError
        If a parameter without a default is not given, a name is unknown, or a shape does not fit.
    """

    equations: type[Equations]

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        name: str | None = None,
        log_config: LogConfig | None = None,
        **values: Any,
    ) -> None:
        text, kind = self.equations, type(self).__name__
        declared = {each.name: each for each in text.of_kind(State, Parameter)}
        unknown = [key for key in values if key not in declared]
        if unknown:
            raise EquationsError(f"{kind}: {', '.join(unknown)} is unknown; it has {', '.join(declared)}")
        given = {key: values.get(key, each.init) for key, each in declared.items()}
        missing = [key for key, value in given.items() if value is None]
        if missing:
            raise EquationsError(f"{kind}: give {', '.join(missing)}, which have no default")
        super().__init__(shape=shape, name=name, log_config=log_config, **given)
        for each in text.of_kind(Input):
            setattr(self, each.name, InPort(shape=shape))
        for each in text.of_kind(Spikes, Graded):
            setattr(self, each.name, OutPort(shape=shape))
        for key, value in given.items():
            size = np.shape(value)
            if size not in ((), (1,), shape):
                raise EquationsError(f"{kind}: {key} has the shape {size}; give one number, or one each")
            whole = isinstance(declared[key], State)
            setattr(self, key, Var(shape=shape if whole else size or (1,), init=value))

    @classmethod
    def program(cls) -> Program:
        """The instructions behind those that load the inputs; printed, with lines of the text."""
        text = cls.equations
        channels = {port.name: k for k, port in enumerate(text.of_kind(Spikes, Graded))}
        return write(text.trace(), [port.name for port in text.of_kind(Input)], channels)


class _PyNeurons(PyLoihiProcessModel):
    """A step of a text in numpy."""

    text: type[Equations]

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self._step: NumpyStep = numpy_step(self.text.trace())
        shape = self.proc_params["shape"]
        self._index = np.arange(int(np.prod(shape, dtype=np.int64)), dtype=np.int32).reshape(shape)

    def run_spk(self) -> None:
        """One step."""
        has = {each.name: getattr(self, each.name) for each in self.text.of_kind(State, Parameter)}
        for port in self.text.of_kind(Input):
            arrived = cast(getattr(self, port.name).recv(), np.dtype(np.int32), port.name)
            if port.broadcast:
                arrived = np.broadcast_to(arrived.reshape(-1)[0], arrived.shape)
            has[port.name] = np.left_shift(arrived, np.int32(port.shift))
        sent, new = self._step(has, self.time_step, self._index)
        for name, values in sent.items():
            getattr(self, name).send(np.broadcast_to(values, self._index.shape))
        # What is new may be a state that is changed here, too.
        for name, values in {name: np.array(values) for name, values in new.items()}.items():
            getattr(self, name)[...] = values


class _HwNeurons(AbstractHwProcessModel):
    """A text as a population."""

    text: type[Equations]

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        shape, name = process.params["shape"], process.name
        places: list[NeuronState | Constant] = []
        variables: list[KeptVar] = []
        for each in cls.text.of_kind(State, Parameter):
            key, init, ends = each.name, process.vars[each.name].init, (each.low, each.high)
            if isinstance(each, State):
                places.append(NeuronState(key, filled(name, key, init, shape, "int32", *ends)))
                variables.append(KeptVar(key, shape, "int32", "state", key, least=each.low, most=each.high))
                continue
            whole = filled(name, key, init, np.shape(init), "int32", *ends).reshape(np.shape(init))
            place, var = held(name, key, whole, shape, key, least=each.low, most=each.high)
            places.append(place)
            variables.append(var)
        return neurons_of(cls.text, name, int(np.prod(shape, dtype=np.int64)), places, variables)


def neuron(text: type[Equations]) -> type[AbstractNeurons]:
    """Make a process of a text; a decorator of a class of equations in a module.

    Returns
    -------
    class
        The process, with the name of the text. Its models, `Py<name>` and `Hw<name>`, are put into the module
        of the text, where run configurations find them.

    Raises
    ------
    EquationsError
        If the text is wrong: it is traced here.
    """
    text.trace()
    name, module = text.__name__, sys.modules[text.__module__]
    own = {"__module__": text.__module__, "__qualname__": name}
    ranges = {
        each.name: VarRange(low=each.low, high=each.high, lowest=each.low, highest=each.high)
        for each in text.of_kind(State, Parameter)
    }
    doc = {"__doc__": text.__doc__, "equations": text, "var_ranges": table(ranges)}
    process: Any = type(name, (AbstractNeurons,), {**own, **doc})
    types: dict[str, Any] = {"text": text, "run_ahead": True, "__doc__": f"{name} in fixed point, in numpy."}
    for each in text.of_kind(State, Parameter):
        types[each.name] = LavaPyType(np.ndarray, np.int32)
    for each in text.of_kind(Input):
        types[each.name] = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    for each in text.of_kind(Spikes, Graded):
        signed = np.int8 if isinstance(each, Spikes) and each.signed else bool
        types[each.name] = LavaPyType(PyOutPort.VEC_DENSE, np.int32 if isinstance(each, Graded) else signed)
    models = {
        f"Py{name}": ((_PyNeurons,), CPU, types),
        f"Hw{name}": ((_HwNeurons,), NeuroCore, {"text": text, "__doc__": f"{name} on the chip."}),
    }
    for key, (parents, resource, members) in models.items():
        model: Any = type(key, parents, {**members, "__module__": text.__module__, "__qualname__": key})
        model = implements(proc=process, protocol=LoihiProtocol)(requires(resource)(tag("fixed_pt")(model)))
        setattr(module, key, model)
    result: type[AbstractNeurons] = process
    return result
