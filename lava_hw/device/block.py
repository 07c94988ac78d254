"""Blocks of steps: one stream of flits for many steps, and their outputs."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.device.errors import DeviceError
from lava_hw.device.flits import NONE, Flits, token
from lava_hw.device.outputs import OutputPort, decode_outputs
from lava_hw.regs import TokenIn

if TYPE_CHECKING:
    from lava_hw.device.receiver import Receiver
    from lava_hw.device.session import Session
    from lava_hw.progress import Bar

Later = list[tuple[tuple[int, int], Flits]]


class Block:
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


class Blocks:
    """Blocks that were begun and not finished, in order.

    Parameters
    ----------
    ends : tuple of int
        Stages that give END, ascending.
    """

    def __init__(self, ends: tuple[int, ...]) -> None:
        self._ends = ends
        self._blocks: deque[Block] = deque()

    def __bool__(self) -> bool:
        """Tell whether there is one."""
        return bool(self._blocks)

    def add(self, block: Block) -> None:
        """Begin a block."""
        self._blocks.append(block)

    def take(self, receiver: Receiver, kept: int) -> None:
        """Decode the steps that have come, if more than `kept` flits are there, or somebody looks."""
        bar = self._blocks[0].bar if self._blocks else None
        if bar is not None and bar.due():
            self._decode(receiver, 0)
            bar.reach(self._blocks[0].done)
        else:
            self._decode(receiver, kept)

    def _decode(self, receiver: Receiver, kept: int) -> None:
        if not self._ends or receiver.held <= kept:
            return
        for block in self._blocks:
            if block.missing:
                block.take(*receiver.take_steps(self._ends[-1], block.missing))
                if block.missing:
                    return

    def check_first(self, block: Block) -> None:
        """Refuse a block that is not the first one.

        Raises
        ------
        DeviceError
            If it is not.
        """
        if not self._blocks or self._blocks[0] is not block:
            raise DeviceError("blocks are finished once each, in the order in which they were begun")

    def finish(self) -> dict[str, NDArray[Any]]:
        """End the first block and give its outputs."""
        block = self._blocks.popleft()
        if block.bar is not None:
            block.bar.done()
        return block.result()


def check_boundary(blocks: bool, step: int, limit: int) -> None:
    """Refuse what may only be done between two steps.

    Raises
    ------
    DeviceError
        If step batches are under way, or step `step` of `limit` is the last that is complete.
    """
    if blocks:
        raise DeviceError("step batches are under way; finish them first (finish_block)")
    if step != limit:
        raise DeviceError(f"the chip is on its way from step {step} to {limit}; wait until it has paused")


def describe(step: int, limit: int, closes: tuple[int, ...], following: tuple[int, int]) -> str:
    """Say where a chip is and what it waits for."""
    text = f"the chip has completed step {step} of {limit}"
    if closes and step < limit:
        at, place = following
        text += f"; the next that it needs closed is step {at}, stage {closes[place]}"
    return text


def check_rows(session: Session, steps: int, messages: Mapping[str, ArrayLike]) -> dict[str, NDArray[Any]]:
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
        for port in session.ports(name):
            checked = port.check(array)
            if len(checked) != steps:
                raise DeviceError(f"{name}: {len(checked)} messages for {steps} steps")
            if port.name in rows:
                raise DeviceError(f"{port.name} is sent messages under two names")
            rows[port.name] = checked
    return rows


def plan_piece(
    session: Session, rows: Mapping[str, NDArray[Any]], block: Block, begin: int, end: int
) -> tuple[Flits, Later]:
    """Give the stream for rows `begin` to `end` - 1 of a block.

    Windows are numbered ``row * len(closes) + place in closes``. A message of a connection goes into the
    first window of the next step; what goes beyond the last window is given back for later.

    Parameters
    ----------
    session : Session
        With `closes` not empty.
    rows : mapping
        Checked messages [steps, elements] by input.
    block : Block
    begin, end : int
        Rows of the block.

    Returns
    -------
    flits : ndarray of uint64
        Messages, CLOSE and RUN tokens, in order.
    later : list of (window, flits)
        Messages for windows beyond.
    """
    closes = session.closes
    width = len(closes)
    low, high = begin * width, end * width
    keys: list[NDArray[np.int64]] = []
    parts: list[Flits] = []
    for (step, stage), flits in session.take_windows(block.first + end):
        window = (step - block.first) * width + closes.index(stage)
        keys.append(np.full(len(flits), window, np.int64))
        parts.append(flits)
    later: Later = []
    for name, values in rows.items():
        port = session.inputs[name]
        row, flits = port.encode(values[begin:end])
        row = row + begin
        key = (row + 1) * width if port.stage is None else row * width + closes.index(port.stage)
        beyond = key >= high
        if beyond.any():
            later.append(((block.first + end, closes[0]), flits[beyond]))
            key, flits = key[~beyond], flits[~beyond]
        keys.append(key)
        parts.append(flits)
    # Three ranks within a window: RUN, messages, CLOSE.
    keys = [3 * key + 1 for key in keys]
    while session.granted < block.first + end - 1:
        keys.append(np.array([3 * width * (session.granted + 1 - block.first)], np.int64))
        parts.append(session.grant(session.granted + 1))
    steps = np.repeat(np.arange(begin, end) + block.first, width)
    keys.append(3 * np.arange(low, high, dtype=np.int64) + 2)
    parts.append(token(TokenIn.CLOSE, steps, np.tile(np.asarray(closes, np.int64), end - begin)))
    order = np.argsort(np.concatenate(keys), kind="stable")
    return np.concatenate([NONE, *parts])[order], later
