"""Resonate-and-fire neurons after Izhikevich (Lava's path)."""

from __future__ import annotations

from lava_hw.proc.rf.process import RF

__all__ = ["RF_IZ"]


class RF_IZ(RF):
    """Neurons with a damped oscillation that spike when its imaginary part reaches the threshold.

    The oscillation and the parameters are those of RF; then, in floating point::

        s_out = im >= vth
        real = 0 where s_out, else re;   imag = vth - 1e-5 where s_out, else im

    and in fixed point the same with vth - 1.

    Reference: E. M. Izhikevich, Resonate-and-fire neurons, Neural Networks 14 (2001).

    Parameters
    ----------
    shape, period, alpha, state_exp, decay_bits, vth, name, log_config
        See RF.
    """
