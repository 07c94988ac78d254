"""Neurons: what becomes populations of the chip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lava_hw.ir.kept_var import KeptVar

__all__ = ["PROCESS", "Constant", "NeuronInput", "NeuronOutput", "NeuronState", "Neurons"]

PROCESS = "process"
"""Role of neurons, or of a connection, that a process asked for; the compiler adds helpers of other roles."""


@dataclass(frozen=True, eq=False)
class NeuronState:
    """A value per neuron. `values` is int32, one for each element."""

    name: str
    values: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Constant:
    """One int32 value for all neurons of a population."""

    name: str
    value: int


@dataclass(frozen=True)
class NeuronInput:
    """An in port: the program finds the sum of what arrived in a register.

    The sum of the first input is in r0, that of the second in r1, and so on; further registers are free.

    Attributes
    ----------
    port : str
        Name of the in port of the process.
    shift : int
        The sum is loaded shifted left by this, 0 to 31.
    broadcast : bool
        Whether each neuron gets what arrives at the first element of the port, and the others are not looked
        at.
    """

    port: str
    shift: int = 0
    broadcast: bool = False


@dataclass(frozen=True)
class NeuronOutput:
    """An out port: what the program emits on a channel.

    Attributes
    ----------
    port : str
        Name of the out port of the process.
    mode : str
        ``mask`` (spikes, by `emitm`) or ``graded`` (values, by `emitg`).
    channel : int
        Channel of the population, 0 to 3: `emitm ch1` emits on channel 1. Each output has one of its own.
    """

    port: str
    mode: str = "mask"
    channel: int = 0


@dataclass(frozen=True, eq=False)
class Neurons:
    """A set of neurons with one program: a neuron process, or a helper that the compiler made.

    Attributes
    ----------
    name : str
        Unique: the process, or ``process.port`` of the port that a helper serves.
    process : str
        The process it belongs to.
    size : int
        Number of neurons, in C order of the elements of its ports.
    body : tuple of str
        Program (lava_hw.isa text) after its inputs were loaded into r0, r1, ...: ``{name}`` stands for a
        state or a constant of that name, ``[name]`` for a state.
    inputs, outputs : tuple of NeuronInput, tuple of NeuronOutput
        The ports. Neurons without inputs compute from their states alone.
    states, constants : tuple of NeuronState, tuple of Constant
        What the program reads and writes.
    variables : tuple of KeptVar
        How the Vars of the process are kept in them.
    role : str
        ``process``, or what a helper does: see `lava_hw.compiler.types`.
    follow : str
        Neurons with which these share cores and shards, or nothing.
    """

    name: str
    process: str
    size: int
    body: tuple[str, ...]
    inputs: tuple[NeuronInput, ...] = ()
    outputs: tuple[NeuronOutput, ...] = ()
    states: tuple[NeuronState, ...] = ()
    constants: tuple[Constant, ...] = ()
    variables: tuple[KeptVar, ...] = ()
    role: str = PROCESS
    follow: str = ""

    @property
    def in_ports(self) -> tuple[str, ...]:
        """Names of the in ports."""
        return tuple(each.port for each in self.inputs)

    @property
    def out_ports(self) -> tuple[str, ...]:
        """Names of the out ports."""
        return tuple(each.port for each in self.outputs)

    def output(self, port: str) -> NeuronOutput:
        """The output of an out port.

        Raises
        ------
        KeyError
            If there is none.
        """
        for output in self.outputs:
            if output.port == port:
                return output
        raise KeyError(f"{self.name} has no output {port!r}; it has {[o.port for o in self.outputs]}")

    def sends_ones(self, port: str) -> bool:
        """Whether all that an out port sends are spikes of value +1.

        Raises
        ------
        KeyError
            If there is no such port.
        """
        output = self.output(port)
        negated = f"emitm ch{output.channel}, neg"
        return output.mode == "mask" and not any(negated in line for line in self.body)
