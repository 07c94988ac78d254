"""Step batches: one stream of flits for many steps, and their outputs."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.device.errors import DeviceError
from lava_hw.device.flits import NONE, Flits, token
from lava_hw.device.outputs import OutputPort, decode_outputs
from lava_hw.device.receiver import FlitReceiver
from lava_hw.device.steps import StepStream
from lava_hw.progress import Bar
from lava_hw.regs import TokenIn

Later = list[tuple[tuple[int, int], Flits]]


class StepBatch:
    """The outputs of steps ``first`` to ``first + steps - 1``, as far as they have come."""

    def __init__(
        self, first: int, steps: int, outputs: Mapping[str, OutputPort], bar: Bar | None = None
    ) -> None:
        self.first, self.steps, self.bar = first, steps, bar
        self.last = first + steps - 1
        self._ports = list(outputs.values())
        self._arrays = {port.name: port.zeros(steps) for port in self._ports}
        self.done = 0
        """Steps whose outputs were taken."""

    @property
    def missing(self) -> int:
        """Steps whose outputs were not taken yet."""
        return self.steps - self.done if self._ports else 0

    def take(self, segment: Flits, steps: int) -> None:
        """Take the events and END tokens of the next `steps` steps."""
        if not steps:
            return
        rows = decode_outputs(self._ports, segment, self.first + self.done, steps)
        for name, messages in rows.items():
            self._arrays[name][self.done : self.done + steps] = messages
        self.done += steps

    def result(self) -> dict[str, NDArray[Any]]:
        """Give the arrays [steps, *shape] by output.

        Raises
        ------
        DeviceError
            If a step is missing.
        """
        if self.missing:
            raise DeviceError(f"the chip paused after {self.steps} steps, but ended {self.done} only")
        return self._arrays


class StepBatches:
    """Batches that were begun and not finished, in order.

    Parameters
    ----------
    ends : tuple of int
        Stages that give END, ascending.
    """

    def __init__(self, ends: tuple[int, ...]) -> None:
        self._ends = ends
        self._batches: deque[StepBatch] = deque()

    def __bool__(self) -> bool:
        """Tell whether there is one."""
        return bool(self._batches)

    def add(self, batch: StepBatch) -> None:
        """Begin a batch."""
        self._batches.append(batch)

    def take(self, receiver: FlitReceiver, kept: int) -> None:
        """Decode the steps that have come, if more than `kept` flits are there, or somebody looks."""
        bar = self._batches[0].bar if self._batches else None
        if bar is not None and bar.due():
            self._decode(receiver, 0)
            bar.reach(self._batches[0].done)
        else:
            self._decode(receiver, kept)

    def _decode(self, receiver: FlitReceiver, kept: int) -> None:
        if not self._ends or receiver.held <= kept:
            return
        for batch in self._batches:
            if batch.missing:
                batch.take(*receiver.take_steps(self._ends[-1], batch.missing))
                if batch.missing:
                    return

    def check_first(self, batch: StepBatch) -> None:
        """Refuse a batch that is not the first one.

        Raises
        ------
        DeviceError
            If it is not.
        """
        if not self._batches or self._batches[0] is not batch:
            raise DeviceError("batches are finished once each, in the order in which they were begun")

    def finish(self) -> dict[str, NDArray[Any]]:
        """End the first batch and give its outputs."""
        batch = self._batches.popleft()
        if batch.bar is not None:
            batch.bar.done()
        return batch.result()


def check_rows(stream: StepStream, steps: int, messages: Mapping[str, ArrayLike]) -> dict[str, NDArray[Any]]:
    """Give checked messages [steps, elements] by input.

    Raises
    ------
    ValueRefused
        If a message cannot be sent.
    DeviceError
        If a name is unknown, an input is named twice, or there are not `steps` messages.
    """
    rows: dict[str, NDArray[Any]] = {}
    for name, array in messages.items():
        for port in stream.ports(name):
            checked = port.check(array)
            if len(checked) != steps:
                raise DeviceError(f"{name}: {len(checked)} messages for {steps} steps")
            if port.name in rows:
                raise DeviceError(f"{port.name} is sent messages under two names")
            rows[port.name] = checked
    return rows


def plan_piece(
    stream: StepStream, rows: Mapping[str, NDArray[Any]], batch: StepBatch, begin: int, end: int
) -> tuple[Flits, Later]:
    """Give the stream for rows `begin` to `end` - 1 of a batch.

    Windows are numbered ``row * len(closes) + place in closes``. A message of a connection goes into the
    first window of the next step; what goes beyond the last window is given back for later.

    Parameters
    ----------
    stream : StepStream
        With `closes` not empty.
    rows : mapping
        Checked messages [steps, elements] by input.
    batch : StepBatch
    begin, end : int
        Rows of the batch.

    Returns
    -------
    flits : ndarray of uint64
        Messages, CLOSE and RUN tokens, in order.
    later : list of (window, flits)
        Messages for windows beyond.
    """
    closes = stream.closes
    width = len(closes)
    low, high = begin * width, end * width
    keys: list[NDArray[np.int64]] = []
    parts: list[Flits] = []
    for (step, stage), flits in stream.take_windows(batch.first + end):
        window = (step - batch.first) * width + closes.index(stage)
        keys.append(np.full(len(flits), window, np.int64))
        parts.append(flits)
    later: Later = []
    for name, values in rows.items():
        port = stream.inputs[name]
        row, flits = port.encode(values[begin:end])
        row = row + begin
        key = (row + 1) * width if port.stage is None else row * width + closes.index(port.stage)
        beyond = key >= high
        if beyond.any():
            later.append(((batch.first + end, closes[0]), flits[beyond]))
            key, flits = key[~beyond], flits[~beyond]
        keys.append(key)
        parts.append(flits)
    # Three ranks within a window: RUN, messages, CLOSE.
    keys = [3 * key + 1 for key in keys]
    while stream.granted < batch.first + end - 1:
        keys.append(np.array([3 * width * (stream.granted + 1 - batch.first)], np.int64))
        parts.append(stream.grant(stream.granted + 1))
    steps = np.repeat(np.arange(begin, end) + batch.first, width)
    keys.append(3 * np.arange(low, high, dtype=np.int64) + 2)
    parts.append(token(TokenIn.CLOSE, steps, np.tile(np.asarray(closes, np.int64), end - begin)))
    order = np.argsort(np.concatenate(keys), kind="stable")
    return np.concatenate([NONE, *parts])[order], later
