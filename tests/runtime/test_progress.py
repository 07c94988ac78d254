"""Bars: in a terminal and in a notebook, silent elsewhere unless asked, and only for what lasts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from lava_hw import progress as bars
from lava_hw.device.build_time import expected_seconds
from tests.terminal import at_terminal

SLOW = """
import sys, time, warnings
import numpy as np
from lava_hw import *

warnings.simplefilter("ignore", RuntimeWarning)


class Slow(AbstractProcess):
    def __init__(self):
        super().__init__()
        self.a_in = InPort((1,))


@implements(proc=Slow, protocol=LoihiProtocol)
@requires(CPU)
class PySlow(PyLoihiProcessModel):
    a_in = LavaPyType(PyInPort.VEC_DENSE, float)

    def run_spk(self):
        self.a_in.recv()
        time.sleep(0.02)


def net():
    source, slow = Source(data=np.ones((1, 1))), Slow()
    source.s_out.connect(slow.a_in)
    return slow


slow = net()
"""
NOTEBOOK = """
import sys, types

fake = types.ModuleType("IPython")
fake.get_ipython = lambda: types.SimpleNamespace(kernel=object(), config={"IPKernelApp": {}})
sys.modules["IPython"] = fake
"""
BUILD = """
import logging, sys, time
from pathlib import Path
from lava_hw.chip import Chip
from lava_hw.device import build

def make(self, work):
    self._run(["sleep", "1.2"], work, "never")
    (work / "simulator").write_text("x")

build._Builder.make = make
design = build.chip_design(Chip.load("test8"))
"""


def run(code: str, terminal: bool, *arguments: str) -> str:
    """What a program writes to standard error: a terminal, or a pipe."""
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    if not terminal:
        return subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True).stderr
    return at_terminal(command)


def test_a_run_in_a_terminal() -> None:
    """Short and unwanted runs show nothing, and do not even import tqdm; a long one steps, rate and time."""
    code = """
    slow.run(RunSteps(num_steps=10), run_cfg=Loihi2SimCfg())
    assert "tqdm" not in sys.modules
    other = net()
    other.run(RunSteps(num_steps=70), run_cfg=Loihi2SimCfg(progress=False))
    print("---", file=sys.stderr, flush=True)
    slow.run(RunSteps(num_steps=100))
    """
    silent, _, said = run(SLOW + textwrap.dedent(code), terminal=True).partition("---")
    assert silent == ""
    shown = [int(count) for count in re.findall(r"running:.*?(\d+)/100 \[", said)]
    assert len(shown) > 2
    assert shown == sorted(shown)
    assert 0 < shown[0] < 100
    assert shown[-1] == 100
    assert re.search(r"running: .*\d+/100 \[\d\d:\d\d<\d\d:\d\d, +[1-5]\d\.\d\d steps/s\]", said)


def test_runs_into_a_pipe() -> None:
    """Silent unless asked; whatever kind of run it is."""
    code = """
    def mark():
        print("---", file=sys.stderr, flush=True)

    slow.run(RunSteps(num_steps=70), run_cfg=Loihi2SimCfg())
    slow.stop()
    mark()
    slow = net()
    slow.run(RunSteps(num_steps=71), run_cfg=Loihi2SimCfg(progress=True))
    mark()
    slow.run(RunSteps(num_steps=72, blocking=False))
    slow.wait()
    mark()
    slow.run(RunContinuous())
    import threading
    threading.Timer(1.9, slow.pause).start()
    slow.wait()
    mark()
    slow = net()
    slow.run(RunSteps(num_steps=73), run_cfg=Loihi2SimCfg(progress=True, workers=2))
    slow.stop()
    """
    said = run(SLOW + textwrap.dedent(code), terminal=False).split("---")
    assert said[0] == ""
    assert "running: 100%" in said[1]
    assert "71/71" in said[1]
    assert "72/72" in said[2]
    assert re.search(r"running: \d+ steps \[00:0\d, ", said[3])
    assert "/" not in said[3].replace("steps/s", "")
    assert "73/73" in said[4]


def test_a_run_in_a_notebook() -> None:
    code = "slow.run(RunSteps(num_steps=70), run_cfg=Loihi2SimCfg()); slow.stop()"
    said = run(NOTEBOOK + SLOW + code, terminal=False)
    assert "running: 100%" in said
    assert "70/70" in said
    assert "ipywidgets" not in said


def test_samples_have_one_bar() -> None:
    code = """
    slow = net()
    sink = Sink(shape=(1,), buffer=30)
    source = Source(data=np.ones((1, 1)))
    source.s_out.connect([slow.a_in, sink.a_in])
    run_samples(sink, np.ones((3, 1)), 40, Loihi2SimCfg(), source=source)
    """
    said = run(SLOW + textwrap.dedent(code), terminal=True)
    assert "running samples" in said
    assert "3/3" in said
    assert "/40" not in said


def test_a_build_shows_chip_kind_and_estimate(tmp_path: Path) -> None:
    code = "print(build.build_simulator(design, 'checked', cache=sys.argv[1], traced=True).was_built)"
    said = run(BUILD + code, True, str(tmp_path))
    assert "building the checked simulator of chip test8 with waveforms: " in said
    assert re.search(r"00:01 of about \d+ s", said)
    assert "100%" in said
    # It is remembered what the build took.
    (facts,) = tmp_path.glob("simulators/*/facts.json")
    kept = json.loads(facts.read_text())
    assert 1.2 <= kept["seconds"] < 60
    root = tmp_path / "simulators"
    assert expected_seconds(root, kept["parameters"], "checked", True) == kept["seconds"]
    assert run(BUILD + code, True, str(tmp_path)) == ""  # from the cache
    assert (
        run(BUILD + code + "\nbuild.build_simulator(design, 'fast', cache=sys.argv[1])", False, str(tmp_path))
        == ""
    )


def test_who_waits_for_a_build_sees_it(tmp_path: Path) -> None:
    code = "build.build_simulator(design, 'fast', cache=sys.argv[1])"
    said: list[str] = []
    threads = [
        threading.Thread(target=lambda: said.append(run(BUILD + code, True, str(tmp_path)))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("building the fast simulator of chip test8" in text for text in said) == 1
    assert (
        sum("another program builds the same simulator; waiting for it: 00:0" in text for text in said) == 1
    )


def test_the_rule_for_a_first_build(tmp_path: Path) -> None:
    sizes = [{"Lanes": lanes, "MeshX": 2, "MeshY": 1} for lanes in (8, 32)]
    small, large = (expected_seconds(tmp_path, size, "fast", False) for size in sizes)
    assert small is not None
    assert large is not None
    assert small < large
    traced = expected_seconds(tmp_path, sizes[0], "fast", True)
    assert traced is not None
    assert traced > small
    assert expected_seconds(tmp_path, {"Width": 3}, "fast", False) is None


def test_a_device_shows_load_and_steps() -> None:
    """Golden, slowed down: an image and an advance that last more than a second."""
    code = """
    import sys, time
    import numpy as np
    from lava_hw import *
    from lava_hw.golden import GoldenChip

    source, dense, lif = Source(data=np.ones((4, 1))), Dense(weights=np.full((4, 4), 8)), LIF(shape=(4,))
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    image = compile_network([dense, lif], "tiny", outputs=lif.s_out)
    push = GoldenChip.push
    def slowly(self, flits):
        time.sleep(slow if len(flits) > 20 else 0)
        push(self, flits)
    GoldenChip.push = slowly
    slow = 0
    with Device.open("golden", "tiny", progress=eval(sys.argv[1])) as device:
        slow = 1.2
        device.load(image)
        slow = 0
        device.inject(next(iter(device.session.inputs)), np.ones((1000, 4)))
        slow = 0.4
        device.advance(1000)
        slow = 0
        assert device.drain(next(iter(device.session.outputs))).shape == (1000, 4)
    """
    said = run(code, False, "True")
    assert re.search(r"loading the image: 100%.* words", said)
    assert "1000/1000" in said
    assert len(set(re.findall(r"(\d+)/1000", said))) > 3
    assert run(code, True, "False") == ""


def test_a_bar_inside_of_another_one_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with bars.bar(3, "outer", "things", True) as outer, bars.bar(3, "inner", "things", True) as inner:
        inner.reach(2)
        time.sleep(0.3)
        outer.reach(1)
        inner.close()
    with bars.bar(2, "next", "things", True):
        pass
    said = capsys.readouterr().err
    assert "outer" in said
    assert "inner" not in said
    assert "next" in said


def test_the_command_has_the_option(tmp_path: Path) -> None:
    """`lava-hw build`: silent into a pipe, a bar where it is asked for."""
    code = "import os\nos.environ['LAVA_HW_CACHE'] = sys.argv[1]\n"
    code += "from lava_hw.cli import main\nmain(sys.argv[2:])"
    first, second = tmp_path / "a", tmp_path / "b"
    assert run(BUILD + code, False, str(first), "build", "test8", "--json") == ""
    said = run(BUILD + code, False, str(second), "build", "test8", "--progress", "--json")
    assert "building the fast simulator of chip test8" in said
    assert run(BUILD + code, True, str(tmp_path / "c"), "build", "test8", "--no-progress", "--json") == ""
