"""Reference and variable ports of Python models; `ports` has them at Lava's path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

__all__ = ["AbstractPyPort", "PyRefPort", "PyRefPortVectorDense", "PyVarPort", "PyVarPortVectorDense"]

Array = npt.NDArray[Any]


class AbstractPyPort:
    """Parent of the ports of Python models.

    Parameters
    ----------
    shape : tuple of int
        Shape of the port of the process.
    d_type : type
        Declared element type.
    """

    def __init__(self, shape: tuple[int, ...], d_type: Any) -> None:
        self._shape = shape
        self._d_type = np.dtype(d_type)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the port."""
        return self._shape

    @property
    def d_type(self) -> np.dtype[Any]:
        """Declared element type."""
        return self._d_type


class PyRefPort(AbstractPyPort):
    """Parent of reference ports of Python models."""

    VEC_DENSE: ClassVar[type[PyRefPortVectorDense]]
    VEC_SPARSE: ClassVar[type[PyRefPortVectorDense]]
    SCALAR_DENSE: ClassVar[type[PyRefPortVectorDense]]
    SCALAR_SPARSE: ClassVar[type[PyRefPortVectorDense]]


class PyRefPortVectorDense(PyRefPort):
    """Reads and writes a Var of another process.

    Parameters
    ----------
    reader : callable, optional
        Gives the value; None if the port is not connected.
    writer : callable, optional
        Takes a value.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        d_type: Any,
        reader: Callable[[], Array] | None = None,
        writer: Callable[[Array], None] | None = None,
    ) -> None:
        super().__init__(shape, d_type)
        self._reader = reader
        self._writer = writer

    def read(self) -> Array:
        """Value of the Var once its owner has ended this phase, with this model's own writes.

        Zeros if not connected.

        Raises
        ------
        RuntimeError
            Outside `run_pre_mgmt` and `run_post_mgmt`.
        """
        return self._reader() if self._reader is not None else np.zeros(self._shape, self._d_type)

    def write(self, data: Any) -> None:
        """Change the Var at the end of this phase, in order of the processes.

        In `run_spk` and `run_lrn`, it is changed before the next management phase of the step, or at the
        step's end.
        """
        array = np.array(data)
        if array.shape != self._shape:
            raise AssertionError(
                f"A RefPort of shape {self._shape} cannot write an array of shape {array.shape}."
            )
        if self._writer is not None:
            self._writer(array.astype(self._d_type))

    def wait(self) -> None:
        """Does nothing: writes are ordered."""


class PyVarPort(AbstractPyPort):
    """Parent of variable ports of Python models. The runtime serves them; a model has nothing to do."""

    VEC_DENSE: ClassVar[type[PyVarPortVectorDense]]
    VEC_SPARSE: ClassVar[type[PyVarPortVectorDense]]
    SCALAR_DENSE: ClassVar[type[PyVarPortVectorDense]]
    SCALAR_SPARSE: ClassVar[type[PyVarPortVectorDense]]


class PyVarPortVectorDense(PyVarPort):
    """See PyVarPort."""


for _ref in ("VEC_DENSE", "VEC_SPARSE", "SCALAR_DENSE", "SCALAR_SPARSE"):
    setattr(PyRefPort, _ref, PyRefPortVectorDense)
    setattr(PyVarPort, _ref, PyVarPortVectorDense)
