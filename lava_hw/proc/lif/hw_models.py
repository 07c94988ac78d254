"""Chip model of LIF. What the values are is said by `models.PyLifModelBitAcc`."""

from __future__ import annotations

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
    latched,
)
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.lif.arithmetic import UV_LIMIT
from lava_hw.proc.lif.process import LIF

__all__ = ["HwLif"]

# Operand {x} is a state variable if x has one value per neuron, else a constant. r0 is a_in << 6.
_BODY = (
    "mov r1, [u]",
    "multz r1, r1, {du_keep}, >>12",
    "add r1, r1, r0",
    "wrap r1, r1",
    "st [u], r1",
    "mov r2, [v]",
    "multz r2, r2, {dv_keep}, >>12",
    "add r2, r2, r1",
    "mov r3, [bias_mant]",
    "shv r3, r3, [bias_exp]",
    "add r2, r2, r3",
    "clip r2, r2, v_max",
    "cmp p0, r2 > {threshold}",
    "mov r2, #0 if p0",
    "st [v], r2",
    "emitm ch0 if p0",
)
_INPUT_SHIFT = 6


@implements(proc=LIF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLif(AbstractHwProcessModel):
    """LIF as a population of the chip.

    u, v, bias_mant and bias_exp are state variables. du, dv and vth are constants, or state variables where
    they are given per neuron: 4095 - du and 4096 - dv are what the chip holds, and vth << 6 as it is
    latched in step 1, clipped into 32 bits (exact, because |v| < 2^23).
    """

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        shape = process.out_ports["s_out"]
        name, given = process.name, {key: var.init for key, var in process.vars.items()}
        states: list[NeuronState] = []
        constants: list[Constant] = []
        variables: list[KeptVar] = []
        for var, dtype in (("u", "int32"), ("v", "int32"), ("bias_mant", "int16"), ("bias_exp", "int16")):
            states.append(NeuronState(var, filled(name, var, given[var], shape, dtype)))
            variables.append(KeptVar(var, shape, dtype, "state", var))
        parameters = (
            held(name, "du", given["du"], shape, "du_keep", -1, 4095),
            held(name, "dv", given["dv"], shape, "dv_keep", -1, 4096),
            latched(name, "vth", given["vth"], shape, "threshold", _INPUT_SHIFT),
        )
        for place, variable in parameters:
            variables.append(variable)
            if isinstance(place, NeuronState):
                states.append(place)
            else:
                constants.append(place)
        constants.append(Constant("v_max", UV_LIMIT - 1))
        return Neurons(
            name=name,
            process=name,
            size=len(states[0].values),
            body=_BODY,
            inputs=(NeuronInput("a_in", _INPUT_SHIFT),),
            outputs=(NeuronOutput("s_out"),),
            states=tuple(states),
            constants=tuple(constants),
            variables=tuple(variables),
        )
