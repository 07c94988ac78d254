"""Models that count how often their guards are asked. With Lava's paths, so that Lava can run it, too."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.run_conditions import RunSteps
from lava_hw.magma.core.run_configs import Loihi2SimCfg
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

STEPS = 3
GUARDS = ("pre", "lrn", "post")


class Counting(AbstractProcess):
    """`says`: for each guard (pre, lrn, post) n: no, y: yes, c: if it was asked an odd number of times.

    `pause`: the method in which the end of the run is asked for in step 2.
    """

    def __init__(self, says: str, pause: str = "", name: str = "counting") -> None:
        super().__init__(says=says, pause=pause, name=name)
        self.a_in = InPort(shape=(1,))
        self.s_out = OutPort(shape=(1,))
        self.asked = Var(shape=(3,), init=0)
        self.ran = Var(shape=(4,), init=0)


@implements(proc=Counting, protocol=LoihiProtocol)
@requires(CPU)
class PyCounting(PyLoihiProcessModel):
    """See Counting."""

    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    asked: Any = LavaPyType(np.ndarray, np.int32)
    ran: Any = LavaPyType(np.ndarray, np.int32)

    def _ask(self, number: int) -> bool:
        self.asked[number] += 1
        says = self.proc_params["says"][number]
        return says == "y" or (says == "c" and bool(self.asked[number] % 2))

    def _run(self, number: int, method: str) -> None:
        self.ran[number] += 1
        if self.time_step == 2 and self.proc_params["pause"] == method:
            self._req_pause = True

    def pre_guard(self) -> bool:
        """See Counting."""
        return self._ask(0)

    def lrn_guard(self) -> bool:
        """See Counting."""
        return self._ask(1)

    def post_guard(self) -> bool:
        """See Counting."""
        return self._ask(2)

    def run_spk(self) -> None:
        """Send, then receive."""
        self.s_out.send(np.ones(1, np.int32))
        self.a_in.recv()
        self._run(3, "spk")

    def run_pre_mgmt(self) -> None:
        """Count."""
        self._run(0, "pre")

    def run_lrn(self) -> None:
        """Count."""
        self._run(1, "lrn")

    def run_post_mgmt(self) -> None:
        """Count."""
        self._run(2, "post")


def cases() -> list[list[str]]:
    """For each case: what the guards of two processes say, and where the first one pauses."""
    plain = [a + b + c for a in "ny" for b in "ny" for c in "ny"]
    found = [[first, second, ""] for first in plain for second in plain if first <= second]
    counting = ["nnc", "ncn", "ncc", "cyn", "ccc", "cny", "ycy"]
    found += [[first, second, ""] for first in counting for second in ("nnn", "yyy", "nyn", "ccc")]
    # The second process never lets PRE_MGMT end without learning: see docs/lava.md for one that is alone.
    found += [
        [first, second, pause]
        for pause in ("spk", "pre", "lrn", "post")
        for first in ("yyy", "nyy", "nny", "ccc")
        for second in ("nnn", "yyy", "nyn")
    ]
    return found


def counted(case: list[str], **options: Any) -> list[list[int]]:
    """What was asked and run in both processes."""
    first, second, pause = case
    a, b = Counting(first, pause, name="a"), Counting(second, name="b")
    a.s_out.connect(b.a_in)
    b.s_out.connect(a.a_in)
    a.run(condition=RunSteps(num_steps=STEPS), run_cfg=Loihi2SimCfg(**options))
    answer = [[int(value) for value in var.get()] for var in (a.asked, a.ran, b.asked, b.ran)]
    a.stop()
    return answer
