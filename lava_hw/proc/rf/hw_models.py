"""Chip model of RF. What the values are is said by `models.PyRFModelFixed`."""

from __future__ import annotations

from collections.abc import Sequence

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
from lava_hw.proc.lif.arithmetic import UV_LIMIT
from lava_hw.proc.rf.process import RF

__all__ = ["AbstractHwRF", "HwRF"]

_STATE_BITS, _HEADROOM = 24, 4
_MOST_BITS = 62


class AbstractHwRF(AbstractHwProcessModel):
    """A damped oscillation as a population of the chip; a subclass says what is sent in `answer`.

    In Python the sums of two products and an input have 64 bits before they are clipped. The chip has 32. So
    the states may have 25 bits, and sin and cos be 2^4 times as large as they are without growth: each
    product has 29 bits then. The input is clipped to 2^30 first, which changes nothing in what is clipped to
    24 bits afterwards. Products are shifted by decay_bits, which is a part of the program.
    """

    answer: Sequence[str] = ()

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        name, shape = process.name, process.out_ports["s_out"]
        given = {key: var.init for key, var in process.vars.items()}
        bits = int(filled(name, "decay_bits", given["decay_bits"], (1,), "int32", 1, _MOST_BITS)[0])
        most = 1 << _STATE_BITS
        states = [
            NeuronState(part, filled(name, part, given[part], shape, "int32", -most, most))
            for part in ("real", "imag")
        ]
        variables = [
            KeptVar(part, shape, "int32", "state", part, least=-most, most=most) for part in ("real", "imag")
        ]
        constants = [Constant("limit", UV_LIMIT - 1), Constant("input_limit", 1 << 30)]
        factor = min(1 << (bits + _HEADROOM), (1 << 31) - 1)
        for part in ("sin_decay", "cos_decay"):
            place, var = held(name, part, given[part], shape, part, least=-factor, most=factor)
            variables.append(var)
            if isinstance(place, NeuronState):
                states.append(place)
            else:
                constants.append(place)
        limits = {"vth": (1 - most, most - 1), "state_exp": (0, (1 << 31) - 1), "decay_bits": (bits, bits)}
        for part, (least, high) in limits.items():
            value = int(filled(name, part, given[part], (1,), "int32", least, high)[0])
            if part == "decay_bits":
                kept = KeptVar(
                    part, (1,), "int32", "host", value=[value], least=least, most=high, frozen=False
                )
            else:
                constants.append(Constant(part, value))
                kept = KeptVar(part, (1,), "int32", "const", part, least=least, most=high)
            variables.append(kept)
        shift = f">>{bits}"
        return Neurons(
            name=name,
            process=name,
            size=int(np.prod(shape, dtype=np.int64)),
            body=(
                "shv r0, r0, state_exp",
                "clip r0, r0, input_limit",
                "shv r1, r1, state_exp",
                "clip r1, r1, input_limit",
                "mov r2, [real]",
                "mov r3, [imag]",
                f"multz r4, r2, {{cos_decay}}, {shift}",
                f"multz r5, r3, {{sin_decay}}, {shift}",
                "sub r4, r4, r5",
                "add r4, r4, r0",
                "clip r4, r4, limit",
                f"multz r5, r2, {{sin_decay}}, {shift}",
                f"multz r6, r3, {{cos_decay}}, {shift}",
                "add r5, r5, r6",
                "add r5, r5, r1",
                "clip r5, r5, limit",
                *cls.answer,
                "st [real], r4",
                "st [imag], r5",
            ),
            inputs=(NeuronInput("a_real_in"), NeuronInput("a_imag_in")),
            outputs=(NeuronOutput("s_out"),),
            states=tuple(states),
            constants=tuple(constants),
            variables=tuple(variables),
        )


@implements(proc=RF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwRF(AbstractHwRF):
    """RF as a population of the chip."""

    answer = (
        "cmp p0, r4 >= vth",
        "cmp p1, r5 >= #0",
        "plog p0, p0, p1, and",
        "cmp p1, r3 < #0",
        "plog p0, p0, p1, and",
        "emitm ch0 if p0",
    )
