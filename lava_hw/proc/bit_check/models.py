"""Python model of BitCheck (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyRefPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.bit_check.process import BitCheck

__all__ = ["AbstractBitCheckModel", "AbstractPyBitCheckModel", "LoihiBitCheckModel"]


class AbstractPyBitCheckModel(PyLoihiProcessModel):
    """Declarations of a model of BitCheck."""

    state: Any = LavaPyType(PyRefPort.VEC_DENSE, int)
    bits: Any = LavaPyType(int, int)
    layerid: Any = LavaPyType(int, int)
    debug: Any = LavaPyType(int, int)


class AbstractBitCheckModel(AbstractPyBitCheckModel):
    """Looks at the values at the end of each step."""

    _overflowed: Any = LavaPyType(int, int)

    def post_guard(self) -> bool:
        """Every step."""
        return True

    def run_post_mgmt(self) -> None:
        """Look at the values of this step."""
        values = self.state.read()
        if self.debug == 1:
            print(f"Value is: {values} at time step: {self.time_step}")
        if self.check_bit_overflow(values):
            self._overflowed = 1
            if self.debug == 1:
                layer = f"layer {self.layerid}: " if self.layerid is not None else ""
                low, high = self.min_signed_int_per_bits(self.bits), self.max_signed_int_per_bits(self.bits)
                print(
                    f"{layer}values from {values.min()} to {values.max()} leave {self.bits} bits, which hold "
                    f"{low} to {high}"
                )

    def check_bit_overflow(self, value: npt.NDArray[Any]) -> bool:
        """Whether a value does not fit."""
        low, high = self.min_signed_int_per_bits(self.bits), self.max_signed_int_per_bits(self.bits)
        return bool(np.any((value < low) | (value > high)))

    def max_unsigned_int_per_bits(self, bits: int) -> int:
        """Largest number of `bits` bits without a sign."""
        return (1 << bits) - 1

    def min_signed_int_per_bits(self, bits: int) -> int:
        """Smallest number of `bits` bits with a sign."""
        return -(1 << (bits - 1))

    def max_signed_int_per_bits(self, bits: int) -> int:
        """Largest number of `bits` bits with a sign."""
        return (1 << (bits - 1)) - 1


@implements(proc=BitCheck, protocol=LoihiProtocol)
@requires(CPU)
class LoihiBitCheckModel(AbstractBitCheckModel):
    """BitCheck."""
