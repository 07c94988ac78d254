"""The driver on both devices, against the layer's model in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw.device import ChipFault, Device, DeviceError, ValueRefused
from lava_hw.device import session as session_module
from lava_hw.device.flits import token
from lava_hw.errors import NoEffectWarning
from lava_hw.regs import FaultCode, TokenIn

LIF, DENSE, SOURCE, OUT = "LIF_2", "Dense_1", "Source_0.s_out", "LIF_2.s_out"
EVENTS = ("spikes_in", "spikes_out", "synops")


def lock_step(session, spikes):
    """Run with one exchange a step; outputs of each step."""
    rows = []
    for row in spikes:
        step = session.step + 1
        session.run_to(step)
        session.close(step, 0)
        session.send(SOURCE, step, row)
        rows.append(session.wait_end(step, 0)[OUT])
        session.wait_paused()
    return np.array(rows)


def state(session):
    values = session.read_vars([f"{LIF}.u", f"{LIF}.v", f"{DENSE}.a_buff"])
    return {name.split(".")[1]: value for name, value in values.items()}


def test_a_batch_equals_the_model_and_so_does_every_variable(opened):
    device, layer = opened
    spikes = layer.spikes(30)
    want = layer.model(spikes)
    got = device.session.run_batch(30, {SOURCE: spikes})[OUT]
    assert want["s"].any()
    assert np.array_equal(got, want["s"])
    for name, value in state(device.session).items():
        assert np.array_equal(value, want[name][-1]), name
    assert np.array_equal(device.read(layer.weights), layer.matrix)


def test_lock_step_equals_a_batch_in_outputs_state_and_event_counters(opened):
    device, layer = opened
    spikes = layer.spikes(25)
    device.session.run_batch(25, {SOURCE: spikes})
    state_of_batch, counters = state(device.session), device.counters()
    device.reset()
    got = lock_step(device.session, spikes)
    assert np.array_equal(got, layer.model(spikes)["s"])
    for name, value in state(device.session).items():
        assert np.array_equal(value, state_of_batch[name]), name
    again = device.counters()
    for core, values in counters["cores"].items():
        assert {k: values[k] for k in EVENTS} == {k: again["cores"][core][k] for k in EVENTS}
    for key in ("step", "flits_in", "flits_out"):
        assert counters["chip"][key] == again["chip"][key]


def test_state_at_every_boundary(opened):
    device, layer = opened
    spikes = layer.spikes(12)
    want = layer.model(spikes)
    for t, row in enumerate(spikes):
        device.session.run_batch(1, {SOURCE: row[None]})
        for name, value in state(device.session).items():
            assert np.array_equal(value, want[name][t]), (t, name)


def test_counters_count_what_happened(opened):
    device, layer = opened
    spikes = layer.spikes(20)
    out = device.session.run_batch(20, {SOURCE: spikes})[OUT]
    counters = device.counters()
    core = counters["cores"][0]
    assert core["spikes_in"] == spikes.sum()
    assert core["spikes_out"] == out.sum()
    assert core["synops"] == spikes.sum() * layer.size
    assert counters["chip"]["step"] == 20
    blocks = np.pad(spikes, ((0, 0), (0, 24))).reshape(20, 2, 32).any(-1).sum()
    assert counters["chip"]["flits_in"] == blocks
    others = [values[key] for c, values in counters["cores"].items() if c for key in EVENTS]
    assert not any(others)


def test_pieces_of_a_batch_change_nothing(kind, options, narrow, monkeypatch):
    spikes = narrow.spikes(40)
    results = []
    for piece in (1024, 7, 1):
        monkeypatch.setattr(session_module, "_PIECE", piece)
        with Device.open(kind, narrow.chip, **options) as device:
            session = device.load(narrow.image)
            results.append((session.run_batch(40, {SOURCE: spikes})[OUT], device.counters()))
    for out, counters in results[1:]:
        assert np.array_equal(out, results[0][0])
        assert counters == results[0][1]


def test_batches_under_way_change_nothing(opened):
    """The next batches may lie behind the first one in the stream, whenever they are put there."""
    device, layer = opened
    session = device.session
    spikes = layer.spikes(60)
    parts = [spikes[:7], spikes[7:8], spikes[8:40], spikes[40:]]
    results = []
    for ahead in (1, 2, 4):
        device.reset()
        batches, got = [], []
        for part in parts:
            batches.append(session.start_batch(len(part), {SOURCE: part}))
            if len(batches) == ahead:
                got.append(session.finish_batch(batches.pop(0))[OUT])
        got += [session.finish_batch(batch)[OUT] for batch in batches]
        results.append((np.concatenate(got), state(session), device.counters()))
    want = layer.model(spikes)
    for out, values, counters in results:
        assert np.array_equal(out, want["s"])
        for name, value in values.items():
            assert np.array_equal(value, want[name][-1]), name
        assert counters == results[0][2]


def test_batches_are_finished_in_order(opened):
    device, layer = opened
    session = device.session
    first = session.start_batch(3, {SOURCE: layer.spikes(3)})
    second = session.start_batch(2)
    with pytest.raises(DeviceError, match="in the order in which they were begun"):
        session.finish_batch(second)
    assert len(session.finish_batch(first)[OUT]) == 3
    with pytest.raises(DeviceError, match="under way; finish them first"):
        device.read(f"{LIF}.v")
    with pytest.raises(DeviceError, match="under way; finish them first"):
        device.write(f"{LIF}.v", 0)
    assert session.limit == 5
    session.finish_batch(second)
    with pytest.raises(DeviceError, match="finished once each"):
        session.finish_batch(second)
    assert device.read(f"{LIF}.v").shape == (layer.size,)


def test_outputs_of_a_long_batch_are_decoded_on_the_way(opened, monkeypatch):
    monkeypatch.setattr(session_module, "_PIECE", 5)
    monkeypatch.setattr(session_module, "_HELD", 0)
    device, layer = opened
    spikes = layer.spikes(40)
    assert np.array_equal(device.session.run_batch(40, {SOURCE: spikes})[OUT], layer.model(spikes)["s"])


def test_batches_and_messages_in_advance(opened):
    """Messages may be sent long before, a batch takes them along, its last row waits for the next step."""
    device, layer = opened
    session = device.session
    spikes = layer.spikes(20)
    for step in (9, 3, 15):
        session.send(SOURCE, step, spikes[step - 1])
    other = spikes.copy()
    other[[2, 8, 14]] = 0
    first = session.run_batch(2, {SOURCE: other[:2]})[OUT]
    second = [
        session.run_batch(1, None if t in (3, 9, 15) else {SOURCE: other[t - 1 : t]})[OUT]
        for t in range(3, 21)
    ]
    assert np.array_equal(np.concatenate([first, *second]), layer.model(spikes)["s"])
    with pytest.raises(DeviceError, match="was sent a message for one of these steps before"):
        session.send(SOURCE, 22, spikes[0])
        session.run_batch(2, {SOURCE: other[:2]})


def test_reset_is_as_freshly_loaded(opened):
    device, layer = opened
    spikes = layer.spikes(15)
    fresh = device.session.run_batch(15, {SOURCE: spikes})[OUT]
    device.write(f"{LIF}.v", np.arange(layer.size))
    device.write(f"{LIF}.du", 17)
    device.write(layer.weights, layer.matrix[:, ::-1])
    device.write(f"{DENSE}.a_buff", 77)
    device.session.run_batch(3, {SOURCE: spikes[:3]})
    device.session.send(SOURCE, 19, spikes[0])
    device.reset()
    assert device.step == 0
    assert np.array_equal(device.read(layer.weights), layer.matrix)
    assert not device.read(f"{DENSE}.a_buff").any()
    assert device.counters()["chip"]["step"] == 0
    assert np.array_equal(device.session.run_batch(15, {SOURCE: spikes})[OUT], fresh)


def test_reset_in_the_middle_of_a_step(opened):
    device, layer = opened
    session = device.session
    spikes = layer.spikes(10)
    session.run_to(10)
    for step in (1, 2):
        session.close(step, 0)
        session.send(SOURCE, step, spikes[step - 1])
    session.wait_end(2, 0)
    device.reset()
    assert np.array_equal(session.run_batch(10, {SOURCE: spikes})[OUT], layer.model(spikes)["s"])


# ---------------------------------------------------------------------------------------------- variables
def test_writes_count_from_the_next_step(opened):
    device, layer = opened
    spikes = layer.spikes(20)
    device.session.run_batch(10, {SOURCE: spikes[:10]})
    values = {f"{LIF}.u": np.arange(layer.size) * 1000 - 9000, f"{LIF}.v": np.full(layer.size, -55)}
    a_buff = device.read(f"{DENSE}.a_buff")
    device.session.write_vars(values)
    assert np.array_equal(device.read(f"{LIF}.u"), values[f"{LIF}.u"])
    device.session.run_batch(1)
    product = values[f"{LIF}.u"] * (4096 - (layer.du + 1))
    want = np.sign(product) * (np.abs(product) >> 12) + a_buff * 64
    assert np.array_equal(device.read(f"{LIF}.u"), want)


def test_threshold_is_latched_by_the_first_step(opened):
    device, layer = opened
    spikes = layer.spikes(20)
    device.write(f"{LIF}.vth", 300)
    got = device.session.run_batch(20, {SOURCE: spikes})[OUT]
    want = layer.model(spikes, vth=300)["s"]
    assert not np.array_equal(want, layer.model(spikes)["s"])
    assert np.array_equal(got, want)
    device.reset()
    device.session.run_batch(1, {SOURCE: spikes[:1]})
    with pytest.warns(
        NoEffectWarning, match=r"\.vth: step 1 has latched it.*call reset\(\) and write it before"
    ):
        device.write(f"{LIF}.vth", 300)
    assert device.read(f"{LIF}.vth") == 300
    got = device.session.run_batch(19, {SOURCE: spikes[1:]})[OUT]
    assert np.array_equal(got, layer.model(spikes)["s"][1:])


@pytest.mark.parametrize("sign", [1, -1])
def test_weights_before_the_first_step_may_change_the_sign_mode(opened, sign):
    device, layer = opened
    spikes = layer.spikes(20)
    matrix = sign * (np.abs(layer.matrix) + 1)  # odd: a mixed sign mode would lose the last bit
    device.write(layer.weights, matrix)
    device.write(f"{LIF}.v", 50000)
    assert np.array_equal(device.read(layer.weights), matrix)
    got = device.session.run_batch(20, {SOURCE: spikes})[OUT]
    assert got.any()
    u = device.read(f"{LIF}.u")
    want = layer.model(spikes, matrix)
    assert np.array_equal(u, want["u"][-1])
    device.reset()
    assert np.array_equal(device.read(layer.weights), layer.matrix)
    assert np.array_equal(device.session.run_batch(20, {SOURCE: spikes})[OUT], layer.model(spikes)["s"])


def test_weights_after_the_first_step_are_raw_or_refused(opened):
    device, layer = opened
    spikes = layer.spikes(20)
    device.session.run_batch(10, {SOURCE: spikes[:10]})
    with pytest.raises(ValueRefused, match=r"Dense_1\.weights: element \(2, 3\) is 5; .*multiples of 2"):
        bad = layer.matrix.copy()
        bad[2, 3] = 5
        device.write(layer.weights, bad)
    assert np.array_equal(device.read(layer.weights), layer.matrix)
    device.write(layer.weights, -layer.matrix)
    want = layer.model(spikes[:10])
    a_buff = -layer.matrix @ (spikes[10] != 0)
    device.session.run_batch(1, {SOURCE: spikes[10:11]})
    assert np.array_equal(device.read(f"{DENSE}.a_buff"), a_buff)
    assert want["s"].any()


def test_one_bad_value_and_nothing_is_written(opened):
    device, layer = opened
    before = device.read(f"{LIF}.v")
    with pytest.raises(ValueRefused, match=rf"{LIF}\.u"):
        device.session.write_vars({f"{LIF}.v": before + 5, f"{LIF}.u": np.full(layer.size + 1, 1)})
    assert np.array_equal(device.read(f"{LIF}.v"), before)


def test_frozen_host_values(opened):
    device, layer = opened
    name = f"{DENSE}.num_message_bits"
    assert device.read(name) == 0
    device.session.run_batch(1, {SOURCE: layer.spikes(1)})
    with pytest.raises(ValueRefused, match=r"num_message_bits is fixed once a step has run"):
        device.write(name, 8)


# ---------------------------------------------------------------------------------------------- wrong use
def test_names_are_known_or_listed(opened):
    device, _ = opened
    with pytest.raises(DeviceError, match=r"no input 'x\.y'; its inputs are: .*Source_0\.s_out"):
        device.session.send("x.y", 1, 0)
    with pytest.raises(DeviceError, match=r"no variable 'q'; its variables are: .*LIF_2\.v"):
        device.read("q")
    with pytest.raises(DeviceError, match=r"no output 'q'; its outputs are: LIF_2\.s_out"):
        device.drain("q")


def test_an_alias_names_its_source(opened):
    device, layer = opened
    spikes = layer.spikes(10)
    got = device.session.run_batch(10, {"Dense_1.s_in": spikes})[OUT]
    assert np.array_equal(got, layer.model(spikes)["s"])
    with pytest.raises(DeviceError, match="under two names"):
        device.session.run_batch(10, {"Dense_1.s_in": spikes, SOURCE: spikes})


def test_messages_and_closes_out_of_order(opened):
    device, layer = opened
    session = device.session
    row = layer.spikes(1)[0]
    with pytest.raises(DeviceError, match="out of order: step 1, stage 0 is next"):
        session.close(2, 0)
    with pytest.raises(DeviceError, match="steps were allowed up to 0 only"):
        session.close(1, 0)
    session.run_to(2)
    with pytest.raises(DeviceError, match="2 is not beyond"):
        session.run_to(2)
    session.close(1, 0)
    session.send(SOURCE, 1, row)
    with pytest.raises(DeviceError, match="two messages in step 1"):
        session.send(SOURCE, 1, row)
    session.close(2, 0)
    with pytest.raises(DeviceError, match=r"step 1 is closed|two messages"):
        session.send(SOURCE, 1, row)
    session.send(SOURCE, 2, row)
    session.wait_paused()
    assert session.poll_end(1, 0)[OUT].shape == (layer.size,)
    assert session.poll_end(2, 0) is not None
    assert session.poll_end(3, 0) is None
    with pytest.raises(DeviceError, match="stage 5 sends nothing outside"):
        session.poll_end(2, 5)


def test_nothing_at_a_boundary_while_steps_are_under_way(opened):
    device, _ = opened
    session = device.session
    session.run_to(3)
    for call in (
        lambda: device.read(f"{LIF}.v"),
        lambda: device.write(f"{LIF}.v", 0),
        device.counters,
        lambda: session.run_batch(1),
    ):
        with pytest.raises(DeviceError, match="on its way from step 0 to 3"):
            call()
    with pytest.raises(DeviceError, match="at least one step"):
        session.start_batch(0)


def test_rows_for_other_steps_are_refused(opened):
    device, layer = opened
    with pytest.raises(DeviceError, match="4 messages for 5 steps"):
        device.session.run_batch(5, {SOURCE: layer.spikes(4)})
    assert device.session.limit == 0


def test_a_fault_is_named_and_reset_recovers(opened):
    device, layer = opened
    session = device.session
    spikes = layer.spikes(10)
    session.run_batch(4, {SOURCE: spikes[:4]})
    device._link.queue(token(TokenIn.CLOSE, 99, 0))
    with pytest.raises(ChipFault, match="the chip reported fault BAD_CLOSE while words were read") as caught:
        device.read(f"{LIF}.v")
    assert caught.value.code == FaultCode.BAD_CLOSE
    with pytest.raises(ChipFault):
        session.run_batch(1)
    device.reset()
    assert np.array_equal(session.run_batch(10, {SOURCE: spikes})[OUT], layer.model(spikes)["s"])


def test_golden_says_what_it_waits_for(narrow):
    with Device.open("golden", narrow.chip) as device:
        session = device.load(narrow.image)
        session.run_to(5)
        with pytest.raises(
            DeviceError, match=r"waits for CLOSE of \(step, stage\) \(1, 0\).*step 1, stage 0"
        ):
            session.wait_end(1, 0)


def test_an_interrupted_wait_leaves_only_close(opened):
    """Ctrl-C in the middle of an exchange: nobody knows what was read, so nothing more is believed."""
    device, layer = opened

    def interrupted(block):
        raise KeyboardInterrupt

    pop = device._link.transport.pop
    device._link.transport.pop = interrupted
    with pytest.raises(KeyboardInterrupt):
        device.session.run_batch(3, {SOURCE: layer.spikes(3)})
    device._link.transport.pop = pop
    with pytest.raises(DeviceError, match=r"no longer in step after .* .KeyboardInterrupt while"):
        device.advance(1)
    with pytest.raises(DeviceError, match="close it and open it again"):
        device.reset()
    device.close()
