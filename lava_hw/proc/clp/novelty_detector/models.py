"""Python model of NoveltyDetector (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.clp.novelty_detector.process import NoveltyDetector

__all__ = ["PyNoveltyDetectorModel"]


@implements(proc=NoveltyDetector, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt", "bit_accurate_loihi")
class PyNoveltyDetectorModel(PyLoihiProcessModel):
    """NoveltyDetector."""

    run_ahead = True
    input_aval_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    output_aval_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    novelty_detected_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    t_wait: Any = LavaPyType(np.ndarray, np.int32, precision=32)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.waiting = False
        self.t_passed = 0

    def run_spk(self) -> None:
        """One step."""
        novel = False
        if self.input_aval_in.recv().any():
            self.waiting, self.t_passed = True, 0
        if self.output_aval_in.recv().any():
            self.waiting, self.t_passed = False, 0
        elif self.t_passed > self.t_wait[0]:
            novel = True
            self.waiting, self.t_passed = False, 0
        if self.waiting:
            self.t_passed += 1
        self.novelty_detected_out.send(np.array([novel]))
