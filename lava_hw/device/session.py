"""`Session`: the driver of one loaded image, for schedulers. docs/chip.md section 2 is its contract.

The stream of flits to the chip depends on the order of calls alone, and what the chip counts depends on the
stream alone: so results and counters never depend on who was quicker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.device.block import Block, Blocks, check_boundary, check_rows, describe, plan_piece
from lava_hw.device.codec import InputPort
from lava_hw.device.errors import DeviceError
from lava_hw.device.flits import NONE, Flits, token
from lava_hw.device.link import ChipLink
from lava_hw.device.outputs import OutputPort, decode_outputs
from lava_hw.device.ports import parse_ports
from lava_hw.device.stores.access import Say, VariableAccess
from lava_hw.image import Image
from lava_hw.progress import Bar
from lava_hw.regs import TokenIn

_FIRST_PIECE, _PIECE = 32, 1024
"""Steps that are encoded and pushed at a time. Answers and counters do not depend on it."""
_HELD = 1 << 18
"""Flits from the chip that are kept as they are while a block runs, before they are decoded."""


class Session:
    """Steps, messages and variables of an image that is loaded on a chip.

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
    limit : int
        Last step that `run_to` allowed.
    granted : int
        Last step that a RUN in the stream allows.
    closes, ends : tuple of int
        Stages that need CLOSE, and that give END, ascending.
    inputs, outputs : dict
        Ports by name.
    """

    def __init__(self, link: ChipLink, image: Image) -> None:
        manifest = image.manifest
        self._link = link
        self.inputs, self.outputs = parse_ports(manifest)
        self.groups: dict[str, tuple[str, ...]] = {k: tuple(v) for k, v in manifest.get("groups", {}).items()}
        self.aliases: dict[str, str] = dict(manifest.get("aliases", {}))
        self.stages = int(manifest["stages"]["count"])
        self.closes = tuple(sorted(map(int, manifest["stages"]["needs_close"])))
        self.ends = tuple(sorted(map(int, manifest["stages"]["needs_end"])))
        self._access = VariableAccess(image, link)
        self._of_stage: dict[int, list[OutputPort]] = {
            stage: [p for p in self.outputs.values() if p.stage == stage] for stage in self.ends
        }
        self._start()

    def _start(self) -> None:
        self.limit = 0
        self.granted = 0
        self._blocks = Blocks(self.ends)
        self._windows: dict[tuple[int, int], list[Flits]] = {}
        self._sent: set[tuple[str, int]] = set()
        self._next = (1, 0)  # step and place in `closes` of the next CLOSE

    @property
    def step(self) -> int:
        """Last complete step."""
        return self._link.receiver.paused

    @property
    def variables(self) -> dict[str, Any]:
        """Variables by name, with shape, dtype and store."""
        return self._access.variables

    # ------------------------------------------------------------------ messages and steps
    def ports(self, name: str) -> tuple[InputPort, ...]:
        """Give the input ports that a port, group or alias name stands for.

        Raises
        ------
        DeviceError
            If there is no such name.
        """
        name = self.aliases.get(name, name)
        if name in self.inputs:
            return (self.inputs[name],)
        if name in self.groups:
            return tuple(self.inputs[member] for member in self.groups[name])
        known = ", ".join(sorted({*self.inputs, *self.groups, *self.aliases})) or "none"
        raise DeviceError(f"the image has no input {name!r}; its inputs are: {known}")

    def run_to(self, limit: int) -> None:
        """Allow the chip to run up to step `limit`.

        Raises
        ------
        DeviceError
            If `limit` is not above the last one.
        """
        if limit <= self.limit:
            raise DeviceError(f"steps up to {self.limit} were allowed before; {limit} is not beyond")
        self.limit = limit
        if not self.closes or self._next[0] > self.granted:
            self._link.queue(self.grant(limit))

    def grant(self, step: int) -> Flits:
        """Give the RUN that is needed before step `step` can start, if one is.

        RUN waits at the head of the stream until all steps that were allowed before are complete, so it must
        come after their CLOSE tokens.
        """
        if step <= self.granted:
            return NONE
        self.granted = self.limit
        return token(TokenIn.RUN, self.limit)

    def send(self, port: str, step: int, value: ArrayLike) -> None:
        """Give a message that a process sends to `port` in step `step`.

        It is kept until its window is closed, so it may come long before. Zeros need not be sent.

        Parameters
        ----------
        port : str
            Name of an input, a group or an alias.
        step : int
            From 1.
        value : array_like
            A message of the port's shape, integers of 32 bits.

        Raises
        ------
        ValueRefused
            If the shape is another one or a value is not exact.
        DeviceError
            If there is no such port, it was sent a message in this step already, or the window is closed.
        """
        for target in self.ports(port):
            checked = target.check(np.asarray(value)[np.newaxis])
            window = (step + 1, 0) if target.stage is None else (step, target.stage)
            if (target.name, step) in self._sent:
                raise DeviceError(f"{target.name} was sent two messages in step {step}; it takes one a step")
            at, place = self._next
            if step < 1 or window < (at, self.closes[place]):
                raise DeviceError(f"{target.name}: step {step} is closed; a message for it comes too late")
            self._sent.add((target.name, step))
            flits = target.encode(checked)[1]
            if len(flits):
                self._windows.setdefault(window, []).append(flits)

    def close(self, step: int, stage: int) -> None:
        """Say that everything for stage `stage` of step `step` was sent.

        Raises
        ------
        DeviceError
            If it is not the next stage of `closes`, or step is beyond `limit`.
        """
        at, place = self._next
        if not self.closes or (step, stage) != (at, self.closes[place]):
            wanted = f"step {at}, stage {self.closes[place]} is next" if self.closes else "no stage needs it"
            raise DeviceError(f"CLOSE of step {step}, stage {stage} is out of order: {wanted}")
        if step > self.limit:
            raise DeviceError(f"CLOSE of step {step}, but steps were allowed up to {self.limit} only")
        self._link.queue(self.grant(step))
        self._push_window((step, stage))
        self._link.queue(token(TokenIn.CLOSE, step, stage))
        self._next = (at, place + 1) if place + 1 < len(self.closes) else (at + 1, 0)
        if place == 0 and step % _PIECE == 0:  # now and then, since messages may be sent long before
            self._sent = {key for key in self._sent if key[1] >= step - 1}

    def _push_window(self, window: tuple[int, int]) -> None:
        for flits in self._windows.pop(window, ()):
            self._link.queue(flits)

    def sync(self) -> None:
        """Push all that is queued, and let the chip run as far as it can."""
        self._link.sync()

    def flush(self) -> None:
        """Push all that is queued; the chip runs only as far as the flits take it."""
        self._link.flush()

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

    def block(self, seconds: float) -> None:
        """Wait at most `seconds` until the chip says something. For callers that poll.

        Raises
        ------
        DeviceError
            If the chip has nothing to say until it is sent more.
        """
        self._link.block(seconds, self.describe)

    def poll_paused(self) -> bool:
        """Tell whether all steps up to `limit` are complete. Never waits."""
        self._link.poll()
        return self.step == self.limit

    def wait_paused(self) -> None:
        """Wait until all steps up to `limit` are complete."""
        while not self.poll_paused():
            self._link.wait(f"it ran to step {self.limit}", self.describe)

    # ------------------------------------------------------------------ blocks of steps
    def run_block(
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
        return self.finish_block(self.start_block(steps, messages, bar))

    def start_block(
        self, steps: int, messages: Mapping[str, ArrayLike] | None = None, bar: Bar | None = None
    ) -> Block:
        """Begin what `run_block` does; `finish_block` ends it.

        A block may be begun while others are under way: it waits in the stream behind them. Blocks are
        finished in the order in which they were begun, and until then nothing but `start_block`,
        `finish_block`, `poll_block` and `block` may be called. When they are called changes neither answers
        nor counters.
        """
        if steps < 1:
            raise DeviceError(f"a block has at least one step, not {steps}")
        idle = not self._blocks
        if idle:
            self._check_boundary()
        if self.closes and self._next[1] != 0:
            raise DeviceError(f"step {self._next[0]} has begun; a block starts with a whole step")
        rows = check_rows(self, steps, messages or {})
        for name in rows:
            if any(key[0] == name and self.limit < key[1] <= self.limit + steps for key in self._sent):
                raise DeviceError(f"{name} was sent a message for one of these steps before")
        block = Block(self.limit + 1, steps, self.outputs, bar)
        self._blocks.add(block)
        self.run_to(self.limit + steps)
        first = 0
        while first < steps and self.closes:
            # Small pieces first, so that a chip that waits has something to do soon.
            piece_steps = min(max(first, _FIRST_PIECE), _PIECE) if idle else _PIECE
            upto = min(first + piece_steps, steps)
            piece, later = plan_piece(self, rows, block, first, upto)
            self._link.queue(piece)
            if upto < steps:
                self._link.flush()
                self._link.poll()
                self._blocks.take(self._link.receiver, _HELD)
            for window, flits in later:
                self._windows.setdefault(window, []).append(flits)
            first = upto
        if self.closes:
            self._next = (self.limit + 1, 0)
            # What was sent in the last step is in the open window; a second message for it is refused.
            self._sent = {key for key in self._sent if key[1] > self.limit}
            self._sent |= {(name, self.limit) for name in rows if self.inputs[name].stage is None}
        self._link.sync()
        return block

    def finish_block(self, block: Block) -> dict[str, NDArray[Any]]:
        """Wait for the first of the blocks that `start_block` began, and give its outputs.

        Raises
        ------
        DeviceError
            If it is not the first one.
        """
        self._blocks.check_first(block)
        while not self.poll_block(block):
            self._blocks.take(self._link.receiver, _HELD)
            self._link.wait(f"it ran to step {block.last}", self.describe)
        self._blocks.take(self._link.receiver, 0)
        return self._blocks.finish()

    def poll_block(self, block: Block) -> bool:
        """Tell whether all steps of a block are complete. Never waits."""
        self._link.poll()
        return self.step >= block.last

    def take_windows(self, before: int) -> list[tuple[tuple[int, int], Flits]]:
        """Take the flits that `send` keeps for windows of steps below `before`, in order (for blocks)."""
        chosen = sorted(window for window in self._windows if window[0] < before)
        return [(window, flits) for window in chosen for flits in self._windows.pop(window)]

    # ------------------------------------------------------------------ at step boundaries
    @property
    def failure(self) -> BaseException | None:
        """What has stopped the chip; `reset` helps if it is a ChipFault, else only a new device does."""
        return self._link.broken or self._link.receiver.fault

    @property
    def at_boundary(self) -> bool:
        """Whether all steps that were allowed are known to be complete, and no block is under way."""
        return not self._blocks and self.step == self.limit

    def _check_boundary(self) -> None:
        self._link.poll()
        check_boundary(bool(self._blocks), self.step, self.limit)

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
        return describe(self.step, self.limit, self.closes, self._next)
