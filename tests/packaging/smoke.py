"""Run in a fresh environment by test_pythons.py: all modules import, rings and two workers work."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys

import numpy as np

import lava_hw
from lava_hw import bridge

# Modules that need an optional extra; all others must import with what the package depends on.
OPTIONAL = ("lava_hw.cocotb", "lava_hw.regs.generate")


def import_everything() -> int:
    """Import every module of the package and return how many there are."""
    names = [found.name for found in pkgutil.walk_packages(lava_hw.__path__, "lava_hw.", onerror=_raise)]
    # A module called __main__ is a command, which importing would run.
    names = [name for name in names if not name.startswith((*OPTIONAL, "lava_hw._data"))]
    names = [name for name in names if not name.endswith(".__main__")]
    for name in names:
        importlib.import_module(name)
    for name in lava_hw.__all__:
        getattr(lava_hw, name)
    return len(names)


def _raise(name: str) -> None:
    if not name.startswith(OPTIONAL):
        raise


def exchange() -> None:
    """Send slots to a forked process and back."""
    memory = bridge.create_link(64, "smoke", "parent", "child")
    child = os.fork()
    if child == 0:
        link = memory.far()
        for _ in range(100):
            link.push(link.pop() + np.uint64(1))
        link.close()
        os._exit(0)
    memory.expect_far(child)
    link = memory.near()
    for i in range(100):
        link.push(np.full(3, i, np.uint64))
        np.testing.assert_array_equal(link.pop(), np.full(3, i + 1, np.uint64))
    assert os.waitpid(child, 0)[1] == 0


def spikes(**where: object) -> np.ndarray:
    """What a small network sends, in Python."""
    source = lava_hw.Source(data=np.eye(6, dtype=int).repeat(3, axis=1), name="source")
    neurons, sink = lava_hw.LIF(shape=(6,), du=500, dv=100, vth=2), lava_hw.Sink(shape=(6,), buffer=18)
    source.s_out.connect(neurons.a_in)
    neurons.s_out.connect(sink.a_in)
    with neurons:
        neurons.run(lava_hw.RunSteps(18), lava_hw.Loihi2SimCfg(select_tag="fixed_pt", **where))
        return sink.data.get()


print(f"{import_everything()} modules, numpy {np.__version__}")
exchange()
assert spikes().sum() > 0
for where in ({"workers": 2}, {"worker_placement": {"source": "thread"}}):
    np.testing.assert_array_equal(spikes(), spikes(**where))
print(f"Python {sys.version_info[0]}.{sys.version_info[1]}: all good")
