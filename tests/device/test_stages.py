"""Steps of several stages: neurons, a process outside, neurons again, all in one step; graded values."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw.chip import Chip
from lava_hw.compiler import compile_network
from lava_hw.device import Device, DeviceError, ValueRefused
from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.io.source import RingBuffer
from lava_hw.proc.lif.process import LIF

N = 37


class Triple(AbstractProcess):
    """Sends three times what it receives, in the same step."""

    def __init__(self, shape):
        super().__init__(shape=shape)
        self.x_in = InPort(shape=shape)
        self.x_out = OutPort(shape=shape)


@implements(proc=Triple, protocol=LoihiProtocol)
@requires(CPU)
class PyTriple(PyLoihiProcessModel):
    """Its model; the tests below play its part."""

    x_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    x_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)

    def run_spk(self):
        """Receive, then send."""
        self.x_out.send(3 * self.x_in.recv())


def image(chip):
    source = RingBuffer(data=np.zeros((N, 1), int))
    first, triple, second = (
        LIF(shape=(N,), vth=4, du=2000, dv=100),
        Triple((N,)),
        LIF(shape=(N,), vth=9, du=4000),
    )
    source.s_out.connect(first.a_in)
    first.s_out.connect(triple.x_in)
    triple.x_out.connect(second.a_in)
    return compile_network(first, chip, outputs=(second.s_out,))


class Neurons:
    """A population of LIF in plain numpy."""

    def __init__(self, vth, du, dv):
        self.vth, self.du, self.dv = vth, du, dv
        self.u = self.v = np.zeros(N, np.int64)

    def step(self, a):
        product = self.u * (4096 - (self.du + 1))
        u = np.sign(product) * (np.abs(product) >> 12) + (a << 6)
        u = (u + 2**31) % 2**32 - 2**31  # 32 bits
        self.u = np.where(u > 2**23, u - 2**24, np.where(u <= -(2**23), u + 2**24, u))
        product = self.v * (4096 - self.dv)
        v = np.sign(product) * (np.abs(product) >> 12) + self.u
        v = np.clip(v, -(2**23) + 1, 2**23 - 1)
        s = v > self.vth << 6
        self.v = np.where(s, 0, v)
        return s.astype(np.int64)


@pytest.fixture(params=["test8", "test32"])
def loaded(request, kind, options):
    if options and request.param == "test32":
        pytest.skip("one build of the RTL is enough here; tests/system runs both widths")
    chip = Chip.load(request.param)
    with Device.open(kind, chip, **options) as device:
        yield device, device.load(image(chip))


IN, MIDDLE, BACK, OUT = "Source_0.s_out", "LIF_1.s_out", "Triple_2.x_out", "LIF_3.s_out"


def test_a_chain_through_the_outside_takes_one_step(loaded):
    device, session = loaded
    assert session.stages == 2
    assert session.closes == (0, 1)
    assert session.inputs[IN].kind == session.inputs[BACK].kind == "port"
    assert (session.inputs[IN].stage, session.inputs[BACK].stage) == (0, 1)
    assert (session.outputs[MIDDLE].stage, session.outputs[OUT].stage) == (0, 1)
    rng = np.random.default_rng(5)
    first, second = Neurons(4, 2000, 100), Neurons(9, 4000, 0)
    total = 0
    for step in range(1, 26):
        message = rng.integers(-3, 8, N) * (rng.random(N) < 0.5)
        if step == 20:
            message[5] = -(2**31)  # the extremes of a graded value
        session.run_to(step)
        session.send(IN, step, message)
        session.close(step, 0)
        middle = session.wait_end(step, 0)[MIDDLE]
        assert np.array_equal(middle, first.step(message)), step
        assert session.poll_end(step, 1) is None
        session.send(BACK, step, 3 * middle)
        session.close(step, 1)
        assert np.array_equal(session.wait_end(step, 1)[OUT], second.step(3 * middle)), step
        session.wait_paused()
        total += middle.sum()
    assert total > 50
    assert np.array_equal(device.read("LIF_1.v"), first.v)
    assert np.array_equal(device.read("LIF_3.u"), second.u)


def test_a_batch_of_both_inputs(loaded):
    device, _ = loaded
    rng = np.random.default_rng(6)
    messages = {IN: rng.integers(-3, 8, (30, N)), BACK: rng.integers(-9, 9, (30, N))}
    first, second = Neurons(4, 2000, 100), Neurons(9, 4000, 0)
    want = {MIDDLE: [], OUT: []}
    for k in range(30):
        want[MIDDLE].append(first.step(messages[IN][k]))
        want[OUT].append(second.step(messages[BACK][k]))
    for name, rows in messages.items():
        device.inject(name, rows)
    device.advance(13)
    device.advance(17)
    for name, rows in want.items():
        assert np.array_equal(device.drain(name), rows), name
    assert np.array_equal(device.read("LIF_3.v"), second.v)


def test_stages_in_order(loaded):
    _, session = loaded
    session.run_to(2)
    with pytest.raises(DeviceError, match="out of order: step 1, stage 0 is next"):
        session.close(1, 1)
    session.close(1, 0)
    with pytest.raises(DeviceError, match="step 1 is closed"):
        session.send(IN, 1, np.zeros(N))
    session.send(BACK, 1, np.zeros(N))
    with pytest.raises(DeviceError, match="step 1, stage 1 is next"):
        session.close(2, 0)
    with pytest.raises(ValueRefused, match=r"Triple_2\.x_out: message element .* is 2147483648"):
        session.send(BACK, 2, np.full(N, 2**31))
