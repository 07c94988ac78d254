"""Weights of fixed-point connections as the chip stores them: what chip models of connections share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from lava_hw.ir import FlatProcess, KeptVar, ParameterRefused, WeightRule, filled, shown, stored_bits
from lava_hw.utils.weightutils import SignMode, clip_weights, determine_sign_mode, truncate_weights
from lava_hw.weights import stored_form

__all__ = ["Common", "common", "stored_numbers"]

_BITS = 8
_MAX_SHIFT = 31


class Common(TypedDict):
    """What a connection of the chip is given for every fixed-point connection; see `Connection`."""

    name: str
    process: str
    stored_bits: int
    signed: bool
    negate: bool
    shift: int
    payload: bool
    right: int
    in_port: str
    out_port: str
    rule: WeightRule
    sums: str
    variables: tuple[KeptVar, ...]


def common(process: FlatProcess, weights: npt.NDArray[np.int32]) -> Common:
    """Give what the parameters of a process say of its connection.

    `lava_hw.weights.stored_form` says how a weight is stored. A positive weight_exp is part of the left shift
    of the connection; a negative one is applied by those who read the sum.

    Parameters
    ----------
    process : FlatProcess
        With the ports and Vars of `lava_hw.proc.dense.connection.AbstractConnection`.
    weights : int32 array
        All weights, as given. The sign mode follows from them if the process has none.

    Raises
    ------
    ParameterRefused
        If the chip does not have one of the parameters.
    """
    name = process.name
    bits = filled(name, "num_message_bits", process.vars["num_message_bits"].init, (1,), "int8")[0]
    buffer = process.vars["a_buff"]
    if np.any(filled(name, "a_buff", buffer.init, tuple(buffer.shape), "int32")):
        raise ParameterRefused(name, "a_buff", shown(buffer.init), "0 as its initial value")
    exponent = _whole(name, "weight_exp", process.params.get("weight_exp", 0))
    kept = _whole(name, "num_weight_bits", process.params.get("num_weight_bits", _BITS))
    asked = process.params.get("sign_mode")
    mode = _mode(name, asked) if asked else _narrowest(weights)
    if not 0 <= kept <= _BITS:
        raise ParameterRefused(name, "num_weight_bits", kept, f"0 to {_BITS}")
    form = stored_form(mode, stored_bits(process), kept)
    shift = max(exponent, 0) + form.shift
    if shift > _MAX_SHIFT:
        raise ParameterRefused(name, "weight_exp", exponent, f"{_MAX_SHIFT - form.shift} at most")
    return Common(
        name=name,
        process=name,
        stored_bits=form.bits,
        signed=form.signed,
        negate=form.negate,
        shift=shift,
        payload=bool(bits > 0),
        right=min(max(-exponent, 0), _MAX_SHIFT),
        in_port="s_in",
        out_port="a_out",
        rule=WeightRule(int(mode), kept, bool(asked), max(exponent, 0)),
        sums="a_buff",
        variables=(KeptVar("num_message_bits", (1,), "int8", "host", value=[int(bits)]),),
    )


def stored_numbers(
    of: Common, weights: npt.NDArray[np.int32], place: Callable[[int], str]
) -> npt.NDArray[np.int16]:
    """Give the numbers that the chip stores for weights, which are clipped and truncated first.

    Parameters
    ----------
    of : Common
        Of their connection.
    weights : int32 array, (weights,)
        As given.
    place : callable
        Says where weight k of these is, for messages.

    Raises
    ------
    ParameterRefused
        If the chip does not have a number for one of them.
    """
    rule = of["rule"]
    mode, kept = SignMode(rule.sign_mode), rule.num_weight_bits
    form = stored_form(mode, of["stored_bits"], kept)
    used = truncate_weights(clip_weights(weights, mode, _BITS), mode, kept)
    numbers, bad = form.stored(used)
    if bad.any() and not kept and mode == SignMode.MIXED and form.bits >= _BITS:
        # Without a bit left, a negative MIXED weight floors to -512.
        raise ParameterRefused(of["name"], "num_weight_bits", kept, f"1 to {_BITS} for MIXED weights below 0")
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise ParameterRefused(
            of["name"],
            "weights",
            f"{int(used[first])} at {place(first)}",
            f"with stored_bits={form.bits} {form.limit}; give stored_bits=8 or 16",
        )
    found: npt.NDArray[np.int16] = numbers.astype(np.int16)
    return found


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
