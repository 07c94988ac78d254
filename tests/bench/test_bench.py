"""The bench measures what it says: tiny networks, and no figure is held against a clock."""

from __future__ import annotations

import json
import statistics

import numpy as np
import pytest

from bench import __main__ as program
from bench import cosim, kinds, machine, ring
from bench.figures import Bound, Figure, Results, number
from bench.networks import ACTIVITY, PERIOD, chain, layer, plain_loop
from bench.plan import FULL, QUICK
from lava_hw import HwRunCfg, Loihi2SimCfg, RunSteps

RTL_SECTIONS = ("cycles", "formats", "neurons", "cosim", "cores", "loop")


@pytest.mark.parametrize("sizes", [[64, 64], [40, 96, 32, 64]])
def test_plain_loop_equals_python_models_and_golden(sizes):
    steps = PERIOD + 88  # the input begins anew
    expected = plain_loop(chain(sizes), steps)
    for run_cfg in (Loihi2SimCfg(select_tag="fixed_pt"), HwRunCfg(device="golden", chip="test8")):
        network = chain(sizes, buffer=steps)
        network.start.run(RunSteps(steps), run_cfg)
        np.testing.assert_array_equal(network.sink.data.get().T, expected)
        network.start.stop()


@pytest.mark.parametrize("size", FULL.sizes)
def test_one_neuron_in_ten_spikes(size):
    network = layer(size)
    spikes = plain_loop(network, 200)
    assert abs(network.inputs.mean() - ACTIVITY) < 0.01
    assert abs(spikes.mean() - ACTIVITY) < 0.02
    assert (network.neurons, network.synapses) == (size, size * size)


def test_figures_bounds_and_table():
    said = []
    results = Results(said.append)
    results.add("a/rate", "steps/s", [3.0, 1.0, 8.0], steps=5)
    assert results.figures["a/rate"].record() == {
        "name": "a/rate",
        "unit": "steps/s",
        "runs": [3.0, 1.0, 8.0],
        "facts": {"steps": 5},
        "median": 3.0,
        "min": 1.0,
        "max": 8.0,
    }
    assert "a/rate" in said[0]
    with pytest.raises(ValueError, match="measured twice"):
        results.add("a/rate", "steps/s", [1.0])
    bounds = [Bound("a/rate", ">=", 3.0), Bound("a/rate", "<=", 2.9), Bound("b", ">=", 1.0)]
    assert [b.verdict(results.figures)["met"] for b in bounds] == [True, False, None]
    lines = results.table(bounds).splitlines()
    assert [line.split("  ")[0].strip() for line in lines[-3:]] == ["met", "MISSED", "not measured"]
    assert [number(v) for v in (0, 0.0337512, 12345.6)] == ["0", "0.03375", "12,346"]


def test_bounds_name_figures_that_are_measured():
    names = [bound.figure for bound in program.bounds(FULL)]
    assert names == [
        "cycles for each synaptic operation",
        "format/dense, 8 bits/cycles for each synaptic operation",
        "format/dense, 16 bits/cycles for each synaptic operation",
        "format/convolution, 128 channels/cycles for each synaptic operation",
        "format/convolution, 32 channels/cycles for each synaptic operation",
        "layer 256/co-simulation to bare",
        "layer 1024/co-simulation to bare",
        "1 of 4 tiles/instructions a cycle",
        "1 of 16 tiles/instructions a cycle",
        "4 of 16 tiles/instructions a cycle",
        "16 of 16 tiles/instructions a cycle",
        "1 of 56 tiles/instructions a cycle",
        "layer 256/plain C++ loop to bare",
    ]
    assert program.bounds(QUICK) == []


def test_machine_is_described():
    about = machine.describe()
    assert about["processor"]
    assert about["cores"] >= about["cores_allowed"] >= 1
    assert about["memory_bytes"] > 1 << 28
    assert about["numpy"] == np.__version__


def check(path, names):
    content = json.loads(path.read_text())
    figures = content["figures"]
    assert set(names) <= set(figures)
    for figure in figures.values():
        assert figure["runs"]
        assert min(figure["runs"]) > 0
        assert figure["median"] == statistics.median(figure["runs"])
        assert (figure["min"], figure["max"]) == (min(figure["runs"]), max(figure["runs"]))
    return figures


def test_models_without_the_rtl(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(program, "needed_chips", lambda plan, sections: [])
    path = tmp_path / "new" / "results.json"
    assert program.main(["--quick", "--only", "models", "--out", str(path)]) == 0
    figures = check(path, ["layer 32/plain numpy loop", "layer 64/golden to plain loop"])
    one, other = (figures[f"layer 64/{name}"]["runs"][0] for name in ("golden", "plain numpy loop"))
    assert figures["layer 64/golden to plain loop"]["runs"] == [one / other]
    assert "layer 64/Python models" in capsys.readouterr().out
    assert program.main(["--show", str(path)]) == 0
    table = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| layer")]
    assert len(table) == len(figures)


def test_ring_at_a_tiny_scale(tmp_path):
    found = ring.results(ring.build(tmp_path), 2, 0.001)
    for row in found.values():
        assert set(row) == {"slots_per_s, batch 1", "slots_per_s, batch 256", "round_trip_us"}
        assert all(len(values) == 2 and min(values) > 0 for values in row.values())


@pytest.mark.rtl
@pytest.mark.slow
def test_rtl_sections(tmp_path):
    path = tmp_path / "results.json"
    arguments = [word for name in RTL_SECTIONS for word in ("--only", name)]
    assert program.main(["--quick", "--out", str(path), *arguments]) == 0
    figures = check(path, ["closed loop/co-simulation", "2 cores/bare", "layer 64/co-simulation to bare"])
    for name in (*kinds.FORMATS, *kinds.NEURONS):
        what = kinds.CYCLES if name in kinds.FORMATS else "cycles an update"
        figure = figures[f"{'format' if name in kinds.FORMATS else 'neuron'}/{name}/{what}"]
        assert 0.05 < figure["median"] < 20, name  # 8 lanes and 3 to 60 instructions
    facts = figures["cycles for each synaptic operation"]["facts"]
    counted = facts["counters"]
    network = layer(QUICK.main)
    assert counted["chip_step"] == cosim.CYCLE_STEPS
    assert counted["synops"] == counted["spikes_in"] * QUICK.main
    # What was sent in the last step before the counters are read has arrived.
    sent = [network.inputs[:, t % PERIOD].sum() for t in range(QUICK.warm, QUICK.warm + cosim.CYCLE_STEPS)]
    assert counted["spikes_in"] == sum(sent)
    for name in ("layer 32", "layer 64", "1 core", "2 cores"):
        one, other = (figures[f"{name}/{kind}"]["runs"] for kind in ("co-simulation", "bare"))
        ratios = [a / b for a, b in zip(one, other, strict=True)]
        assert figures[f"{name}/co-simulation to bare"]["runs"] == ratios
    assert all(figures[f"{name}/bare"]["facts"]["counters"]["synops"] for name in ("1 core", "2 cores"))


@pytest.mark.rtl
def test_a_bare_run_that_does_something_else_is_an_error(tmp_path):
    case = cosim.Case("l", lambda: layer(32).start, HwRunCfg(device="verilator", chip="test8"), 4, 8)
    recording = cosim.record(case, tmp_path)
    assert cosim.bare_rate(case, recording) > 0
    flits = np.fromfile(recording.flits, np.uint64)
    np.delete(flits, len(flits) // 2).tofile(recording.flits)
    with pytest.raises(RuntimeError, match="the bare simulator has"):
        cosim.bare_rate(case, recording)


def test_a_figure_of_one_run():
    assert Figure("x", "s", [0.5]).record()["median"] == 0.5
