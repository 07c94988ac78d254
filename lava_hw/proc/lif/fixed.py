"""Dynamics of the LIF family in fixed point. They define the arithmetic of the chip."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.proc.compiled import Steps, lif_steps
from lava_hw.proc.lif.arithmetic import UV_LIMIT, decay, integer, integers, shift_bias, to_int32, wrap_current
from lava_hw.proc.lif.steps import AbstractLifModel, CompiledLif

__all__ = ["AbstractPyLifModelFixed", "OneThreshold"]

Array = npt.NDArray[Any]

_V_MIN = np.array(1 - UV_LIMIT, dtype=np.int32)
_V_MAX = np.array(UV_LIMIT - 1, dtype=np.int32)


class AbstractPyLifModelFixed(AbstractLifModel):
    """Dynamics in fixed point; a subclass defines `scale_threshold` and `spiking_activation`.

    A narrow integer source is widened to 32 bits before its input is scaled.

    Attributes
    ----------
    ds_offset, dm_offset : int
        What is added to du and dv.
    act_shift, vth_shift : int
        Left shifts of input and threshold.
    """

    ds_offset = 1
    dm_offset = 0
    act_shift = 6
    vth_shift = 6
    # Only to be read, by models with dynamics of their own.
    uv_bitwidth = 24
    max_uv_val = UV_LIMIT
    decay_shift = 12
    decay_unity = 4096

    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int16, precision=16)
    s_out: Any = None
    u: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    v: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    du: Any = LavaPyType(int, np.uint16, precision=12)
    dv: Any = LavaPyType(int, np.uint16, precision=12)
    bias_mant: Any = LavaPyType(np.ndarray, np.int16, precision=13)
    bias_exp: Any = LavaPyType(np.ndarray, np.int16, precision=3)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.isthrscaled = False
        self.effective_bias: Any = 0
        self._bias_seen: tuple[bytes, bytes] | None = None

    def scale_bias(self) -> None:
        """Compute `effective_bias`; it is kept until the bias changes."""
        seen = (self.bias_mant.tobytes(), self.bias_exp.tobytes())
        if seen != self._bias_seen:
            self.effective_bias = shift_bias(self.bias_mant, self.bias_exp)
            self._bias_seen = seen

    def scale_threshold(self) -> None:
        """Latch the threshold; called in step 1."""
        raise NotImplementedError(f"{type(self).__name__} must define scale_threshold().")

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Advance u and v."""
        if activation_in.dtype.kind not in "iub":
            raise TypeError(
                f"a_in received {activation_in.dtype} values; the fixed-point model needs integers. "
                "Use a fixed-point source, for example with select_tag='fixed_pt'."
            )
        total = decay(self.u, 4096 - (integer(self.du, "du") + self.ds_offset))
        total += integers(activation_in, "a_in") * float(1 << self.act_shift)
        current = to_int32(total)
        wrap_current(current)
        self.u[...] = current

        voltage = decay(self.v, 4096 - (integer(self.dv, "dv") + self.dm_offset))
        voltage += current
        voltage += self.effective_bias
        np.maximum(to_int32(voltage), _V_MIN, out=self.v)
        np.minimum(self.v, _V_MAX, out=self.v)

    def _prepare(self) -> None:
        """See AbstractLifModel."""
        self.scale_bias()
        if not self.isthrscaled:
            self.scale_threshold()
            self.isthrscaled = True


class OneThreshold(CompiledLif, AbstractPyLifModelFixed):
    """Dynamics in fixed point, and a spike above one threshold."""

    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    vth: Any = LavaPyType(int, np.int32, precision=17)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.effective_vth: Any = 0

    def scale_threshold(self) -> None:
        """Vth * 2^6."""
        self.effective_vth = integer(self.vth, "vth") << self.vth_shift

    def spiking_activation(self) -> Array:
        """V > vth * 2^6."""
        return self.v > self.effective_vth

    def _compiled(self) -> Steps | None:
        """See CompiledLif."""
        u_kept = 4096 - (integer(self.du, "du") + self.ds_offset)
        v_kept = 4096 - (integer(self.dv, "dv") + self.dm_offset)
        bias, shift = self.effective_bias, self.act_shift
        return lif_steps(self.u, self.v, bias, u_kept, v_kept, shift, self.effective_vth)
