"""Chip model of Conv. What the values are is said by `models.PyConvModelFixed`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lava_hw.ir import ConvConnection, FlatProcess, KeptVar, ParameterRefused, filled, shown, stored_bits
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.conv.process import Conv
from lava_hw.proc.conv.utils import conv_to_sparse
from lava_hw.weights import StoredForm

__all__ = ["HwConv"]

_SUM_BITS = 24
_MESSAGE_BITS = 24


@implements(proc=Conv, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwConv(AbstractHwProcessModel):
    """Conv as a connection of the chip: the kernel is stored once, tables say where it is used.

    A sum is taken modulo 2^24 when it is read, as in the Python model. That one makes 0 of a sum beyond 32
    bits, which the chip cannot tell from others; so weights with which messages of `num_message_bits` bits
    can get there are refused. A message has at most that many bits, and 24 with its sign.
    """

    @classmethod
    def lower(cls, process: FlatProcess) -> ConvConnection:
        """See `AbstractHwProcessModel.lower`."""
        name, given = process.name, {key: var.init for key, var in process.vars.items()}
        shape_in, shape_out = process.in_ports["s_in"], process.out_ports["a_out"]
        shape = np.shape(given["weight"])
        weights = filled(name, "weight", given["weight"], shape, "int32")
        message_bits = int(filled(name, "num_message_bits", given["num_message_bits"], (1,), "int8")[0])
        if np.any(filled(name, "a_buf", given["a_buf"], shape_out, "int32")):
            raise ParameterRefused(name, "a_buf", shown(given["a_buf"]), "0 as its initial value")
        pairs = {
            key: tuple(filled(name, key, given[key], (2,), "int32").tolist())
            for key in ("stride", "padding", "dilation")
        }
        groups = int(filled(name, "groups", given["groups"], (1,), "int32")[0])
        elements = np.arange(weights.size).reshape(shape)
        target, source, element = conv_to_sparse(
            (shape_in[0], shape_in[1], shape_in[2]),
            (shape_out[0], shape_out[1], shape_out[2]),
            elements,
            pairs["stride"],
            pairs["padding"],
            pairs["dilation"],
            groups,
        )
        _check_sums(name, weights, target, element, message_bits)
        form, stored = _form(name, weights, stored_bits(process))
        kept = ("num_message_bits", "weight_exp", "num_weight_bits", "kernel_size", *pairs, "groups")
        return ConvConnection(
            name=name,
            process=name,
            size_in=int(np.prod(shape_in)),
            size_out=int(np.prod(shape_out)),
            source=source.astype(np.int32),
            target=target.astype(np.int32),
            element=element.astype(np.int32),
            stored=stored.astype(np.int32),
            kernel_shape=shape,
            in_channels=int(shape_in[2]),
            out_channels=int(shape_out[2]),
            stored_bits=form.bits,
            signed=form.signed,
            negate=form.negate,
            shift=form.shift,
            payload=message_bits > 0,
            sum_bits=_SUM_BITS,
            in_port="s_in",
            out_port="a_out",
            sums="a_buf",
            sums_shape=tuple(shape_out),
            variables=tuple(_host(process, key) for key in kept),
        )


def _form(
    process: str, weights: npt.NDArray[np.int32], bits: int
) -> tuple[StoredForm, npt.NDArray[np.int32]]:
    """Give the first form that holds all weights, and their numbers: of one sign, of both, of both and even.

    Raises
    ------
    ParameterRefused
        If none does.
    """
    for signed, negate, shift in ((False, False, 0), (False, True, 0), (True, False, 0), (True, False, 1)):
        form = StoredForm(bits, signed, negate, shift)
        stored, bad = form.stored(weights)
        if not bad.any():
            return form, stored
    top = 1 << bits
    low, high = int(weights.min()), int(weights.max())
    worst = low if -low > high else high
    more = "; stored_bits=16 has room" if bits < 16 else ""
    limit = f"{-top // 2} to {top // 2 - 1}, of one sign to {top - 1}{more}"
    raise ParameterRefused(process, "weight", worst, limit)


def _check_sums(
    process: str,
    weights: npt.NDArray[np.int32],
    target: npt.NDArray[np.int64],
    element: npt.NDArray[np.int64],
    message_bits: int,
) -> None:
    """Refuse weights whose sums may leave 32 bits, which the Python model makes 0."""
    most = np.bincount(target, np.abs(weights.astype(np.float64))[element]).max(initial=0)
    message = 1 if message_bits <= 0 else 1 << min(message_bits, max(_MESSAGE_BITS, message_bits) - 1)
    if most * message >= 1 << 31:
        raise ParameterRefused(
            process,
            "weight",
            f"{int(most)} in all for one output",
            f"less than {(1 << 31) // message} with messages of num_message_bits={message_bits} bits, "
            "because larger sums than 32 bits become 0 in fixed point; give num_message_bits as few bits as "
            "the messages have",
        )


def _host(process: FlatProcess, name: str) -> KeptVar:
    """A Var that the chip does not read, with the value that the Python model holds."""
    var = process.vars[name]
    dtype = "int8" if name in ("num_message_bits", "num_weight_bits") else "int32"
    value = filled(process.name, name, var.init, tuple(var.shape), dtype)
    return KeptVar(name, tuple(var.shape), dtype, "host", value=value.reshape(var.shape).tolist())
