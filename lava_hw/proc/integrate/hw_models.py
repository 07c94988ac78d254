"""Chip models of our integrators. What the values are is said by the models in fixed point of `models`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lava_hw.ir import (
    Constant,
    FlatProcess,
    KeptVar,
    NeuronInput,
    NeuronOutput,
    Neurons,
    NeuronState,
    filled,
    held,
)
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.integrate.process import IF, LIMIT, LeakyIntegrator, LIFSubtract

__all__ = ["AbstractHwIntegrator", "HwIF", "HwLIFSubtract", "HwLeakyIntegrator"]

# An input beyond 2^25 (shifted) saturates whatever it meets; clipped to that, no sum leaves 32 bits.
_INPUT_BITS = 25
_INPUT = ("clip r0, r0, input_limit", "shv r0, r0, input_shift")
_LEAKY = (
    *_INPUT,
    "mov r1, [u]",
    "multz r1, r1, {du_keep}, >>12",
    "add r1, r1, r0",
    "clip r1, r1, limit",
    "st [u], r1",
    "mov r2, [v]",
    "multz r2, r2, {dv_keep}, >>12",
    "add r2, r2, r1",
    "add r2, r2, {bias}",
    "clip r2, r2, limit",
)
_PLAIN = (*_INPUT, "mov r2, [v]", "add r2, r2, r0", "add r2, r2, {bias}", "clip r2, r2, limit")
_SPIKE = ("mov r3, {vth}", "shv r3, r3, input_shift", "cmp p0, r2 > r3", "emitm ch0 if p0")
_RESET = {"subtract": ("sub r2, r2, r3 if p0",), "zero": ("mov r2, #0 if p0",)}
_PARAMETERS = {
    "du": ("du_keep", -1, 4096, 0, 4096),
    "dv": ("dv_keep", -1, 4096, 0, 4096),
    "bias": ("bias", 1, 0, -LIMIT, LIMIT),
    "vth": ("vth", 1, 0, 0, LIMIT),
}


class AbstractHwIntegrator(AbstractHwProcessModel):
    """An integrator as a population of the chip; ranges are those of the process."""

    integrate: tuple[str, ...] = _LEAKY
    mode = "mask"

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        name, shape = process.name, process.out_ports["s_out"]
        given = {key: var.init for key, var in process.vars.items()}
        input_shift = int(process.params["input_shift"])
        states: list[NeuronState] = []
        constants = [
            Constant("limit", LIMIT),
            Constant("input_limit", 1 << (_INPUT_BITS - input_shift)),
            Constant("input_shift", input_shift),
        ]
        variables: list[KeptVar] = []
        for part in ("u", "v"):
            if part in given:
                states.append(
                    NeuronState(part, filled(name, part, given[part], shape, "int32", -LIMIT, LIMIT))
                )
                variables.append(KeptVar(part, shape, "int32", "state", part, least=-LIMIT, most=LIMIT))
        for part, (place_name, scale, offset, least, most) in _PARAMETERS.items():
            if part in given:
                whole = np.shape(given[part])
                value = filled(name, part, given[part], whole, "int32", least, most).reshape(whole)
                place, var = held(name, part, value, shape, place_name, scale, offset, least, most)
                variables.append(var)
                if isinstance(place, NeuronState):
                    states.append(place)
                else:
                    constants.append(place)
        return Neurons(
            name=name,
            process=name,
            size=len(states[0].values),
            body=(*cls.integrate, *cls.answer(process.params), "st [v], r2"),
            inputs=(NeuronInput("a_in"),),
            outputs=(NeuronOutput("s_out", cls.mode),),
            states=tuple(states),
            constants=tuple(constants),
            variables=tuple(variables),
        )

    @classmethod
    def answer(cls, params: Mapping[str, object]) -> tuple[str, ...]:
        """What is sent, and what becomes of v."""
        return (*_SPIKE, *_RESET[str(params["reset"])])


@implements(proc=LIFSubtract, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLIFSubtract(AbstractHwIntegrator):
    """LIFSubtract as a population of the chip."""


@implements(proc=IF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwIF(AbstractHwIntegrator):
    """IF as a population of the chip."""

    integrate = _PLAIN


@implements(proc=LeakyIntegrator, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLeakyIntegrator(AbstractHwIntegrator):
    """LeakyIntegrator as a population of the chip, which sends values."""

    mode = "graded"

    @classmethod
    def answer(cls, params: Mapping[str, object]) -> tuple[str, ...]:
        """See `AbstractHwIntegrator`."""
        return ("emitg ch0, r2",)
