"""The language of neurons: a neuron written once, as the equations of its step.

From one text come a step in numpy (the fixed-point model in Python), the microcode for the chip, and the
proof that no sum leaves 32 bits unless the text says `wrapping`.
"""

from lava_hw.equations.errors import EquationsError, OverflowInText
from lava_hw.equations.microcode import Program, write
from lava_hw.equations.neurons import neurons_of
from lava_hw.equations.numpy_step import numpy_step
from lava_hw.equations.process import AbstractNeurons, neuron
from lava_hw.equations.text import Equations, Graded, Input, Parameter, Spikes, State
from lava_hw.equations.values import (
    FLOOR,
    TOWARD_ZERO,
    MaskValue,
    Value,
    absolute,
    clip,
    index,
    maximum,
    minimum,
    mul,
    select,
    shift_by,
    time,
    wrap24,
    wrapping,
)

__all__ = [
    "FLOOR",
    "TOWARD_ZERO",
    "AbstractNeurons",
    "Equations",
    "EquationsError",
    "Graded",
    "Input",
    "MaskValue",
    "OverflowInText",
    "Parameter",
    "Program",
    "Spikes",
    "State",
    "Value",
    "absolute",
    "clip",
    "index",
    "maximum",
    "minimum",
    "mul",
    "neuron",
    "neurons_of",
    "numpy_step",
    "select",
    "shift_by",
    "time",
    "wrap24",
    "wrapping",
    "write",
]
