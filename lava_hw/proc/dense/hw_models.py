"""Chip model of Dense. What the values are is said by `models.PyDenseModelBitAcc`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.ir import (
    DenseConnection,
    FlatProcess,
    KeptVar,
    ParameterRefused,
    WeightRule,
    filled,
    shown,
    stored_bits,
)
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.dense.process import Dense
from lava_hw.utils.weightutils import SignMode, clip_weights, determine_sign_mode, truncate_weights
from lava_hw.weights import stored_form

__all__ = ["HwDense"]

_BITS = 8
_MAX_SHIFT = 31


@implements(proc=Dense, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwDense(AbstractHwProcessModel):
    """Dense as a connection of the chip, for spikes and for values.

    `lava_hw.weights.stored_form` says how a weight is stored. A positive weight_exp is part of the left shift
    of the connection; a negative one is applied by those who read the sum.
    """

    @classmethod
    def lower(cls, process: FlatProcess) -> DenseConnection:
        """See `AbstractHwProcessModel.lower`."""
        name = process.name
        rows, columns = process.out_ports["a_out"][0], process.in_ports["s_in"][0]
        bits = filled(name, "num_message_bits", process.vars["num_message_bits"].init, (1,), "int8")[0]
        if np.any(filled(name, "a_buff", process.vars["a_buff"].init, (rows,), "int32")):
            raise ParameterRefused(
                name, "a_buff", shown(process.vars["a_buff"].init), "0 as its initial value"
            )
        given = filled(name, "weights", process.vars["weights"].init, (rows, columns), "int32").reshape(
            rows, columns
        )
        exponent = _whole(name, "weight_exp", process.params.get("weight_exp", 0))
        kept = _whole(name, "num_weight_bits", process.params.get("num_weight_bits", _BITS))
        asked = process.params.get("sign_mode")
        mode = _mode(name, asked) if asked else _narrowest(given)
        if not 0 <= kept <= _BITS:
            raise ParameterRefused(name, "num_weight_bits", kept, f"0 to {_BITS}")
        form = stored_form(mode, stored_bits(process), kept)
        shift = max(exponent, 0) + form.shift
        if shift > _MAX_SHIFT:
            raise ParameterRefused(name, "weight_exp", exponent, f"{_MAX_SHIFT - form.shift} at most")
        weights = truncate_weights(clip_weights(given, mode, _BITS), mode, kept)
        stored, bad = form.stored(weights)
        if bad.any() and not kept and mode == SignMode.MIXED and form.bits >= _BITS:
            # Without a bit left, a negative MIXED weight floors to -512.
            raise ParameterRefused(name, "num_weight_bits", kept, f"1 to {_BITS} for MIXED weights below 0")
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise ParameterRefused(
                name,
                "weights",
                f"{int(weights[row, column])} at ({row}, {column})",
                f"with stored_bits={form.bits} {form.limit}; give stored_bits=8 or 16",
            )
        message_bits = KeptVar("num_message_bits", (1,), "int8", "host", value=[int(bits)])
        return DenseConnection(
            name=name,
            process=name,
            stored=stored.astype(np.int16),
            stored_bits=form.bits,
            signed=form.signed,
            negate=form.negate,
            shift=shift,
            payload=bits > 0,
            right=min(max(-exponent, 0), _MAX_SHIFT),
            in_port="s_in",
            out_port="a_out",
            rule=WeightRule(int(mode), kept, bool(asked), max(exponent, 0)),
            sums="a_buff",
            variables=(message_bits,),
        )


def _whole(process: str, name: str, value: Any) -> int:
    array = np.asarray(value)
    if array.dtype.kind not in "iub" or array.size != 1:
        raise ParameterRefused(process, name, shown(value), "one integer")
    return int(array.reshape(-1)[0])


def _mode(process: str, value: Any) -> SignMode:
    try:
        return SignMode(value)
    except ValueError:
        raise ParameterRefused(process, "sign_mode", shown(value), "a SignMode") from None


def _narrowest(weights: npt.NDArray[np.int32]) -> SignMode:
    return determine_sign_mode(weights) if weights.size else SignMode.EXCITATORY
