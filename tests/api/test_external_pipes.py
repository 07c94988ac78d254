"""`flag_external_pipe`: the program at the other end of a port."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from lava_hw import (
    AbstractProcess,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    RunSteps,
    implements,
)


class Double(AbstractProcess):
    def __init__(self):
        super().__init__()
        self.inp = InPort((2,))
        self.out = OutPort((2,))


@implements(proc=Double, protocol=LoihiProtocol)
class DoubleModel(PyLoihiProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)

    def run_spk(self):
        self.out.send(2 * self.inp.recv())


def test_messages_go_in_and_out_while_the_network_runs():
    process = Double()
    process.inp.flag_external_pipe(buffer_size=2)
    process.out.flag_external_pipe()
    assert process.inp.external_pipe_flag
    assert process.inp.external_pipe_buffer_size == 2
    assert process.out.external_pipe_buffer_size == 64
    send, receive = process.inp.external_pipe_csp_send_port, process.out.external_pipe_csp_recv_port
    with process:
        process.run(RunSteps(20, blocking=False), Loihi2SimCfg())
        assert not receive.probe()
        feeder = threading.Thread(target=lambda: [send.send(np.array([k, k + 0.5])) for k in range(20)])
        feeder.start()
        got = [receive.recv().tolist() for _ in range(20)]
        feeder.join()
        process.wait()
        assert got == [[2 * k, 2 * k + 1] for k in range(20)]
        assert not receive.probe()
        for k in range(2):
            assert send.probe()
            send.send([k, k])
        assert not send.probe()
        process.run(RunSteps(1))
        assert send.probe()
        assert receive.probe()
        assert receive.recv().tolist() == [0, 0]


def test_wrong_use():
    process = Double()
    process.inp.flag_external_pipe()
    with pytest.raises(AssertionError, match="flagged for an external pipe before"):
        process.inp.flag_external_pipe()
    with pytest.raises(ValueError, match="buffer_size"):
        process.out.flag_external_pipe(0)
    assert not process.out.external_pipe_flag
    with pytest.raises(AssertionError, match="no runtime yet"):
        process.inp.external_pipe_csp_send_port.send([1, 2])
    process.create_runtime(Loihi2SimCfg())
    with process, pytest.raises(AssertionError, match=r"arrays of shape \(2,\)"):
        process.inp.external_pipe_csp_send_port.send([1, 2, 3])
