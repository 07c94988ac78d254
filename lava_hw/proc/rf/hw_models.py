"""Chip model of RF. What the values are is said by `models.PyRFModelFixed`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lava_hw.equations import Equations, neurons_of
from lava_hw.ir import (
    Constant,
    FlatProcess,
    KeptVar,
    Neurons,
    NeuronState,
    filled,
    held,
)
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.rf.process import RF
from lava_hw.proc.rf.texts import MOST_STATE, most_factor, rf_text

__all__ = ["AbstractHwRF", "HwRF"]

_MOST_BITS = 62


class AbstractHwRF(AbstractHwProcessModel):
    """A damped oscillation as a population of the chip; a subclass says by which text.

    States may have 25 bits, and sin and cos be 2^4 times as large as they are without growth; `texts` says
    why. Products are shifted by decay_bits, which is a part of the program.
    """

    text: Callable[[int], type[Equations]]

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        name, shape = process.name, process.out_ports["s_out"]
        given = {key: var.init for key, var in process.vars.items()}
        bits = int(filled(name, "decay_bits", given["decay_bits"], (1,), "int32", 1, _MOST_BITS)[0])
        most = MOST_STATE
        places: list[NeuronState | Constant] = [
            NeuronState(part, filled(name, part, given[part], shape, "int32", -most, most))
            for part in ("real", "imag")
        ]
        variables = [
            KeptVar(part, shape, "int32", "state", part, least=-most, most=most) for part in ("real", "imag")
        ]
        factor = most_factor(bits)
        for part in ("sin_decay", "cos_decay"):
            place, var = held(name, part, given[part], shape, part, least=-factor, most=factor)
            variables.append(var)
            places.append(place)
        limits = {"vth": (1 - most, most - 1), "state_exp": (0, (1 << 31) - 1), "decay_bits": (bits, bits)}
        for part, (least, high) in limits.items():
            value = int(filled(name, part, given[part], (1,), "int32", least, high)[0])
            if part == "decay_bits":
                kept = KeptVar(
                    part, (1,), "int32", "host", value=[value], least=least, most=high, frozen=False
                )
            else:
                places.append(Constant(part, value))
                kept = KeptVar(part, (1,), "int32", "const", part, least=least, most=high)
            variables.append(kept)
        return neurons_of(cls.text(bits), name, int(np.prod(shape, dtype=np.int64)), places, variables)


@implements(proc=RF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwRF(AbstractHwRF):
    """RF as a population of the chip."""

    text = staticmethod(rf_text)
