"""Chip model of RFZero. What the values are is said by `models.PyRFZeroModelFixed`."""

from __future__ import annotations

from lava_hw.equations import neurons_of
from lava_hw.ir import Constant, FlatProcess, KeptVar, Neurons, NeuronState, filled
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.resfire.process import RFZero
from lava_hw.proc.resfire.texts import RFZeroText

__all__ = ["HwRFZero"]


@implements(proc=RFZero, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwRFZero(AbstractHwProcessModel):
    """RFZero as a population of the chip; products and sums wrap at 32 bits, as in Python."""

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        name, shape = process.name, process.out_ports["s_out"]
        given = {key: var.init for key, var in process.vars.items()}
        states = [
            NeuronState(part, filled(name, part, given[part], shape, "int32"))
            for part in ("u", "v", "lct", "lst")
        ]
        uth = int(filled(name, "uth", given["uth"], (1,), "int32")[0])
        variables = [KeptVar(each.name, shape, "int32", "state", each.name) for each in states]
        variables.append(KeptVar("uth", (1,), "int32", "const", "uth"))
        return neurons_of(RFZeroText, name, len(states[0].values), (*states, Constant("uth", uth)), variables)
