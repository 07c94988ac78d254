"""A device that answers late, as a simulator does: an END may be polled for again after it was taken."""

from collections import Counter

import numpy as np
import pytest

from lava_hw import LIF, Dense, HwRunCfg, RunSteps, Source
from lava_hw.device.session import Session
from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import InPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol


class LockStepSink(AbstractProcess):
    """Without run_ahead in its model: the chip is kept within one step."""

    def __init__(self) -> None:
        super().__init__()
        self.a_in = InPort(shape=(3,))
        self.total = Var(shape=(3,), init=0)


@implements(proc=LockStepSink, protocol=LoihiProtocol)
@requires(CPU)
class PyLockStepSink(PyLoihiProcessModel):
    a_in = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    total = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        self.total += self.a_in.recv()


@pytest.mark.timeout(60)
def test_an_end_that_comes_late_is_taken_once(monkeypatch) -> None:
    poll_end, asked = Session.poll_end, Counter()

    def late(self, step, stage):
        asked[step] += 1
        # Not at once, and not when the wait begins: the scheduler's own poll finds it.
        return poll_end(self, step, stage) if asked[step] > 2 else None

    monkeypatch.setattr(Session, "poll_end", late)
    monkeypatch.setattr(Session, "wait_any", lambda self, seconds: None)
    source, dense = Source(data=np.ones((2, 1), int)), Dense(weights=np.full((3, 2), 100))
    neurons, sink = LIF(shape=(3,), vth=10), LockStepSink()
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(neurons.a_in)
    neurons.s_out.connect(sink.a_in)
    with sink:
        sink.run(RunSteps(num_steps=6), run_cfg=HwRunCfg(device="golden", chip="demo"))
        # Nothing arrives in step 1, every later step is one spike.
        assert sink.total.get().tolist() == [5, 5, 5]
    assert asked == dict.fromkeys(range(1, 7), 3)
