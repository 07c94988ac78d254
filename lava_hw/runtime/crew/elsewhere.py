"""Stands for a process that another worker executes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lava_hw.runtime.errors import RunError
from lava_hw.runtime.participant import Participant

if TYPE_CHECKING:
    from lava_hw.graph.flat import FlatProcess, Link
    from lava_hw.runtime.channel import Channel
    from lava_hw.runtime.crew.post import Post
    from lava_hw.runtime.scheduler import Worker

__all__ = ["Elsewhere", "WholeWorker"]


class Elsewhere(Participant):
    """A Python process of another worker: the far end of channels; its Vars are read and written by calls.

    Parameters
    ----------
    worker : Worker
        The worker of this operating-system process.
    spec : FlatProcess
        The process.
    number : int
        Number of the worker that executes it.
    post : Post
        Reaches that worker.
    """

    readable_within_step = True
    in_python = True

    def __init__(self, worker: Worker, spec: FlatProcess, number: int, post: Post) -> None:
        super().__init__(worker, spec.name)
        self.index = spec.index
        self.number = number
        self.post = post
        self.has_ended = False
        self._where: str | None = None
        self._shapes = {name: var.shape for name, var in spec.vars.items()}
        self._types = {name: spec.types[name].d_type for name in spec.out_ports if name in spec.types}

    def body(self, first_step: int, n_steps: int) -> NoReturn:
        """Nothing: it runs in its own worker."""
        raise AssertionError(f"'{self.name}' runs in worker {self.number}.")

    def add_in(self, process: int, port: str, channel: Channel, link: Link, dtype: np.dtype[Any]) -> None:
        """Nothing: its own worker is told."""

    def add_out(self, process: int, port: str, channel: Channel, link: Link) -> None:
        """Nothing: its own worker is told."""

    def out_dtype(self, process: int, port: str) -> np.dtype[Any]:
        """See Participant."""
        return np.dtype(self._types[port])

    def set_state(self, where: str, has_ended: bool) -> None:
        """Note what its worker says that it does, for the message of a deadlock."""
        self._where = where
        self.has_ended = has_ended

    def where(self) -> str:
        """See Participant."""
        if self._where is not None:
            return self._where
        domain = self.domain
        # In lock step all are in the step of the gate.
        if domain is not None and domain.lockstep:
            return f"step {domain.gate}"
        return f"worker {self.number}"

    # -- Vars --
    def var_shape(self, process: int, name: str) -> tuple[int, ...]:
        """See Participant."""
        return self._shapes[name]

    def read_var(self, process: int, name: str) -> Any:
        """See Participant."""
        return self.post.call(self.number, "read_var", self.index, name)

    def write_var(self, process: int, name: str, value: np.ndarray[Any, Any]) -> None:
        """See Participant."""
        self.post.call(self.number, "write_var", self.index, name, value)

    def set_var(self, process: int, name: str, value: Any) -> None:
        """See Participant."""
        self.post.call(self.number, "set_var", self.index, name, value)

    def take_var(self, process: int, name: str) -> Any:
        """See Participant."""
        return self.post.call(self.number, "take_var", self.index, name)

    def give_var(self, process: int, name: str, taken: Any) -> None:
        """See Participant."""
        self.post.call(self.number, "give_var", self.index, name, taken)

    def is_sparse(self, name: str) -> bool:
        """See Participant."""
        return bool(self.post.call(self.number, "is_sparse", self.index, name))

    # -- phases --
    def run_phase(self, method: str) -> None:
        """See Participant."""
        self.post.call(self.number, "run_phase", self.index, method)

    def reset(self) -> None:
        """Nothing: its own worker does it."""


class WholeWorker(Elsewhere):
    """All processes of another worker: whoever waits for the end of its run."""

    def __init__(self, worker: Worker, number: int, post: Post) -> None:
        Participant.__init__(self, worker, f"worker {number}")
        self.index = -1
        self.number = number
        self.post = post
        self._where = "a run"
        self.has_ended = False


def said_by(number: int, names: list[str]) -> str:
    """A worker and what it executes, for messages."""
    shown = ", ".join(f"'{name}'" for name in names[:6]) + (", ..." if len(names) > 6 else "")
    return f"worker {number} ({shown})"


def lost(number: int, names: list[str], how: str) -> RunError:
    """The error for a worker that is gone."""
    return RunError(
        f"The operating-system process of {said_by(number, names)} is gone: {how}. The values of its Vars "
        "are lost; stop() the network and build it anew."
    )
