"""Python model of RFZero (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.lif.arithmetic import integers
from lava_hw.proc.resfire.process import RFZero

__all__ = ["PyRFZeroModelFixed"]

_SHIFT = np.int32(15)


@implements(proc=RFZero, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyRFZeroModelFixed(PyLoihiProcessModel):
    """RFZero in fixed point."""

    run_ahead = True
    u_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    v_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    u: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    v: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    lct: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    lst: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    uth: Any = LavaPyType(np.ndarray, np.int32, precision=24)

    def run_spk(self) -> None:
        """One step."""
        u, v = self.u, self.v
        new_u = integers(self.u_in.recv(), "u_in")
        new_v = integers(self.v_in.recv(), "v_in")
        new_u += ((u * self.lct) >> _SHIFT) - ((v * self.lst) >> _SHIFT)
        new_v += ((v * self.lct) >> _SHIFT) + ((u * self.lst) >> _SHIFT)
        sent = new_u * ((new_u > self.uth) & (new_v >= 0) & (v < 0))
        self.u, self.v = new_u, new_v
        self.s_out.send(sent)
