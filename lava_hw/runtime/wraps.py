"""Says when a run goes past a buffer: a Source repeats its data then, a Sink or Read overwrites what it has.

Lava does the same without a word, and programs count on it; so it is a warning. It is decided before a run
starts, from its number of steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lava_hw.errors import BufferWrapsWarning, notify
from lava_hw.graph.flat import Flat, FlatProcess
from lava_hw.proc.io.sink import AbstractPyRead, AbstractPyReceiveModel
from lava_hw.proc.io.source import AbstractPyRingBuffer

__all__ = ["Buffers"]


@dataclass(frozen=True)
class _Buffer:
    """The buffer of one process.

    Parameters
    ----------
    process : FlatProcess
        The process.
    size : int
        Columns that fit.
    interval, offset : int
        Step t uses a column if (t - 1) % interval == offset.
    """

    process: FlatProcess
    size: int
    interval: int = 1
    offset: int = 0

    def used(self, step: int) -> int:
        """Columns that the steps up to this one use."""
        return max(0, -(-(step - self.offset) // self.interval))


def _buffer(process: FlatProcess) -> _Buffer | None:
    model = process.model_class
    if not issubclass(model, (AbstractPyRingBuffer, AbstractPyReceiveModel, AbstractPyRead)):
        return None
    size = process.vars["data"].shape[-1]
    if not issubclass(model, AbstractPyRead):
        return _Buffer(process, size)
    interval, offset = (int(process.vars[name].init) for name in ("interval", "offset"))
    return _Buffer(process, size, interval, offset)


class Buffers:
    """The buffers of a network.

    Parameters
    ----------
    flat : Flat
        The network.
    strict : bool
        Whether a warning is an error.
    """

    def __init__(self, flat: Flat, strict: bool) -> None:
        found = (_buffer(process) for process in flat.processes if not process.on_chip)
        self._buffers = [buffer for buffer in found if buffer is not None]
        self._strict = strict

    def check(self, before: int, steps: int, sizes: Mapping[tuple[int, str], int]) -> None:
        """Warn of each buffer that a run goes past.

        A run that begins where a buffer begins anew, and is not longer, is what the buffer is for, also if it
        is not the first one. A Source of one column sends the same in every step, which is meant so.

        Parameters
        ----------
        before : int
            Steps that were executed.
        steps : int
            Steps of the run.
        sizes : mapping of (int, str) to int
            Columns of buffers that were given other ones, by process and Var.

        Raises
        ------
        BufferWrapsWarning
            If warnings are errors.
        """
        for buffer in self._buffers:
            process = buffer.process
            size = sizes.get((process.index, "data"), buffer.size)
            is_source = issubclass(process.model_class, AbstractPyRingBuffer)
            first, last = buffer.used(before), buffer.used(before + steps)
            if first % size + last - first <= size or (is_source and size == 1):
                continue
            count = "1 column" if size == 1 else f"{size} columns"
            if is_source:
                text = (
                    f"'{process.name}' has data of {count}, and the run of {steps} steps goes past the last "
                    "one: its data is sent again from the first column on. Give a column for each step, or "
                    "run no further."
                )
            else:
                text = (
                    f"'{process.name}' has a buffer of {count}, and the run of {steps} steps goes past the "
                    "last one: the oldest values are overwritten. Make it larger, or run no further before "
                    "it is read."
                )
            notify(BufferWrapsWarning(text), self._strict)
