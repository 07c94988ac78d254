"""Tells that an input had no answer (Lava's path)."""

from __future__ import annotations

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var

__all__ = ["NoveltyDetector"]


class NoveltyDetector(AbstractProcess):
    """Sends 1 if no answer came in the t_wait steps after an input, else 0.

    In each step, in this order::

        input_aval_in != 0:        waiting, passed = True, 0
        output_aval_in != 0:       waiting, passed = False, 0
        else if passed > t_wait:   novelty_detected_out = 1;  waiting, passed = False, 0
        waiting:                   passed = passed + 1

    An input in step t is answered by a novelty in step t + t_wait + 1.

    Parameters
    ----------
    t_wait : int
        Steps that an answer may take.
    """

    var_ranges = table({"t_wait": VarRange(low=0)})

    def __init__(self, *, t_wait: int) -> None:
        super().__init__()
        self.t_wait = Var(shape=(1,), init=t_wait)
        self.input_aval_in = InPort(shape=(1,))
        self.output_aval_in = InPort(shape=(1,))
        self.novelty_detected_out = OutPort(shape=(1,))
