"""A process proxy stands for a process that another worker executes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lava_hw.runtime.errors import RunError
from lava_hw.runtime.participant import Participant

if TYPE_CHECKING:
    from lava_hw.graph.flat import FlatProcess, Link
    from lava_hw.runtime.barrier import Barriers
    from lava_hw.runtime.channel import PortChannel
    from lava_hw.runtime.workers.rpc import RpcEndpoint

__all__ = ["ProcessProxy", "WorkerProxy", "lost"]


class ProcessProxy(Participant):
    """A Python process of another worker: the far end of channels; its Vars are read and written by calls.

    Parameters
    ----------
    worker : Barriers
        The worker of this operating-system process.
    spec : FlatProcess
        The process.
    number : int
        Number of the worker that executes it.
    endpoint : RpcEndpoint
        Reaches that worker.
    """

    readable_within_step = True
    in_python = True

    def __init__(self, worker: Barriers, spec: FlatProcess, number: int, endpoint: RpcEndpoint) -> None:
        super().__init__(worker, spec.name)
        self.index = spec.index
        self.number = number
        self.endpoint = endpoint
        self.has_ended = False
        self._where: str | None = None
        self._shapes = {name: var.shape for name, var in spec.vars.items()}
        self._types = {name: spec.types[name].d_type for name in spec.out_ports if name in spec.types}

    def body(self, first_step: int, n_steps: int) -> NoReturn:
        """Refuse: it runs in its own worker."""
        raise AssertionError(f"'{self.name}' runs in worker {self.number}.")

    def add_in(self, process: int, port: str, channel: PortChannel, link: Link, dtype: np.dtype[Any]) -> None:
        """Do nothing: its own worker takes the channel."""

    def add_out(self, process: int, port: str, channel: PortChannel, link: Link) -> None:
        """Do nothing: its own worker takes the channel."""

    def out_dtype(self, process: int, port: str) -> np.dtype[Any]:
        """See Participant."""
        return np.dtype(self._types[port])

    def set_state(self, where: str, has_ended: bool) -> None:
        """Note the state that its worker has sent, for the message of a deadlock."""
        self._where = where
        self.has_ended = has_ended

    def where(self) -> str:
        """See Participant."""
        if self._where is not None:
            return self._where
        domain = self.domain
        # In lock step all are in the step of the barrier.
        if domain is not None and domain.lockstep:
            return f"step {domain.barrier}"
        return f"worker {self.number}"

    # -- Vars --
    def var_shape(self, process: int, name: str) -> tuple[int, ...]:
        """See Participant."""
        return self._shapes[name]

    def read_var(self, process: int, name: str) -> Any:
        """See Participant."""
        return self.endpoint.call(self.number, "read_var", self.index, name)

    def write_var(self, process: int, name: str, value: np.ndarray[Any, Any]) -> None:
        """See Participant."""
        self.endpoint.call(self.number, "write_var", self.index, name, value)

    def set_var(self, process: int, name: str, value: Any) -> None:
        """See Participant."""
        self.endpoint.call(self.number, "set_var", self.index, name, value)

    def take_var(self, process: int, name: str) -> Any:
        """See Participant."""
        return self.endpoint.call(self.number, "take_var", self.index, name)

    def give_var(self, process: int, name: str, taken: Any) -> None:
        """See Participant."""
        self.endpoint.call(self.number, "give_var", self.index, name, taken)

    def is_sparse(self, name: str) -> bool:
        """See Participant."""
        return bool(self.endpoint.call(self.number, "is_sparse", self.index, name))

    # -- phases --
    def run_phase(self, method: str) -> None:
        """See Participant."""
        self.endpoint.call(self.number, "run_phase", self.index, method)

    def reset(self) -> None:
        """Do nothing: its own worker does it."""


class WorkerProxy(ProcessProxy):
    """A proxy of all processes of another worker: a greenlet of it waits for the end of the run there."""

    def __init__(self, worker: Barriers, number: int, endpoint: RpcEndpoint) -> None:
        Participant.__init__(self, worker, f"worker {number}")
        self.index = -1
        self.number = number
        self.endpoint = endpoint
        self._where = "a run"
        self.has_ended = False


def described(number: int, names: list[str]) -> str:
    """Describe a worker and what it executes, for messages."""
    shown = ", ".join(f"'{name}'" for name in names[:6]) + (", ..." if len(names) > 6 else "")
    return f"worker {number} ({shown})"


def lost(number: int, names: list[str], how: str) -> RunError:
    """Make the error for a worker that is gone."""
    return RunError(
        f"The operating-system process of {described(number, names)} is gone: {how}. The values of its Vars "
        "are lost; stop() the network and build it anew."
    )
