"""What takes part in a run: a Python model, or the whole chip.

Rules for participants
----------------------
1. `body(first_step, n_steps)` runs in a greenlet of the worker's thread, once per run. It asks
   `granted = worker.may_start(self, step, count)` before it starts steps; `granted` steps (1 to `count`) may
   be executed without asking again; 0 means that the run is over and `body` returns. `n_steps` is only a
   bound (a run may end earlier).
2. Anything that waits must wait through the worker: `channel.recv`, `channel.send`, `worker.may_start`,
   `worker.wait_external`, `worker.yield_now`. These are the only switching points.
3. `worker.spawn(self, function)` starts further greenlets of a participant. They must end with the run: by
themselves, or by the
   RunCancelled that a waiting call raises in them once all bodies have returned.
4. `read_var` and `write_var` are called at step boundaries, and during a phase exchange (from a greenlet).
They may use
   `worker.wait_external`.
5. A message in a channel is an array with the shape of the SOURCE port. Who receives applies
`link.src_index` and
   `link.dst_index`. A message is shared by all receivers: do not write into it, and do not change it after
   sending.
6. A participant that sends may say `channel.close_step(t)` when all messages of step t are out; a reader's
`probe` then answers without waiting
   for the end of the step.
7. In a lock-step domain `may_start` grants one step at a time, and `body` calls it again only after
everything of
   that step was sent and every Var has its final value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lava_hw.runtime.errors import RunError

if TYPE_CHECKING:
    from lava_hw.graph.flat import Link
    from lava_hw.runtime.channel import Channel
    from lava_hw.runtime.domain import Domain
    from lava_hw.runtime.scheduler import Worker

__all__ = ["Participant"]


class Participant(ABC):
    """One party of a run.

    Parameters
    ----------
    worker : Worker
        Owner of its greenlets.
    name : str
        Name for messages.

    Attributes
    ----------
    domain : Domain or None
        The domain whose steps it follows; None for asynchronous models. Set when the runtime is built.
    step : int
        The furthest step that was started.
    """

    runs_user_code: ClassVar[bool] = False
    """Whether what it raises is an exception of a user's model, so that the run ends by a ModelError."""

    readable_within_step: ClassVar[bool] = False
    """Whether Vars can be read and written while it waits in the middle of a step."""

    in_python: ClassVar[bool] = False
    """Whether it is one model in Python, here or in another worker."""

    has_ended: bool = True
    """Whether it has ended its steps, if none of its greenlets says otherwise."""

    def __init__(self, worker: Worker, name: str) -> None:
        self.worker = worker
        self.name = name
        self.domain: Domain | None = None
        self.step = 0

    @property
    def failure(self) -> BaseException | None:
        """What has broken it for good, whoever noticed it; the run ends by that error then."""
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
    def add_in(self, process: int, port: str, channel: Channel, link: Link, dtype: np.dtype[Any]) -> None:
        """Be told of a channel into a port, at build time, in order of connection.

        `dtype` is the type of its messages.
        """

    @abstractmethod
    def add_out(self, process: int, port: str, channel: Channel, link: Link) -> None:
        """Be told of a channel out of a port, at build time."""

    @abstractmethod
    def out_dtype(self, process: int, port: str) -> np.dtype[Any]:
        """Element type of the messages of an OutPort."""

    @abstractmethod
    def var_shape(self, process: int, name: str) -> tuple[int, ...]:
        """Shape of a Var."""

    @abstractmethod
    def read_var(self, process: int, name: str) -> Any:
        """Value of a Var, a copy, in the type of the Var."""

    @abstractmethod
    def write_var(self, process: int, name: str, value: np.ndarray[Any, Any]) -> None:
        """Change a Var; `value` has its shape, and is converted to its type by truncation."""

    def set_var(self, process: int, name: str, value: Any) -> None:
        """Change a Var on behalf of the user."""
        self.write_var(process, name, value)

    def take_var(self, process: int, name: str) -> Any:
        """What a Var holds, for `give_var` after a reset, with all that tells it from an initial value."""
        return self.read_var(process, name)

    def give_var(self, process: int, name: str, taken: Any) -> None:
        """Let a Var go on with what `take_var` gave, after a reset: step 1 does not convert it again."""
        self.write_var(process, name, taken)

    def is_sparse(self, name: str) -> bool:
        """Whether it holds a Var as a sparse matrix."""
        return False

    @abstractmethod
    def reset(self) -> None:
        """Be as freshly loaded. Called between runs; the channels are empty."""

    def keep(self, step: int) -> None:  # noqa: B027 (optional)
        """Keep what Vars hold at the end of a step, where `Domain.keeps` asks for it."""

    def go_back(self) -> None:  # noqa: B027 (optional)
        """Let Vars hold again what was kept last. Called after an error, when nothing runs any more."""

    def prepare(self) -> None:  # noqa: B027 (optional)
        """Called once when all channels are known, before the first run. May raise what building raises."""

    def close(self) -> None:  # noqa: B027 (optional)
        """Free everything; called once, also after an error."""

    def where(self) -> str:
        """What it executes, for messages."""
        return f"step {self.step}"
