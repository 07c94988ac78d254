"""Ports of Python models (Lava's path).

A port is made by the runtime from the LavaPyType of a model. What it needs of a channel is `recv`, `send`
and `probe`, and for several steps at once `recv_batch`, `send_batch`, `ready` and `room`;
`lava_hw.runtime.channel` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.model.py.ref_ports import (
    AbstractPyPort,
    PyRefPort,
    PyRefPortVectorDense,
    PyVarPort,
    PyVarPortVectorDense,
)
from lava_hw.magma.core.process.cast import cast

__all__ = [
    "AbstractPyIOPort",
    "AbstractPyPort",
    "PyInPort",
    "PyInPortScalarDense",
    "PyInPortScalarSparse",
    "PyInPortVectorDense",
    "PyInPortVectorSparse",
    "PyOutPort",
    "PyOutPortScalarDense",
    "PyOutPortScalarSparse",
    "PyOutPortVectorDense",
    "PyOutPortVectorSparse",
    "PyRefPort",
    "PyRefPortVectorDense",
    "PyVarPort",
    "PyVarPortVectorDense",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Source:
    """One channel into an InPort.

    Parameters
    ----------
    channel : Channel
        Gives the messages.
    src_index, dst_index : int64 array or None
        Element `dst_index[k]` of the port gets element `src_index[k]` of the message, both flat; None is
        identity.
    dtype : np.dtype
        Element type of the messages.
    owned : bool
        Whether nobody else holds the message, so that it may be handed out without a copy.
    """

    channel: Any
    src_index: Array | None
    dst_index: Array | None
    dtype: np.dtype[Any]
    owned: bool


class AbstractPyIOPort(AbstractPyPort):
    """Parent of input and output ports."""


class PyInPort(AbstractPyIOPort):
    """Parent of input ports of Python models."""

    VEC_DENSE: ClassVar[type[PyInPortVectorDense]]
    VEC_SPARSE: ClassVar[type[PyInPortVectorSparse]]
    SCALAR_DENSE: ClassVar[type[PyInPortScalarDense]]
    SCALAR_SPARSE: ClassVar[type[PyInPortScalarSparse]]

    def __init__(self, shape: tuple[int, ...], d_type: Any, sources: list[Source] | None = None) -> None:
        super().__init__(shape, d_type)
        self._sources: list[Source] = list(sources or [])

    def probe(self) -> bool:
        """Whether a message of each source is there (True if there is no source).

        Before it answers False it waits until the sources have ended the step, so that the answer does not
        depend on the order in which models are executed.
        """
        return all(source.channel.probe() for source in self._sources)

    def recv(self) -> Any:
        """Take one message of each source."""
        raise NotImplementedError

    def peek(self) -> Any:
        """Look at what `recv` will return, without taking it."""
        raise NotImplementedError


class PyInPortVectorDense(PyInPort):
    """Receives arrays; several sources are added."""

    def __init__(self, shape: tuple[int, ...], d_type: Any, sources: list[Source] | None = None) -> None:
        super().__init__(shape, d_type, sources)
        # The sum starts from zeros of the declared type, so numpy's promotion of both gives the type of the
        # result.
        dtype = self._d_type
        self._dtypes: list[np.dtype[Any]] = []
        for source in self._sources:
            dtype = np.promote_types(dtype, source.dtype)
            self._dtypes.append(dtype)
        only = self._sources[0] if len(self._sources) == 1 else None
        self._only = (
            only.channel if only is not None and only.src_index is None and only.dst_index is None else None
        )
        # Whether the single message can be handed out as it is: nobody else holds it and type and shape fit.
        self._as_is = bool(only is not None and only.owned and only.dtype == dtype)

    def recv(self) -> Array:
        """Take one message of each source and add them.

        Returns
        -------
        np.ndarray
            Writable, owned by the caller; zeros if nothing is connected. The type is numpy's promotion of
            the declared type with those of the sources; nothing saturates.
        """
        channel = self._only
        if channel is not None:
            queue = channel.queue
            if queue and channel.writer is None:
                message: Array = queue.popleft()
            else:
                message = channel.recv()
            if self._as_is:
                return message if message.shape == self._shape else message.reshape(self._shape)
            return message.astype(self._dtypes[0]).reshape(self._shape)
        return self._sum([source.channel.recv() for source in self._sources])

    def peek(self) -> Array:
        """See `recv`; the messages stay."""
        return self._sum([source.channel.peek() for source in self._sources])

    def ready(self, most: int) -> int:
        """Number of steps, 1 to `most`, whose messages are there; waits until there is one of each source."""
        return min([most, *(source.channel.ready() for source in self._sources)])

    def recv_block(self, steps: int) -> Array:
        """Give what `recv_batch` gives; this is its old name."""
        return self.recv_batch(steps)

    def recv_batch(self, steps: int) -> Array:
        """Do `recv` for several steps at once. Never waits if `ready` has promised as many.

        Parameters
        ----------
        steps : int
            At least 1.

        Returns
        -------
        np.ndarray, [steps, *shape]
            Row k is what the k-th call of `recv` would have returned; read only.
        """
        if len(self._sources) == 1 and self._only is not None:
            rows = self._only.recv_batch(steps)
            return rows.astype(self._dtypes[0], copy=False).reshape(steps, *self._shape)
        size = int(np.prod(self._shape, dtype=np.int64))
        total: Array = np.zeros((steps, size), self._d_type)
        for source, dtype in zip(self._sources, self._dtypes, strict=True):
            rows = source.channel.recv_batch(steps).reshape(steps, -1)
            if source.src_index is not None:
                rows = rows[:, source.src_index]
            if source.dst_index is None:
                total = np.add(total, rows, dtype=dtype)
            else:
                total = total.astype(dtype)
                np.add.at(total.T, source.dst_index, rows.T.astype(dtype))
        return total.reshape(steps, *self._shape)

    def _sum(self, messages: list[Array]) -> Array:
        total: Array = np.zeros(self._shape, self._d_type)
        for source, message, dtype in zip(self._sources, messages, self._dtypes, strict=True):
            if source.src_index is not None:
                message = message.ravel()[source.src_index]
            if source.dst_index is None:
                total = np.add(total, message.reshape(self._shape), dtype=dtype)
            else:
                total = total.astype(dtype)
                flat = total.reshape(-1)
                np.add.at(flat, source.dst_index, message.ravel().astype(dtype))
        return total


class PyInPortVectorSparse(PyInPort):
    """Receives (data, indices) of the elements that were sent, from the first source only."""

    def recv(self) -> tuple[Array, Array]:
        """Take one message.

        Returns
        -------
        (data, indices) : arrays of equal length
            Both empty if nothing is connected.
        """
        return self._take("recv")

    def peek(self) -> tuple[Array, Array]:
        """See `recv`; the message stays."""
        return self._take("peek")

    def _take(self, how: str) -> tuple[Array, Array]:
        if not self._sources:
            return np.zeros((0,), self._d_type), np.zeros((0,), np.int64)
        source = self._sources[0]
        message = getattr(source.channel, how)()
        if not isinstance(message, tuple):
            raise TypeError("A sparse InPort received a dense message; connect it to a sparse OutPort.")
        data, index = message
        data, index = data.copy(), index.copy()
        if source.src_index is not None or source.dst_index is not None:
            there = source.src_index if source.src_index is not None else np.arange(len(source.dst_index))  # type: ignore[arg-type]
            here = source.dst_index if source.dst_index is not None else np.arange(len(there))
            table = np.full(int(there.max(initial=-1)) + 1, -1, dtype=np.int64)
            table[there] = here
            index = table[index]
        return data, index


class PyInPortScalarDense(PyInPort):
    """Not available: Lava's is an empty stub."""

    def recv(self) -> int:
        """Not available."""
        raise NotImplementedError("SCALAR_DENSE ports are not supported; use VEC_DENSE with shape (1,).")

    peek = recv


class PyInPortScalarSparse(PyInPort):
    """Not available: Lava's is an empty stub."""

    def recv(self) -> tuple[int, int]:
        """Not available."""
        raise NotImplementedError("SCALAR_SPARSE ports are not supported; use VEC_SPARSE with shape (1,).")

    peek = recv


class PyOutPort(AbstractPyIOPort):
    """Parent of output ports of Python models."""

    VEC_DENSE: ClassVar[type[PyOutPortVectorDense]]
    VEC_SPARSE: ClassVar[type[PyOutPortVectorSparse]]
    SCALAR_DENSE: ClassVar[type[PyOutPortScalarDense]]
    SCALAR_SPARSE: ClassVar[type[PyOutPortScalarSparse]]

    def __init__(
        self, shape: tuple[int, ...], d_type: Any, channels: list[Any] | None = None, path: str = ""
    ) -> None:
        super().__init__(shape, d_type)
        self._channels: list[Any] = list(channels or [])
        self._path = path
        # Type that was sent before, and that the declared one holds.
        self._narrower: np.dtype[Any] | None = None

    def flush(self) -> None:
        """Does nothing: messages are not held back."""

    def _cast(self, data: Any, shape: tuple[int, ...]) -> Array:
        """One copy of the data, in the declared type; floats truncate, what it cannot hold is refused."""
        array = np.asarray(data)
        if array.shape != shape:
            raise AssertionError(
                f"{self._path} has shape {shape}, but an array of shape {array.shape} was sent."
            )
        if array.dtype == self._d_type:
            return array.copy()
        if array.dtype is not self._narrower:
            if self._d_type.kind in "iu" and not np.can_cast(array.dtype, self._d_type):
                return cast(array, self._d_type, self._path)
            self._narrower = array.dtype
        with np.errstate(invalid="ignore"):
            return array.astype(self._d_type)


class PyOutPortVectorDense(PyOutPort):
    """Sends arrays."""

    def send(self, data: Any) -> None:
        """Send one array to each destination.

        Parameters
        ----------
        data : array-like, shape of the port
            Copied, and cast to the declared type; the caller may change it afterwards.

        Raises
        ------
        UndefinedValueError
            If the declared type is an integer one and cannot hold a value without its fraction.
        AssertionError
            If the shape differs.
        """
        if self._channels:
            message = self._cast(data, self._shape)
            for channel in self._channels:
                channel.send(message)

    def send_batch(self, data: Array) -> None:
        """Do `send` for several steps at once.

        Parameters
        ----------
        data : np.ndarray, [steps, *shape of the port]
            Row k is what the k-th call of `send` would be given.

        Raises
        ------
        AssertionError
            If the shape differs.
        """
        if not self._channels:
            return
        rows = self._cast(data, (len(data), *self._shape))
        first = 0
        while first < len(rows):
            # No destination gets messages of later steps while another one waits for those of earlier ones.
            upto = first + max(1, min(channel.room for channel in self._channels))
            for channel in self._channels:
                channel.send_batch(rows[first:upto])
            first = upto

    def send_block(self, data: Array) -> None:
        """Do `send_batch`; this is its old name."""
        self.send_batch(data)


class PyOutPortVectorSparse(PyOutPort):
    """Sends some elements of an array."""

    def send(self, data: Any, indices: Any, packed: bool = False) -> None:
        """Send elements with their flat indices.

        Parameters
        ----------
        data : array-like, one dimension
            Values, cast to the declared type.
        indices : array-like of int, same length
            Flat indices into the shape of the port.
        packed : bool, default False
            Both are words of a packed format: the indices are no places in the port, and the data wrap.

        Raises
        ------
        UndefinedValueError
            If the declared type cannot hold a value (not packed).
        AssertionError
            If the lengths differ, exceed the size of the port, or an index (not packed) is out of range.
        """
        if not self._channels:
            return
        values = np.array(data).ravel()
        # Words of a packed format are patterns of bits, of which none is lost.
        values = values.astype(self._d_type) if packed else cast(values, self._d_type, self._path)
        index = np.array(indices).ravel().astype(np.int64)
        size = int(np.prod(self._shape, dtype=np.int64))
        if len(values) != len(index) or len(values) > size:
            raise AssertionError(
                f"{self._path}: {len(values)} values and {len(index)} indices for {size} elements."
            )
        if not packed and len(index) and (index.min() < 0 or index.max() >= size):
            raise AssertionError(f"{self._path}: sparse indices must lie in [0, {size}).")
        for channel in self._channels:
            channel.send((values, index))


class PyOutPortScalarDense(PyOutPort):
    """Not available: Lava's is an empty stub."""

    def send(self, data: Any) -> None:
        """Not available."""
        raise NotImplementedError("SCALAR_DENSE ports are not supported; use VEC_DENSE with shape (1,).")


class PyOutPortScalarSparse(PyOutPort):
    """Not available: Lava's is an empty stub."""

    def send(self, data: Any, index: Any) -> None:
        """Not available."""
        raise NotImplementedError("SCALAR_SPARSE ports are not supported; use VEC_SPARSE with shape (1,).")


PyInPort.VEC_DENSE = PyInPortVectorDense
PyInPort.VEC_SPARSE = PyInPortVectorSparse
PyInPort.SCALAR_DENSE = PyInPortScalarDense
PyInPort.SCALAR_SPARSE = PyInPortScalarSparse
PyOutPort.VEC_DENSE = PyOutPortVectorDense
PyOutPort.VEC_SPARSE = PyOutPortVectorSparse
PyOutPort.SCALAR_DENSE = PyOutPortScalarDense
PyOutPort.SCALAR_SPARSE = PyOutPortScalarSparse
