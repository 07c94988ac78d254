"""For those who change the RTL: golden beside it, waveforms, and builds that answer the same."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Dense, HwRunCfg, Loihi2SimCfg, RunSteps
from lava_hw._resources import resource_dir
from lava_hw.device.flits import token
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from lava_hw.regs import TokenIn
from lava_hw.runtime.chip_check import DivergenceError
from lava_hw.runtime.errors import RunError
from tests.fuzz import references
from tests.fuzz.references import difference
from tests.system import vcd
from tests.system.running import descriptors, simulators
from tests.system.test_three_references import NETWORKS

# The networks have weights of both signs that are odd, and thresholds that are set too late, by intent.
VALUES = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")
pytestmark = [pytest.mark.rtl, pytest.mark.slow, VALUES]

SIZE, STEPS = 20, 12


def network(steps: int = STEPS, vth: int = 150) -> tuple[Any, Any]:
    """Give a LIF population whose current decays, and the sink of its spikes."""
    rng = np.random.default_rng(7)
    source = Source(data=(rng.random((SIZE, steps)) < 0.3).astype(int), name="source")
    dense = Dense(weights=2 * rng.integers(-45, 60, (SIZE, SIZE)), name="dense")
    lif = LIF(shape=(SIZE,), vth=vth, du=900, dv=300, name="lif")
    sink = Sink(shape=(SIZE,), buffer=steps, name="sink")
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    lif.s_out.connect(sink.a_in)
    return lif, sink


def run(config: Any, steps: int = STEPS) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give spikes and state, and the counters, of a run in two parts."""
    lif, sink = network(steps)
    with lif:
        lif.run(RunSteps(num_steps=5), config)
        lif.run(RunSteps(num_steps=steps - 5), config)
        found = {"s": sink.data.get(), "u": lif.u.get(), "v": lif.v.get()}
        counters = lif.runtime.counters() if isinstance(config, HwRunCfg) else {}
    return found, counters


def assert_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert np.array_equal(value, other[name]), name


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """What the Python models compute."""
    found, _ = run(Loihi2SimCfg(select_tag="fixed_pt"))
    assert found["s"].sum() > 10
    return found


# ----------------------------------------------------------------------------------------------- check
def test_a_checked_run_of_good_rtl_is_equal(expected: dict[str, Any], tmp_path: Path) -> None:
    gc.collect()  # what earlier tests left in cycles, for instance in the traceback of an expected error
    before = descriptors()
    config = HwRunCfg(chip="tiny", device="verilator", check="golden", waveforms=tmp_path)
    assert_equal(run(config)[0], expected)
    assert list(tmp_path.iterdir()) == []
    assert descriptors() == before


def faulty(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """Give a copy of rtl/ with a fault."""
    rtl = tmp_path / "rtl"
    shutil.copytree(resource_dir("rtl"), rtl)
    path = rtl / file
    good = path.read_text()
    bad = good.replace(old, new)
    assert bad != good
    path.write_text(bad)
    return rtl


def test_a_fault_is_found_where_it_shows_first(tmp_path: Path) -> None:
    # u decays for the first time in the step after the one in which it is first not 0.
    lif, _ = network(vth=100_000)  # without spikes, so that the state is what differs first
    history = []
    with lif:
        for _ in range(STEPS):
            lif.run(RunSteps(num_steps=1), Loihi2SimCfg(select_tag="fixed_pt"))
            history.append(lif.u.get())
    step = 2 + next(i for i, u in enumerate(history) if u.any())
    before, after = history[step - 2].astype(int), history[step - 1].astype(int)
    inputs = after - np.sign(before) * (np.abs(before) * (4096 - 901) >> 12)
    wrong = inputs + np.sign(before) * (np.abs(before) * (4096 - 901) >> 13)
    element = int(np.flatnonzero(wrong != after)[0])

    # What decays is shifted once too often.
    rtl = faulty(tmp_path, "core/lhw_alu_pkg.sv", "32'(product >>> sh)", "32'(product >>> (sh ^ 6'd1))")
    config = HwRunCfg(chip="tiny", device="verilator", rtl_dir=rtl, check="golden", waveforms=tmp_path)
    lif, _ = network(vth=100_000)
    with lif:
        with pytest.raises(DivergenceError) as caught:
            lif.run(RunSteps(num_steps=STEPS), config)
        with pytest.raises(RunError, match="earlier run failed"):
            lif.run(RunSteps(num_steps=1), config)
    text, error = str(caught.value), caught.value
    assert (error.step, error.name, error.element) == (step, "lif.u", (element,)), text
    assert text.startswith(
        f"RTL and golden differ in step {step}: process 'lif', variable 'u', neuron [{element}] is "
    )
    numbers = [int(word) for word in text.split() if word.lstrip("-").isdigit()]
    assert after[element] in numbers
    assert abs(numbers[0] - wrong[element]) <= 1  # how a negative product is rounded is the fault's business
    assert error.waveform == tmp_path / f"divergence_step{step}.vcd"
    assert str(error.waveform) in text
    wave = vcd.read(error.waveform)
    assert wave.values("step_o") == list(range(max(step - 2, 0), step + 1))
    assert wave.depth > 2  # not the pins alone
    assert simulators() == []


def test_a_chip_that_loses_what_is_waited_for(tmp_path: Path) -> None:
    """The answer of step 4 is lost in the RTL: the simulator is idle, and no host can be told by it."""
    rtl = faulty(
        tmp_path,
        "chip/lhw_step_ctrl.sv",
        "out_flit_o <= token(TOKEN_OUT_END, 12'(stage_o), step_o);",
        "out_flit_o <= token(TOKEN_OUT_END, 12'(stage_o), step_o + 32'(step_o == 32'd4));",
    )
    config = {"chip": "tiny", "device": "verilator", "rtl_dir": rtl, "waveforms": tmp_path}
    lif, _ = network()
    with lif:
        with pytest.raises(
            DivergenceError, match="the simulator is idle and the chip has not answered"
        ) as caught:
            lif.run(RunSteps(num_steps=STEPS), HwRunCfg(check="golden", **config))
        assert str(caught.value).startswith("The RTL fails in step 4, and golden does not: ")
        assert caught.value.step == 4
        assert caught.value.waveform is not None
        assert vcd.read(caught.value.waveform).values("step_o") == [2, 3, 4]


def test_an_assertion_that_fails_has_a_waveform(tmp_path: Path) -> None:
    """In step 4 the sequencer counts a place of the emitter's queue that it was not given."""
    rtl = faulty(
        tmp_path,
        "core/lhw_sequencer.sv",
        "if (credit_i) credits_q",
        "if (credit_i || (go_i && stage_i == 0 && step_i == 32'd4)) credits_q",
    )
    config = {"chip": "tiny", "device": "verilator", "rtl_dir": rtl, "waveforms": tmp_path}
    lif, _ = network()
    with lif:
        with pytest.raises(DivergenceError, match="More places were given back") as caught:
            lif.run(RunSteps(num_steps=STEPS), HwRunCfg(check="golden", **config))
    text, error = str(caught.value), caught.value
    assert text.startswith(
        "The RTL fails in step 4, and golden does not: the simulator ended with exit code 5"
    )
    assert (error.step, error.name, error.waveform) == (4, "chip", tmp_path / "divergence_step4.vcd")
    wave = vcd.read(error.waveform)
    assert wave.values("step_o") == [2, 3, 4]
    assert simulators() == []


def test_what_a_check_needs() -> None:
    lif, _ = network()
    with pytest.raises(RunError, match='check needs device="verilator"; the golden device does not take it'):
        lif.run(RunSteps(num_steps=1), HwRunCfg(chip="tiny", device="golden", check="golden"))
    lif, _ = network()
    with pytest.raises(RunError, match='trace needs device="verilator"'):
        lif.run(RunSteps(num_steps=1), HwRunCfg(chip="tiny", device="golden", trace=(1, 2, "x.vcd")))


@pytest.mark.parametrize("name", ["latency 0 through Python", "several runs with changes between"])
def test_networks_with_golden_beside_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = NETWORKS[name]
    plain = references.run(spec, "verilator", 8, stepwise=False)
    config = references.config

    def checked(*args: Any) -> Any:
        result = config(*args)
        result.check = "golden"
        return result

    monkeypatch.setattr(references, "config", checked)
    assert difference(plain, references.run(spec, "verilator", 8, stepwise=False)) is None


# ----------------------------------------------------------------------------------------------- waveforms
def test_a_waveform_holds_the_steps_that_were_asked_for(expected: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "wave.vcd"
    found, counters = run(HwRunCfg(chip="tiny", device="verilator", trace=(4, 7, path)))
    assert_equal(found, expected)
    # A waveform is made with two evaluations a cycle: neither answers nor cycles may depend on that.
    assert counters == run(HwRunCfg(chip="tiny", device="verilator"))[1]
    wave = vcd.read(path)
    assert wave.values("step_o") == [4, 5, 6, 7]
    assert wave.depth > 2
    edges = wave.at_rising("clk_i", "step_o", "s_axis_tvalid", "s_axis_tready", "s_axis_tdata")
    taken = [(step, data) for step, valid, ready, data in edges if valid and ready]
    closes = [int(flit) for step in range(1, STEPS + 2) for flit in token(TokenIn.CLOSE, step, 0)]
    # CLOSE of step t takes the chip from step t - 1 to t; it is taken into a buffer a little before that.
    seen = {data for _, data in taken}
    assert [c in seen for c in closes].count(True) == 4
    assert any([c for c in closes if c in seen] == closes[k : k + 4] for k in (4, 5))
    for step in (4, 5, 6, 7):
        assert 20 < sum(1 for edge in edges if edge[0] == step) < counters["chip"]["cycles"]


def test_a_waveform_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    lif, _ = network()
    config = HwRunCfg(chip="tiny", device="verilator", trace=(1, 2, tmp_path / "none" / "wave.vcd"))
    with pytest.raises(Exception, match=r"the waveform .*wave\.vcd cannot be written"):
        lif.run(RunSteps(num_steps=1), config)
    assert simulators() == []


# ----------------------------------------------------------------------------------------------- builds
@pytest.mark.parametrize("name", ["one layer", "feedback through Python"])
def test_a_fast_and_a_checked_build_answer_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = NETWORKS[name]
    checked = references.run(spec, "verilator", 8, stepwise=False)
    config = references.config

    def fast(*args: Any) -> Any:
        result = config(*args)
        assert result.build == "checked"
        result.build = "fast"
        return result

    monkeypatch.setattr(references, "config", fast)
    got = references.run(spec, "verilator", 8, stepwise=False)
    assert difference(checked, got) is None
    assert got.counters == checked.counters
    assert got.counters["chip"]["cycles"] > 0
