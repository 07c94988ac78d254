"""Widths in the fixed-point arithmetic of learning (Lava's path)."""

from __future__ import annotations

from enum import IntEnum

import lava_hw.magma.core.learning.string_symbols as str_symbols

__all__ = [
    "DEP_TO_IDX_DICT",
    "FACTOR_TO_WIDTH_DICT",
    "TRACE_TO_IDX_DICT",
    "W_ACCUMULATOR_S",
    "W_ACCUMULATOR_U",
    "W_CONST",
    "W_EPOCH_TIME",
    "W_SYN_VAR_S",
    "W_SYN_VAR_U",
    "W_S_MANT",
    "W_TAG_1_S",
    "W_TAG_1_U",
    "W_TAG_2_S",
    "W_TAG_2_U",
    "W_TRACE",
    "W_TRACE_FRACTIONAL_PART",
    "W_WEIGHTS_S",
    "W_WEIGHTS_U",
    "GradedSpikeCfg",
    "str_symbols",
]

W_EPOCH_TIME = 6
"""Bits of the step within an epoch; not enforced."""

# Synaptic variables without (U) and with (S) their sign.
W_WEIGHTS_U = 8
W_WEIGHTS_S = W_WEIGHTS_U + 1
W_TAG_2_U = 8
W_TAG_2_S = W_TAG_2_U + 1
W_TAG_1_U = 8
W_TAG_1_S = W_TAG_1_U + 1
W_SYN_VAR_U = {"weights": W_WEIGHTS_U, "tag_2": W_TAG_2_U, "tag_1": W_TAG_1_U}
W_SYN_VAR_S = {"weights": W_WEIGHTS_S, "tag_2": W_TAG_2_S, "tag_1": W_TAG_1_S}

W_TRACE = 7
W_TRACE_FRACTIONAL_PART = 8
"""Bits of the fraction of an impulse."""

W_CONST = 8
W_S_MANT = 4
"""Bits of the mantissa of a scale."""

W_ACCUMULATOR_U = 15
W_ACCUMULATOR_S = W_ACCUMULATOR_U + 1

FACTOR_TO_WIDTH_DICT = {
    **dict.fromkeys((str_symbols.X0, str_symbols.Y0), 1),
    **dict.fromkeys((str_symbols.X1, str_symbols.X2), W_TRACE),
    **dict.fromkeys((str_symbols.Y1, str_symbols.Y2, str_symbols.Y3), W_TRACE),
    str_symbols.W: W_WEIGHTS_S,
    str_symbols.D: W_TAG_2_S,
    str_symbols.T: W_TAG_1_S,
    str_symbols.C: W_CONST,
}
"""Bits of a factor; it is clipped to -2^bits .. 2^bits - 1."""

DEP_TO_IDX_DICT = {str_symbols.X0: 0, str_symbols.Y0: 1, str_symbols.U: 2}
TRACE_TO_IDX_DICT = {
    str_symbols.X1: 0,
    str_symbols.X2: 1,
    str_symbols.Y1: 0,
    str_symbols.Y2: 1,
    str_symbols.Y3: 2,
}


class GradedSpikeCfg(IntEnum):
    """What the payload p of a spike does to the trace x1 of its source.

    USE_REGULAR_IMPULSE: nothing; x1 gets its impulse as without payload. OVERWRITE: x1 = p/2.
    ADD_WITH_SATURATION: x1 + p/2, at most 127. ADD_WITHOUT_SATURATION: x1 + p/2, of which only what exceeds
    127 is kept; only then is the spike one for the rule. With the last three x1 gets no impulse.
    """

    USE_REGULAR_IMPULSE = 0
    OVERWRITE = 1
    ADD_WITH_SATURATION = 2
    ADD_WITHOUT_SATURATION = 3
