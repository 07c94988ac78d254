"""`Session`: the driver of one loaded image, for schedulers. docs/chip.md section 2 is its contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from numpy.typing import ArrayLike, NDArray

from lava_hw.device.batch import StepBatch, StepBatches, check_rows, plan_piece
from lava_hw.device.errors import DeviceError
from lava_hw.device.link import ChipLink
from lava_hw.device.outputs import OutputPort, decode_outputs
from lava_hw.device.steps import StepStream
from lava_hw.device.stores.access import Say, VariableAccess
from lava_hw.image import Image
from lava_hw.progress import Bar

_FIRST_PIECE, _PIECE = 32, 1024
"""Steps that are encoded and pushed at a time. Answers and counters do not depend on it."""
_HELD = 1 << 18
"""Flits from the chip that are kept as they are while a step batch runs, before they are decoded."""


class Session(StepStream):
    """Steps, messages and variables of an image that is loaded on a chip; a `ChipSession`.

    Parameters
    ----------
    link : ChipLink
        The chip.
    image : Image
        What is loaded on it.

    Attributes
    ----------
    step : int
        Last complete step.
    limit, granted, closes, ends, inputs, outputs
        See `StepStream`.
    """

    takes_batches = True

    def __init__(self, link: ChipLink, image: Image) -> None:
        super().__init__(link, image.manifest)
        self._access = VariableAccess(image, link)
        self._of_stage: dict[int, list[OutputPort]] = {
            stage: [p for p in self.outputs.values() if p.stage == stage] for stage in self.ends
        }

    def _start(self) -> None:
        super()._start()
        self._batches = StepBatches(self.ends)

    @property
    def step(self) -> int:
        """Last complete step."""
        return self._link.receiver.paused

    @property
    def variables(self) -> dict[str, Any]:
        """Variables by name, with shape, dtype and store."""
        return self._access.variables

    # ------------------------------------------------------------------ steps, stage by stage
    def poll_end(self, step: int, stage: int) -> dict[str, NDArray[Any]] | None:
        """Give the outputs of a stage if they are complete, else None. Never waits.

        Raises
        ------
        DeviceError
            If the stage gives no END.
        """
        if stage not in self._of_stage:
            raise DeviceError(f"stage {stage} sends nothing outside; stages that do: {self.ends or 'none'}")
        self._link.poll()
        segment = self._link.receiver.take_stage(step, stage)
        if segment is None:
            return None
        messages = decode_outputs(self._of_stage[stage], segment, step, 1)
        return {name: rows[0] for name, rows in messages.items()}

    def wait_end(self, step: int, stage: int) -> dict[str, NDArray[Any]]:
        """Wait for the outputs of a stage and give them: array of the port's shape by port.

        Raises
        ------
        DeviceError
            If the stage gives no END, or the chip waits for a CLOSE first.
        """
        while True:
            result = self.poll_end(step, stage)
            if result is not None:
                return result
            self._link.wait(f"it waited for the end of step {step}, stage {stage}", self.describe)

    def wait_any(self, seconds: float) -> None:
        """Wait at most `seconds` until the chip says something. For callers that poll.

        Raises
        ------
        DeviceError
            If the chip has nothing to say until it is sent more.
        """
        self._link.wait_any(seconds, self.describe)

    def poll_paused(self) -> bool:
        """Tell whether all steps up to `limit` are complete. Never waits."""
        self._link.poll()
        return self.step == self.limit

    def wait_paused(self) -> None:
        """Wait until all steps up to `limit` are complete."""
        while not self.poll_paused():
            self._link.wait(f"it ran to step {self.limit}", self.describe)

    # ------------------------------------------------------------------ step batches
    def run_batch(
        self, steps: int, messages: Mapping[str, ArrayLike] | None = None, bar: Bar | None = None
    ) -> dict[str, NDArray[Any]]:
        """Run `steps` steps with all their messages at once.

        Parameters
        ----------
        steps : int
            At least 1.
        messages : mapping
            Arrays [steps, *shape] by input, group or alias; row k is the message sent in step
            ``step + 1 + k``. Inputs that are not named are sent zeros.
        bar : Bar, optional
            Shows the steps that are complete.

        Returns
        -------
        dict
            Arrays [steps, *shape] by output.

        Raises
        ------
        ValueRefused
            If a message cannot be sent; nothing was run then.
        DeviceError
            If the chip is not at a step boundary.
        """
        return self.finish_batch(self.start_batch(steps, messages, bar))

    def start_batch(
        self, steps: int, messages: Mapping[str, ArrayLike] | None = None, bar: Bar | None = None
    ) -> StepBatch:
        """Begin what `run_batch` does; `finish_batch` ends it.

        A step batch may be begun while others are under way: it waits in the stream behind them. Batches are
        finished in the order in which they were begun, and until then nothing but `start_batch`,
        `finish_batch`, `poll_batch` and `wait_any` may be called. The time of these calls changes neither
        answers nor counters.
        """
        if steps < 1:
            raise DeviceError(f"a step batch has at least one step, not {steps}")
        idle = not self._batches
        if idle:
            self._check_boundary()
        if self.closes and self._next[1] != 0:
            raise DeviceError(f"step {self._next[0]} has begun; a step batch starts with a whole step")
        rows = check_rows(self, steps, messages or {})
        for name in rows:
            if any(key[0] == name and self.limit < key[1] <= self.limit + steps for key in self._sent):
                raise DeviceError(f"{name} was sent a message for one of these steps before")
        batch = StepBatch(self.limit + 1, steps, self.outputs, bar)
        self._batches.add(batch)
        self.run_to(self.limit + steps)
        first = 0
        while first < steps and self.closes:
            # Small pieces first, so that a chip that waits has something to do soon.
            piece_steps = min(max(first, _FIRST_PIECE), _PIECE) if idle else _PIECE
            upto = min(first + piece_steps, steps)
            piece, later = plan_piece(self, rows, batch, first, upto)
            self._link.queue(piece)
            if upto < steps:
                self._link.flush()
                self._link.poll()
                self._batches.take(self._link.receiver, _HELD)
            for window, flits in later:
                self._windows.setdefault(window, []).append(flits)
            first = upto
        if self.closes:
            self._next = (self.limit + 1, 0)
            # What was sent in the last step is in the open window; a second message for it is refused.
            self._sent = {key for key in self._sent if key[1] > self.limit}
            self._sent |= {(name, self.limit) for name in rows if self.inputs[name].stage is None}
        self._link.sync()
        return batch

    def finish_batch(self, batch: StepBatch) -> dict[str, NDArray[Any]]:
        """Wait for the first of the batches that `start_batch` began, and give its outputs.

        Raises
        ------
        DeviceError
            If it is not the first one.
        """
        self._batches.check_first(batch)
        while not self.poll_batch(batch):
            self._batches.take(self._link.receiver, _HELD)
            self._link.wait(f"it ran to step {batch.last}", self.describe)
        self._batches.take(self._link.receiver, 0)
        return self._batches.finish()

    def poll_batch(self, batch: StepBatch) -> bool:
        """Tell whether all steps of a step batch are complete. Never waits."""
        self._link.poll()
        return self.step >= batch.last

    # Old names.
    run_block, start_block, finish_block, poll_block = run_batch, start_batch, finish_batch, poll_batch

    # ------------------------------------------------------------------ at step boundaries
    @property
    def failure(self) -> BaseException | None:
        """What has stopped the chip; `reset` helps if it is a ChipFault, else only a new device does."""
        return self._link.broken or self._link.receiver.fault

    @property
    def at_boundary(self) -> bool:
        """Whether all steps that were allowed are known to be complete, and no step batch is under way."""
        return not self._batches and self.step == self.limit

    def _check_boundary(self) -> None:
        self._link.poll()
        if self._batches:
            raise DeviceError("step batches are under way; finish them first (finish_batch)")
        if self.step != self.limit:
            raise DeviceError(
                f"the chip is on its way from step {self.step} to {self.limit}; wait until it has paused"
            )

    def _settle(self) -> None:
        """Push the messages of the last step, so that the accumulators hold what the next step will find."""
        self._check_boundary()
        if self.closes:
            self._push_window((self.step + 1, self.closes[0]))

    def read_vars(self, names: Iterable[str]) -> dict[str, NDArray[Any]]:
        """Give the values of variables, in one exchange.

        Raises
        ------
        DeviceError
            If there is no such variable, or the chip is not at a step boundary.
        """
        self._settle()
        return self._access.read(list(names), self.step)

    def write_vars(self, values: Mapping[str, ArrayLike], say: Say | None = None) -> None:
        """Set variables; they count from the next step on.

        Before the first step, latched values and weights are made anew as that step makes them; later,
        latched values stay and weights are taken raw. `say` is given each warning before a value is written.

        Raises
        ------
        ValueRefused
            If one of them cannot be held exactly; nothing is written then.
        DeviceError
            If there is no such variable, or the chip is not at a step boundary.
        """
        self._settle()
        self._access.write(values, self.step, say=say)

    def keep_weights(self, values: Mapping[str, ArrayLike]) -> None:
        """Set weights after a reset to what they were before it; the first step does not convert them."""
        self._settle()
        self._access.write(values, self.step, keep=True)

    def counters(self) -> dict[str, Any]:
        """Give the chip's counters; see `Device.counters`."""
        self._settle()
        return self._link.counters()

    def reset(self) -> None:
        """Bring the chip to the state in which it was just loaded, wherever it is.

        A chip that waits for a CLOSE reports a fault first, and is reset from there.
        """
        self._link.reset(self._access.dirty_flits())
        self._access.restore()
        self._start()

    def describe(self) -> str:
        """Say where the chip is and what it waits for."""
        text = f"the chip has completed step {self.step} of {self.limit}"
        if self.closes and self.step < self.limit:
            at, place = self._next
            text += f"; the next that it needs closed is step {at}, stage {self.closes[place]}"
        return text
