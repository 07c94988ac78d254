"""Python model of Monitor."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyRefPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.monitor.process import Monitor

__all__ = ["PyMonitorModel"]


@implements(proc=Monitor, protocol=LoihiProtocol)
@requires(CPU)
class PyMonitorModel(PyLoihiProcessModel):
    """Receives probed ports in the spiking phase, reads probed Vars at the end of the step."""

    run_ahead = True

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        kinds = self.proc_params.get("probes", ())
        self._ports = [k for k, kind in enumerate(kinds) if kind == "port"]
        self._vars = [k for k, kind in enumerate(kinds) if kind == "var"]

    @classmethod
    def lava_types(cls, proc: AbstractProcess) -> dict[str, LavaPyType]:
        """One port and one array for each probe."""
        types: dict[str, LavaPyType] = {}
        for k, kind in enumerate(proc.proc_params.get("probes", ())):
            port = PyRefPort.VEC_DENSE if kind == "var" else PyInPort.VEC_DENSE
            types[f"probe_{k}"] = LavaPyType(port, np.float64 if kind == "var" else np.bool_)
            types[f"data_{k}"] = LavaPyType(np.ndarray, np.float64)
        return types

    @classmethod
    def recorded_along(cls, name: str) -> int | None:
        """See AbstractPyProcessModel."""
        return 0

    def _store(self, k: int, values: Any, steps: int) -> None:
        """Keep the values of some steps, [steps, *shape]."""
        name = f"data_{k}"
        data = getattr(self, name)
        first = self.time_step - 1
        row = first + steps - 1
        if row >= len(data):
            # Longer than it was made for: room for twice as many steps, of which only those recorded are
            # shown.
            store = np.zeros((2 * len(data), *data.shape[1:])) if data.base is None else data.base
            if row >= len(store):
                store = np.zeros((max(2 * len(store), row + 1), *store.shape[1:]))
            store[: len(data)] = data
            data = store[: row + 1]
            setattr(self, name, data)
        data[first : row + 1] = values

    def run_spk(self) -> None:
        """Record probed ports."""
        for k in self._ports:
            self._store(k, getattr(self, f"probe_{k}").recv()[np.newaxis], 1)

    def run_batch(self, steps: int) -> None:
        """Record probed ports for several steps."""
        ports = [(k, getattr(self, f"probe_{k}")) for k in self._ports]
        end = self.time_step + steps
        while self.time_step < end:
            count = end - self.time_step
            for _, port in ports:
                count = port.ready(count)
            for k, port in ports:
                self._store(k, port.recv_batch(count), count)
            self.time_step += count

    def post_guard(self) -> bool:
        """Whether there are Vars to record."""
        return bool(self._vars)

    def run_post_mgmt(self) -> None:
        """Record probed Vars."""
        for k in self._vars:
            self._store(k, getattr(self, f"probe_{k}").read()[np.newaxis], 1)
