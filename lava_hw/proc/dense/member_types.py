"""Types of ports and Vars that dense and sparse connections share: all but those of weights and delays."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType

__all__ = ["FixedTypes", "FloatTypes"]


class FloatTypes:
    """Of models in floating point; a mixin before their common part."""

    s_in: Any = LavaPyType(PyInPort.VEC_DENSE, bool, precision=1)
    a_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    a_buff: Any = LavaPyType(np.ndarray, float)
    num_message_bits: Any = LavaPyType(np.ndarray, np.int8, precision=5)


class FixedTypes(FloatTypes):
    """Of models in fixed point."""

    a_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=16)
    a_buff: Any = LavaPyType(np.ndarray, np.int32, precision=16)
