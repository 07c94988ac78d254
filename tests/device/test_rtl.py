"""The RTL beside golden: all that a device answers; cycles are a function of the stream of flits alone."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from lava_hw.device import Device

pytestmark = pytest.mark.rtl

SOURCE, OUT = "Source_0.s_out", "LIF_2.s_out"
CYCLES = ("cycles", "cyc_wait", "cyc_update", "cyc_synapse", "cyc_stall")


def everything(device, spikes):
    """Outputs, all variables and all counters of a run in blocks, lock step and blocks again."""
    session = device.session
    outputs = [session.run_batch(11, {SOURCE: spikes[:11]})[OUT]]
    for step in range(12, 20):
        session.run_to(step)
        session.close(step, 0)
        session.send(SOURCE, step, spikes[step - 1])
        session.sync()
        outputs.append(session.wait_end(step, 0)[OUT][None])
    session.wait_paused()
    variables = session.read_vars(session.variables)
    outputs.append(session.run_batch(10, {SOURCE: spikes[19:29]})[OUT])
    return np.concatenate(outputs), variables, session.read_vars(session.variables), device.counters()


def flat(counters):
    rows = {("chip", key): value for key, value in counters["chip"].items()}
    for core, values in counters["cores"].items():
        rows |= {(core, key): value for key, value in values.items()}
    return rows


def test_the_rtl_answers_as_golden_does(layer):
    spikes = layer.spikes(30)
    got = {}
    for kind, options in (("golden", {}), ("verilator", {"build": "checked"})):
        with Device.open(kind, layer.chip, **options) as device:
            device.load(layer.image)
            got[kind] = everything(device, spikes)
            device.reset()
            again = everything(device, spikes)
            assert np.array_equal(again[0], got[kind][0])
            assert again[3] == got[kind][3]  # cycle counters, too
    golden, rtl = got["golden"], got["verilator"]
    assert np.array_equal(golden[0], layer.model(spikes[:29])["s"])
    assert np.array_equal(rtl[0], golden[0])
    for which in (1, 2):
        for name, value in golden[which].items():
            assert np.array_equal(rtl[which][name], value), name
    for key, value in flat(golden[3]).items():
        if key[1] in CYCLES:
            assert value == 0
        else:
            assert flat(rtl[3])[key] == value, key
    assert flat(rtl[3])["chip", "cycles"] > 0
    assert flat(rtl[3])[0, "cyc_update"] > 0
    assert flat(rtl[3])[0, "cyc_synapse"] > 0


def delayed(device, seed):
    """Let every push and pop of the host take a random time."""
    transport = device._link.transport
    rng = np.random.default_rng(seed)
    push, pop = transport.push, transport.pop

    def slow_push(flits):
        for part in np.array_split(flits, rng.integers(1, 5)):
            time.sleep(rng.random() * 0.002)
            push(part)

    def slow_pop(block):
        time.sleep(rng.random() * 0.002)
        return pop(block)

    transport.push, transport.pop = slow_push, slow_pop


def test_counters_do_not_depend_on_time_evaluations_or_assertions(narrow, tmp_path):
    spikes = narrow.spikes(30)
    results = []
    for number, options in enumerate(
        (
            {"build": "checked"},
            {"build": "checked", "two_evals": True},
            {"build": "checked", "ring_slots": 64},
            {"build": "fast", "marks": 100},
        )
    ):
        for seed in (None, number):
            path = tmp_path / f"{number}{seed}.json"
            with Device.open("verilator", narrow.chip, stats=path, **options) as device:
                device.load(narrow.image)
                if seed is not None:
                    delayed(device, seed)
                out, _, variables, counters = everything(device, spikes)
            stats = json.loads(path.read_text())
            facts = {key: stats[key] for key in ("cycles", "flits_in", "flits_out", "syncs", "hash")}
            results.append((out, variables, counters, facts))
    for out, variables, counters, facts in results[1:]:
        assert np.array_equal(out, results[0][0])
        assert counters == results[0][2]
        assert facts == results[0][3]
        assert all(np.array_equal(value, results[0][1][name]) for name, value in variables.items())
    assert [mark[0] for mark in stats["marks"]] == [11, *range(12, 20), 29]


def test_a_waveform_holds_the_steps_that_were_asked_for(narrow, tmp_path):
    path = tmp_path / "wave.vcd"
    spikes = narrow.spikes(12)
    with Device.open("verilator", narrow.chip, trace=(4, 6, path)) as device:
        device.load(narrow.image)
        device.inject(SOURCE, spikes)
        device.advance(12)
        assert np.array_equal(device.drain(OUT), narrow.model(spikes)["s"])
    text = path.read_text()
    code = next(line for line in text.splitlines() if " step_o " in line).split()[3]
    seen = {
        int(line[1:].split()[0], 2)
        for line in text.splitlines()
        if line.startswith("b") and line.endswith(f" {code}")
    }
    assert seen == {4, 5, 6}
