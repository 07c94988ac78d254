"""What connections have in common that send in a step what they added up in the one before."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.proc.batches import received, send_rows
from lava_hw.proc.compiled import Steps

__all__ = ["AbstractBufferedModel"]

Array = npt.NDArray[Any]


class AbstractBufferedModel(PyLoihiProcessModel, ABC):
    """Sends a_buff, then fills it from what it receives."""

    constant_vars = ("weights", "num_message_bits")
    converted_vars: ClassVar[dict[str, str]] = {"weights": "weights_set"}
    s_in: Any = None
    a_out: Any = None
    a_buff: Any = None
    weights_set = True
    """False where step 1 has to prepare the weights first."""
    _changed = True

    def _set_weights(self) -> None:
        """Bring the weights into the form in which they are used, before the first step."""

    @abstractmethod
    def _plain_sums(self, s_in: Array) -> Array:
        """What the input of a step adds up to."""

    @abstractmethod
    def _compiled(self) -> Steps | None:
        """What inputs of several steps add up to, with the present weights, if C++ can do it."""

    def _integrate(self, s_in: Array) -> Array:
        """What the input of a step adds up to."""
        total: Array = self._integrate_rows(self._compiled(), s_in[None])[0]
        return total

    def _integrate_rows(self, compiled: Steps | None, rows: Array) -> Array:
        """What the inputs of several steps add up to, [steps, n_out]."""
        sums = None if compiled is None else compiled(rows)
        return np.stack([self._plain_sums(row) for row in rows]) if sums is None else sums

    def run_spk(self) -> None:
        """One step."""
        if not self.weights_set:
            self._set_weights()
        self.a_out.send(self.a_buff)
        self.a_buff = self._integrate(self.s_in.recv())

    def on_var_update(self) -> None:
        """Remember that what follows from Vars is to be computed anew."""
        super().on_var_update()
        self._changed = True

    def run_batch(self, steps: int) -> None:
        """Several steps, as many at a time as there are messages for."""
        if not self.weights_set:
            self._set_weights()
        # What a loop of connections needs to go on is sent before anything is waited for.
        self.a_out.send(self.a_buff)
        self._changed = True
        compiled: Steps | None = None
        while steps:
            rows = received(self.s_in, steps)
            # The user may have set a Var while this one waited.
            if self._changed:
                compiled, self._changed = self._compiled(), False
            sums = self._integrate_rows(compiled, rows)
            steps -= len(rows)
            self.time_step += len(rows)
            # The last of them is the first of the next batch.
            send_rows(self.a_out, sums if steps else sums[:-1])
            self.a_buff = sums[-1].copy() if len(sums) > 1 else sums[0]
