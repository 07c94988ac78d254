"""What is said about single values, as a user meets them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from lava_hw import (
    LIF,
    Dense,
    Device,
    HwRunCfg,
    Loihi2SimCfg,
    RunSteps,
    SignMode,
    Sink,
    Source,
    compile_network,
)
from lava_hw.device import DeviceError, ValueRefused
from lava_hw.errors import (
    LavaHwWarning,
    NoEffectWarning,
    OutOfRangeWarning,
    UndefinedValueError,
    ValueChangedWarning,
)
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.var_range import VarRange, signed
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.dense.models import PyDenseModelBitAcc
from lava_hw.proc.dense.process import LearningDense


def on(device: str, **options: Any) -> Any:
    if device == "python":
        return Loihi2SimCfg(select_tag="fixed_pt", **options)
    return HwRunCfg(device="golden", chip="test8", **options)


@pytest.fixture(params=["python", "golden"])
def device(request: Any) -> str:
    return str(request.param)


CHANGED = [
    ([[0.7, 0.9]], {}, r"d\.weights: 2 of 2 .* element \(0, 1\): 0.9 is used as 0\. .*float2fixed"),
    ([[280, -2]], {}, r"1 of 2 values .* element \(0, 0\): 280 is used as 254\."),
    ([[109, -2, 4]], {}, r"1 of 3 values .* element \(0, 0\): 109 is used as 108\. .*must be even"),
    ([[5, -2]], {"sign_mode": SignMode.EXCITATORY}, r"element \(0, 1\): -2 is used as 0\."),
    ([[5, 16]], {"num_weight_bits": 4}, r"element \(0, 0\): 5 is used as 0\. .*num_weight_bits"),
]


@pytest.mark.parametrize(("weights", "options", "message"), CHANGED)
def test_weights_that_are_changed(weights: Any, options: Any, message: str, device: str) -> None:
    dense = Dense(weights=weights, name="d", **options)
    with pytest.warns(ValueChangedWarning, match=message) as caught:
        dense.create_runtime(on(device))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    dense.stop()
    again = Dense(weights=weights, name="d", **options)
    with warnings.catch_warnings(), pytest.raises(ValueChangedWarning, match=message):
        warnings.simplefilter("ignore")
        again.create_runtime(on(device, strict=True))
    again.create_runtime(Loihi2SimCfg())  # models in floating point take them as they are
    again.stop()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"du": 5000}, r"n\.du: 1 of 1 values lie outside 0 to 4095, .* furthest: 5000\."),
        ({"vth": 10**6}, r"n\.vth: .* outside 0 to 131071.* 1000000"),
        ({"bias_mant": [1, 10000]}, r"n\.bias_mant: 1 of 2 .* -4096 to 4095.* element \(1,\): 10000"),
        ({"bias_exp": -1}, r"n\.bias_exp: .* 0 to 7.* -1"),
        ({"v": -(2**23) - 1}, r"n\.v: .* -8388608 to 8388607.* -8388609"),
    ],
)
def test_values_that_loihi_does_not_have(given: dict[str, Any], message: str, device: str) -> None:
    (name,) = given
    with LIF(shape=(2,), name="n", **given) as neurons:
        with pytest.warns(OutOfRangeWarning, match=message):
            neurons.create_runtime(on(device))
        assert np.all(getattr(neurons, name).get() == np.asarray(given[name]))
    with warnings.catch_warnings(), pytest.raises(OutOfRangeWarning, match=message):
        warnings.simplefilter("ignore")
        compile_network(LIF(shape=(2,), name="n", **given), "test8", strict=True)


def test_a_source_of_fractions() -> None:
    source, sink = Source(data=[[0.5, 1.0]], name="s"), Sink(shape=(1,), buffer=2)
    source.s_out.connect(sink.a_in)
    with sink:
        with pytest.warns(
            ValueChangedWarning, match=r"s\.data: 1 of 2 .* element \(0, 0\): 0.5 is used as 0"
        ):
            sink.run(RunSteps(2), on("python"))
        assert sink.data.get().tolist() == [[0, 1]]


def test_a_set_that_is_changed_says_so(device: str) -> None:
    with LIF(shape=(2,), name="n") as neurons:
        neurons.create_runtime(on(device))
        with pytest.warns(ValueChangedWarning, match=r"n\.v: 1 of 2 .* element \(1,\): -1.5 is used as -1"):
            neurons.v.set(np.array([2, -1.5]))
        assert neurons.v.get().tolist() == [2, -1]
        neurons.v.set(np.array([3.0, 4.0], np.float32))


UNDEFINED = [
    ("v", 2**31, r"n\.v: element \(0,\) is 2147483648; integers from -2147483648 to 2147483647"),
    ("v", -(2**31) - 1, r"is -2147483649; integers from -2147483648"),
    ("v", [3e9, 2.0**40], r"n\.v: element \(0,\) is 3000000000\.0"),
    ("v", [1, np.nan], r"n\.v: element \(1,\) is nan"),
    ("v", np.float32("inf"), r"n\.v: element \(0,\) is inf"),
    ("v", 2**70, r"is 1180591620717411303424"),
    ("bias_mant", 40000, r"is 40000; integers from -32768 to 32767"),
    ("du", 2**63, r"n\.du: .* is 9223372036854775808; integers from -4611686018427387904"),
    ("vth", 2.0**31, r"n\.vth: .* is 2147483648\.0; integers from -2147483648 to 2147483647"),
]


@pytest.mark.parametrize(("var", "value", "message"), UNDEFINED)
def test_an_undefined_value_changes_nothing(var: str, value: Any, message: str, device: str) -> None:
    with LIF(shape=(2,), name="n") as neurons:
        neurons.create_runtime(on(device))
        before = getattr(neurons, var).get()
        with pytest.raises(UndefinedValueError, match=message):
            getattr(neurons, var).set(value)
        assert np.array_equal(getattr(neurons, var).get(), before)
        neurons.v.set(-(2**31) if var == "u" else -(2**23))


@pytest.mark.parametrize(
    ("process", "message"),
    [
        (lambda: LIF(shape=(1,), name="n", v=2.0**33 + 5), r"n\.v: the value is 8589934597\.0"),
        (lambda: LIF(shape=(1,), name="n", v=np.nan), r"n\.v: the value is nan"),
        (lambda: LIF(shape=(1,), name="n", bias_mant=40000), r"n\.bias_mant: the value is 40000"),
        (lambda: LIF(shape=(1,), name="n", du=0.5), r"n\.du=0\.5 is not an integer"),
        (
            lambda: Dense(weights=[[1, 2.0**33 + 8]], name="d"),
            r"d\.weights: element \(0, 1\) is 8589934600\.0",
        ),
    ],
)
def test_undefined_initial_values(process: Any, message: str, device: str) -> None:
    with pytest.raises(UndefinedValueError, match=message):
        process().create_runtime(on(device))
    if device == "golden":
        with pytest.raises(UndefinedValueError, match=message):
            compile_network(process(), "test8")


def test_the_least_integer_is_legal(device: str) -> None:
    with LIF(shape=(1,), name="n") as neurons:
        neurons.create_runtime(on(device))
        with pytest.warns(OutOfRangeWarning):
            neurons.u.set(-(2**31))
        assert neurons.u.get().tolist() == [-(2**31)]


def test_a_latched_value_that_comes_too_late(device: str) -> None:
    with LIF(shape=(1,), bias_mant=1, vth=2, name="n") as neurons:
        neurons.create_runtime(on(device))
        neurons.vth.set(3)
        neurons.run(RunSteps(1))
        with pytest.warns(NoEffectWarning, match=r"n\.vth: step 1 has latched it.*runtime\.reset\(\)"):
            neurons.vth.set(5)
        assert neurons.vth.get() == 5
        neurons.runtime.reset()
        neurons.vth.set(5)
    with LIF(shape=(1,), name="n") as neurons:
        neurons.run(RunSteps(1), on(device, strict=True))
        with pytest.raises(NoEffectWarning):
            neurons.vth.set(5)
        assert neurons.vth.get() == 10  # before anything was changed


def test_what_is_written_to_a_device() -> None:
    image = compile_network([LIF(shape=(2,), name="n"), Dense(weights=[[2, 4]], name="d")], "test8")
    with Device.open("golden", "test8") as device:
        device.load(image)
        with pytest.warns(ValueChangedWarning, match=r"n\.v: 2 of 2 .* element \(0,\): 1.5 is used as 1"):
            device.write("n.v", 1.5)
        with pytest.warns(ValueChangedWarning, match=r"d\.weights: 1 of 2 .* 109 is used as 108"):
            device.write("d.weights", [[109, -2]])
        with pytest.raises(ValueRefused, match=r"n\.v: it is nan; the chip holds") as caught:
            device.write("n.v", np.nan)
        assert isinstance(caught.value, UndefinedValueError)
        assert isinstance(caught.value, DeviceError)
        device.advance(1)
        with pytest.warns(NoEffectWarning, match=r"n\.vth: step 1 has latched it"):
            device.write("n.vth", 5)
    with Device.open("golden", "test8", strict=True) as device:
        device.load(image)
        with pytest.raises(ValueChangedWarning):
            device.write("n.v", 1.5)
        assert device.read("n.v").tolist() == [0, 0]


class Custom(AbstractProcess):
    """A connection of a user's."""

    var_ranges = {"weights": VarRange(low=0, high=9), "state": signed(8)}  # noqa: RUF012

    def __init__(self, weights: Any, state: Any = 0) -> None:
        super().__init__(name="own")
        self.weights = Var((2,), init=weights)
        self.state = Var((1,), init=state)


def test_a_process_of_a_user_has_a_table_of_its_own() -> None:
    from lava_hw import LavaPyType, LoihiProtocol, PyLoihiProcessModel, implements

    @implements(proc=Custom, protocol=LoihiProtocol)
    class CustomModel(PyLoihiProcessModel):
        weights: Any = LavaPyType(np.ndarray, np.int32)
        state: Any = LavaPyType(np.ndarray, np.int16)

    with pytest.warns(OutOfRangeWarning, match=r"own\.weights: 1 of 2 .* 0 to 9.* element \(1,\): 12"):
        Custom([1, 12]).create_runtime(Loihi2SimCfg())
    with pytest.raises(UndefinedValueError, match=r"own\.state: the value is 32768; integers from -32768"):
        Custom([1, 2], 2**15).create_runtime(Loihi2SimCfg())


def test_a_users_own_model_does_not_clip() -> None:
    """The table of Dense says what the models of the library do; one derived from them does it too."""
    from lava_hw import LavaPyType, LoihiProtocol, PyInPort, PyLoihiProcessModel, PyOutPort, implements

    @implements(proc=Dense, protocol=LoihiProtocol)
    class Raw(PyLoihiProcessModel):
        s_in: Any = LavaPyType(PyInPort.VEC_DENSE, bool)
        a_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
        weights: Any = LavaPyType(np.ndarray, np.int32)
        a_buff: Any = LavaPyType(np.ndarray, np.int32)
        num_message_bits: Any = LavaPyType(np.ndarray, np.int8)

    class Derived(PyDenseModelBitAcc):
        pass

    dense = Dense(weights=[[109, -2]], name="d")
    with dense:
        dense.create_runtime(Loihi2SimCfg(exception_proc_model_map={dense: Raw}))
    dense = Dense(weights=[[109, -2]], name="d")
    with pytest.warns(ValueChangedWarning), dense:
        dense.create_runtime(Loihi2SimCfg(exception_proc_model_map={dense: Derived}))


def test_float_models_give_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", LavaHwWarning)
        dense = Dense(weights=[[0.7, np.nan, np.inf, 1e30, 109]])
        with dense:
            dense.run(RunSteps(1), Loihi2SimCfg())
            dense.weights.set(np.full((1, 5), np.nan))
        with LIF(shape=(1,), du=0.1, vth=np.inf, v=np.nan, bias_mant=1e9) as neurons:
            neurons.run(RunSteps(1), Loihi2SimCfg())
            neurons.vth.set(0.5)


def test_learned_weights_are_raw_after_step_1() -> None:
    from tests.values.rows import rule

    dense = LearningDense(weights=[[2, 4]], learning_rule=rule())
    with dense:
        dense.run(RunSteps(1), on("python"))
        dense.weights.set(np.array([[3, 5]]))
        dense.run(RunSteps(1))
        assert dense.weights.get().tolist() == [[3, 5]]


@pytest.mark.filterwarnings("ignore::lava_hw.errors.ValueChangedWarning")
@pytest.mark.parametrize("given", ["init", "set"])
def test_the_least_inhibitory_weight_is_its_own_negative(device: str, given: str) -> None:
    """As in Lava, where it is clipped to 0, whoever computes it."""
    least = np.full((2, 2), -(1 << 31))
    first = least if given == "init" else np.full((2, 2), -2)
    source, cells = Source(data=np.ones((2, 3), int)), LIF(shape=(2,))
    dense = Dense(weights=first, sign_mode=SignMode.INHIBITORY)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(cells.a_in)
    with dense:
        dense.create_runtime(run_cfg=on(device))
        if given == "set":
            dense.weights.set(least)
        dense.run(RunSteps(2))
        assert not np.any(dense.weights.get())
        assert not np.any(dense.a_buff.get())
