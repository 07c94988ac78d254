"""Chip model of Dense. What the values are is said by `models.PyDenseModelBitAcc`."""

from __future__ import annotations

from lava_hw.ir import DenseConnection, FlatProcess, filled
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.dense.hw_weights import common, stored_numbers
from lava_hw.proc.dense.process import Dense

__all__ = ["HwDense"]


@implements(proc=Dense, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwDense(AbstractHwProcessModel):
    """Dense as a connection of the chip, for spikes and for values."""

    @classmethod
    def lower(cls, process: FlatProcess) -> DenseConnection:
        """See `AbstractHwProcessModel.lower`."""
        shape = process.out_ports["a_out"][0], process.in_ports["s_in"][0]
        given = filled(process.name, "weights", process.vars["weights"].init, shape, "int32")
        of = common(process, given)
        numbers = stored_numbers(of, given, lambda k: str(divmod(k, shape[1])))
        return DenseConnection(**of, stored=numbers.reshape(shape))
