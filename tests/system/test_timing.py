"""Results and counters, cycles included, are a function of the network and the runs, never of timing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from lava_hw.device.verilator import VerilatorTransport
from lava_hw.proc.io.sink import AbstractPyReceiveModel
from lava_hw.proc.io.source import AbstractPyRingBuffer
from tests.fuzz import processes
from tests.fuzz.references import Trace, difference, run
from tests.system.running import Stutter
from tests.system.test_three_references import NETWORKS

# The networks have weights of both signs that are odd, and thresholds that are set too late, by intent.
VALUES = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")
pytestmark = [pytest.mark.rtl, pytest.mark.slow, VALUES]

LANES = 8
NAMES = (
    "latency 0 through Python",
    "feedback through Python",
    "several sources into one binary connection",  # run-ahead from source to sink
    "several runs with changes between",
)


class Delays:
    """Makes Python slow at random: its models, and its ends of the rings.

    Attributes
    ----------
    count : int
        How often something was delayed.
    """

    def __init__(self, seed: int, most: float) -> None:
        self.count = 0
        self._rng = np.random.default_rng(seed)
        self._most = most

    def sleep(self) -> None:
        """Wait, mostly for a short time, sometimes for long."""
        self.count += 1
        time.sleep(self._most * self._rng.random() ** 3)

    def wrap(self, function: Any) -> Any:
        """Give a function that sleeps before and after."""

        def slow(*args: Any) -> Any:
            self.sleep()
            result = function(*args)
            self.sleep()
            return result

        return slow


@contextlib.contextmanager
def slow_python(seed: int, most: float = 0.003) -> Iterator[Delays]:
    """Delay every step (or block) of every Python model, and every push and pop of flits."""
    delays = Delays(seed, most)
    models = (processes.PyEcho, processes.PyAccumulate, processes.PyToggle)
    with pytest.MonkeyPatch.context() as patch:
        for model in (*models, AbstractPyRingBuffer, AbstractPyReceiveModel):
            patch.setattr(model, "run_spk", delays.wrap(model.run_spk))
        for model in (AbstractPyRingBuffer, AbstractPyReceiveModel):
            patch.setattr(model, "run_batch", delays.wrap(model.run_batch))
        for name in ("push", "pop"):
            patch.setattr(VerilatorTransport, name, delays.wrap(getattr(VerilatorTransport, name)))
        yield delays


@pytest.fixture(scope="module")
def undisturbed() -> dict[tuple[str, bool], Trace]:
    """Each network once, as fast as it goes."""
    return {(n, s): run(NETWORKS[n], "verilator", LANES, s) for n in NAMES for s in (False, True)}


@pytest.mark.parametrize("slow", ["python", "simulator", "both"])
@pytest.mark.parametrize("name", NAMES)
def test_delays_change_nothing(name: str, slow: str, undisturbed: dict[tuple[str, bool], Trace]) -> None:
    seed = NAMES.index(name) * 10 + len(slow)
    for stepwise in (False, True) if slow == "both" else (False,):
        with contextlib.ExitStack() as stack:
            delays = stack.enter_context(slow_python(seed)) if slow != "simulator" else None
            stutter = stack.enter_context(Stutter(seed)) if slow != "python" else None
            got = run(NETWORKS[name], "verilator", LANES, stepwise)
        assert delays is None or delays.count > 20
        assert stutter is None or stutter.stops > 3
        expected = undisturbed[name, stepwise]
        assert difference(expected, got) is None
        assert got.counters == expected.counters
        assert got.counters["chip"]["cycles"] > 100
