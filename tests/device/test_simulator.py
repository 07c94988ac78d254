"""The C++ harness, with a stand-in top: it is generic, owns the clock, and ends well or with a reason."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from lava_hw.device import SimulatorError
from lava_hw.device.build import build_simulator
from lava_hw.device.flits import token
from lava_hw.device.verilator import VerilatorTransport
from lava_hw.regs import TokenIn

pytestmark = pytest.mark.rtl

SYNC = int(token(TokenIn.SYNC)[0])
HANG, FAIL, CYCLES, STALL, BURST = (1 << 63 | code for code in (1, 2, 3, 4, 5))


def flits(*words):
    return np.array(words, np.uint64)


def collect(transport, count):
    got = np.zeros(0, np.uint64)
    while len(got) < count:
        got = np.concatenate([got, transport.pop(True)])
    assert len(got) == count
    return got.tolist()


@pytest.fixture
def run(echo):
    """Starts simulators of the echo top and closes them."""
    started = []

    def start(*options, kind="checked", traced=False, **more):
        transport = VerilatorTransport(build_simulator(echo, kind, traced=traced), list(options), **more)
        started.append(transport)
        return transport

    yield start
    for transport in started:
        transport.close()


def test_every_flit_comes_back_in_order(run):
    words = np.arange(1, 100_001, dtype=np.uint64)
    transport = run(kind="fast")
    transport.push(np.append(words, np.uint64(SYNC)))
    assert collect(transport, 100_001) == [*words.tolist(), SYNC]


def test_small_rings_and_bursts_do_not_lock(run):
    """Each flit in brings a hundred out, and both rings hold sixteen: the clock waits for the host."""
    transport = run(ring_slots=16)
    transport.push(flits(*[BURST] * 50, SYNC))
    assert collect(transport, 5001)[:100] == list(range(100, 0, -1))


def stream():
    rng = np.random.default_rng(3)
    words = rng.choice(flits(7, 8, STALL, BURST, SYNC, CYCLES), 400, p=[0.4, 0.3, 0.05, 0.05, 0.1, 0.1])
    return np.append(words, np.uint64(SYNC))


def answers(transport, parts):
    for part in parts:
        transport.push(part)
        time.sleep(np.random.default_rng(len(part)).random() * 0.003)
    words = stream()
    others = len(words) - np.isin(words, flits(STALL, BURST)).sum()
    return collect(transport, int(others + 100 * (words == np.uint64(BURST)).sum()))


def test_cycles_depend_on_the_stream_alone(run):
    """The top answers with its own count of cycles; how the stream was cut up in time must not show in it."""
    words = stream()
    whole = answers(run(), [words])
    assert whole == answers(run(), np.array_split(words, 60))
    assert whole == answers(run("--two-evals"), [words])
    assert whole == answers(run(kind="fast"), np.array_split(words, 7))


def test_a_record_runs_bare_with_the_same_cycles(run, tmp_path, echo):
    record, stats = tmp_path / "in.flits", tmp_path / "stats.json"
    transport = run("--record", str(record), "--stats", str(stats))
    got = answers(transport, np.array_split(stream(), 13))
    transport.close()
    live = json.loads(stats.read_text())
    assert np.array_equal(np.fromfile(record, "<u8"), stream())
    program = str(build_simulator(echo, "checked").program)
    bare = json.loads(
        subprocess.run([program, "--bare", str(record)], check=True, capture_output=True).stdout
    )
    for key in ("top", "cycles", "flits_in", "flits_out", "syncs", "hash"):
        assert live[key] == bare[key], key
    assert live["flits_out"] == len(got)
    assert live["flits_in"] == len(stream())
    assert live["top"] == "lhw_test_echo"
    assert live["wait_seconds"] > 0.01 > bare["wait_seconds"]


def test_random_times_change_cycles_only(echo, tmp_path):
    """The flits that come out are written; gaps and stalls by a seed move them in time, the same each run."""
    program = str(build_simulator(echo, "checked").program)
    record, output = tmp_path / "in.flits", tmp_path / "out.flits"
    words = stream()[stream() != np.uint64(CYCLES)]
    words.tofile(record)

    def bare(jitter):
        command = [program, "--bare", str(record), "--output", str(output), "--jitter", str(jitter)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        return np.fromfile(output, "<u8").tolist(), found["cycles"]

    flits_out, cycles = bare(0)
    assert len(flits_out) > len(words)
    runs = [bare(seed) for seed in (1, 2, 2, 0xFFFFFFFF)]
    assert all(run[0] == flits_out for run in runs)
    assert runs[1] == runs[2]
    assert len({cycles, *(run[1] for run in runs)}) == 4
    assert all(run[1] > cycles for run in runs)


def test_statistics_on_request(run, tmp_path):
    stats = tmp_path / "stats.json"
    transport = run("--stats", str(stats))
    transport.push(flits(1, 2, SYNC))
    collect(transport, 3)
    transport.request_statistics()
    deadline = time.monotonic() + 10
    while not stats.exists() and time.monotonic() < deadline:
        transport.push(flits(1, SYNC))
        collect(transport, 2)
    assert json.loads(stats.read_text())["syncs"] >= 1


def test_a_top_that_hangs_is_noticed(run):
    transport = run("--watchdog", "5000")
    transport.push(flits(1, HANG, SYNC))
    with pytest.raises(
        SimulatorError, match=r"exit code 4: lhw_test_echo made no progress for 5000 cycles"
    ) as caught:
        for _ in range(5):
            transport.pop(True)
    assert "flits in 3, out 2" in str(caught.value)


def test_a_failed_assertion_is_passed_on_and_nothing_after_it(run):
    transport = run()
    transport.push(flits(5, 6, SYNC))
    assert collect(transport, 3) == [5, 6, SYNC]
    transport.push(flits(FAIL, 7, SYNC))
    with pytest.raises(SimulatorError, match=r"exit code 5: the RTL stopped: .*lhw_test_echo\.sv") as caught:
        transport.pop(True)
    assert "A flit asked for a failure." in str(caught.value)
    with pytest.raises(SimulatorError):
        transport.push(flits(1))


def test_assertions_are_off_in_the_fast_build(run):
    transport = run(kind="fast")
    transport.push(flits(FAIL, 7, SYNC))
    assert collect(transport, 2) == [7, SYNC]


def test_a_killed_simulator_is_named(run):
    transport = run()
    os.kill(transport.pid, signal.SIGKILL)
    with pytest.raises(SimulatorError, match="the simulator was killed by SIGKILL"):
        transport.pop(True)


def test_sigterm_ends_it_with_its_code(run):
    transport = run()
    transport.push(flits(1, SYNC))
    collect(transport, 2)
    os.kill(transport.pid, signal.SIGTERM)
    with pytest.raises(SimulatorError, match=r"exit code 7: .*SIGTERM"):
        transport.pop(True)


def test_ctrl_c_is_the_hosts_business(run):
    transport = run()
    transport.push(flits(2, SYNC))
    assert collect(transport, 2) == [2, SYNC]  # it has started, and so has its handling of signals
    os.kill(transport.pid, signal.SIGINT)
    transport.push(flits(1, SYNC))
    assert collect(transport, 2) == [1, SYNC]


@pytest.mark.parametrize("word", ["SYNC", "HANG"])
def test_it_ends_when_its_host_is_killed(echo, word):
    """Also while the chip runs without an end, and also if the thread that started it has long ended."""
    program = build_simulator(echo, "checked")
    code = textwrap.dedent(f"""
        import os, signal, sys, threading, time
        import numpy as np
        from pathlib import Path
        from lava_hw.device.build import Simulator
        from lava_hw.device.verilator import VerilatorTransport
        simulator = Simulator(Path({str(program.program)!r}), Path("."), "checked", False, True)
        box = []
        thread = threading.Thread(target=lambda: box.append(VerilatorTransport(simulator)))
        thread.start(); thread.join()
        box[0].push(np.array([{HANG if word == "HANG" else 1}, {SYNC}], np.uint64))
        time.sleep(0.3)
        os.kill(box[0].pid, 0)
        print(box[0].pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    host = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert host.returncode == -signal.SIGKILL, host.stderr
    pid = int(host.stdout)
    deadline = time.monotonic() + 10
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] not in "ZX"


def test_close_leaves_no_process_and_no_descriptor(run):
    def descriptors():
        return sorted(os.listdir("/proc/self/fd"))

    run().close()
    gc.collect()  # what earlier tests left in cycles
    before = descriptors()
    for _ in range(3):
        transport = run()
        transport.push(flits(1, SYNC))
        pid = transport.pid
        transport.close()
        assert not _lives(pid)
        with pytest.raises(SimulatorError, match="closed"):
            transport.pop(True)
        transport.close()
    assert descriptors() == before


def test_waveform(run, tmp_path):
    path = tmp_path / "wave.vcd"
    transport = run("--trace", str(path), traced=True)
    transport.push(flits(0x1234, SYNC))
    assert collect(transport, 2) == [0x1234, SYNC]
    transport.close()
    text = path.read_text()
    assert "s_axis_tdata" in text
    assert f"b{0x1234:064b} " in text


def test_a_waveform_that_cannot_be_written_is_an_error(run):
    transport = run("--trace", "/nonexistent/wave.vcd", traced=True)
    with pytest.raises(
        SimulatorError, match=r"exit code 6: the waveform /nonexistent/wave\.vcd cannot be written"
    ):
        transport.pop(True)


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        (["--nonsense"], 2, "unknown argument '--nonsense'"),
        (["--watchdog", "many"], 2, "--watchdog needs a number"),
        (["--bare"], 2, "--bare needs a value"),
        ([], 2, "give either --bare, or both"),
        (["--bare", "/nonexistent/x"], 6, "cannot read the flits of /nonexistent/x: No such file"),
        (["--bare", "/dev/null", "--trace", "x.vcd"], 2, "built without tracing"),
        (
            ["--bare", "/dev/null", "--stats", "/nonexistent/x"],
            6,
            "statistics /nonexistent/x cannot be written",
        ),
        (["--bare", "/dev/null", "--stats", "/dev/full"], 6, "statistics /dev/full cannot be written"),
        (["--bare", "/dev/null", "--output", "/nonexistent/x"], 6, "cannot write the record /nonexistent/x"),
        (["--in-fd", "9", "--out-fd", "9", "--jitter", "1"], 2, "--output and --jitter need --bare"),
        (["--in-fd", "999", "--out-fd", "998"], 1, ""),
    ],
)
def test_wrong_arguments_and_files(echo, options, code, text):
    program = str(build_simulator(echo, "checked").program)
    result = subprocess.run([program, *options], capture_output=True, text=True, check=False)
    assert result.returncode == code, result.stderr
    assert text in result.stderr
    assert result.stderr.startswith("simulator: ")


def test_a_record_of_odd_length_is_refused(echo, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(12))
    program = str(build_simulator(echo, "checked").program)
    result = subprocess.run([program, "--bare", str(path)], capture_output=True, text=True, check=False)
    assert result.returncode == 6
    assert "no multiple of 8 bytes" in result.stderr


def test_a_full_disk_for_the_record_is_an_error(run):
    transport = run("--record", "/dev/full")
    with pytest.raises(SimulatorError, match="exit code 6: cannot write the record /dev/full"):
        for _ in range(100):
            transport.push(np.full(4096, 9, np.uint64))
            transport.pop(False)
        transport.push(flits(SYNC))
        while True:
            transport.pop(True)
