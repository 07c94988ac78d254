"""Vars of the chip from outside: get, set, RefPorts, Monitor, Read, runs, reset; on all references."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lava_hw import (
    CPU,
    LIF,
    AbstractProcess,
    Dense,
    HwRunCfg,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    PyLoihiProcessModel,
    PyRefPort,
    RefPort,
    RunSteps,
    Var,
    implements,
    requires,
)
from lava_hw.device import ValueRefused
from lava_hw.errors import UndefinedValueError
from lava_hw.proc.io.sink import Read
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from lava_hw.runtime.errors import ModelError
from lava_hw.utils.weightutils import SignMode

# The networks have weights of both signs that are odd, and thresholds that are set too late, by intent.
VALUES = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")
pytestmark = [pytest.mark.rtl, VALUES]

IN, A, B, STEPS = 20, 27, 9, 16
CHIPS = [
    pytest.param({"device": "golden"}, id="golden"),
    pytest.param({"device": "verilator", "build": "checked"}, id="verilator"),
]
Found = dict[str, Any]


class Tuner(AbstractProcess):
    """Reads and writes Vars of a population at the end of every third step."""

    def __init__(self, *, lif: Any, dense: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.v = RefPort(lif.v.shape)
        self.bias = RefPort(lif.bias_mant.shape)
        self.weights = RefPort(dense.weights.shape)
        self.log = Var((STEPS, *lif.v.shape), init=0)
        self.sums = Var((STEPS,), init=0)
        self.v.connect_var(lif.v)
        self.bias.connect_var(lif.bias_mant)
        self.weights.connect_var(dense.weights)


@implements(proc=Tuner, protocol=LoihiProtocol)
@requires(CPU)
class TunerModel(PyLoihiProcessModel):
    v: Any = LavaPyType(PyRefPort.VEC_DENSE, np.int32)
    bias: Any = LavaPyType(PyRefPort.VEC_DENSE, np.int32)
    weights: Any = LavaPyType(PyRefPort.VEC_DENSE, np.int32)
    log: Any = LavaPyType(np.ndarray, np.int32)
    sums: Any = LavaPyType(np.ndarray, np.int32)

    def post_guard(self) -> bool:
        return self.time_step % 3 == 1

    def run_post_mgmt(self) -> None:
        t = self.time_step
        v, weights = self.v.read(), self.weights.read()
        self.log[t - 1] = v
        self.sums[t - 1] = weights.sum()
        self.v.write(v // 2 + 100 * t)
        self.bias.write(np.full(self.bias.shape, 5 * t))
        self.weights.write(weights[::-1])
        # What it has written it sees at once; others see it in the next step.
        assert np.array_equal(self.v.read(), v // 2 + 100 * t)


class Rig:
    """Two layers, with everything that looks at Vars if `watched`."""

    def __init__(self, watched: bool = False, **dense: Any) -> None:
        rng = np.random.default_rng(11)
        data = (rng.random((IN, 3 * STEPS)) < 0.3).astype(int)
        self.source = Source(data=data, name="source")
        weights = dense.pop("weights", 2 * rng.integers(-50, 50, (A, IN)))
        self.first = Dense(weights=weights, name="first", **dense)
        self.a = LIF(shape=(A,), vth=60, du=900, dv=200, bias_mant=2, bias_exp=1, name="a")
        self.second = Dense(weights=rng.integers(0, 20, (B, A)), name="second")
        self.b = LIF(
            shape=(B,),
            vth=np.arange(5000, 5000 + B),
            du=300,
            dv=100,
            bias_mant=np.arange(B),
            bias_exp=2,
            name="b",
        )
        self.sink = Sink(shape=(B,), buffer=3 * STEPS, name="sink")
        self.source.s_out.connect(self.first.s_in)
        self.first.a_out.connect(self.a.a_in)
        self.a.s_out.connect(self.second.s_in)
        self.second.a_out.connect(self.b.a_in)
        self.b.s_out.connect(self.sink.a_in)
        self.monitor = self.read = self.tuner = None
        if watched:
            self.monitor = Monitor(name="monitor")
            for target in (self.a.u, self.a.v, self.a.s_out, self.first.a_buff, self.b.v, self.b.s_out):
                self.monitor.probe(target, STEPS)
            self.read = Read(buffer=STEPS, interval=2, offset=1, name="read")
            self.read.connect_var(self.b.u)
            self.tuner = Tuner(lif=self.b, dense=self.second, name="tuner")

    @property
    def vars(self) -> dict[str, Var]:
        """Every Var of a process that is on the chip."""
        found = {}
        for process in (self.first, self.a, self.second, self.b):
            for var in process.vars:
                found[f"{process.name}.{var.name}"] = var
        return found

    def run(self, steps: int, config: Any) -> None:
        self.a.run(RunSteps(num_steps=steps), config)

    def everything(self) -> Found:
        """Give all Vars and all that was recorded."""
        found = {name: np.array(var.get()) for name, var in self.vars.items()}
        found["sink"] = self.sink.data.get()
        if self.monitor is not None:
            for process, members in self.monitor.get_data().items():
                found |= {f"monitor {process}.{name}": value for name, value in members.items()}
            found |= {
                "read": self.read.data.get(),
                "log": self.tuner.log.get(),
                "sums": self.tuner.sums.get(),
            }
        return found


def config(chip: dict[str, Any] | None) -> Any:
    """Give the run configuration of a reference; None is Python."""
    if chip is None:
        return Loihi2SimCfg(select_tag="fixed_pt")
    return HwRunCfg(chip="test8", **chip)


def assert_equal(found: Found, expected: Found) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert np.array_equal(found[name], value), name


def on(chip: dict[str, Any], scenario: Callable[[Any], list[Found]]) -> list[Found]:
    """Run a scenario in Python and on a chip, and hold what it gives equal."""
    expected, found = scenario(config(None)), scenario(config(chip))
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert_equal(one, other)
    return found


@pytest.mark.parametrize("chip", CHIPS)
def test_monitor_read_and_ref_ports(chip: dict[str, Any]) -> None:
    def scenario(cfg: Any) -> list[Found]:
        rig, found = Rig(watched=True), []
        with rig.a:
            for steps in (1, 6, 9):
                rig.run(steps, cfg)
                found.append(rig.everything())
            rig.a.runtime.reset()
            found.append(rig.everything())
            rig.run(16, cfg)
            found.append(rig.everything())
        return found

    *_, third, fresh, again = on(chip, scenario)
    assert_equal(again, third)  # a reset forgets everything, and where runs end does not matter
    assert not fresh["monitor a.v"].any()
    for name in ("sink", "monitor a.v", "monitor a.s_out", "monitor first.a_buff", "read", "log", "sums"):
        assert third[name].any(), name
    assert third["b.bias_mant"].tolist() == [80.0] * B  # written in step 16


@pytest.mark.parametrize("chip", CHIPS)
def test_every_var_before_the_first_run(chip: dict[str, Any]) -> None:
    def scenario(cfg: Any) -> list[Found]:
        rig = Rig()
        found = {name: np.array(var.get()) for name, var in rig.vars.items()}  # without a runtime
        with rig.a:
            rig.a.create_runtime(cfg)
            return [found, {name: np.array(var.get()) for name, var in rig.vars.items()}]

    on(chip, scenario)


VALUES: dict[str, Any] = {
    "a.u": np.arange(-13, 14) * 1000,
    "a.v": np.arange(A) * 700 - 900,
    "a.du": 2000,
    "a.dv": 17,
    "a.vth": 90,
    "a.bias_mant": 31,
    "a.bias_exp": 4,
    "b.u": -1_234_500,
    "b.v": np.full(B, -(2**22)),
    "b.vth": np.arange(B) * 30 + 900,
    "b.bias_mant": np.arange(B) - 4,
    "b.bias_exp": 3,
    "first.a_buff": np.arange(A) * 50 - 400,
    "second.a_buff": np.arange(B) * 9,
}


@pytest.mark.parametrize("before", [0, 5])
@pytest.mark.parametrize("chip", CHIPS)
def test_set(chip: dict[str, Any], before: int) -> None:
    """Every Var is set alone, then the network runs on; each of them must change something."""

    def scenario(cfg: Any) -> list[Found]:
        rig, found = Rig(), []
        with rig.a:
            rig.a.create_runtime(cfg)
            for name in (None, *VALUES):
                if before:
                    rig.run(before, cfg)
                if name is not None:
                    rig.vars[name].set(VALUES[name])
                found.append(rig.everything())
                rig.run(1, cfg)
                found.append(rig.everything())
                rig.run(7, cfg)
                found.append(rig.everything())
                rig.a.runtime.reset()
        return found

    untouched, *others = zip(*[iter(on(chip, scenario))] * 3, strict=True)
    for name, one in zip(VALUES, others, strict=True):
        assert np.array_equal(one[0][name], np.broadcast_to(VALUES[name], one[0][name].shape))
        if name not in ("a.vth", "b.vth"):  # latched by the first step, so setting it later does nothing
            assert any(
                not np.array_equal(x[key], y[key])
                for x, y in zip(one[1:], untouched[1:], strict=True)
                for key in x
                if key != name or key.endswith((".u", ".v"))
            ), name


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize(
    ("dense", "low", "high"),
    [
        ({}, -100, 100),
        ({}, 0, 255),  # its sign mode becomes excitatory
        ({}, -255, 0),  # inhibitory
        ({}, -700, 700),  # clipped
        ({"num_weight_bits": 5}, 0, 200),
        ({"num_weight_bits": 3, "weight_exp": 2}, -200, 200),
        ({"sign_mode": SignMode.MIXED}, 0, 255),  # a mode that was given stays
        ({"sign_mode": SignMode.EXCITATORY, "weights": np.ones((A, IN), int)}, -100, 100),
        ({"sign_mode": SignMode.INHIBITORY, "weights": -np.ones((A, IN), int)}, -300, 30),
    ],
)
def test_weights_before_the_first_step_are_encoded_anew(
    chip: dict[str, Any], dense: dict[str, Any], low: int, high: int
) -> None:
    weights = np.random.default_rng(5).integers(low, high + 1, (A, IN))

    def scenario(cfg: Any) -> list[Found]:
        rig, found = Rig(**dense), []
        with rig.a:
            rig.a.create_runtime(cfg)
            rig.first.weights.set(weights)
            found.append(rig.everything())
            for _ in range(3):
                rig.run(4, cfg)
                found.append(rig.everything())
            rig.a.runtime.reset()  # the weights of the image again
            found.append(rig.everything())
            rig.run(12, cfg)
            found.append(rig.everything())
        return found

    found = on(chip, scenario)
    assert np.array_equal(found[0]["first.weights"], weights)
    assert not np.array_equal(found[4]["first.weights"], weights)


@pytest.mark.parametrize("chip", CHIPS)
def test_weights_after_the_first_step_are_raw(chip: dict[str, Any]) -> None:
    even = np.random.default_rng(6).integers(-128, 128, (A, IN)) * 2

    def scenario(cfg: Any) -> list[Found]:
        rig, found = Rig(num_weight_bits=4), []
        with rig.a:
            rig.run(3, cfg)
            rig.first.weights.set(even)  # neither clipped nor truncated to 4 bits
            for _ in range(2):
                rig.run(4, cfg)
                found.append(rig.everything())
        return found

    assert np.array_equal(on(chip, scenario)[-1]["first.weights"], even)


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize(
    ("dense", "element", "value", "limit"),
    [
        ({}, (3, 2), 7, "sign mode MIXED as multiples of 2 from -256 to 254"),
        ({}, (0, 0), 256, "sign mode MIXED as multiples of 2 from -256 to 254"),
        ({"weights": np.ones((A, IN), int)}, (26, 19), -1, "EXCITATORY as multiples of 1 from 0 to 255"),
        ({"weights": np.ones((A, IN), int)}, (1, 0), 256, "EXCITATORY as multiples of 1 from 0 to 255"),
        ({"weights": -np.ones((A, IN), int)}, (2, 9), 1, "INHIBITORY as multiples of 1 from -255 to 0"),
    ],
)
def test_weights_that_do_not_fit_later_are_refused(
    chip: dict[str, Any], dense: dict[str, Any], element: tuple[int, int], value: int, limit: str
) -> None:
    results = []
    for refused in (False, True):
        rig, cfg = Rig(**dense), config(chip)
        with rig.a:
            rig.run(3, cfg)
            if refused:
                weights = rig.first.weights.get()
                weights[element] = value
                with pytest.raises(ValueRefused) as caught:
                    rig.first.weights.set(weights)
                text = str(caught.value)
                assert text.startswith("first.weights"), text
                assert str(element[0]) in text
                assert str(element[1]) in text
                assert f"is {value}" in text, text
                assert limit in text, text
                assert "before the first step any weight can be set" in text
            rig.run(9, cfg)
            results.append(rig.everything())
    assert_equal(*results)  # what was refused has changed nothing


@pytest.mark.parametrize("chip", CHIPS)
def test_a_refused_write_of_a_ref_port_names_the_process(chip: dict[str, Any]) -> None:
    rig = Rig(watched=True)

    def odd(self: Any) -> None:
        self.weights.write(np.full(self.weights.shape, 999))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TunerModel, "run_post_mgmt", odd)
        with rig.a:
            with pytest.raises(ModelError, match=r"second\.weights.* is 999; the chip holds weights"):
                rig.run(5, config(chip))
            rig.a.runtime.reset()
            patch.undo()
            rig.run(5, config(chip))
            found = rig.everything()
    good = Rig(watched=True)
    with good.a:
        good.run(5, config(None))
        assert_equal(found, good.everything())


@pytest.mark.parametrize("chip", CHIPS)
def test_shapes_and_types_of_set(chip: dict[str, Any]) -> None:
    rig = Rig()
    with rig.a:
        rig.run(2, config(chip))
        before = rig.everything()
        with pytest.raises(ValueError, match=r"of shape \(27,\) to a value of shape \(5,\)"):
            rig.a.u.set(np.zeros(5))
        with pytest.raises(TypeError, match="a number or an array of numbers is needed"):
            rig.a.u.set(np.array(["x"] * A))
        with pytest.raises(UndefinedValueError, match=r"a.u: element \(0,\) is inf"):
            rig.a.u.set(np.full(A, np.inf))
        assert_equal(rig.everything(), before)
        rig.a.u.set(np.full(A, 3.75))  # fractions are cut off, as in Python
        assert rig.a.u.get().tolist() == [3.0] * A
