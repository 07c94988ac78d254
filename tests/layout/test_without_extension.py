"""Golden and all-Python runs work where the compiled module could not be built, and the RTL says why not."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A finder in front of all others that knows nothing of the compiled module, as if it had never been built.
BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[-1] in ("_ring", "_unavailable"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
"""
NETWORK = """
import numpy as np
from lava_hw import LIF, Dense, HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source, bridge
assert not bridge.available()

def run(run_cfg):
    source = Source(data=np.arange(120).reshape(6, 20) % 3 == 0)
    dense, neurons = Dense(weights=2 * np.arange(24).reshape(4, 6) - 18), LIF(shape=(4,), du=2000, vth=5)
    sink = Sink(shape=(4,), buffer=20)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(neurons.a_in)
    neurons.s_out.connect(sink.a_in)
    with neurons:
        neurons.run(RunSteps(20), run_cfg=run_cfg)
        return sink.data.get(), neurons.v.get()
"""


def execute(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCKED + NETWORK + textwrap.dedent(code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_golden_equals_python_without_the_compiled_module() -> None:
    done = execute("""
        python = run(Loihi2SimCfg(select_tag="fixed_pt"))
        golden = run(HwRunCfg(device="golden", chip="test8"))
        assert all(np.array_equal(a, b) for a, b in zip(python, golden))
        print(int(python[0].sum()), any(m.endswith("._ring") for m in sys.modules))
    """)
    assert done.stderr == ""
    spikes, loaded = done.stdout.split()
    assert int(spikes) > 0
    assert loaded == "False"


def test_the_device_works_without_the_compiled_module() -> None:
    done = execute("""
        from lava_hw import Device, compile_network
        dense, neurons = Dense(weights=[[40]], name="dense"), LIF(shape=(1,), vth=5, name="cells")
        dense.a_out.connect(neurons.a_in)
        image = compile_network(neurons, "test8", outputs=[neurons.s_out])
        with Device.open("golden", "test8") as device:
            device.load(image)
            device.inject("dense.s_in", np.ones((5, 1), int))
            device.advance(5)
            print(*device.drain("cells.s_out").ravel())
    """)
    assert (done.stdout, done.stderr) == ("0 1 1 1 1\n", "")


def test_the_rtl_names_what_is_missing_and_what_works() -> None:
    """Nothing is chosen instead, nothing is built in vain, and the message has the remedy."""
    done = execute("""
        try:
            run(HwRunCfg(device="verilator", chip="test8"))
        except Exception as error:
            print(type(error).__name__, error)
    """)
    assert "lava_hw.bridge._ring is missing" in done.stdout
    assert "install lava_hw again" in done.stdout
    assert "golden" in done.stdout
