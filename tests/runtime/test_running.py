"""Runs: steps, pause, stop, reset, errors of use."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import numpy as np
import pytest

from lava_hw import LIF, Dense, Loihi2SimCfg, Monitor, RunContinuous, RunSteps, Sink, Source
from lava_hw.errors import NoEffectWarning, UndefinedValueError, ValueChangedWarning
from lava_hw.magma.compiler.exceptions import ProcessAlreadyCompiled
from lava_hw.runtime.errors import RunError
from tests.runtime.processes import Adder, Counter

FIXED = Loihi2SimCfg(select_tag="fixed_pt")


def chain(steps=100, **counter):
    counter, adder, sink = Counter(**counter), Adder(), Sink(shape=(1,), buffer=steps)
    counter.out.connect(adder.inp)
    adder.out.connect(sink.a_in)
    return counter, adder, sink


def library_net(steps=50):
    rng = np.random.default_rng(3)
    source = Source(data=rng.integers(0, 2, (8, steps)))
    dense = Dense(weights=2 * rng.integers(-30, 60, (5, 8)))
    lif, sink = LIF(shape=(5,), du=500, dv=100, vth=60), Sink(shape=(5,), buffer=steps)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    lif.s_out.connect(sink.a_in)
    return source, dense, lif, sink


def test_several_runs_go_on():
    counter, adder, sink = chain(steps=7)
    with counter:
        adder.run(RunSteps(3), FIXED)
        assert adder.total.get() == [6]
        counter.run(RunSteps(4))
        assert adder.total.get() == [28]
        assert sink.data.get().tolist() == [[1, 3, 6, 10, 15, 21, 28]]
        assert adder.runtime.num_steps == 7


def test_no_step_at_all():
    counter, adder, _ = chain()
    with counter:
        counter.run(RunSteps(0), FIXED)
        assert counter.runtime.num_steps == 0
        assert adder.total.get() == [0]


def test_set_between_runs():
    counter, adder, _ = chain()
    with counter:
        counter.run(RunSteps(1), FIXED)
        adder.total.set(100)
        counter.run(RunSteps(1))
        assert adder.total.get() == [102]
        with pytest.warns(ValueChangedWarning, match=r"Adder_\d\.total: .* 7.9 is used as 7"):
            adder.total.set(np.array([7.9]))
        assert adder.total.get() == [7]


def test_set_before_step_1_is_what_gets_latched():
    lif = LIF(shape=(2,), du=4095, dv=0, vth=1000, bias_mant=100)
    with lif:
        lif.create_runtime(FIXED)
        lif.vth.set(1)
        lif.run(RunSteps(1))
        assert lif.v.get().tolist() == [0, 0]  # 100 > 64: both spiked
        with pytest.warns(NoEffectWarning, match="step 1 has latched it"):
            lif.vth.set(1000)
        lif.run(RunSteps(1))
        assert lif.v.get().tolist() == [0, 0]  # later changes have no effect


def test_nonblocking_and_wait():
    counter, adder, _ = chain()
    with counter:
        counter.run(RunSteps(50, blocking=False), FIXED)
        counter.wait()
        assert adder.total.get() == [1275]
        assert not counter.runtime.is_running


@pytest.mark.parametrize("make", [chain, library_net])
def test_pause_ends_at_a_step_boundary(make):
    net = make()
    with net[0]:
        net[0].run(RunContinuous(), FIXED)
        time.sleep(0.05)
        net[0].pause()
        runtime = net[0].runtime
        steps = runtime.num_steps
        assert steps > 0
        assert {p.step for p in runtime._worker.participants} == {steps}
        assert all(channel.count == 0 for channel in runtime._worker.channels)
        net[0].run(RunSteps(5))
        assert runtime.num_steps == steps + 5


def test_pause_from_another_thread_ends_a_blocking_run():
    counter, _, _ = chain()
    with counter:
        counter.create_runtime(FIXED)
        timer = threading.Timer(0.1, counter.pause)
        timer.start()
        counter.run(RunSteps(10**9))
        timer.join()
        steps = counter.runtime.num_steps
        assert 0 < steps < 10**9
        assert counter.state.get() == [steps]


@pytest.mark.parametrize("make", [chain, library_net])
def test_get_during_a_run_sees_a_step_boundary(make):
    net = make()
    with net[0]:
        net[0].run(RunContinuous(), FIXED)
        if make is chain:
            seen = []
            for _ in range(5):
                state, total = net[0].state.get(), net[1].total.get()
                seen.append(state[0])
                assert total[0] >= 0
            assert seen == sorted(seen)

            # All Vars of one request belong to the same step.
            def both():
                owners = net[0].runtime._participants
                return owners[0].read_var(0, "state")[0], owners[1].read_var(1, "total")[0]

            step, total = net[0].runtime._thread.call(both)
            assert int(total) == int(step) * (int(step) + 1) // 2
        else:
            assert net[2].v.get().shape == (5,)
        assert net[0].runtime.is_running


def test_stop_during_a_run_and_twice():
    counter, adder, _ = chain()
    counter.run(RunContinuous(), FIXED)
    thread = counter.runtime._thread.thread
    counter.stop()
    adder.stop()
    assert not thread.is_alive()


def test_after_stop():
    counter, adder, _ = chain()
    counter.run(RunSteps(1), FIXED)
    counter.stop()
    with pytest.raises(RuntimeError, match="was stopped"):
        adder.run(RunSteps(1), FIXED)
    with pytest.raises(RuntimeError, match="was stopped"):
        adder.total.get()
    with pytest.raises(RuntimeError, match="was stopped"):
        adder.total.set(1)


def test_wait_pause_and_stop_without_a_runtime_do_nothing():
    counter, _, _ = chain()
    counter.wait()
    counter.pause()
    counter.stop()
    assert not counter.is_compiled


def test_second_run_during_a_run():
    counter, adder, _ = chain()
    with counter:
        counter.run(RunContinuous(), FIXED)
        with pytest.raises(RunError, match="in progress"):
            adder.run(RunSteps(1))
        with pytest.raises(RunError, match="in progress"):
            counter.runtime.reset()
        counter.pause()
        adder.run(RunSteps(1))


def test_first_run_needs_a_configuration():
    counter, _, _ = chain()
    with pytest.raises(ValueError, match="run_cfg"):
        counter.run(RunSteps(1))


def test_compiling_twice():
    counter, adder, _ = chain()
    with counter:
        counter.create_runtime(FIXED)
        with pytest.raises(ProcessAlreadyCompiled, match="belongs to a runtime"):
            adder.create_runtime(FIXED)


@pytest.mark.parametrize("attribute", ["_req_pause", "_req_stop"])
def test_model_ends_the_run_after_its_step(attribute):
    def action(model):
        if model.time_step == 4:
            setattr(model, attribute, True)

    counter, adder, sink = chain(action=action)
    with counter:
        counter.run(RunSteps(100), FIXED)
        if attribute == "_req_pause":
            assert counter.runtime.num_steps == 4
            assert adder.total.get() == [10]  # everybody has ended step 4, nobody has begun step 5
            assert sink.data.get()[0, :6].tolist() == [1, 3, 6, 10, 0, 0]
            counter.run(RunSteps(2))
            assert adder.total.get() == [21]
        else:
            with pytest.raises(RuntimeError, match="was stopped"):
                adder.total.get()


# A threshold is set after step 1 on purpose: a reset latches anew.
@pytest.mark.filterwarnings("ignore::lava_hw.errors.NoEffectWarning")
@pytest.mark.parametrize("make", [chain, library_net])
def test_reset_is_as_freshly_loaded(make):
    net = make()
    first = net[0]
    with first:
        first.run(RunSteps(20), FIXED)
        before = net[-1].data.get()
        state = [[var.get() for var in process.vars] for process in net]
        for process in net[1:-1]:
            for var in process.vars:
                var.set(3)
        first.run(RunSteps(13))
        first.runtime.reset()
        assert first.runtime.num_steps == 0
        assert not net[-1].data.get().any()
        first.run(RunSteps(20))
        np.testing.assert_array_equal(net[-1].data.get(), before)
        for process, values in zip(net, state, strict=True):
            for var, value in zip(process.vars, values, strict=True):
                np.testing.assert_array_equal(var.get(), value)


def test_two_networks_at_once():
    one, two = chain(), chain()
    with one[0], two[0]:
        one[0].run(RunContinuous(), FIXED)
        two[0].run(RunSteps(30), FIXED)
        assert two[1].total.get() == [465]
        one[0].pause()
        steps = one[0].runtime.num_steps
        assert one[0].state.get() == [steps]


def test_results_do_not_depend_on_the_capacity_of_channels():
    results = []
    for size in (1, 2, 3, 64):
        net = library_net()
        net[0].create_runtime(FIXED, compile_config={"pypy_channel_size": size})
        with net[0]:
            net[0].run(RunSteps(50))
            results.append((net[-1].data.get(), net[2].v.get(), net[2].u.get()))
    assert results[0][0].any()
    for result in results[1:]:
        for a, b in zip(result, results[0], strict=True):
            np.testing.assert_array_equal(a, b)


def test_unknown_option():
    counter, _, _ = chain()
    with pytest.raises(ValueError, match="pypy_chanel_size"):
        counter.run(RunSteps(1), FIXED, {"pypy_chanel_size": 3})


def test_library_networks_run_ahead_and_users_do_not():
    net, mixed = library_net(), chain()
    with net[0], mixed[0]:
        net[0].create_runtime(FIXED)
        mixed[0].create_runtime(FIXED)
        assert net[0].runtime.can_run_ahead
        assert not mixed[0].runtime.can_run_ahead


def test_a_hundred_runs_leave_nothing_behind():
    threads = threading.active_count()
    alive = []
    for k in range(100):
        net = library_net()
        monitor = Monitor()
        monitor.probe(net[2].v, 3)
        net[0].run(RunSteps(3), FIXED)
        alive.append(weakref.ref(net[2]))
        if k % 2:
            net[0].stop()  # the others are freed without it
        del net, monitor
    gc.collect()
    limit = time.monotonic() + 10
    while time.monotonic() < limit and threading.active_count() > threads:
        time.sleep(0.02)
    assert threading.active_count() <= threads
    assert not any(ref() is not None for ref in alive)


def test_conversion_of_values():
    lif = LIF(shape=(2,), du=5, vth=[1, 100], bias_mant=[1, 2])
    assert lif.du.get() == 5
    assert lif.vth.get() == [1, 100]
    with pytest.raises(ValueError, match="no runtime yet"):
        lif.u.set(np.zeros(2))
    with lif:
        lif.create_runtime(FIXED)
        assert lif.du.get().dtype == np.float64
        assert lif.du.get().tolist() == [5]
        assert lif.vth.get().tolist() == [1, 100]
        with pytest.warns(ValueChangedWarning, match="7.9 is used as 7"):
            lif.du.set(7.9)
        assert lif.du.get().tolist() == [7]
        with pytest.raises(UndefinedValueError, match=r"element \(0,\) is 70000; .* -32768 to 32767"):
            lif.bias_mant.set(np.array([70000, -1]))  # int16
        lif.u.set(5, idx=1)
        assert lif.u.get().tolist() == [0, 5]
        assert lif.u.get(1) == 5
        with pytest.raises(ValueError, match=r"shape \(2,\) to a value of shape \(3,\)"):
            lif.u.set(np.zeros(3))
        with pytest.raises(TypeError, match="number"):
            lif.u.set(np.array(["a", "b"]))
        lif.run(RunSteps(2))
        assert lif.u.get().tolist() == [0, 3]


def test_unconnected_process_keeps_its_initial_values():
    one, other = LIF(shape=(1,), v=3), LIF(shape=(1,), v=4)
    with one:
        one.run(RunSteps(1), FIXED)
        assert other.v.get() == 4
        with pytest.raises(ValueError, match="no runtime"):
            other.v.set(1)
