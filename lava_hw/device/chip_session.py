"""`ChipSession`: what a scheduler asks of a chip on which an image is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from numpy.typing import ArrayLike, NDArray

from lava_hw.device.batch import StepBatch
from lava_hw.device.codec import InputPort
from lava_hw.device.outputs import OutputPort


class ChipSession(Protocol):
    """A loaded chip, step by step. `Session` is one on any device, a checked pair of devices is another.

    Steps are numbered from 1. Docstrings of `Session` say what each call does and raises.
    """

    @property
    def inputs(self) -> Mapping[str, InputPort]:
        """Input ports by name."""
        ...

    @property
    def outputs(self) -> Mapping[str, OutputPort]:
        """Output ports by name."""
        ...

    @property
    def closes(self) -> tuple[int, ...]:
        """Stages that need CLOSE, ascending."""
        ...

    @property
    def ends(self) -> tuple[int, ...]:
        """Stages that give END, ascending."""
        ...

    @property
    def takes_batches(self) -> bool:
        """Whether it runs step batches; else it goes step by step only."""
        ...

    @property
    def step(self) -> int:
        """Last complete step."""
        ...

    @property
    def limit(self) -> int:
        """Last step that `run_to` allowed."""
        ...

    @property
    def failure(self) -> BaseException | None:
        """What has stopped the chip; `reset` helps if it is a ChipFault, else only a new device does."""
        ...

    @property
    def at_boundary(self) -> bool:
        """Whether all steps that were allowed are known to be complete."""
        ...

    def ports(self, name: str) -> tuple[InputPort, ...]:
        """Give the input ports that a port, group or alias name stands for."""
        ...

    # -- steps, stage by stage --
    def run_to(self, limit: int) -> None:
        """Allow the chip to run up to step `limit`."""
        ...

    def send(self, port: str, step: int, value: ArrayLike) -> None:
        """Give a message that a process sends to `port` in step `step`."""
        ...

    def close(self, step: int, stage: int) -> None:
        """Say that everything for stage `stage` of step `step` was sent."""
        ...

    def sync(self) -> None:
        """Push all that is queued, and let the chip run as far as it can."""
        ...

    def poll_end(self, step: int, stage: int) -> dict[str, NDArray[Any]] | None:
        """Give the outputs of a stage if they are complete, else None. Never waits."""
        ...

    def poll_paused(self) -> bool:
        """Tell whether all steps up to `limit` are complete. Never waits."""
        ...

    def wait_any(self, seconds: float) -> None:
        """Wait at most `seconds` until the chip says something."""
        ...

    # -- step batches --
    def start_batch(self, steps: int, messages: Mapping[str, ArrayLike] | None = None) -> StepBatch:
        """Begin many steps with all their messages at once, behind those that are under way."""
        ...

    def poll_batch(self, batch: StepBatch) -> bool:
        """Tell whether all steps of a step batch are complete. Never waits."""
        ...

    def finish_batch(self, batch: StepBatch) -> dict[str, NDArray[Any]]:
        """Wait for the first of the batches that were started, and give its outputs."""
        ...

    # -- at step boundaries --
    def read_vars(self, names: Iterable[str]) -> dict[str, NDArray[Any]]:
        """Give the values of variables."""
        ...

    def write_vars(self, values: Mapping[str, ArrayLike]) -> None:
        """Set variables; they count from the next step on."""
        ...

    def keep_weights(self, values: Mapping[str, ArrayLike]) -> None:
        """Set weights after a reset to what they were before it."""
        ...

    def counters(self) -> dict[str, Any]:
        """Give the chip's counters; see `Device.counters`."""
        ...

    def reset(self) -> None:
        """Bring the chip to the state in which it was just loaded, wherever it is."""
        ...
