"""A text as a population of the chip."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lava_hw.equations.errors import EquationsError
from lava_hw.equations.microcode import write
from lava_hw.equations.text import Equations, Graded, Input, Parameter, Spikes, State
from lava_hw.ir import Constant, KeptVar, NeuronInput, NeuronOutput, Neurons, NeuronState

__all__ = ["neurons_of"]


def neurons_of(
    text: type[Equations],
    name: str,
    size: int,
    places: Iterable[NeuronState | Constant],
    variables: Iterable[KeptVar],
) -> Neurons:
    """Give the neurons of a process whose chip model takes its program from a text.

    Parameters
    ----------
    text : class
        The text.
    name : str
        Name of the process.
    size : int
        Number of neurons.
    places : iterable of NeuronState and Constant
        Initial values of its states; a NeuronState or a Constant for each of its parameters.
    variables : iterable of KeptVar
        How the Vars of the process are kept in them.

    Raises
    ------
    EquationsError
        If the text is wrong, or something that it declares has no place.
    """
    given = list(places)
    names = {place.name for place in given}
    missing = [each.name for each in text.of_kind(State, Parameter) if each.name not in names]
    if missing:
        raise EquationsError(f"{text.__name__}: {', '.join(missing)} of {name} have no values")
    inputs, outputs = text.of_kind(Input), text.of_kind(Spikes, Graded)
    channels = {port.name: k for k, port in enumerate(outputs)}
    program = write(text.trace(), [port.name for port in inputs], channels)
    spills = [NeuronState(spill, np.zeros(size, np.int32)) for spill in program.spills]
    constants = [place for place in given if isinstance(place, Constant)]
    return Neurons(
        name=name,
        process=name,
        size=size,
        body=program.body,
        inputs=tuple(NeuronInput(port.name, port.shift, port.broadcast) for port in inputs),
        outputs=tuple(NeuronOutput(port.name, port.mode, channels[port.name]) for port in outputs),
        states=(*(place for place in given if isinstance(place, NeuronState)), *spills),
        constants=(*constants, *(Constant(key, number) for key, number in program.constants.items())),
        variables=tuple(variables),
    )
