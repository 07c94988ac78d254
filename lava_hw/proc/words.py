"""What chip models share whose parameters are held as they are: all of it is 32-bit words that wrap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lava_hw.equations import Equations, neurons_of
from lava_hw.ir import Constant, FlatProcess, KeptVar, Neurons, NeuronState, filled, held
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel

__all__ = ["LEAST", "MOST", "AbstractHwWords"]

LEAST, MOST = -(1 << 31), (1 << 31) - 1


class AbstractHwWords(AbstractHwProcessModel):
    """Neurons whose Vars are integers of 32 bits, as a population of the chip.

    Attributes
    ----------
    text : class
        The equations of a step.
    states : tuple of str
        Vars with a value for each neuron.
    constants : mapping of str to (int, int, int)
        Vars with one value for all: the factor with which the chip holds them, and their limits.
    unread : tuple of str
        Vars that no equation reads; they stay with the host.
    limits : mapping of str to (int, int)
        Limits of states, where there are some.
    types : mapping of str to str
        Types of Vars that are not int32 in Python.
    """

    text: type[Equations]
    states: Sequence[str] = ()
    constants: Mapping[str, tuple[int, int, int]] = {}
    unread: Sequence[str] = ()
    limits: Mapping[str, tuple[int, int]] = {}
    types: Mapping[str, str] = {}

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        name = process.name
        shape = next(iter((process.out_ports or process.in_ports).values()))
        given = {key: var.init for key, var in process.vars.items()}
        places: list[NeuronState | Constant] = []
        variables: list[KeptVar] = []
        for key in cls.states:
            least, most = cls.limits.get(key, (LEAST, MOST))
            dtype = cls.types.get(key, "int32")
            places.append(NeuronState(key, filled(name, key, given[key], shape, dtype, least, most)))
            variables.append(KeptVar(key, shape, dtype, "state", key, least=least, most=most))
        for key, (scale, least, most) in cls.constants.items():
            value = filled(name, key, given[key], (1,), "int32", least, most)
            place, var = held(name, key, value, (1,), key, scale, least=least, most=most)
            places.append(place)
            variables.append(var)
        for key in cls.unread:
            var_shape = tuple(process.vars[key].shape)
            kept = filled(name, key, given[key], var_shape, "int32").reshape(var_shape).tolist()
            variables.append(KeptVar(key, var_shape, "int32", "host", value=kept, frozen=False))
        return neurons_of(cls.text_of(process), name, int(np.prod(shape, dtype=np.int64)), places, variables)

    @classmethod
    def text_of(cls, process: FlatProcess) -> type[Equations]:
        """The equations; a subclass may let them depend on the parameters."""
        return cls.text
