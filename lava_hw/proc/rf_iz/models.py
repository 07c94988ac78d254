"""Python models of RF_IZ (Lava's path)."""

from __future__ import annotations

import numpy as np

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.rf.models import AbstractPyRFModelFixed, AbstractPyRFModelFloat
from lava_hw.proc.rf_iz.process import RF_IZ

__all__ = ["PyRF_IZModelFixed", "PyRF_IZModelFloat"]


@implements(proc=RF_IZ, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyRF_IZModelFloat(AbstractPyRFModelFloat):
    """RF_IZ in floating point."""

    run_ahead = True

    def run_spk(self) -> None:
        """One step."""
        real, imag = self._resonate()
        spikes = imag >= self.vth
        self.real = np.where(spikes, 0.0, real)
        # Just below the threshold, so that the spike is not repeated.
        self.imag = np.where(spikes, np.asarray(self.vth) - 1e-5, imag)
        self.s_out.send(spikes)


@implements(proc=RF_IZ, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyRF_IZModelFixed(AbstractPyRFModelFixed):
    """RF_IZ in fixed point."""

    run_ahead = True

    def run_spk(self) -> None:
        """One step."""
        real, imag = self._resonate()
        spikes = imag >= self.vth
        real[spikes] = 0
        self.real = real
        self.imag = np.where(spikes, self.vth - np.int32(1), imag)
        self.s_out.send(spikes)
