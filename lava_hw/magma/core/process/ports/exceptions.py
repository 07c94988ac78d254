"""Errors of connecting ports (Lava's path)."""

from __future__ import annotations

from typing import Any

__all__ = [
    "ConcatIndexError",
    "ConcatShapeError",
    "DuplicateConnectionError",
    "ReshapeError",
    "TransposeIndexError",
    "TransposeShapeError",
    "VarNotSharableError",
]


class ReshapeError(Exception):
    """A port was reshaped to another number of elements."""

    def __init__(self, old_shape: tuple[int, ...], new_shape: tuple[int, ...]) -> None:
        super().__init__(f"Cannot reshape {old_shape} to {new_shape}: the numbers of elements differ.")


class DuplicateConnectionError(Exception):
    """The same two ports were connected twice."""

    def __init__(self, src: object = None, dst: object = None) -> None:
        super().__init__(f"{src} and {dst} are connected already; connect two ports only once.")


class ConcatShapeError(Exception):
    """Ports of shapes that do not fit were concatenated."""

    def __init__(self, shapes: list[Any], axis: int) -> None:
        super().__init__(
            f"Cannot concatenate shapes {shapes} along axis {axis}: all other axes must be equal."
        )


class ConcatIndexError(Exception):
    """The axis of a concatenation is out of range."""

    def __init__(self, shape: tuple[int, ...], axis: int) -> None:
        super().__init__(f"Axis {axis} of a concatenation is out of range for shape {shape}.")


class TransposeShapeError(Exception):
    """The number of axes of a transposition differs from that of the port."""

    def __init__(self, old_shape: tuple[int, ...], axes: Any) -> None:
        super().__init__(
            f"Cannot transpose {old_shape} with axes {axes}: one axis is needed for each dimension."
        )


class TransposeIndexError(Exception):
    """An axis of a transposition is out of range."""

    def __init__(self, old_shape: tuple[int, ...], axes: Any, wrong: Any) -> None:
        super().__init__(f"Cannot transpose {old_shape} with axes {axes}: {wrong} is wrong.")


class VarNotSharableError(Exception):
    """A RefPort or alias was directed at a Var that is not shareable."""

    def __init__(self, var_name: str) -> None:
        super().__init__(f"Var '{var_name}' is not shareable (shareable=False); it cannot be referenced.")
