"""What connections with delays have in common, dense or sparse."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy.typing as npt

from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.proc.dense.arithmetic import advanced

__all__ = ["AbstractDelayModel"]

Array = npt.NDArray[Any]


class AbstractDelayModel(PyLoihiProcessModel, ABC):
    """Sends the first slot of a_buff, [n_out, slots]; what a later one holds is sent so many steps later."""

    constant_vars = ("weights", "delays", "num_message_bits")
    converted_vars: ClassVar[dict[str, str]] = {"weights": "weights_set"}
    s_in: Any = None
    a_out: Any = None
    a_buff: Any = None
    weights: Any = None
    delays: Any = None
    num_message_bits: Any = None
    weights_set = True
    """False where step 1 has to prepare the weights first."""

    def _prepare(self) -> None:
        """Check and convert weights and delays, before the first step."""

    @abstractmethod
    def calc_act(self, s_in: Array) -> Array:
        """What the input adds to each slot, [n_out, slots]; column k arrives k steps later than column 0."""

    def update_act(self, s_in: Array) -> None:
        """Advance the slots by one step and add what the input gives."""
        self.a_buff = advanced(self.a_buff)
        self.a_buff += self.calc_act(s_in)

    def run_spk(self) -> None:
        """One step."""
        if not self.weights_set:
            self._prepare()
            self.weights_set = True
        self.a_out.send(self.a_buff[:, 0])
        self.update_act(self.s_in.recv())
