"""Chip models of the LIF family. What the values are is said by the models in fixed point of `models`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lava_hw.ir import (
    Constant,
    FlatProcess,
    KeptVar,
    NeuronInput,
    NeuronOutput,
    Neurons,
    NeuronState,
    ParameterRefused,
    computed,
    filled,
    held,
    latched,
)
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.lif.arithmetic import UV_LIMIT
from lava_hw.proc.lif.process import LIF, LearningLIF, LIFRefractory, LIFReset, TernaryLIF

__all__ = ["AbstractHwLif", "HwLearningLif", "HwLif", "HwLifRefractory", "HwLifReset", "HwTernaryLif"]

INPUT_SHIFT = 6
_MOST_THRESHOLD = 1 << (31 - INPUT_SHIFT)
_MOST_PERIOD = 1 << 30

# Operand {x} is a state variable if x has one value per neuron, else a constant. r0 is a_in << 6.
LOAD = ("mov r3, [u]", "mov r4, [v]")
CURRENT = ("multz r3, r3, {du_keep}, >>12", "add r3, r3, r0", "wrap r3, r3")
VOLTAGE = (
    "multz r4, r4, {dv_keep}, >>12",
    "add r4, r4, r3",
    "mov r5, [bias_mant]",
    "shv r5, r5, [bias_exp]",
    "add r4, r4, r5",
    "clip r4, r4, v_max",
)
STORE_CURRENT = ("st [u], r3",)
SPIKE = ("cmp p0, r4 > {threshold}", "mov r4, #0 if p0", "st [v], r4", "emitm ch0 if p0")


class AbstractHwLif(AbstractHwProcessModel):
    """Neurons of the LIF family as a population of the chip.

    u, v, bias_mant and bias_exp are state variables. du, dv and vth are constants, or state variables where
    they are given per neuron: 4095 - du and 4096 - dv are what the chip holds, and vth << 6 as it is
    latched in step 1, clipped into 32 bits (exact, because |v| < 2^23).
    """

    body: Sequence[str] = ()
    inputs: Sequence[NeuronInput] = (NeuronInput("a_in", INPUT_SHIFT),)
    outputs: Sequence[NeuronOutput] = (NeuronOutput("s_out"),)
    arrays: Mapping[str, str] = {"u": "int32", "v": "int32", "bias_mant": "int16", "bias_exp": "int16"}
    least: Mapping[str, int] = {}

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        shape, name = process.out_ports["s_out"], process.name
        given = {key: var.init for key, var in process.vars.items()}
        states: list[NeuronState] = []
        constants: list[Constant] = []
        variables: list[KeptVar] = []
        for var, dtype in cls.arrays.items():
            least = cls.least.get(var)
            states.append(NeuronState(var, filled(name, var, given[var], shape, dtype, least)))
            variables.append(KeptVar(var, shape, dtype, "state", var, least=least))
        parameters = [
            held(name, "du", given["du"], shape, "du_keep", -1, 4095),
            held(name, "dv", given["dv"], shape, "dv_keep", -1, 4096),
            *cls.parameters(process),
        ]
        for place, variable in parameters:
            if variable is not None:
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
            body=tuple(cls.body),
            inputs=tuple(cls.inputs),
            outputs=tuple(cls.outputs),
            states=tuple(states),
            constants=tuple(constants),
            variables=tuple(variables),
        )

    @classmethod
    def parameters(cls, process: FlatProcess) -> Iterable[tuple[NeuronState | Constant, KeptVar | None]]:
        """Where further parameters are kept, and the Vars that they are."""
        shape = process.out_ports["s_out"]
        yield latched(process.name, "vth", process.vars["vth"].init, shape, "threshold", INPUT_SHIFT)


@implements(proc=LIF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLif(AbstractHwLif):
    """LIF as a population of the chip."""

    body = (*LOAD, *CURRENT, *STORE_CURRENT, *VOLTAGE, *SPIKE)


@implements(proc=TernaryLIF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwTernaryLif(AbstractHwLif):
    """TernaryLIF as a population of the chip, which sends spikes of both signs.

    Thresholds lie in 26 bits: in Python their shift by 6 wraps beyond.
    """

    body = (
        *LOAD,
        *CURRENT,
        *STORE_CURRENT,
        *VOLTAGE,
        "cmp p0, r4 > vth_hi",
        "cmp p1, r4 < vth_lo",
        "plog p2, p0, p1, andnot",
        "plog p1, p1, p0, andnot",
        "mov r4, #0 if p2",
        "mov r4, #0 if p1",
        "st [v], r4",
        "emitm ch0 if p2",
        "emitm ch0, neg if p1",
    )

    @classmethod
    def parameters(cls, process: FlatProcess) -> Iterable[tuple[NeuronState | Constant, KeptVar | None]]:
        """See `AbstractHwLif`."""
        least, most = -_MOST_THRESHOLD, _MOST_THRESHOLD - 1
        for name in ("vth_hi", "vth_lo"):
            value = filled(process.name, name, process.vars[name].init, (1,), "int32", least, most)
            place, var = latched(process.name, name, value, (1,), name, INPUT_SHIFT)
            yield place, replace(var, least=least, most=most)


@implements(proc=LIFReset, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLifReset(AbstractHwLif):
    """LIFReset as a population of the chip.

    u and v are cleared where the interval divides |t - offset|. The chip divides by a product with
    2^31 / interval, which may be one too small: the rest is 0 or the interval then.
    """

    body = (
        "time r5",
        "sub r5, r5, reset_offset",
        "abs r5, r5",
        "mul r6, r5, reset_part, >>31",
        "mul r6, r6, reset_interval, >>0",
        "sub r5, r5, r6",
        "cmp p0, r5 == #0",
        "cmp p1, r5 == reset_interval",
        "plog p0, p0, p1, or",
        *LOAD,
        "mov r3, #0 if p0",
        "mov r4, #0 if p0",
        *CURRENT,
        *STORE_CURRENT,
        *VOLTAGE,
        *SPIKE,
    )

    @classmethod
    def parameters(cls, process: FlatProcess) -> Iterable[tuple[NeuronState | Constant, KeptVar | None]]:
        """See `AbstractHwLif`."""
        yield from super().parameters(process)
        name = process.name
        places, var = computed(
            name,
            "reset_interval",
            filled(name, "reset_interval", process.vars["reset_interval"].init, (1,), "int64", least=1),
            (1,),
            {"reset_part": "reciprocal", "reset_interval": "value"},
            dtype="int64",
        )
        yield from zip(places, (var, None), strict=True)
        offset = filled(name, "reset_offset", process.vars["reset_offset"].init, (1,), "int64", least=0)
        kept = KeptVar("reset_offset", (1,), "int64", "const", "reset_offset", least=0)
        yield Constant("reset_offset", int(offset[0])), kept


@implements(proc=LIFRefractory, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLifRefractory(AbstractHwLif):
    """LIFRefractory as a population of the chip, exact up to step 2^31 less the period.

    A voltage that rests is compared as it is, so the least of 32 bits would not be above a threshold that
    was clipped to it, and is refused.
    """

    arrays: Mapping[str, str] = {**AbstractHwLif.arrays, "refractory_period_end": "int64"}
    least: Mapping[str, int] = {"v": 1 - (1 << 31)}
    body = (
        *LOAD,
        *CURRENT,
        *STORE_CURRENT,
        "time r6",
        "mov r7, [refractory_period_end]",
        "cmp p1, r7 >= r6",
        "mov r7, r4",
        *VOLTAGE,
        "mov r4, r7 if p1",
        *SPIKE,
        "add r6, r6, refractory_period",
        "st [refractory_period_end], r6 if p0",
    )

    @classmethod
    def parameters(cls, process: FlatProcess) -> Iterable[tuple[NeuronState | Constant, KeptVar | None]]:
        """See `AbstractHwLif`."""
        yield from super().parameters(process)
        period = int(np.asarray(process.params["refractory_period"]).item())
        if period > _MOST_PERIOD:
            raise ParameterRefused(process.name, "refractory_period", period, f"{_MOST_PERIOD} at most")
        yield Constant("refractory_period", period), None


TRACES: Mapping[str, str] = dict.fromkeys(("y1", "y2", "y3"), "int32")
LEARNING_OUTPUTS: Sequence[NeuronOutput] = (
    NeuronOutput("s_out"),
    NeuronOutput("s_out_bap", channel=1),
    *(NeuronOutput(f"s_out_y{k}", "graded", k + 1) for k in (1, 2, 3)),
)
SEND_TRACES = tuple(line for k in (1, 2, 3) for line in (f"mov r5, [y{k}]", f"emitg ch{k + 1}, r5"))


@implements(proc=LearningLIF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLearningLif(AbstractHwLif):
    """LearningLIF as a population of the chip; the connections that learn run in Python."""

    arrays: Mapping[str, str] = {**AbstractHwLif.arrays, **TRACES}
    inputs: Sequence[NeuronInput] = (NeuronInput("a_in", INPUT_SHIFT), NeuronInput("a_third_factor_in"))
    outputs = LEARNING_OUTPUTS
    body = (
        *LOAD,
        *CURRENT,
        *STORE_CURRENT,
        *VOLTAGE,
        *SPIKE,
        "emitm ch1 if p0",
        "st [y2], r1",
        *SEND_TRACES,
    )
