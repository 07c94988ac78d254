"""`StepStream`: the stream of flits to a chip: which steps may run, their messages, which stages are closed.

The order of the stream depends on the order of calls alone, and what the chip counts depends on the stream
alone: so results and counters never depend on who was quicker.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lava_hw.device.codec import InputPort
from lava_hw.device.errors import DeviceError
from lava_hw.device.flits import NONE, Flits, token
from lava_hw.device.link import ChipLink
from lava_hw.device.ports import parse_ports
from lava_hw.image import Manifest
from lava_hw.regs import TokenIn

_REMEMBERED = 1024
"""Steps after which it is forgotten which messages were sent in the steps before."""


class StepStream:
    """What goes to a chip, step by step.

    Parameters
    ----------
    link : ChipLink
        The chip.
    manifest : Manifest
        Of the image that is loaded on it.

    Attributes
    ----------
    limit : int
        Last step that `run_to` allowed.
    granted : int
        Last step that a RUN in the stream allows.
    closes, ends : tuple of int
        Stages that need CLOSE, and that give END, ascending.
    inputs, outputs : dict
        Ports by name.
    """

    def __init__(self, link: ChipLink, manifest: Manifest) -> None:
        self._link = link
        self.inputs, self.outputs = parse_ports(manifest)
        self.groups, self.aliases = manifest.groups, manifest.aliases
        self.stages = manifest.stages.count
        self.closes = tuple(sorted(manifest.stages.needs_close))
        self.ends = tuple(sorted(manifest.stages.needs_end))
        self._start()

    def _start(self) -> None:
        """Be where a chip is that was just loaded."""
        self.limit = 0
        self.granted = 0
        self._windows: dict[tuple[int, int], list[Flits]] = {}
        self._sent: set[tuple[str, int]] = set()
        self._next = (1, 0)  # step and place in `closes` of the next CLOSE

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
        if place == 0 and step % _REMEMBERED == 0:  # now and then, since messages may be sent long before
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

    def take_windows(self, before: int) -> list[tuple[tuple[int, int], Flits]]:
        """Take the flits that `send` keeps for windows of steps below `before`, in order."""
        chosen = sorted(window for window in self._windows if window[0] < before)
        return [(window, flits) for window in chosen for flits in self._windows.pop(window)]
