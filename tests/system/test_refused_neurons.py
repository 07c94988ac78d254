"""Values of neurons that the chip cannot hold exactly are refused: at the start, and when a Var is set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import ATRLIF, RF, RF_IZ, HwRunCfg, LIFRefractory, LIFReset, RunSteps, Sink, Source, TernaryLIF
from lava_hw.compiler import ParameterRefused, UnfitProcesses
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.prodneuron.process import ProdNeuron
from lava_hw.proc.sdn.process import Delta, SigmaDelta
from lava_hw.proc.spiker.process import Spiker

pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning", "ignore::RuntimeWarning")
GOLDEN = HwRunCfg(device="golden", chip="test8")
Process = Any


def with_init(process: Process, var: str, value: Any) -> Process:
    getattr(process, var).init = value
    return process


def rf(cls: Any = RF, **more: Any) -> Process:
    return cls(**{"shape": (2,), "period": 5, "alpha": 0.1, "decay_bits": 12, **more})


AT_START: dict[str, tuple[Process, str]] = {
    "vth_hi": (lambda: TernaryLIF(shape=(2,), vth_hi=2**25), "vth_hi is .*33554432.*-33554432 to 33554431"),
    "interval": (lambda: LIFReset(shape=(2,), reset_interval=2**31), "reset_interval is 2147483648.*1 to "),
    "offset": (lambda: LIFReset(shape=(2,), reset_offset=2**31), "reset_offset is .*from 0 to 2147483647"),
    "period": (lambda: LIFRefractory(shape=(2,), refractory_period=2**30 + 1), "period is .*at most"),
    "v that rests": (lambda: LIFRefractory(shape=(2,), v=-(2**31)), "v is -2147483648.*from -2147483647"),
    "delta_i": (lambda: ATRLIF(shape=(2,), delta_i=1.5), r"delta_i is 1\.5; the chip holds .*0 to 1"),
    "least i": (lambda: ATRLIF(shape=(2,), i=-(2**31)), "i is -2147483648.*from -2147483647"),
    "spike_exp": (lambda: with_init(Delta(shape=(2,), vth=1), "spike_exp", -1), "spike_exp is -1.*from 0 to"),
    "exponent": (lambda: SigmaDelta(shape=(2,), vth=0, state_exp=2**30), "state_exp is 107.* to 1073741823"),
    "exp": (lambda: ProdNeuron((2,), exp=-1), "exp is -1; the chip holds integers from 0"),
    "decay_bits": (lambda: rf(decay_bits=63), "decay_bits is 63; the chip holds integers from 1 to 62"),
    "state_exp": (lambda: rf(state_exp=-1), "state_exp is -1; the chip holds integers from 0"),
    "growth": (lambda: rf(alpha=-40), "sin_decay is .*; the chip holds -65536 to 65536"),
    "threshold": (lambda: rf(RF_IZ, vth=2**24), "vth is 16777216; the chip holds integers from -16777215"),
    "real": (lambda: with_init(rf(), "real", 2**24 + 1), "real is 16777217; .* from -16777216"),
}  # fmt: skip

WHEN_SET: dict[str, tuple[Process, str, Any, str]] = {
    "vth_lo": (lambda: TernaryLIF(shape=(2,)), "vth_lo", -(2**25) - 1, "chip holds -33554432 to 33554431"),
    "interval": (lambda: LIFReset(shape=(2,)), "reset_interval", 0, "the chip holds 1 to"),
    "offset": (lambda: LIFReset(shape=(2,)), "reset_offset", -1, "the chip holds 0 to"),
    "end": (lambda: LIFRefractory(shape=(2,)), "refractory_period_end", 2**31, "chip holds -2147483648 to"),
    "fraction": (lambda: ATRLIF(shape=(2,), delta_i=0.25), "delta_i", 0.3, "chip holds multiples of 1/4096"),
    "int": (lambda: ATRLIF(shape=(2,), delta_i=0), "delta_i", 1, "the chip holds 0 to 0"),
    "delta_v": (lambda: ATRLIF(shape=(2,)), "delta_v", 2.0**18 + 1, "the chip holds|are held there"),
    "spike_exp": (lambda: Delta(shape=(2,), vth=1), "spike_exp", 2**30, "chip holds 0 to 1073741823"),
    "cum_error": (lambda: Delta(shape=(2,), vth=1), "cum_error", 2, "the chip holds 0 to 1"),
    "exp": (lambda: ProdNeuron((2,)), "exp", -1, "the chip holds 0 to"),
    "counter": (lambda: Spiker(shape=(2,)), "counter", 2**30 + 1, "chip holds -2147483648 to 1073741824"),
    "payload": (lambda: Spiker(shape=(2,)), "payload", 2**31, "chip holds -2147483648 to 2147483647"),
    "decay_bits": (rf, "decay_bits", 11, "the chip holds 12 to 12"),
    "imag": (rf, "imag", -(2**24) - 1, "the chip holds -16777216 to 16777216"),
    "sin_decay": (rf, "sin_decay", 2**16 + 1, "the chip holds -65536 to 65536"),
}  # fmt: skip


@pytest.mark.parametrize("case", AT_START)
def test_at_the_start(case: str) -> None:
    make, message = AT_START[case]
    with pytest.raises((ParameterRefused, UnfitProcesses), match=message):
        make().create_runtime(GOLDEN)


@pytest.mark.parametrize("steps", [0, 2])
@pytest.mark.parametrize("case", WHEN_SET)
def test_when_it_is_set(case: str, steps: int) -> None:
    make, var, value, message = WHEN_SET[case]
    process = make()
    process.create_runtime(GOLDEN)
    try:
        if steps:
            process.run(RunSteps(steps))
        target = getattr(process, var)
        before = target.get()
        with pytest.raises(ValueError, match=message):
            target.set(np.full(target.shape, value))
        np.testing.assert_array_equal(target.get(), before)
    finally:
        process.stop()


def test_a_number_for_all_neurons_comes_from_element_0() -> None:
    """PrototypeLIF looks at the first element of its third factor only."""
    source = Source(data=np.array([[3, 0, 2], [1, 9, 9], [0, 0, 1]]))
    neurons, sink = PrototypeLIF(shape=(3,), vth=1000), Sink(shape=(3,), buffer=3)
    source.s_out.connect(neurons.a_third_factor_in)
    neurons.s_out_bap.connect(sink.a_in)
    neurons.run(RunSteps(3), GOLDEN)
    assert sink.data.get().T.tolist() == [[0, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert neurons.y1.get().tolist() == [0, 127, 0]
    neurons.stop()
