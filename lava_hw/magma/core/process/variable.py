"""Variables of a process (Lava's path)."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from lava_hw.magma.core.process.interfaces import AbstractProcessMember, Register
from lava_hw.tracebacks import shorten

__all__ = ["Var", "VarServer"]

_VARS = Register()


def VarServer() -> Register:
    """The register that numbers all Vars."""
    return _VARS


class _KnowsValues(Protocol):
    """What a Var asks of the runtime of its process."""

    def get_var(self, var: Var) -> Any:
        """Value at a step boundary."""

    def set_var(self, var: Var, value: Any) -> None:
        """Change the value at a step boundary."""


class Var(AbstractProcessMember):
    """State or parameter of a process.

    Parameters
    ----------
    shape : tuple of int
        Shape of the variable.
    init : scalar, array-like or str, default 0
        Value at the start; a model fills its array with it by numpy's assignment rules (broadcast).
    shareable : bool, default True
        False forbids RefPorts and aliases to it.
    name : str, optional
        Name; by default that of the attribute that holds the variable.
    """

    def __init__(
        self, shape: tuple[int, ...], init: Any = 0, shareable: bool = True, name: str | None = None
    ) -> None:
        super().__init__(shape)
        self.id = _VARS.add(self)
        self.init = init
        self.shareable = shareable
        self._name = name
        self.aliased_var: Var | None = None

    @property
    def name(self) -> str:
        """Name that was given, else that of the attribute that holds it."""
        return self._name if self._name is not None else "Unnamed variable"

    @name.setter
    def name(self, value: str) -> None:
        self._name = value

    def alias(self, other_var: Var) -> None:
        """Let this variable of a hierarchical process stand for `other_var` of one of its sub processes.

        The last call counts.

        Raises
        ------
        AssertionError
            If the shapes or `shareable` differ.
        """
        if not isinstance(other_var, Var):
            raise AssertionError(
                f"{self.path} can only be an alias of a Var, got {type(other_var).__name__}."
            )
        if self.shape != other_var.shape:
            raise AssertionError(
                f"Shapes of {self.path} {self.shape} and its alias {other_var.path} {other_var.shape} "
                "are incompatible."
            )
        if self.shareable != other_var.shareable:
            raise AssertionError(
                f"{self.path} and its alias {other_var.path} must both be shareable or both not."
            )
        self.aliased_var = other_var

    def resolve(self) -> Var:
        """The variable at the end of the chain of aliases."""
        var, seen = self, {self.serial}
        while var.aliased_var is not None:
            var = var.aliased_var
            if var.serial in seen:
                raise AssertionError(f"The aliases of {self.path} form a loop.")
            seen.add(var.serial)
        return var

    def _runtime(self) -> _KnowsValues | None:
        process = self._process
        return process.runtime if process is not None and not process._stopped else None

    def get(self, idx: Any = None) -> Any:
        """Value now: `init` as given before a runtime exists, else a float64 array of what the model holds.

        During a run the answer is the value at the next step boundary.

        Parameters
        ----------
        idx : index, optional
            Applied to the whole value.

        Returns
        -------
        np.ndarray of float64, csr_matrix of float64 for sparse matrices, or str for text variables

        Raises
        ------
        RuntimeError
            If the runtime was stopped.
        """
        runtime = self._runtime()
        if runtime is None:
            if self._process is not None and self._process._stopped:
                raise RuntimeError(f"Cannot get {self.path}: the runtime was stopped.")
            value = self.resolve().init
        else:
            try:
                value = runtime.get_var(self)
            except Exception as error:
                raise shorten(error)  # noqa: B904 - the same error
        return value if idx is None else value[idx]

    def set(self, value: Any, idx: Any = None) -> None:
        """Change the value at a step boundary; it is used from the next step on.

        Parameters
        ----------
        value : scalar or array-like
            A scalar fills the variable, an array must have its shape. Converted to the variable's type by
            truncation. A sparse matrix keeps its pattern: the new one must store the same entries.
        idx : index, optional
            Where to write; the rest keeps its value.

        Raises
        ------
        ValueError
            If there is no runtime yet, or if the shape does not fit.
        RuntimeError
            If the runtime was stopped.
        """
        runtime = self._runtime()
        if runtime is None:
            if self._process is not None and self._process._stopped:
                raise RuntimeError(f"Cannot set {self.path}: the runtime was stopped.")
            raise ValueError(
                f"Cannot set {self.path}: there is no runtime yet. Give the value to the constructor, "
                "or call create_runtime(run_cfg) or run() first."
            )
        try:
            if idx is not None:
                whole = runtime.get_var(self)
                whole = whole.toarray() if hasattr(whole, "toarray") else np.array(whole)
                whole[idx] = value
                value = whole
            runtime.set_var(self, value)
        except Exception as error:
            raise shorten(error)  # noqa: B904 - the same error
