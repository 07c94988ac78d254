"""What runs where: the report of a runtime, the line on the logger, the warning, the short texts."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Dense, HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source
from lava_hw.compiler import compile_network
from lava_hw.device import Device
from lava_hw.errors import NothingOnChipWarning
from lava_hw.magma.core.run_configs import Loihi2HwCfg
from lava_hw.proc.bit_check.process import BitCheck
from lava_hw.proc.dense.models import PyDenseModelBitAcc
from lava_hw.proc.lif.models import PyLifModelBitAcc
from lava_hw.proc.sdn.process import Sigma
from lava_hw.report import ConnectionReport
from lava_hw.runtime.errors import RunError
from tests.terminal import at_terminal

GOLDEN = HwRunCfg(device="golden", chip="test8")


def network(**first: Any) -> Sink:
    """Source -> Dense -> cells -> Dense -> LIF -> Sink."""
    source, into = Source(data=np.ones((3, 9), int)), Dense(weights=np.full((40, 3), 20))
    cells = LIF(name="cells", **{"shape": (40,), "vth": 3, **first})
    out, last, sink = Dense(weights=np.full((2, 40), 2)), LIF(shape=(2,)), Sink(shape=(2,), buffer=9)
    source.s_out.connect(into.s_in)
    into.a_out.connect(cells.a_in)
    cells.s_out.connect(out.s_in)
    out.a_out.connect(last.a_in)
    last.s_out.connect(sink.a_in)
    return sink


def test_the_report_has_model_device_core_and_use_of_each_process() -> None:
    with network() as sink:
        sink.run(RunSteps(2), GOLDEN)
        report = sink.runtime.report()
    by_name = {process.name: process for process in report.processes}
    assert list(by_name) == ["Source_0", "Dense_1", "cells", "Dense_3", "LIF_4", "Sink_5"]
    assert (report.chip, report.device, report.all_cores) == ("test8", "golden", 4)
    assert report.on_chip == ("Dense_1", "cells", "Dense_3", "LIF_4")
    source, dense, cells = by_name["Source_0"], by_name["Dense_1"], by_name["cells"]
    assert (source.process_class, source.device, source.cores) == ("Source", "Python", ())
    assert source.reason == "no chip model"
    assert (cells.process_class, cells.model, cells.device, cells.cores) == ("LIF", "HwLif", "chip", (0,))
    assert cells.reason == ""
    # 40 neurons in 5 groups of 8, with u, v, bias_mant and bias_exp; 3 rows of 5 groups of weights.
    assert (cells.use["neurons"], cells.use["state_lines"]) == (40, 20)
    assert (dense.use["synapse_lines"], dense.use["neurons"]) == (15, 0)
    assert (cells.binds, cells.share) == ("neurons", 40 / 1280)


def test_sums_of_processes_are_those_of_the_image() -> None:
    """Also where cores share programs, and a process lies on several."""
    source, sink = Source(data=np.ones((9, 4), int)), Sink(shape=(2000,), buffer=4)
    dense, cells, other = (
        Dense(weights=np.ones((2000, 9), int)),
        LIF(shape=(2000,)),
        LIF(shape=(2000,), vth=3),
    )
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(cells.a_in)
    cells.s_out.connect(other.a_in)
    other.s_out.connect(sink.a_in)
    with sink:
        sink.run(RunSteps(1), GOLDEN)
        report, image = sink.runtime.report(), sink.runtime.image
    assert len(report.cores) > 1
    assert any(len(process.cores) > 1 for process in report.processes)
    busy = {c: use for c, use in image.manifest.report.items() if any(used for used, _ in use.values())}
    assert {core.core for core in report.cores} == set(busy)
    for core in report.cores:
        for resource, (used, limit) in busy[core.core].items():
            assert (core.use[resource], report.limits[resource]) == (used, limit), resource
    for resource in report.limits:
        assert report.use[resource] == sum(core.use[resource] for core in report.cores)
        assert report.capacity[resource] == 4 * report.limits[resource]


def test_the_report_says_which_limit_binds() -> None:
    """A Dense of many sources fills the synapses, a LIF alone the neurons."""
    source, dense, cells = (
        Source(data=np.ones((600, 2), int)),
        Dense(weights=np.ones((8, 600), int)),
        LIF(shape=(8,)),
    )
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(cells.a_in)
    with cells:
        cells.run(RunSteps(1), HwRunCfg(device="golden", chip="demo"))
        report = cells.runtime.report()
    assert {p.name: p.binds for p in report.processes}["Dense_1"] == "synapse_lines"
    assert report.cores[0].binds == "synapse_lines"
    assert report.cores[0].share == max(
        amount / report.limits[resource] for resource, amount in report.cores[0].use.items()
    )


def test_the_report_as_text_html_and_json() -> None:
    with network() as sink:
        sink.run(RunSteps(1), GOLDEN)
        report = sink.runtime.report()
    lines = str(report).splitlines()
    assert lines[0] == "4 of 6 processes on chip test8 (golden), 1 of 4 cores"
    rows = {line.split()[0]: line for line in lines[2:] if line}
    start = lines.index(next(line for line in lines if line.startswith("process ")))
    table = lines[start : start + 7]
    assert all(line[table[0].index("class") - 1] == " " for line in table), "the columns are aligned"
    assert "HwLif" in next(line for line in table if line.startswith("cells"))
    assert rows["Source_0"].endswith("no chip model")
    limit = next(line for line in lines if line.startswith("limit of a core"))
    assert limit.split()[4:6] == ["1280", "2048"]
    assert json.loads(json.dumps(report.to_dict()))["processes"][2]["use"]["neurons"] == 40
    html = report._repr_html_()
    assert html.count("<table>") == 3
    assert "<td>HwLif</td>" in html


def test_the_report_says_what_connections_are_on_the_chip() -> None:
    """Their formats, what the compiler made, parts, and stages of a step."""
    source, cells, other = Source(data=np.ones((70, 4), int)), Sigma(shape=(40,)), Sigma(shape=(40,))
    dense = Dense(weights=np.full((40, 70), 3), stored_bits=16, num_message_bits=8, name="dense")
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(cells.a_in)
    cells.s_out.reshape((5, 8)).transpose().flatten().connect(other.a_in)
    with cells:
        cells.run(RunSteps(2), HwRunCfg(device="golden", chip="test8", split={"dense": 3}))
        report = cells.runtime.report()
    # 70 source rows of 5 groups with two lines each; 40 rows of a word of two lines, and their table.
    first, second = report.connections
    assert first == ConnectionReport("dense", 70, 40, 16, True, 700, 3, 80)
    assert second == ConnectionReport("Sigma_1.s_out>Sigma_2.a_in", 40, 40, 8, True, 100)
    assert report.stages == 3
    lines = str(report).splitlines()
    assert lines[-1] == "a step has 3 stages"
    row = next(line for line in lines if line.startswith("dense ") and "values" in line)
    assert row.split() == ["dense", "70", "40", "16", "values", "700", "3", "80"]
    assert report.to_dict()["connections"][0]["partial_sums"] == 80


def test_names_are_escaped_in_html() -> None:
    with LIF(shape=(1,), name="<b>") as lif:
        lif.run(RunSteps(1), GOLDEN)
        assert "&lt;b&gt;" in lif.runtime.report()._repr_html_()
        assert "<b>" not in lif.runtime.report()._repr_html_()


def test_workers_are_named() -> None:
    with network() as sink:
        sink.run(
            RunSteps(1),
            HwRunCfg(device="golden", chip="test8", worker_placement={"Source_0": "thread", "Sink_5": 1}),
        )
        devices = {p.name: p.device for p in sink.runtime.report().processes}
    assert (devices["Source_0"], devices["Sink_5"]) == ("Python, own thread", "Python, worker 1")


def test_report_and_image_remain_after_stop() -> None:
    sink = network()
    sink.run(RunSteps(1), GOLDEN)
    runtime, before, image = sink.runtime, sink.runtime.report(), sink.runtime.image
    sink.stop()
    assert runtime.report() == before
    assert runtime.image is image
    assert image.manifest.processes["cells"].cores == (0,)


def test_the_image_of_a_network_in_python_is_an_error_with_the_reason() -> None:
    with network() as sink:
        sink.run(RunSteps(1), Loihi2SimCfg(select_tag="fixed_pt"))
        with pytest.raises(RunError, match=r"No process .* on the chip, so there is no image"):
            _ = sink.runtime.image
        assert str(sink.runtime.report()).startswith("all 6 processes run in Python")


# -- the line --
def lines(caplog: pytest.LogCaptureFixture, run_cfg: Any, **first: Any) -> list[str]:
    with caplog.at_level(logging.INFO, "lava_hw"), network(**first) as sink:
        sink.run(RunSteps(1), run_cfg)
    return [r.getMessage() for r in caplog.records if r.name == "lava_hw" and r.levelno == logging.INFO]


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # du does not fit, by intent
def test_one_line_says_what_runs_where(caplog: pytest.LogCaptureFixture) -> None:
    run_cfg = HwRunCfg(
        device="golden",
        chip="test8",
        unfit="python",
        exception_proc_model_map={"Dense_3": PyDenseModelBitAcc},
    )
    (line,) = lines(caplog, run_cfg, du=-(2**32))
    assert line == (
        "2 of 6 processes on chip test8 (golden), 1 of 4 cores: Dense_1, LIF_4; in Python: Source_0, Sink_5 "
        "(no chip model), cells (unfit: du is -4294967296; the chip holds -2147479552 to 2147483647), "
        "Dense_3 (asked for)"
    )


def test_the_line_of_a_configuration_of_lava(caplog: pytest.LogCaptureFixture) -> None:
    (line,) = lines(caplog, Loihi2HwCfg(device="golden", chip="test8"))
    assert line.startswith("4 of 6 processes on chip test8 (golden), 1 of 4 cores: Dense_1, cells, ")


def test_all_in_python_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert lines(caplog, Loihi2SimCfg(select_tag="fixed_pt")) == []


def test_a_second_run_says_nothing_more(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "lava_hw"), network() as sink:
        for _ in range(3):
            sink.run(RunSteps(1), GOLDEN)
    assert len([r for r in caplog.records if r.name == "lava_hw"]) == 1


PROGRAM = """
import logging, sys
{before}
from lava_hw import LIF, HwRunCfg, RunSteps
with LIF(shape=(2,), name="cells") as lif:
    lif.run(RunSteps(1), HwRunCfg(device="golden", chip="test8"))
"""
LINE = "1 of 1 processes on chip test8 (golden), 1 of 4 cores: cells"


def program_at_terminal(before: str) -> str:
    """What the program writes to standard error at a terminal."""
    return at_terminal([sys.executable, "-c", PROGRAM.format(before=before)])


def test_a_terminal_shows_the_line() -> None:
    assert f"lava_hw: {LINE}" in program_at_terminal("")


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("logging.basicConfig(level='INFO', format='APP %(message)s', stream=sys.stderr)", f"APP {LINE}"),
        ("logging.basicConfig(level='WARNING')", ""),
        ("logging.getLogger('lava_hw').addHandler(logging.NullHandler())", ""),
        ("logging.getLogger('lava_hw').setLevel('WARNING')", ""),
    ],
)
def test_an_application_that_set_its_own_is_left_alone(before: str, shown: str) -> None:
    text = program_at_terminal(before)
    assert text.count(LINE) == bool(shown)
    assert shown in text


def test_a_pipeline_stays_silent() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before="")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert (run.stdout, run.stderr) == ("", "")


def test_the_kernel_of_a_notebook_shows_the_line() -> None:
    before = (
        "import types\n"
        "ipython = types.ModuleType('IPython')\n"
        "ipython.get_ipython = lambda: types.SimpleNamespace(kernel=object())\n"
        "sys.modules['IPython'] = ipython"
    )
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert f"lava_hw: {LINE}" in run.stderr


# -- nothing on the chip --
def alone() -> BitCheck:
    return BitCheck(bits=8)


def test_nothing_on_the_chip_warns_with_the_reasons() -> None:
    with alone() as process:
        with pytest.warns(NothingOnChipWarning, match=r"BitCheck_0 \(no chip model\)") as caught:
            process.run(RunSteps(1), GOLDEN)
        assert caught[0].filename == __file__
    asked = {LIF: PyLifModelBitAcc, Dense: PyDenseModelBitAcc}
    run_cfg = HwRunCfg(device="golden", chip="test8", exception_proc_model_map=asked)
    with network() as sink, pytest.warns(NothingOnChipWarning, match=r"cells \(asked for\)"):
        sink.run(RunSteps(1), run_cfg)


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # strict must do without the filter
def test_nothing_on_the_chip_is_an_error_if_strict() -> None:
    process = alone()
    with pytest.raises(NothingOnChipWarning):
        process.run(RunSteps(1), HwRunCfg(device="golden", strict=True))
    assert not process.is_compiled


# -- short texts --
def test_the_texts_of_runtime_process_and_configuration() -> None:
    sink = network()
    cells = sink.in_ports.a_in.in_connections[0].process
    assert repr(LIF(shape=(1,), name="mine")) == "<LIF 'mine'>"
    assert repr(Source(data=np.ones((1, 1)))) == "<Source 'Source'>"
    sink.run(RunSteps(3), GOLDEN)
    assert repr(sink.runtime) == "<Runtime of 6 processes, 4 on chip test8 (golden); step 3, waiting>"
    assert repr(cells) == "<LIF 'LIF_4', model HwLif, on the chip, core 0>"
    assert repr(sink) == "<Sink 'Sink_5', model PyReceiveModelFixed, in Python>"
    sink.stop()
    assert repr(sink.runtime).endswith("step 3, stopped>")


@pytest.mark.parametrize(
    ("run_cfg", "text"),
    [
        (GOLDEN, "HwRunCfg(device='golden', chip='test8')"),
        (
            HwRunCfg(device="verilator", check="golden", unfit="python", require_chip=["cells", LIF]),
            "HwRunCfg(device='verilator', check='golden', unfit='python', require_chip=['cells', LIF])",
        ),
        (
            Loihi2SimCfg(exception_proc_model_map={LIF: PyLifModelBitAcc}, workers=2),
            "Loihi2SimCfg(exception_proc_model_map={LIF: PyLifModelBitAcc}, workers=2)",
        ),
        (Loihi2HwCfg(device="golden", chip="tiny"), "Loihi2HwCfg(device='golden', chip='tiny')"),
    ],
)
def test_the_text_of_a_configuration_is_the_call_that_makes_it(run_cfg: Any, text: str) -> None:
    assert repr(run_cfg) == text


def test_the_text_of_a_device() -> None:
    image = compile_network(LIF(shape=(3,), name="cells"), "test8")
    with Device.open("golden", "test8") as device:
        assert repr(device) == "<Device golden, chip test8; no image>"
        device.load(image)
        device.advance(4)
        assert repr(device) == "<Device golden, chip test8; image of cells; step 4>"
    assert repr(device) == "<Device golden, chip test8; closed>"
