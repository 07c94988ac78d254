"""What fixed-point models make of initial values and of values that are set, before anything is changed.

`check_values` looks at a network when it is built, `check_set` at one new value. Both read the table of the
process (`AbstractProcess.var_ranges`) and the types that the chosen model declares. Models in floating point
take everything as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.errors import (
    LavaHwWarning,
    NoEffectWarning,
    OutOfRangeWarning,
    UndefinedValueError,
    ValueChangedWarning,
    notify,
)
from lava_hw.graph import Flat, FlatProcess
from lava_hw.magma.core.process.cast import whole
from lava_hw.magma.core.process.var_range import VarRange

__all__ = ["check_set", "check_values", "defined", "is_fixed_point"]

Array = npt.NDArray[Any]

# A Var that a model holds as it was given, until it is set: then as a Python int.
_SCALAR = VarRange("int64", form="integer")
_SMALL = 127  # of int8
_SCALE = "Scale fractions to integers first, for example with lava_hw.utils.float2fixed"


def is_fixed_point(process: FlatProcess) -> bool:
    """Whether the model of a process holds integers in its integer Vars."""
    return process.on_chip or "floating_pt" not in process.model_class.tags


def check_values(flat: Flat, strict: bool = False) -> None:
    """Look at all initial values of a network.

    Parameters
    ----------
    flat : Flat
        The network with a model for each process.
    strict : bool, default False
        Raise the first warning.

    Raises
    ------
    UndefinedValueError
        If a value has no defined meaning in an integer Var.
    LavaHwWarning
        If `strict`, or if a warning filter says so.
    """
    found: list[LavaHwWarning] = []
    for process in flat.processes:
        if is_fixed_point(process):
            ranges = process.proc_class.var_ranges
            for var in process.vars.values():
                if _is_plain(var.init, ranges.get(var.name)):
                    continue
                found += _notices(process, var.name, var.init, step=0, initial=True)
    for warning in found:
        notify(warning, strict)


def _is_plain(value: Any, spec: VarRange | None) -> bool:
    """Whether nothing can be said of an initial value: a small int, as most are, which every type holds.

    Networks are built often, so that these are not looked at any further.
    """
    if type(value) is not int or not 0 <= value <= _SMALL:
        return False
    return spec is None or (spec.used is None and _has(spec, value))


def _has(spec: VarRange, value: int) -> bool:
    """Whether Loihi has a value."""
    return (spec.low is None or spec.low <= value) and (spec.high is None or value <= spec.high)


def check_set(process: FlatProcess, name: str, value: Any, step: int, strict: bool = False) -> None:
    """Look at a value that the user sets.

    Parameters
    ----------
    process : FlatProcess
        The process.
    name : str
        Name of the Var.
    value : array or sparse matrix
        The new value.
    step : int
        The last complete step.
    strict : bool, default False
        Raise the first warning.

    Raises
    ------
    UndefinedValueError, LavaHwWarning
        See `check_values`.
    """
    if is_fixed_point(process):
        for warning in list(_notices(process, name, value, step, initial=False)):
            notify(warning, strict)


def defined(process: FlatProcess, name: str, value: Any) -> Array:
    """Value of an integer Var without its fractions; values of other Vars are given back as they are.

    Raises
    ------
    UndefinedValueError
        If an element is not finite, or lies outside the limits of the Var.
    """
    spec = _held(process, name)
    if spec is None:
        return np.asarray(value)
    low, high = spec.limits
    array = np.asarray(value)
    integers = whole(array, low, high, f"{process.name}.{name}")
    return array if spec.form == "number" else integers


def _held(process: FlatProcess, name: str) -> VarRange | None:
    """How the model of a process holds an integer Var; None if it holds something else in it."""
    spec = process.proc_class.var_ranges.get(name)
    if process.on_chip:
        return spec
    declared = process.types.get(name)
    if declared is None:
        return None
    if declared.cls is int:
        return spec if spec is not None and spec.form != "array" else _SCALAR
    if not is_fixed_point(process):
        return None
    try:
        dtype = np.dtype(declared.d_type)
    except TypeError:
        return None
    if dtype.kind not in "iu" or not isinstance(declared.cls, type):
        return None
    if spec is None or spec.form != "array" or np.dtype(spec.dtype) != dtype:
        return VarRange(dtype.name)  # a model of the user's, with types of its own
    return spec


@dataclass(frozen=True)
class _Elements:
    """Values of a Var, and where each of them is."""

    values: Array
    places: Array | None = None
    """Row and column of each value of a sparse matrix."""

    def place(self, k: int) -> str:
        """Where value k is, for a message."""
        if self.places is not None:
            return f"element {tuple(int(i) for i in self.places[k])}: "
        if self.values.size == 1:
            return ""
        return f"element {tuple(int(i) for i in np.unravel_index(k, self.values.shape))}: "


def _elements(value: Any) -> _Elements:
    if not hasattr(value, "tocsr"):
        return _Elements(np.asarray(value))
    matrix = value.tocsr(copy=True)
    matrix.sum_duplicates()
    found = matrix.tocoo()
    return _Elements(found.data, np.stack([found.row, found.col], axis=1))


def _notices(
    process: FlatProcess, name: str, value: Any, step: int, initial: bool
) -> Iterator[LavaHwWarning]:
    """What is to be said about a value; raises if it is undefined."""
    spec = _held(process, name)
    if spec is None or isinstance(value, str):
        return
    low, high = spec.limits
    if initial and type(value) is int and spec.used is None and low <= value <= high and _has(spec, value):
        return  # as most Vars are; networks are built often
    where, given = f"{process.name}.{name}", _elements(value)
    if given.values.dtype.kind not in "biufO" or any(not isinstance(v, int) for v in _objects(given.values)):
        return  # no numbers: the model says so, or the compiler
    if initial and spec.form == "integer":
        if spec is _SCALAR:
            return  # a model that holds what was given, whatever it is
        if given.values.dtype.kind == "f":
            # Lava's model cannot compute with a float here: it fails in step 1.
            raise UndefinedValueError(
                f"{where}={value!r} is not an integer; the fixed-point model needs integers: "
                f"{spec.remedy or 'scale it, or choose a model in floating point'}."
            )
    integers = whole(given.values, low, high, where)
    used: Array = given.values if spec.form == "number" else integers
    ours = _ours(process)
    if ours and step == 0:
        if spec.taken_from is not None:
            if not initial:
                yield NoEffectWarning(
                    f"{where}: a value that is set before step 1 has no effect, because step 1 puts "
                    f"{spec.taken_from} in its place. Set {process.name}.{spec.taken_from}, or set {where} "
                    "after step 1."
                )
            return
        if spec.used is not None and integers.size:
            try:
                used = spec.used(integers.astype(spec.dtype), process.params)
            except (TypeError, ValueError):
                return  # another parameter is wrong, and the model says which
    yield from _changes(where, given, used, spec)
    # The chip refuses weights that it cannot hold.
    if not (process.on_chip and spec.used is not None and step > 0):
        yield from _beyond(where, given, used, spec)
    if ours and spec.latched and step > 0:
        yield NoEffectWarning(
            f"{where}: step 1 has latched it, so the new value can be read back but has no effect. Build the "
            "network anew with this value, or call runtime.reset() and set it before step 1."
        )


def _objects(values: Array) -> Iterator[Any]:
    """The elements that numpy has no type for."""
    return iter(values.flat) if values.dtype.kind == "O" else iter(())


def _ours(process: FlatProcess) -> bool:
    """Whether the table holds for the model: a user's own model of our process may do otherwise."""
    model = process.model_class
    return not process.proc_class.__module__.startswith("lava_hw.proc.") or any(
        base.__module__.startswith("lava_hw.proc.") for base in model.__mro__
    )


def _changes(where: str, given: _Elements, used: Array, spec: VarRange) -> Iterator[LavaHwWarning]:
    before = given.values
    if used is before:
        return
    count = int(np.count_nonzero(before != used))
    if not count:
        return
    k = int(np.argmax(np.abs(before.astype(np.float64) - used.astype(np.float64))))
    old, new = before.reshape(-1)[k], used.reshape(-1)[k]
    yield ValueChangedWarning(
        f"{where}: {count} of {before.size} values are changed before they are used, as in Lava. The largest "
        f"change: {given.place(k)}{old!s} is used as {new!s}. {spec.remedy or _SCALE}."
    )


def _beyond(where: str, given: _Elements, used: Array, spec: VarRange) -> Iterator[LavaHwWarning]:
    if (spec.low is None and spec.high is None) or not used.size:
        return
    least, most = used.min(), used.max()
    too_low = spec.low is not None and least < spec.low
    too_high = spec.high is not None and most > spec.high
    if not too_low and not too_high:
        return
    bad = np.zeros(used.shape, np.bool_)
    if too_low:
        bad |= used < spec.low
    if too_high:
        bad |= used > spec.high
    over = int(most) - spec.high if spec.high is not None else 0
    under = spec.low - int(least) if spec.low is not None else 0
    k = int(np.argmax(used) if over >= under else np.argmin(used))
    ends = f"{spec.low} to {spec.high}" if spec.high is not None else f"{spec.low} and above"
    yield OutOfRangeWarning(
        f"{where}: {int(np.count_nonzero(bad))} of {used.size} values lie outside {ends}, the range that "
        f"Loihi has. The furthest: {given.place(k)}{used.reshape(-1)[k]!s}. It is used as it is, as in Lava, "
        "on every device here; keep to the range for a network that is to run on Loihi."
    )
