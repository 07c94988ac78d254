"""Chip model of RFZero. What the values are is said by `models.PyRFZeroModelFixed`."""

from __future__ import annotations

from lava_hw.ir import Constant, FlatProcess, KeptVar, NeuronInput, NeuronOutput, Neurons, NeuronState, filled
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.resfire.process import RFZero

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
        return Neurons(
            name=name,
            process=name,
            size=len(states[0].values),
            body=(
                "mov r2, [u]",
                "mov r3, [v]",
                "mul r4, r2, [lct], >>0",
                "shv r4, r4, #-15",
                "add r0, r0, r4",
                "mul r4, r3, [lst], >>0",
                "shv r4, r4, #-15",
                "sub r0, r0, r4",
                "mul r4, r3, [lct], >>0",
                "shv r4, r4, #-15",
                "add r1, r1, r4",
                "mul r4, r2, [lst], >>0",
                "shv r4, r4, #-15",
                "add r1, r1, r4",
                "cmp p0, r0 > uth",
                "cmp p1, r1 >= #0",
                "plog p0, p0, p1, and",
                "cmp p1, r3 < #0",
                "plog p0, p0, p1, and",
                "emitg ch0, r0 if p0",
                "st [u], r0",
                "st [v], r1",
            ),
            inputs=(NeuronInput("u_in"), NeuronInput("v_in")),
            outputs=(NeuronOutput("s_out", "graded"),),
            states=tuple(states),
            constants=(Constant("uth", uth),),
            variables=(
                *(KeptVar(each.name, shape, "int32", "state", each.name) for each in states),
                KeptVar("uth", (1,), "int32", "const", "uth"),
            ),
        )
