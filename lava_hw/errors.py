"""Warnings of the package, how a strict configuration makes errors of them, and what no value may be.

Imports nothing of the package, so every layer may use it.
"""

from __future__ import annotations

import sys
import warnings

__all__ = [
    "BufferWrapsWarning",
    "LavaHwWarning",
    "ModelTypeWarning",
    "NoEffectWarning",
    "NothingOnChipWarning",
    "OutOfRangeWarning",
    "ShapeMismatchWarning",
    "UndefinedValueError",
    "UnknownArgumentWarning",
    "ValueChangedWarning",
    "notify",
]


class LavaHwWarning(UserWarning):
    """Parent of all warnings of this package. With `strict=True` they are raised as errors."""


class ValueChangedWarning(LavaHwWarning):
    """A value was rounded or clipped, as Lava does it, before it is used."""


class OutOfRangeWarning(LavaHwWarning):
    """A value lies outside the range that Loihi has; Lava takes it unchanged, and so do we."""


class NoEffectWarning(LavaHwWarning):
    """What the program asked for has no effect, or is not all used."""


class BufferWrapsWarning(LavaHwWarning):
    """A run goes past a buffer: a Source repeats its data, a Sink or Read overwrites what it has."""


class UnknownArgumentWarning(LavaHwWarning):
    """A keyword argument that no part of the process looks at."""


class ShapeMismatchWarning(LavaHwWarning):
    """The shape of a Var and the shape of its initial value differ."""


class ModelTypeWarning(LavaHwWarning):
    """The chosen model has a type that cannot hold what it gets."""


class NothingOnChipWarning(LavaHwWarning):
    """A configuration for hardware puts nothing on the chip."""


class UndefinedValueError(ValueError):
    """A value has no meaning where it enters an integer Var or port: NaN, infinity, or beyond the limits.

    What a device refuses (`lava_hw.device.errors.ValueRefused`) is one of these, too.
    """


def notify(warning: LavaHwWarning, strict: bool = False) -> None:
    """Give a warning at the line of the user's program, or raise it.

    Parameters
    ----------
    warning : LavaHwWarning
        What to say.
    strict : bool, default False
        Raise it instead, as ``python -W error`` does.

    Raises
    ------
    LavaHwWarning
        If `strict`, or if a warning filter says "error".
    """
    if strict:
        raise warning
    warnings.warn(warning, stacklevel=_levels_to_user())


def _levels_to_user() -> int:
    """Number of the first frame outside of the package, where the caller of this function is 1."""
    level = 1
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "lava_hw":
        frame = frame.f_back
        level += 1
    return level
