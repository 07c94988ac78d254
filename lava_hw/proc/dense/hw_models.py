"""Chip models of Dense and DelayDense. What the values are is said by the Python models of `models`."""

from __future__ import annotations

import numpy as np

from lava_hw.ir import (
    Connection,
    Delays,
    DenseConnection,
    FlatProcess,
    ParameterRefused,
    SparseConnection,
    filled,
)
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.dense.hw_delays import check_delays, longest, shifted_apart
from lava_hw.proc.dense.hw_weights import common, stored_numbers
from lava_hw.proc.dense.process import DelayDense, Dense

__all__ = ["HwDelayDense", "HwDense"]


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


@implements(proc=DelayDense, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwDelayDense(AbstractHwProcessModel):
    """DelayDense as a connection of the chip, with delays of 0 to 62.

    With a negative weight_exp, what comes with each delay is added and shifted apart, as in Python: the
    synapses are then rows of a sparse connection, which can name other accumulators for each delay.
    """

    @classmethod
    def lower(cls, process: FlatProcess) -> Connection:
        """See `AbstractHwProcessModel.lower`."""
        name = process.name
        shape = process.out_ports["a_out"][0], process.in_ports["s_in"][0]

        def place(k: int) -> str:
            return str(divmod(k, shape[1]))

        given = filled(name, "weights", process.vars["weights"].init, shape, "int32")
        steps = filled(name, "delays", process.vars["delays"].init, shape, "int32")
        of = common(process, given)
        numbers = stored_numbers(of, given, place)
        most = longest(process)
        check_delays(name, steps, most, place)
        if of["right"] and of["payload"]:
            raise ParameterRefused(
                name,
                "weight_exp",
                -of["right"],
                "no right shift of sums of graded messages with delays, because the Python model shifts "
                "sums of 64 bits; use a DelaySparse, whose sums have 32 bits",
            )
        sums_shape = (shape[0], most + 1)
        every = np.arange(len(given), dtype=np.int64)
        if not shifted_apart(of, most):
            delays = Delays(steps.reshape(shape), most, False, every.reshape(shape), steps, shape)
            return DenseConnection(**of, stored=numbers.reshape(shape), sums_shape=sums_shape, delays=delays)
        return SparseConnection(
            **of,
            size_in=shape[1],
            size_out=shape[0],
            source=(every % shape[1]).astype(np.int32),
            target=(every // shape[1]).astype(np.int32),
            stored=numbers,
            sums_shape=sums_shape,
            delays=Delays(steps, most, True, every, steps, shape),
        )
