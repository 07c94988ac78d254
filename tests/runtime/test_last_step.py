"""After an error Vars hold the last complete step, where that is kept; tests/fuzz does the same at random."""

from __future__ import annotations

import os
import signal
import time

import numpy as np
import pytest

from lava_hw import (
    LIF,
    Dense,
    HwRunCfg,
    LavaPyType,
    Loihi2HwCfg,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    RunSteps,
    Sink,
    Source,
    Sparse,
    implements,
)
from lava_hw.graph import flatten
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.proc.dense.models import PyDenseModelFloat
from lava_hw.runtime.checkpoint import CHECKPOINT_BYTES, keeps_checkpoints
from lava_hw.runtime.errors import ModelError, RunError
from tests.runtime.processes import Adder, AdderModel, Counter, CounterModel, Toucher

# Weights that step 1 changes are what is to be seen again after an error.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

STEPS = 9


def failing_in(step):
    def action(model):
        if model.time_step == step:
            raise ValueError("now")

    return action


def network(step, connection=Dense):
    """A counter that fails, and what it drives: weights that are used in another form, a record, a sink."""
    rng = np.random.default_rng(5)
    weights = 2 * rng.integers(-45, 60, (12, 1))
    source = Source(data=rng.integers(0, 2, (3, STEPS)), name="source")
    side = Dense(weights=rng.integers(-99, 99, (12, 3)) * 2 + 1, name="side")
    counter = Counter(action=failing_in(step), name="counter")
    dense = connection(weights=weights * 2 + 1, num_message_bits=8, name="dense")
    lif, sink = LIF(shape=(12,), vth=90, du=900, dv=300, name="lif"), Sink(shape=(12,), buffer=4)
    monitor = Monitor()
    counter.out.connect(dense.s_in)
    source.s_out.connect(side.s_in)
    dense.a_out.connect(lif.a_in)
    side.a_out.connect(lif.a_in)
    lif.s_out.connect(sink.a_in)
    monitor.probe(lif.v, 3)
    return counter, [source, side, counter, dense, lif, sink, monitor]


def values(processes):
    """What all Vars hold, in order of processes and Vars."""
    found = [var.get() for process in processes for var in process.vars]
    return [np.array(value.toarray() if hasattr(value, "toarray") else value).tolist() for value in found]


def config(**options):
    return Loihi2SimCfg(select_tag="fixed_pt", **options)


PLACES = {"one": {}, "three": {"workers": 3}, "thread": {"worker_placement": {"counter": "thread"}}}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("connection", [Dense, Sparse])
@pytest.mark.parametrize("step", [1, 2, 6])
def test_all_vars_are_those_of_the_last_complete_step(step, connection, place):
    counter, processes = network(step, connection)
    with counter:
        with pytest.raises(ModelError, match=f"'counter' failed in step {step}: ValueError: now"):
            counter.run(RunSteps(STEPS), config(**PLACES[place]))
        got = values(processes)
        assert counter.runtime.num_steps == step - 1
    again, others = network(0, connection)
    with again:
        again.create_runtime(config())
        if step > 1:
            again.run(RunSteps(step - 1))
        assert got == values(others)


def test_what_was_set_between_runs_is_kept_and_a_reset_starts_anew():
    counter, (_, side, _, dense, lif, *_) = network(6)
    with counter:
        counter.run(RunSteps(4), config())
        lif.v.set(7)
        side.weights.set(np.full((12, 3), 8))
        lif.vth.set(77)
        counter.run(RunSteps(1))
        known = values([side, dense, lif])
        with pytest.raises(ModelError):
            counter.run(RunSteps(4))
        assert values([side, dense, lif]) == known
        assert lif.vth.get() == 77
        lif.v.set(3)  # until the reset
        assert lif.v.get().tolist() == [3] * 12
        counter.runtime.reset()
        assert counter.runtime.num_steps == 0
        assert not lif.v.get().any()
        counter.run(RunSteps(5))
        again, (*_, other, _, _) = network(0)
        with again:
            again.run(RunSteps(5), config())
            assert lif.v.get().tolist() == other.v.get().tolist()


@pytest.mark.parametrize("device", ["golden", pytest.param("verilator", marks=pytest.mark.rtl)])
@pytest.mark.parametrize("step", [1, 2, 5])
def test_the_chip_goes_back_too(device, step):
    def made(fails):
        rng = np.random.default_rng(3)
        source = Source(data=rng.integers(0, 2, (5, STEPS)), name="source")
        dense = Dense(weights=rng.integers(-90, 120, (6, 5)) | 1, name="dense")
        lif = LIF(shape=(6,), vth=60, du=900, dv=300, name="lif")
        adder = Late(fails=fails, name="late")
        source.s_out.connect(dense.s_in)
        dense.a_out.connect(lif.a_in)
        lif.s_out.reshape((3, 2)).connect(adder.inp)
        return lif, [dense, lif, adder]

    cfg = HwRunCfg(chip="tiny", device=device, keep_last_step=True)
    lif, processes = made(step)
    with lif:
        with pytest.raises(ModelError, match=f"'late' failed in step {step}"):
            lif.run(RunSteps(STEPS), cfg)
        got = values(processes)
        lif.v.set(5)
        assert lif.v.get().tolist() == [5] * 6
        lif.runtime.reset()
        assert not lif.v.get().any()
    other, processes = made(0)
    with other:
        other.create_runtime(config())
        if step > 1:
            other.run(RunSteps(step - 1))
        assert got == values(processes)


class Late(Adder):
    """Receives, then fails."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inp = type(self.inp)((3, 2))
        self.total = type(self.total)((3, 2), init=0)


@implements(proc=Late, protocol=LoihiProtocol)
class LateModel(AdderModel):
    total: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self):
        self.total += self.inp.recv()
        if self.time_step == self.proc_params["fails"]:
            raise ValueError


def test_a_worker_that_is_gone_does_not_hinder_the_others():
    def kill(model):
        if model.time_step == 4:
            os.kill(os.getpid(), signal.SIGKILL)

    counter, adder = Counter(action=kill, name="counter"), Adder(name="adder", send_first=True)
    counter.out.connect(adder.inp)
    with adder:
        with pytest.raises(RunError, match="is gone"):
            adder.run(RunSteps(9), config(worker_placement={counter: 1}))
        assert adder.total.get() == [1 + 2 + 3]
        assert adder.runtime.num_steps == 3
        with pytest.raises(RunError, match="is gone"):
            counter.state.get()


class Sleeper(Counter):
    """Is in its third step when another model fails, and goes on long after that."""


@implements(proc=Sleeper, protocol=LoihiProtocol)
class SleeperModel(CounterModel):
    def run_spk(self):
        self.state[:] = self.time_step
        if self.time_step == 3:
            time.sleep(2)
            self.state[:] = 77
        self.out.send(self.state)


def test_a_thread_that_is_left_to_itself_changes_nothing_any_more():
    sleeper, adder = Sleeper(name="sleeper"), Adder()
    sleeper.out.connect(adder.inp)
    failing = Counter(action=failing_in(3), name="failing")
    failing.out.connect(adder.inp)
    with adder:
        with pytest.raises(ModelError, match="'failing' failed in step 3"):
            adder.run(RunSteps(9), config(worker_placement={sleeper: "thread"}))
        assert sleeper.state.get() == [2]
        time.sleep(2)
        assert sleeper.state.get() == [2]
        assert adder.total.get() == [2 * (1 + 2)]


# ----------------------------------------------------------------------------------------- when it is kept
def kept(process, cfg):
    return keeps_checkpoints(flatten(process, cfg), cfg)


def test_what_is_kept_if_nothing_is_said():
    lone = LIF(shape=(4,))
    assert not kept(lone, config())  # it would lose that it runs ahead
    assert kept(lone, config(keep_last_step=True))
    counter, _ = network(0)
    assert kept(counter, config())
    assert not kept(counter, config(keep_last_step=False))
    chip = Loihi2HwCfg(device="golden")
    assert not kept(counter, chip)
    assert kept(counter, Loihi2HwCfg(device="golden", keep_last_step=True))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        # Only what a step changes counts.
        (lambda: Dense(weights=np.ones((300, 300))), True),
        (lambda: Sink(shape=(1000,), buffer=1000), True),
        (lambda: Source(data=np.ones((1, 100_000))), True),
        (lambda: LIF(shape=(CHECKPOINT_BYTES // 4,)), False),
    ],
)
def test_little_is_kept_if_nothing_is_said(make, expected):
    process, other = make(), LIF(shape=(1,))
    # A user's process reads it, so that all go in lock step.
    reader = Toucher()
    reader.ref.connect_var(other.v)
    if process.in_ports:
        size = next(iter(process.in_ports)).size
        other.s_out.concat_with([LIF(shape=(1,)).s_out for _ in range(size - 1)], 0).connect(
            next(iter(process.in_ports))
        )
    else:
        process.s_out.connect(other.a_in)
    assert kept(reader, config()) is expected


class Growing(Dense):
    """Changes its weights."""


@implements(proc=Growing, protocol=LoihiProtocol)
class GrowingModel(PyDenseModelFloat):
    def run_spk(self):
        super().run_spk()
        self.weights += 2


def test_a_derived_model_is_not_believed_to_be_like_its_parent():
    found = []
    for step, steps in ((3, 9), (0, 2)):
        counter, growing = Counter(action=failing_in(step)), Growing(weights=np.array([[3]]))
        counter.out.connect(growing.s_in)
        with growing:
            if step:
                with pytest.raises(ModelError, match="step 3"):
                    growing.run(RunSteps(steps), Loihi2SimCfg())
            else:
                growing.run(RunSteps(steps), Loihi2SimCfg())
            found.append(growing.weights.get().tolist())
    assert found[0] == found[1] == [[3 + 2 * 2]]


@pytest.mark.parametrize("make", [config, RunConfig, lambda **k: HwRunCfg(device="golden", **k)])
@pytest.mark.parametrize("name", ["checkpoint", "keep_last_step"])
def test_what_it_may_be(make, name):
    """By its name, and by its old one."""
    for value in (None, True, False):
        made = make(**{name: value})
        assert made.checkpoint is made.keep_last_step is value
        assert ("checkpoint=" in repr(made)) is bool(value)
    with pytest.raises(ValueError, match=f"{name} must be True, False or None, got 'yes'"):
        make(**{name: "yes"})


def test_both_names_at_once_say_the_same():
    assert config(checkpoint=True, keep_last_step=True).checkpoint is True
    with pytest.raises(ValueError, match="keep_last_step is an old name of checkpoint; give one of them"):
        config(checkpoint=True, keep_last_step=False)
    cfg = config()
    cfg.keep_last_step = True
    assert cfg.checkpoint is True
