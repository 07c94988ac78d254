"""Queues between models and the program around their network."""

from __future__ import annotations

import threading
import warnings
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lava_hw.proc.io.utils import ChannelConfig, ReceiveEmpty, ReceiveNotEmpty, SendFull

if TYPE_CHECKING:
    from lava_hw.magma.core.model.py.model import AbstractPyProcessModel
    from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["ProgramQueue"]

Array = npt.NDArray[Any]

_LOOK_SECONDS = 0.1
"""How often a program that waits looks whether its network still runs."""


class _Changes:
    """Counts what happens to all queues, so that a thread that waits for several wakes up for each."""

    def __init__(self) -> None:
        self.condition = threading.Condition()
        self.count = 0

    def tell(self) -> None:
        """Wake all who wait; called with the lock."""
        self.count += 1
        self.condition.notify_all()


_CHANGES = _Changes()


class ProgramQueue:
    """A bounded queue of arrays of floats. One end belongs to a model, the other to the program.

    A copy is the same queue, so that process and model share it.

    Parameters
    ----------
    shape : tuple of int
        Shape of an item.
    capacity : int
        Items that fit.
    config : ChannelConfig
        What happens when it is full, empty or neither.
    """

    def __init__(self, shape: tuple[int, ...], capacity: int, config: ChannelConfig) -> None:
        self.shape = shape
        self.capacity = capacity
        self.config = config
        self._items: deque[Array] = deque()
        self._seen = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> ProgramQueue:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return ProgramQueue, (self.shape, self.capacity, self.config)

    def clear(self) -> None:
        """Forget all items."""
        with _CHANGES.condition:
            self._items.clear()
            _CHANGES.tell()

    # -- of the model --
    def put_in_model(self, model: AbstractPyProcessModel, data: Array, what: str) -> None:
        """Append an item for the program.

        A model that would wait goes on when the run is paused or stopped; its item is kept all the same.
        """
        if self.config.send_full is SendFull.BLOCKING:
            self._let_model_wait(model, self.has_room, what)
            self.put_nowait(np.array(data, dtype=float), beyond_capacity=True)
        elif not self.put_nowait(np.array(data, dtype=float)):
            self._warn(what)

    def wait_in_model(self, model: AbstractPyProcessModel, what: str) -> bool:
        """Wait for an item of the program, if it must be one; False if the run is paused or stopped."""
        if self.config.receive_empty is not ReceiveEmpty.BLOCKING:
            return True
        return self._let_model_wait(model, self.has_items, what)

    def get_in_model(self, model: AbstractPyProcessModel, what: str) -> Array:
        """The next item of the program; zeros if there is none, after waiting for it."""
        self.wait_in_model(model, what)
        return self.get_nowait()

    # -- of the program --
    def put(self, process: AbstractProcess, data: Any) -> None:
        """Append an item for the model.

        Raises
        ------
        AssertionError
            If there is no runtime yet, or the shape differs.
        RuntimeError
            If it has to wait for a network that cannot go on any more.
        """
        self._check_built(process, "send")
        array = np.array(data, dtype=float)
        if array.shape != self.shape:
            raise AssertionError(
                f"'{process._shown}' sends arrays of shape {self.shape}, got one of shape {array.shape}."
            )
        if self.config.send_full is SendFull.BLOCKING:
            self._wait(process, lambda: self.put_nowait(array), f"the buffer of '{process._shown}' is full")
        elif not self.put_nowait(array):
            self._warn(f"'{process._shown}'")

    def get(self, process: AbstractProcess, built: bool = True) -> Array:
        """The next item of the model.

        Parameters
        ----------
        process : AbstractProcess
            Whose queue it is.
        built : bool, default True
            Whether there must be a runtime already.

        Raises
        ------
        AssertionError
            If there is no runtime yet.
        RuntimeError
            If it has to wait for a network that cannot go on any more.
        """
        if built:
            self._check_built(process, "receive")
        if self.config.receive_empty is not ReceiveEmpty.BLOCKING:
            return self.get_nowait()
        item: Array = self._wait(process, self._pop, f"'{process._shown}' has received nothing more")
        return item

    # -- the queue --
    def has_room(self) -> bool:
        """Whether an item fits."""
        return len(self._items) < self.capacity

    def has_items(self) -> bool:
        """Whether there is an item."""
        return bool(self._items)

    def _let_model_wait(self, model: AbstractPyProcessModel, check: Callable[[], bool], what: str) -> bool:
        """Let a model wait, and other models run meanwhile."""

        def happened() -> bool:
            # First, so that a change that comes after the check is not missed.
            self._seen = _CHANGES.count
            return check()

        return model.wait_outside(happened, self._wait_for_change, what)

    def put_nowait(self, item: Array, beyond_capacity: bool = False) -> bool:
        """Append an item; False if it has no room, and shall not be kept whatever happens."""
        with _CHANGES.condition:
            if not (beyond_capacity or self.has_room()):
                return False
            self._items.append(item)
            _CHANGES.tell()
            return True

    def _pop(self) -> Array | None:
        """The next item, None if there is none."""
        with _CHANGES.condition:
            if not self._items:
                return None
            item = self._items.popleft()
            if self.config.receive_not_empty is ReceiveNotEmpty.ACCUMULATE:
                while self._items:
                    item += self._items.popleft()
            _CHANGES.tell()
            return item

    def get_nowait(self) -> Array:
        """The next item, zeros if there is none; never waits."""
        item = self._pop()
        return item if item is not None else np.zeros(self.shape)

    def _wait_for_change(self, seconds: float) -> None:
        """Wait until something happened to any queue since the model asked, or the time is over."""
        with _CHANGES.condition:
            if _CHANGES.count == self._seen:
                _CHANGES.condition.wait(seconds)

    def _wait(self, process: AbstractProcess, attempt: Callable[[], Any], why: str) -> Any:
        """Let the program wait until an attempt gives something, as long as there is hope."""
        while True:
            hopeless = _hopeless(process)
            with _CHANGES.condition:
                result = attempt()
                if result is not None and result is not False:
                    return result
                if hopeless is None:
                    _CHANGES.condition.wait(_LOOK_SECONDS)
                    continue
            reason, cause = hopeless
            raise RuntimeError(f"Waiting has no end: {why}, and {reason}.") from cause

    @staticmethod
    def _warn(what: str) -> None:
        warnings.warn(f"The buffer of {what} is full; an item is dropped.", stacklevel=4)

    @staticmethod
    def _check_built(process: AbstractProcess, what: str) -> None:
        if not process.is_compiled:
            raise AssertionError(
                f"'{process._shown}' has no runtime yet; call create_runtime(run_cfg) or run() of its "
                f"network before {what}()."
            )


def _hopeless(process: AbstractProcess) -> tuple[str, BaseException | None] | None:
    """Why the network of a process will not move any more, None if it may."""
    runtime = process.runtime
    if runtime is not None:
        if runtime.is_stopped:
            return "the runtime was stopped", None
        if runtime.is_running:
            return None
        failure = runtime.failure
        if failure is not None:
            return f"the run has failed ({failure})", failure
    others = [t for t in threading.enumerate() if t.name != "lava_hw worker"]
    if others == [threading.current_thread()]:
        return "no run is in progress, nor is there a thread that could start one", None
    return None
