"""What fixed-point connections hold in their Vars."""

from __future__ import annotations

from lava_hw.magma.core.process.var_range import VarRange, signed, table, unsigned
from lava_hw.proc.dense.arithmetic import MOST_DELAY, learning_weights, stored_weights

__all__ = ["CONNECTION", "DELAYED", "LEARNING"]

_REMEDY = (
    "Scale fractions with lava_hw.utils.float2fixed; weights of both signs (sign_mode MIXED) must be even "
    "and lie in -256 to 254, those of one sign reach 255, and fewer num_weight_bits clear more low bits"
)
_TRACE = unsigned(7, "int64")

CONNECTION = table(
    {
        "weights": VarRange(low=-256, high=255, used=stored_weights, remedy=_REMEDY),
        "a_buff": VarRange(),
        "num_message_bits": VarRange("int8", 0, 32),
    }
)
DELAYED = table({**CONNECTION, "delays": VarRange(low=0, high=MOST_DELAY)})
LEARNING = table(
    {
        **CONNECTION,
        "weights": VarRange(low=-256, high=255, used=learning_weights, remedy=_REMEDY),
        "tag_1": signed(9, "int64"),
        "tag_2": unsigned(8, "int64"),
        **dict.fromkeys(("x1", "x2", "y1", "y2", "y3"), _TRACE),
        **{name: VarRange("int64") for name in ("tx", "ty")},
    }
)
