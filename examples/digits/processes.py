"""Processes of one's own around the network: one makes spikes of pixels, one collects the answer.

Both run in Python and are written as any Lava process is. `run_ahead = True` says that nothing in them can
stop a run, so that a chip need not wait for them in every step.
"""

from __future__ import annotations

import numpy as np

from digits.data import PIXELS, encode_step
from lava_hw import (
    CPU,
    AbstractProcess,
    InPort,
    LavaPyType,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    Var,
    implements,
    requires,
)


class PixelEncoder(AbstractProcess):
    """Shows an image: evenly spread spikes in steps 1 to `shown`, as many as the pixel's value says.

    The Var `pixels`, shape (count,), is the image; set it between runs.
    """

    def __init__(self, shown: int, count: int = PIXELS, name: str | None = None) -> None:
        super().__init__(name=name)
        self.pixels = Var(shape=(count,), init=0)
        self.shown = Var(shape=(1,), init=shown)
        self.s_out = OutPort(shape=(count,))


@implements(proc=PixelEncoder, protocol=LoihiProtocol)
@requires(CPU)
class PyPixelEncoder(PyLoihiProcessModel):
    """Python model of PixelEncoder."""

    run_ahead = True
    pixels: np.ndarray = LavaPyType(np.ndarray, np.int32)
    shown: np.ndarray = LavaPyType(np.ndarray, np.int32)
    s_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)

    def run_spk(self) -> None:
        """Send the spikes of this step."""
        if self.time_step <= self.shown[0]:
            self.s_out.send(encode_step(self.pixels, self.time_step))
        else:
            self.s_out.send(np.zeros_like(self.pixels))


class VoteReadout(AbstractProcess):
    """Keeps the output spikes of a presentation and counts them per class.

    Vars: `raster`, shape (steps, neurons), the spikes of every step; `counts`, shape (classes,).
    """

    def __init__(self, steps: int, classes: int, per_class: int, name: str | None = None) -> None:
        super().__init__(name=name)
        self.s_in = InPort(shape=(classes * per_class,))
        self.raster = Var(shape=(steps, classes * per_class), init=0)
        self.counts = Var(shape=(classes,), init=0)


@implements(proc=VoteReadout, protocol=LoihiProtocol)
@requires(CPU)
class PyVoteReadout(PyLoihiProcessModel):
    """Python model of VoteReadout."""

    run_ahead = True
    s_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    raster: np.ndarray = LavaPyType(np.ndarray, np.int32)
    counts: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        """Take the spikes of this step."""
        spikes = self.s_in.recv()
        self.raster[(self.time_step - 1) % len(self.raster)] = spikes
        self.counts += spikes.reshape(len(self.counts), -1).sum(axis=1)
