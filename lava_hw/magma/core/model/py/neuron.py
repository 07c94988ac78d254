"""Parents of Python models of neurons that take part in learning (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType

__all__ = ["LearningNeuronModel", "LearningNeuronModelFixed", "LearningNeuronModelFloat"]


class LearningNeuronModel(PyLoihiProcessModel):
    """Ports and Vars of a neuron that takes part in learning; a subclass declares their types.

    A model derives from one of the two classes below, before the class with its dynamics.
    """

    a_third_factor_in: Any = None
    s_out_bap: Any = None
    s_out_y1: Any = None
    s_out_y2: Any = None
    s_out_y3: Any = None
    y1: Any = None
    y2: Any = None
    y3: Any = None

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self._shape = self.proc_params["shape"]
        self._learning_rule = self.proc_params["learning_rule"]

    def serve_learning(self, spikes: npt.NDArray[Any]) -> None:
        """Send the spikes of this step back, and the traces; y2 becomes what the third factor is.

        The third factor is received after everything else was sent, so that it may depend on the spikes.

        Parameters
        ----------
        spikes : np.ndarray, shape of the population
            Where a neuron has spiked in this step.
        """
        self.s_out_bap.send(spikes)
        self.s_out_y1.send(self.y1)
        self.s_out_y3.send(self.y3)
        self.y2[...] = self.a_third_factor_in.recv()
        self.s_out_y2.send(self.y2)


class LearningNeuronModelFixed(LearningNeuronModel):
    """In fixed point."""

    a_third_factor_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=7)
    s_out_bap: Any = LavaPyType(PyOutPort.VEC_DENSE, bool, precision=1)
    s_out_y1: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    s_out_y2: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    s_out_y3: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    y1: Any = LavaPyType(np.ndarray, np.int32, precision=7)
    y2: Any = LavaPyType(np.ndarray, np.int32, precision=7)
    y3: Any = LavaPyType(np.ndarray, np.int32, precision=7)


class LearningNeuronModelFloat(LearningNeuronModel):
    """In floating point."""

    a_third_factor_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out_bap: Any = LavaPyType(PyOutPort.VEC_DENSE, bool)
    s_out_y1: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    s_out_y2: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    s_out_y3: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    y1: Any = LavaPyType(np.ndarray, float)
    y2: Any = LavaPyType(np.ndarray, float)
    y3: Any = LavaPyType(np.ndarray, float)
