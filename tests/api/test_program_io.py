"""Injector, Extractor and VarWire: a program that talks to its network while it runs."""

from __future__ import annotations

import pickle
import threading
import time

import numpy as np
import pytest

from lava_hw import (
    LIF,
    Dense,
    HwRunCfg,
    Loihi2SimCfg,
    RunContinuous,
    RunSteps,
    Sink,
    Source,
)
from lava_hw.proc.io.extractor import Extractor, PyLoihiExtractorModelAsync, VarWire
from lava_hw.proc.io.injector import Injector, PyLoihiInjectorModel, PyLoihiInjectorModelAsync
from lava_hw.proc.io.utils import (
    ChannelConfig,
    ReceiveEmpty,
    ReceiveNotEmpty,
    SendFull,
    validate_buffer_size,
    validate_channel_config,
    validate_shape,
)
from tests.api.program import chain, wait_for_step, within

CFG = Loihi2SimCfg()
ZEROS = ChannelConfig(receive_empty=ReceiveEmpty.NON_BLOCKING_ZEROS)
DROP = ChannelConfig(send_full=SendFull.NON_BLOCKING_DROP)


@pytest.mark.timeout(60)
def test_round_trips_while_the_network_runs():
    injector, extractor = chain()
    with injector:
        injector.run(RunContinuous(), CFG)
        for k in range(200):
            injector.send([k, -k / 2])
            assert extractor.receive().tolist() == [k, -k / 2]
        injector.pause()
        assert injector.runtime.num_steps >= 200


@pytest.mark.timeout(60)
def test_steps_that_were_filled_before():
    injector, extractor = chain()
    with injector:
        injector.create_runtime(CFG)
        data = np.array([[1, 2], [3, 4], [5, 6]], dtype=float)
        for item in data:
            injector.send(item)
        data[:] = 0  # what was sent is a copy
        injector.run(RunSteps(3))
        assert [extractor.receive().tolist() for _ in range(3)] == [[1, 2], [3, 4], [5, 6]]


@pytest.mark.timeout(60)
def test_a_blocking_run_that_another_thread_feeds():
    injector, sink = Injector(shape=(1,), buffer_size=3), Sink(shape=(1,), buffer=40)
    injector.out_port.connect(sink.a_in)
    injector.create_runtime(CFG)

    def feed():
        for k in range(40):
            injector.send([k])

    thread = threading.Thread(target=feed)
    thread.start()  # fills the buffer, then waits
    time.sleep(0.05)
    with injector:
        injector.run(RunSteps(40))
        thread.join()
        assert sink.data.get()[0].tolist() == list(range(40))


@pytest.mark.timeout(60)
def test_an_extractor_that_nobody_empties_holds_the_network():
    source, extractor = Source(data=np.arange(50.0)[None]), Extractor(shape=(1,), buffer_size=4)
    source.s_out.connect(extractor.in_port)
    with source:
        source.run(RunSteps(30, blocking=False), CFG)
        wait_for_step(source, 5)
        assert source.runtime.is_running
        assert source.runtime.num_steps == 5
        got = [extractor.receive()[0] for _ in range(10)]
        within(5, source.pause)
        steps = source.runtime.num_steps
        assert 10 <= steps < 30
        # Nothing is lost, also not the item that had no room.
        while len(got) < steps:
            got.append(extractor.receive()[0])
        assert got == list(range(steps))
        source.run(RunSteps(2))
        assert [extractor.receive()[0] for _ in range(2)] == [steps, steps + 1]


@pytest.mark.timeout(60)
def test_dropping():
    injector, extractor = chain(buffer_size=2, channel_config=DROP)
    with injector:
        injector.create_runtime(CFG)
        injector.send([1, 1])
        injector.send([2, 2])
        with pytest.warns(UserWarning, match=r"buffer of 'Injector_\d+' is full"):
            injector.send([3, 3])
        injector.run(RunSteps(2))
        assert [extractor.receive()[0] for _ in range(2)] == [1, 2]
    source, extractor = Source(data=np.arange(9.0)[None]), Extractor((1,), 3, DROP)
    source.s_out.connect(extractor.in_port)
    with source:
        with pytest.warns(UserWarning, match=r"buffer of receive\(\) of an Extractor is full"):
            source.run(RunSteps(9), CFG)
        assert [extractor.receive()[0] for _ in range(3)] == [0, 1, 2]


@pytest.mark.timeout(60)
def test_zeros_instead_of_waiting():
    injector, extractor = chain(channel_config=ZEROS)
    with injector:
        injector.create_runtime(CFG)
        injector.send([7, 8])
        injector.run(RunSteps(3))
        assert [extractor.receive().tolist() for _ in range(4)] == [[7, 8], [0, 0], [0, 0], [0, 0]]


@pytest.mark.timeout(60)
def test_accumulating():
    config = ChannelConfig(receive_not_empty=ReceiveNotEmpty.ACCUMULATE)
    injector, extractor = Injector((2,), 50, config), Extractor((2,), 50)
    injector.out_port.connect(extractor.in_port)
    source, summed = Source(data=np.arange(6.0)[None]), Extractor((1,), 50, config)
    source.s_out.connect(summed.in_port)
    with injector, source:
        injector.create_runtime(CFG)
        for k in range(5):
            injector.send([k, 1])
        injector.run(RunSteps(1))
        assert extractor.receive().tolist() == [10, 5]
        source.run(RunSteps(6), CFG)
        assert summed.receive().tolist() == [15]


@pytest.mark.timeout(60)
def test_var_wire():
    lif, wire = LIF(shape=(2,), bias_mant=1.5, vth=1000), VarWire(buffer_size=3)
    wire.connect_var(lif.v)
    assert wire.shape == (2,)
    with lif:
        lif.run(RunSteps(6, blocking=False), CFG)
        got = [wire.receive().tolist() for _ in range(6)]
        lif.wait()
    assert got == [[1.5 * t] * 2 for t in range(1, 7)]


@pytest.mark.timeout(60)
def test_a_loop_through_the_program():
    """What is sent for a step may depend on what came out of the same step."""
    injector, dense = Injector(shape=(1,)), Dense(weights=np.array([[3.0]]), num_message_bits=8)
    lif = LIF(shape=(1,), vth=1e6, du=0, dv=1)
    wire = Extractor(shape=(1,))
    injector.out_port.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    dense.a_out.connect(wire.in_port)
    with injector:
        injector.run(RunContinuous(), CFG)
        for _ in range(50):
            value = wire.receive()[0]  # first: the network has given something before it was asked
            injector.send([value / 3 + 1])
        injector.pause()
        assert value == 3 * 49


@pytest.mark.timeout(60)
@pytest.mark.parametrize("steps", [None, 7])
def test_without_steps(steps):
    """The asynchronous models."""
    injector, extractor = chain(buffer_size=4)
    cfg = Loihi2SimCfg(
        exception_proc_model_map={
            Injector: PyLoihiInjectorModelAsync,
            Extractor: PyLoihiExtractorModelAsync,
        }
    )
    with injector:
        injector.run(RunSteps(steps, blocking=False) if steps else RunContinuous(), cfg)
        for k in range(steps or 20):
            injector.send([k, k])
            assert extractor.receive().tolist() == [k, k]
        if steps:
            within(5, injector.wait)
        within(5, injector.pause)
        injector.send([9, 9])
        injector.run(RunSteps(1))
        assert extractor.receive().tolist() == [9, 9]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("tag", ["fixed_pt", "floating_pt"])
def test_any_tag(tag):
    injector, extractor = chain(channel_config=ZEROS)
    with injector:
        injector.run(RunSteps(1), Loihi2SimCfg(select_tag=tag))
        assert injector.model_class is PyLoihiInjectorModel
        assert extractor.receive().tolist() == [0, 0]


@pytest.mark.timeout(60)
def test_beside_the_chip():
    """Counts of spikes of a population of the chip, step by step, while it runs."""
    lif, extractor = LIF(shape=(5,), bias_mant=[10, 20, 30, 40, 50], vth=3), Extractor((5,), 8)
    lif.s_out.connect(extractor.in_port)
    with lif:
        lif.run(RunSteps(20, blocking=False), HwRunCfg(device="golden", chip="test8"))
        counts = sum(extractor.receive() for _ in range(20))
        lif.wait()
        assert lif.runtime.num_steps == 20
    reference, sink = LIF(shape=(5,), bias_mant=[10, 20, 30, 40, 50], vth=3), Sink(shape=(5,), buffer=20)
    reference.s_out.connect(sink.a_in)
    with reference:
        reference.run(RunSteps(20), Loihi2SimCfg(select_tag="fixed_pt"))
        assert counts.tolist() == sink.data.get().sum(axis=1).tolist()
        assert counts.any()


def test_before_there_is_a_runtime():
    injector, extractor = Injector((1,)), Extractor((1,))
    for call in (lambda: injector.send([1]), extractor.receive):
        with pytest.raises(
            AssertionError, match=r"has no runtime yet; call create_runtime\(run_cfg\) or run"
        ):
            call()


def test_items_of_another_shape():
    injector = Injector((2,))
    with injector:
        injector.create_runtime(CFG)
        with pytest.raises(AssertionError, match=r"sends arrays of shape \(2,\), got one of shape \(3,\)"):
            injector.send([1, 2, 3])


def test_reset_forgets_items():
    injector, extractor = chain(channel_config=ZEROS)
    with injector:
        injector.create_runtime(CFG)
        injector.send([1, 1])
        injector.runtime.reset()
        injector.run(RunSteps(1))
        assert extractor.receive().tolist() == [0, 0]


@pytest.mark.timeout(60)
def test_many_threads_at_both_ends():
    """Every item arrives once, and the buffer is never larger than it may be."""
    injector, extractor = chain(buffer_size=3)
    got, largest = [], []

    def send(first):
        for k in range(100):
            injector.send([first + k, 0])
            largest.append(len(injector._program_queue._items))

    def receive():
        for _ in range(100):
            got.append(extractor.receive()[0])

    threads = [threading.Thread(target=send, args=(1000 * k,)) for k in range(4)]
    threads += [threading.Thread(target=receive) for _ in range(4)]
    with injector:
        injector.run(RunContinuous(), CFG)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads)
    assert sorted(got) == [1000 * k + n for k in range(4) for n in range(100)]
    assert max(largest) <= 3


def test_models_made_by_hand():
    for model in (PyLoihiInjectorModel, PyLoihiInjectorModelAsync, PyLoihiExtractorModelAsync):
        made = model({"shape": (2,), "channel_config": ZEROS})
        assert made._program_queue.shape == (2,)
        assert made._program_queue.get_nowait().tolist() == [0, 0]


def test_processes_can_be_pickled():
    injector, extractor = pickle.loads(pickle.dumps(chain(channel_config=ZEROS)))
    with injector:
        injector.create_runtime(CFG)
        injector.send([1, 2])
        injector.run(RunSteps(1))
        assert extractor.receive().tolist() == [1, 2]


@pytest.mark.parametrize(
    ("function", "value", "error", "message"),
    [
        (validate_shape, [1], TypeError, "must be a tuple of positive ints"),
        (validate_shape, (1.0,), TypeError, "must be of type int"),
        (validate_shape, (2, 0), ValueError, "must be strictly positive"),
        (validate_buffer_size, 2.0, TypeError, "must be of type int"),
        (validate_buffer_size, True, TypeError, "must be of type int"),
        (validate_buffer_size, 0, ValueError, "must be strictly positive"),
        (validate_channel_config, 1, TypeError, "must be a ChannelConfig"),
        (validate_channel_config, ChannelConfig(send_full=1), TypeError, "send_full must be a SendFull"),
        (validate_channel_config, ChannelConfig(receive_empty=2), TypeError, "must be a ReceiveEmpty"),
        (validate_channel_config, ChannelConfig(receive_not_empty=2), TypeError, "must be a ReceiveNotEmpty"),
    ],
)
def test_arguments_that_are_refused(function, value, error, message):
    with pytest.raises(error, match=message):
        function(value)
    key = {validate_shape: "shape", validate_buffer_size: "buffer_size"}.get(function, "channel_config")
    for cls in (Injector, Extractor):
        with pytest.raises(error, match=message):
            cls(**({"shape": (1,)} | {key: value}))
