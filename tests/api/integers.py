"""Integers of the chip in Python's own, and values at which they break."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

SETTINGS = settings(max_examples=60, deadline=None, database=None)
EDGES = [2**15, 2**23, 2**23 - 1, 2**23 + 1, 2**24, 3 * 2**23, 2**30, 2**31 - 1]
INT32 = st.one_of(
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-300, 300),
    st.sampled_from([*EDGES, *(-n for n in EDGES), -(2**31)]),
)


def wrap32(x: int) -> int:
    """Two's complement, 32 bits."""
    return (x + 2**31) % 2**32 - 2**31


def abs32(x: int) -> int:
    """Magnitude in 32 bits: that of -2^31 is negative."""
    return wrap32(abs(x))


def toward_zero(x: int, shift: int) -> int:
    """Shift of the magnitude."""
    return (1 if x >= 0 else -1) * (abs(x) >> shift)


def clip24(x: int) -> int:
    """Saturation of a voltage."""
    return min(max(x, -(2**23 - 1)), 2**23 - 1)


def wrap24(x: int) -> int:
    """Wrap of a current: once, into (-2^23, 2^23]."""
    return x - 2**24 if x > 2**23 else x + 2**24 if x <= -(2**23) else x
