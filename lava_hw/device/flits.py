"""Tokens and configuration flits as numbers, and tests on whole arrays of flits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.regs import CONFIG_FLIT, EVENT_FLIT, ConfigOp, FlitType, TokenIn, TokenOut

Flits = NDArray[np.uint64]

_U = np.uint64
_STAGE_LSB = EVENT_FLIT.fields["index"].lsb
_STAGE_MOST = EVENT_FLIT.fields["index"].mask
_STEP_MOST = EVENT_FLIT.fields["payload"].mask
_CFG = _U(EVENT_FLIT.pack(cfg=1))
_HEAD = _U(EVENT_FLIT.pack(cfg=1, kind=7))
_TOKEN = _U(EVENT_FLIT.pack(kind=FlitType.TOKEN))
_CODE = _U(EVENT_FLIT.pack(cfg=1, kind=7, conn=255))
_IN = {code: EVENT_FLIT.pack(kind=FlitType.TOKEN, conn=code) for code in TokenIn}
_OUT = {code: _U(EVENT_FLIT.pack(kind=FlitType.TOKEN, conn=code)) for code in TokenOut}
_END = EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1, conn=TokenOut.END)

NONE: Flits = np.zeros(0, np.uint64)


def token(code: TokenIn, step: ArrayLike = 0, stage: ArrayLike = 0) -> Flits:
    """Give tokens to the chip; `step` and `stage` may be arrays (broadcast), the result is 1-d uint64."""
    if (
        isinstance(step, int)
        and isinstance(stage, int)
        and 0 <= step <= _STEP_MOST
        and 0 <= stage <= _STAGE_MOST
    ):
        return np.array([_IN[code] | stage << _STAGE_LSB | step], np.uint64)  # one exchange needs several
    flits = EVENT_FLIT.pack_array(kind=FlitType.TOKEN, conn=int(code), index=stage, payload=step)
    return np.atleast_1d(flits)


def end_token(step: int, stage: int) -> int:
    """Give the END token that the chip sends for (step, stage)."""
    return _END | stage << _STAGE_LSB | step


def writes(core: ArrayLike, addr: ArrayLike, data: ArrayLike) -> Flits:
    """Give WRITE flits; the arguments are broadcast, `data` holds unsigned 32-bit words."""
    return np.atleast_1d(
        CONFIG_FLIT.pack_array(cfg=1, op=int(ConfigOp.WRITE), core=core, addr=addr, data=data)
    )


def reads(core: ArrayLike, addr: ArrayLike, count: ArrayLike = 1) -> Flits:
    """Give READ flits for `count` consecutive words each."""
    less = np.asarray(count, np.int64) - 1
    return np.atleast_1d(
        CONFIG_FLIT.pack_array(cfg=1, op=int(ConfigOp.READ), core=core, addr=addr, data=less)
    )


def is_response(flits: Flits) -> NDArray[np.bool_]:
    """Tell which flits are configuration flits (from the chip: RESPONSE)."""
    return (flits & _CFG) != 0


def is_token(flits: Flits) -> NDArray[np.bool_]:
    """Tell which flits are tokens."""
    return (flits & _HEAD) == _TOKEN


def is_code(flits: Flits, code: TokenOut) -> NDArray[np.bool_]:
    """Tell which flits are tokens with this code."""
    return (flits & _CODE) == _OUT[code]


def is_plain(flits: Flits) -> bool:
    """Tell whether all flits are events or END tokens, as in most exchanges."""
    heads = flits & _CODE
    return not ((heads >= _TOKEN) & (heads != _OUT[TokenOut.END])).any()
