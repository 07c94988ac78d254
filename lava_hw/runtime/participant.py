"""What takes part in a run: a Python model, or the whole chip.

Rules for participants
----------------------
1. `body(first_step, n_steps)` runs in a greenlet of the worker's thread, once per run. It asks
   `granted = worker.acquire(self, step, count)` before it starts steps; `granted` steps (1 to `count`) may
   be executed without asking again; 0 means that the run is over and `body` returns. `n_steps` is only a
   bound (a run may end earlier).
2. Anything that waits must wait through the worker: `channel.recv`, `channel.send`, `worker.acquire`,
   `worker.wait_external`, `worker.yield_now`. These are the only switching points.
3. `worker.spawn(self, function)` starts further greenlets of a participant. They must end with the run: by
   themselves, or by the RunCancelled that a waiting call raises in them once all bodies have returned.
4. `read_var` and `write_var` are called at step boundaries, and during a phase exchange (from a greenlet).
   They may use `worker.wait_external`.
5. A message in a channel is an array with the shape of the SOURCE port. The receiver applies
   `link.src_index` and `link.dst_index`. All receivers share a message: do not write into it, and do not
   change it after sending.
6. A participant that sends may say `channel.close_step(t)` when all messages of step t are out; a reader's
   `probe` then answers without waiting for the end of the step.
7. In a lock-step domain `acquire` grants one step at a time, and `body` calls it again only after it has
   sent everything of that step, and every Var has its final value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lava_hw.runtime.errors import RunError

if TYPE_CHECKING:
    from lava_hw.compiler.uses import Summary
    from lava_hw.graph.flat import Link
    from lava_hw.image import Image
    from lava_hw.runtime.barrier import Barriers
    from lava_hw.runtime.channel import PortChannel
    from lava_hw.runtime.domain import Domain

__all__ = ["Participant"]


class Participant(ABC):
    """One party of a run.

    Parameters
    ----------
    worker : Barriers
        Owner of its greenlets.
    name : str
        Name for messages.

    Attributes
    ----------
    domain : Domain or None
        The domain whose steps it follows; None for asynchronous models. Set when the runtime is built.
    step : int
        The furthest step that was started.
    image : Image or None
        What the chip holds, if it is the chip.
    summary : Summary or None
        What the chip's processes take of its cores, if it is the chip.
    """

    runs_user_code: ClassVar[bool] = False
    """Whether what it raises is an exception of a user's model, so that the run ends by a ModelError."""

    readable_within_step: ClassVar[bool] = False
    """Whether Vars can be read and written while it waits in the middle of a step."""

    in_python: ClassVar[bool] = False
    """Whether it is one model in Python, here or in another worker."""

    has_ended: bool = True
    """Whether it has ended its steps, if none of its greenlets says otherwise."""

    image: Image | None = None
    summary: Summary | None = None

    def __init__(self, worker: Barriers, name: str) -> None:
        self.worker = worker
        self.name = name
        self.domain: Domain | None = None
        self.step = 0

    @property
    def failure(self) -> BaseException | None:
        """The error that has broken it for good, whoever noticed it; the run ends by that error then."""
        return None

    def is_own_error(self, error: BaseException) -> bool:
        """Whether an error that it raised says all that the user needs."""
        return isinstance(error, RunError)

    @property
    def reached(self) -> int:
        """The step that it executes, as another thread may ask at any time; it may be late."""
        return self.step

    @abstractmethod
    def body(self, first_step: int, n_steps: int) -> None:
        """Run steps; see the rules."""

    @abstractmethod
    def add_in(self, process: int, port: str, channel: PortChannel, link: Link, dtype: np.dtype[Any]) -> None:
        """Take a channel into a port, at build time, in order of connection.

        `dtype` is the type of its messages.
        """

    @abstractmethod
    def add_out(self, process: int, port: str, channel: PortChannel, link: Link) -> None:
        """Take a channel out of a port, at build time."""

    @abstractmethod
    def out_dtype(self, process: int, port: str) -> np.dtype[Any]:
        """Give the element type of the messages of an OutPort."""

    @abstractmethod
    def var_shape(self, process: int, name: str) -> tuple[int, ...]:
        """Give the shape of a Var."""

    @abstractmethod
    def read_var(self, process: int, name: str) -> Any:
        """Give the value of a Var, a copy, in the type of the Var."""

    @abstractmethod
    def write_var(self, process: int, name: str, value: np.ndarray[Any, Any]) -> None:
        """Change a Var; `value` has its shape, and is converted to its type by truncation."""

    def set_var(self, process: int, name: str, value: Any) -> None:
        """Change a Var on behalf of the user."""
        self.write_var(process, name, value)

    def take_var(self, process: int, name: str) -> Any:
        """Give a Var as `give_var` takes it after a reset, with all that tells it from an initial value."""
        return self.read_var(process, name)

    def give_var(self, process: int, name: str, taken: Any) -> None:
        """Let a Var go on with what `take_var` gave, after a reset: step 1 does not convert it again."""
        self.write_var(process, name, taken)

    def is_sparse(self, name: str) -> bool:
        """Whether it holds a Var as a sparse matrix."""
        return False

    @abstractmethod
    def reset(self) -> None:
        """Go back to the state after loading. Called between runs; the channels are empty."""

    def checkpoint(self, step: int) -> None:  # noqa: B027 (optional)
        """Copy what Vars hold at the end of a step, where `Domain.checkpoints` asks for it."""

    def rollback(self) -> None:  # noqa: B027 (optional)
        """Give Vars the values of the last checkpoint. Called after an error, when nothing runs any more."""

    def prepare(self) -> None:  # noqa: B027 (optional)
        """Get ready for the first run. Called once, when all channels are known; may raise."""

    def counters(self) -> dict[str, Any] | None:
        """Give the counters of the chip; None if it is not the chip."""
        return None

    def close(self) -> None:  # noqa: B027 (optional)
        """Free everything; called once, also after an error."""

    def where(self) -> str:
        """Give what it executes, for messages."""
        return f"step {self.step}"
