"""What fixed-point LIF neurons hold in their Vars."""

from __future__ import annotations

from lava_hw.magma.core.process.var_range import VarRange, signed, table, unsigned

__all__ = ["BIAS_EXP", "BIAS_MANT", "LEARNING", "LIF_VARS", "ONE_THRESHOLD", "STATE", "TWO_THRESHOLDS"]

# 4095 - du and 4096 - dv are computed with in 64 bits; the chip, which has 32, refuses more with the remedy.
_MOST = 1 << 62

STATE = signed(24)
BIAS_MANT = signed(13, "int16")
BIAS_EXP = unsigned(3, "int16")

# With dv = 4096 a step leaves nothing of v.
LIF_VARS = table(
    {
        "u": STATE,
        "v": STATE,
        "du": VarRange(low=0, high=4095, lowest=-_MOST, highest=_MOST, form="integer"),
        "dv": VarRange(low=0, high=4096, lowest=-_MOST, highest=_MOST, form="integer"),
        "bias_mant": BIAS_MANT,
        "bias_exp": BIAS_EXP,
    }
)
ONE_THRESHOLD = table({**LIF_VARS, "vth": unsigned(17, form="integer", latched=True)})
_THRESHOLD = VarRange(low=1 - (1 << 17), high=(1 << 17) - 1, latched=True)
TWO_THRESHOLDS = table({**LIF_VARS, "vth_hi": _THRESHOLD, "vth_lo": _THRESHOLD})
LEARNING = table({**ONE_THRESHOLD, **{name: unsigned(7) for name in ("y1", "y2", "y3")}})
