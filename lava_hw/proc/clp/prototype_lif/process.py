"""LIF neurons that store prototypes (Lava's path)."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.process.ports.ports import InPort
from lava_hw.proc.lif.process import LearningLIF

__all__ = ["PrototypeLIF"]


class PrototypeLIF(LearningLIF):
    """LIF neurons of which one is told by its number to learn in this step.

    In each step: u and v as of LIF in fixed point, then::

        u = v = 0 where reset_in > 0
        s_out = v > vth * 2^6
        id = first element of a_third_factor_in; if it is not 0:
            s_out = only neuron id - 1;  y1 = 127 there, 0 elsewhere
        s_out_bap = that neuron, or none;  s_out_y1 = y1
        v = 0 where s_out

    y2 and y3 are sent as they stand.

    Parameters
    ----------
    shape, u, v, du, dv, bias_mant, bias_exp, vth, name, log_config
        See LIF.
    learning_rule : object, optional
        Kept for models, in proc_params["learning_rule"].
    """

    def __init__(self, *, shape: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(shape=shape, **kwargs)
        self.reset_in = InPort(shape=shape)
