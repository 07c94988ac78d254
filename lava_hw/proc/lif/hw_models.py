"""Chip models of the LIF family. What the values are is said by the models in fixed point of `models`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from lava_hw.equations import Equations, neurons_of
from lava_hw.ir import (
    Constant,
    FlatProcess,
    KeptVar,
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
from lava_hw.proc.lif.process import LIF, LearningLIF, LIFRefractory, LIFReset, TernaryLIF
from lava_hw.proc.lif.texts import (
    INPUT_SHIFT,
    LearningLifText,
    LifRefractoryText,
    LifResetText,
    LifText,
    TernaryLifText,
)

__all__ = ["AbstractHwLif", "HwLearningLif", "HwLif", "HwLifRefractory", "HwLifReset", "HwTernaryLif"]

_MOST_THRESHOLD = 1 << (31 - INPUT_SHIFT)
_MOST_PERIOD = 1 << 30


class AbstractHwLif(AbstractHwProcessModel):
    """Neurons of the LIF family as a population of the chip.

    u, v, bias_mant and bias_exp are state variables. du, dv and vth are constants, or state variables where
    they are given per neuron: 4095 - du and 4096 - dv are what the chip holds, and vth << 6 as it is
    latched in step 1, clipped into 32 bits (exact, because |v| < 2^23).
    """

    text: type[Equations] = LifText
    arrays: Mapping[str, str] = {"u": "int32", "v": "int32", "bias_mant": "int16", "bias_exp": "int16"}
    least: Mapping[str, int] = {}

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        shape, name = process.out_ports["s_out"], process.name
        given = {key: var.init for key, var in process.vars.items()}
        places: list[NeuronState | Constant] = []
        variables: list[KeptVar] = []
        for var, dtype in cls.arrays.items():
            least = cls.least.get(var)
            places.append(NeuronState(var, filled(name, var, given[var], shape, dtype, least)))
            variables.append(KeptVar(var, shape, dtype, "state", var, least=least))
        parameters = [
            held(name, "du", given["du"], shape, "du_keep", -1, 4095),
            held(name, "dv", given["dv"], shape, "dv_keep", -1, 4096),
            *cls.parameters(process),
        ]
        for place, variable in parameters:
            places.append(place)
            if variable is not None:
                variables.append(variable)
        return neurons_of(cls.text, name, int(np.prod(shape, dtype=np.int64)), places, variables)

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


@implements(proc=TernaryLIF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwTernaryLif(AbstractHwLif):
    """TernaryLIF as a population of the chip, which sends spikes of both signs.

    Thresholds lie in 26 bits: in Python their shift by 6 wraps beyond.
    """

    text = TernaryLifText

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

    text = LifResetText

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
    text = LifRefractoryText

    @classmethod
    def parameters(cls, process: FlatProcess) -> Iterable[tuple[NeuronState | Constant, KeptVar | None]]:
        """See `AbstractHwLif`."""
        yield from super().parameters(process)
        period = int(np.asarray(process.params["refractory_period"]).item())
        if period > _MOST_PERIOD:
            raise ParameterRefused(process.name, "refractory_period", period, f"{_MOST_PERIOD} at most")
        yield Constant("refractory_period", period), None


TRACES: Mapping[str, str] = dict.fromkeys(("y1", "y2", "y3"), "int32")


@implements(proc=LearningLIF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLearningLif(AbstractHwLif):
    """LearningLIF as a population of the chip; the connections that learn run in Python."""

    arrays: Mapping[str, str] = {**AbstractHwLif.arrays, **TRACES}
    text = LearningLifText
