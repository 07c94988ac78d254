"""The table of devices, and a back end that is added to it: `fake_board`, by one line in conftest.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lava_hw import LIF, Dense, HwRunCfg, RunSteps, Sink, Source, devices
from lava_hw.cli.main import main
from lava_hw.cli.outcome import Code
from lava_hw.device import ChipSession, Device, DeviceBusy, DeviceError, Session
from lava_hw.device.backend import find_backend, who_takes
from lava_hw.runtime.chip_check import CheckedSession
from lava_hw.runtime.errors import RunError
from tests.device.fake_board import FAKE


@pytest.fixture
def table(monkeypatch):
    """The table, as it is again after the test."""
    monkeypatch.setattr(devices, "_TABLE", dict(devices._TABLE))
    devices._installed.cache_clear()
    yield
    devices._installed.cache_clear()


# ---------------------------------------------------------------------------------------------- the table
def test_a_device_is_a_name_or_an_address():
    assert devices.check("golden") == ("golden", "")
    assert devices.check("fake:///dev/ttyUSB0") == ("fake", "/dev/ttyUSB0")
    assert devices.find("fake://b?rate=3") == (FAKE, "b?rate=3")


@pytest.mark.parametrize("device", ["golden", "verilator"])
def test_a_device_without_addresses_refuses_one(device, narrow):
    with pytest.raises(DeviceError, match=f"the {device} device has no address, and got 'x'; leave it out"):
        Device.open(f"{device}://x", narrow.chip)


def test_an_unknown_device_is_told_which_there_are():
    with pytest.raises(
        ValueError, match=r"no device 'goldn'; .* golden and verilator; did you mean 'golden'"
    ):
        devices.check("goldn")
    with pytest.raises(ValueError, match="did you mean 'verilator'"):
        HwRunCfg(device="verilater")
    with pytest.raises(DeviceError, match="no device 'board:///dev/tty0'; the devices are fake, golden and"):
        Device.open("board:///dev/tty0", "test8")
    with pytest.raises(ValueError, match="no device 5"):
        HwRunCfg(device=5)


def test_the_command_knows_the_same_devices(capsys):
    assert main(["run", "x.lhw", "--steps", "1", "--device", "goldne"]) == Code.USAGE
    assert "did you mean 'golden'?" in capsys.readouterr().err
    assert main(["run", "--help"]) == 0
    assert all(name in capsys.readouterr().out.split("--device")[2] for name in ("fake, golden, verilator",))


@pytest.mark.parametrize(
    ("name", "entry", "message"),
    [
        ("Board", "a:b", "'Board' is no name of a device"),
        ("my://board", "a:b", "is no name of a device"),
        ("board", "a.b", "'a.b' is no entry; give 'module:attribute'"),
        ("golden", "a:b", "there is a device 'golden' already; take another name"),
    ],
)
def test_what_cannot_be_registered(table, name, entry, message):
    with pytest.raises(ValueError, match=message):
        devices.register(name, entry)
    assert devices.known() == ("fake", "golden", "verilator")


def test_an_entry_is_imported_only_when_asked_for(table):
    devices.register("absent", "no_such_module:BOARD")
    devices.register("absent", "no_such_module:BOARD")  # the same once more
    devices.register("wrong", "lava_hw.device.golden:SILVER")
    HwRunCfg(device="absent://here")
    with pytest.raises(DeviceError, match="'absent://here' cannot be imported: No module named"):
        Device.open("absent://here", "test8")
    with pytest.raises(DeviceError, match=r"module lava_hw\.device\.golden has no SILVER"):
        Device.open("wrong", "test8")
    assert who_takes("delay") == ("fake",)
    assert who_takes("trace") == ("verilator",)


def test_golden_needs_nothing_of_the_simulator():
    text = """
import sys
from lava_hw.device import Device
Device.open("golden", "test8").close()
print([name for name in sys.modules if name.startswith("lava_hw.device.") and name.split(".")[-1] in
       ("build", "verilator", "replay")])
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_devices_of_installed_packages(table, tmp_path, monkeypatch):
    """An entry point of the group is a device; it cannot take the name of one that there is."""
    facts = tmp_path / "cable-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: cable\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(
        f"[{devices.GROUP}]\ncable = tests.device.fake_board:FAKE\ngolden = tests.device.fake_board:FAKE\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    devices._installed.cache_clear()
    assert devices.known() == ("cable", "fake", "golden", "verilator")
    assert devices.find("cable://2") == (FAKE, "2")
    assert find_backend("golden")[0] is not FAKE
    with pytest.raises(ValueError, match="there is a device 'cable' already"):
        devices.register("cable", "a:b")


def test_what_a_device_can_do_is_asked_of_it(narrow):
    with Device.open("golden", narrow.chip) as golden, Device.open("fake", narrow.chip) as fake:
        assert (golden.counts_cycles, fake.counts_cycles) == (False, False)
        assert "fake, chip test8" in repr(fake)
    assert find_backend("verilator")[0].counts_cycles
    with pytest.raises(DeviceError, match="the fake device has no option trace; its options are delay"):
        Device.open("fake", narrow.chip, trace=(1, 2, "x"))


def test_sessions_have_all_that_a_scheduler_asks_for():
    wanted = {name for name in vars(ChipSession) if not name.startswith("_")}
    assert "start_batch" in wanted
    for session in (Session, CheckedSession):
        # Those that a session has for itself alone are set when it is made.
        assert wanted - set(dir(session)) <= {"inputs", "outputs", "closes", "ends", "limit"}, session


# ---------------------------------------------------------------------------------------------- the board
def test_one_program_at_a_time_has_a_board(narrow):
    with Device.open("fake://one", narrow.chip), Device.open("fake://two", narrow.chip):
        with pytest.raises(DeviceBusy, match=r"fake://one is held by process \d+ .*; close it there"):
            Device.open("fake://one", narrow.chip)
        with Device.open("fake", narrow.chip), Device.open("fake", narrow.chip):
            pass  # there are any number of these
    Device.open("fake://one", narrow.chip).close()
    assert FAKE.owner("one") is None


def network(steps):
    rng = np.random.default_rng(5)
    source = Source(data=(rng.random((40, steps)) < 0.3).astype(int), name="pixels")
    dense = Dense(weights=rng.integers(-40, 90, (27, 40)) // 2 * 2, name="dense")
    cells = LIF(shape=(27,), du=400, dv=300, vth=20, name="cells")
    sink = Sink(shape=(27,), buffer=steps, name="sink")
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(cells.a_in)
    cells.s_out.connect(sink.a_in)
    return cells, sink


def outcome(run_cfg, steps=60):
    """Spikes, state and counters of events of the network."""
    cells, sink = network(steps)
    with cells:
        cells.run(RunSteps(steps // 2), run_cfg)
        middle = cells.v.get()
        cells.u.set(cells.u.get() + 1)
        cells.run(RunSteps(steps - steps // 2), run_cfg)
        return sink.data.get(), middle, cells.v.get(), cells.runtime.counters(), cells.runtime.report().device


@pytest.mark.parametrize("options", [{}, {"keep_last_step": True}], ids=["batches", "lock step"])
def test_a_network_runs_on_the_board(options):
    *wanted, _ = outcome(HwRunCfg(device="golden", chip="test8", **options))
    *got, device = outcome(HwRunCfg(device="fake://bench", chip="test8", **options))
    assert device == "fake://bench"
    assert wanted[0].any()
    for mine, theirs in zip(got[:3], wanted[:3], strict=True):
        assert np.array_equal(mine, theirs)
    assert got[3] == wanted[3]
    assert FAKE.owner("bench") is None


def test_a_network_is_told_that_the_board_is_taken(narrow):
    cells, _ = network(3)
    run_cfg = HwRunCfg(device="fake://bench", chip="test8")
    with Device.open("fake://bench", narrow.chip), pytest.raises(DeviceBusy, match="fake://bench is held by"):
        cells.run(RunSteps(1), run_cfg)
    with cells:
        cells.run(RunSteps(1), run_cfg)


@pytest.mark.parametrize("option", ["trace", "check", "rtl_dir"])
def test_options_that_the_board_does_not_take(option):
    value = {"trace": (1, 2, "x"), "check": "golden", "rtl_dir": "rtl"}[option]
    message = f'HwRunCfg: {option} needs device="verilator"; the fake device does not take it'
    cells, _ = network(3)
    with pytest.raises(RunError, match=message):
        cells.run(RunSteps(1), HwRunCfg(device="fake", chip="test8", **{option: value}))


def test_late_answers_change_nothing(narrow):
    spikes = narrow.spikes(20)
    with Device.open("fake://slow", narrow.chip, delay=0.02) as device:
        session = device.load(narrow.image)
        device.inject("Source_0.s_out", spikes)
        device.advance(20)
        assert np.array_equal(device.drain("LIF_2.s_out"), narrow.model(spikes)["s"])
        session.run_to(21)
        with pytest.raises(DeviceError, match="the board has answered everything"):
            session.wait_end(21, 0)


def test_the_command_runs_on_the_board(narrow, tmp_path: Path, capsys):
    image = tmp_path / "net.lhw"
    narrow.image.save(image)
    assert main(["run", str(image), "--steps", "3", "--device", "fake://shell"]) == 0
    assert "3 steps on fake://shell" in capsys.readouterr().out
    assert main(["run", str(image), "--steps", "3", "--device", "fake", "--trace", "1:2:x"]) == Code.USAGE
    assert "the fake device does not take it; use --device verilator" in capsys.readouterr().err
