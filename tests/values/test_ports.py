"""Messages into integer ports: fractions are cut off, and what the type cannot hold is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, HwRunCfg, Loihi2SimCfg, RunSteps, Sink
from lava_hw.errors import UndefinedValueError
from lava_hw.magma.core.model.py.ports import PyOutPort
from lava_hw.proc.compiled import _as
from lava_hw.proc.lif.arithmetic import integers
from lava_hw.runtime.errors import ModelError

Dense, Sparse = PyOutPort.VEC_DENSE, PyOutPort.VEC_SPARSE


class Line:
    """Takes what a port sends."""

    room = 9

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, message: Any) -> None:
        self.sent.append(message)

    send_batch = send


def sent(data: Any, dtype: Any, block: bool = False) -> Any:
    line = Line()
    port = Dense((2,), dtype, [line], "'p.out'")
    (port.send_batch if block else port.send)(data)
    (message,) = line.sent
    assert message.dtype == dtype
    return message.tolist()


@pytest.mark.parametrize("block", [False, True])
@pytest.mark.parametrize(
    ("data", "dtype", "message"),
    [
        ([1, 2.0**31], np.int32, r"'p\.out': element \(.*1\) is 2147483648\.0; int32 holds -2147483648 to"),
        ([np.nan, 0], np.int32, r"'p\.out': element \(.*0,?\) is nan; int32"),
        ([-np.inf, 0], np.int64, r"is -inf; int64 holds"),
        ([2.0**63, 0], np.int64, r"is 9\.2233.*e\+18; int64"),
        ([0, 2**31], np.int32, r"'p\.out': element \(.*1,?\) is 2147483648; int32"),
        ([0, -1], np.uint8, r"is -1; uint8 holds 0 to 255"),
        (np.array([2**63, 1], np.uint64), np.int64, r"is 9223372036854775808; int64"),
        ([0, 128], np.int8, r"is 128; int8 holds -128 to 127"),
    ],
)
def test_what_a_port_cannot_hold(data: Any, dtype: Any, message: str, block: bool) -> None:
    rows = np.asarray(data)
    with pytest.raises(UndefinedValueError, match=message.replace(r"\(.*1\)", r"\(.*1,?\)")):
        sent(rows[None] if block else rows, dtype, block)


def test_what_a_port_holds() -> None:
    assert sent([1.9, -1.9], np.int32) == [1, -1]
    assert sent([-(2.0**31) - 0.5, 2.0**31 - 0.5], np.int32) == [-(2**31), 2**31 - 1]
    assert sent(np.array([-128, 127]), np.int8) == [-128, 127]
    assert sent(np.array([3, 4], np.uint64), np.int32) == [3, 4]
    assert sent([True, False], np.int32) == [1, 0]
    assert sent([0.5, np.inf], bool) == [True, True]
    assert str(sent([np.nan, np.inf], float)) == "[nan, inf]"


def test_a_port_looks_again_at_another_type() -> None:
    line = Line()
    port = Dense((1,), np.int32, [line], "'p.out'")
    port.send(np.array([1], np.int8))
    with pytest.raises(UndefinedValueError):
        port.send(np.array([2**40]))
    port.send(np.array([2], np.int8))
    assert [m.tolist() for m in line.sent] == [[1], [2]]


def test_a_sparse_port() -> None:
    line = Line()
    port = Sparse((4,), np.int16, [line], "'p.out'")
    port.send([3.5, -7], [0, 2])
    assert line.sent[0][0].tolist() == [3, -7]
    with pytest.raises(UndefinedValueError, match=r"'p\.out': element \(1,\) is 32768; int16"):
        port.send([1, 32768], [0, 2])


@pytest.mark.parametrize("values", [np.array([2**31]), np.array([2.0**31]), np.array([np.inf])])
def test_what_a_neuron_cannot_take(values: Any) -> None:
    with pytest.raises(UndefinedValueError, match=r"element \(0,\) is (inf|2147483648)"):
        integers(values, "a_in")
    with pytest.raises(UndefinedValueError):
        _as(values, np.dtype(np.int32))


@pytest.mark.parametrize("device", ["python", "golden"])
def test_a_message_beyond_32_bits_ends_the_run(device: str) -> None:
    from lava_hw import AbstractProcess, LavaPyType, LoihiProtocol, OutPort, PyLoihiProcessModel, implements

    class Wide(AbstractProcess):
        def __init__(self) -> None:
            super().__init__(name="wide")
            self.out = OutPort((1,))

    @implements(proc=Wide, protocol=LoihiProtocol)
    class WideModel(PyLoihiProcessModel):
        out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int64)

        def run_spk(self) -> None:
            self.out.send(np.array([2**31 if self.time_step == 2 else 1]))

    wide, neurons, sink = Wide(), LIF(shape=(1,), name="n"), Sink(shape=(1,), buffer=3)
    wide.out.connect(neurons.a_in)
    neurons.s_out.connect(sink.a_in)
    cfg: Any = (
        Loihi2SimCfg(select_tag="fixed_pt") if device == "python" else HwRunCfg(device="golden", chip="test8")
    )
    with neurons:
        with pytest.raises((ModelError, UndefinedValueError), match="is 2147483648") as caught:
            neurons.run(RunSteps(3), cfg)
        causes = [caught.value, caught.value.__cause__]
        assert any(isinstance(cause, UndefinedValueError) for cause in causes)
