"""What an equation of a learning rule adds to a variable of synapses (Lava's path)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

import lava_hw.magma.core.learning.string_symbols as str_symbols
from lava_hw.magma.core.learning.constants import FACTOR_TO_WIDTH_DICT, W_ACCUMULATOR_U, W_S_MANT
from lava_hw.magma.core.learning.product_series import Factor, Product, ProductSeries

__all__ = ["AbstractLearningRuleApplier", "LearningRuleApplierBitApprox", "LearningRuleApplierFloat"]

Array = npt.NDArray[Any]

_LOW = -(1 << W_ACCUMULATOR_U) - 1
_HIGH = (1 << W_ACCUMULATOR_U) - 1


class AbstractLearningRuleApplier(ABC):
    """Computes one equation.

    Arguments of `apply` are arrays that broadcast to the shape of the variable, that is (n_out, n_in), or one
    value for each synapse: x0 and y0, the number u, the variables weights, tag_2 and tag_1, and for each
    trace and dependency the trace at the time of the dependency, such as y1_x0. Each may also be a function
    of the index of the synapses that are wanted. Only those that an equation has need be given.

    Parameters
    ----------
    product_series : ProductSeries
        The equation.
    """

    def __init__(self, product_series: ProductSeries) -> None:
        self._product_series = product_series

    @abstractmethod
    def apply(self, init_accumulator: Array, **applier_args: Any) -> Array:
        """Give the variable after the equation.

        Parameters
        ----------
        init_accumulator : array
            The variable before; it is not changed.
        **applier_args
            See the class.
        """


class LearningRuleApplierFloat(AbstractLearningRuleApplier):
    """In floating point: variable + scale * dependency * factors + ..., from left to right."""

    def apply(self, init_accumulator: Array, **applier_args: Any) -> Array:
        """See AbstractLearningRuleApplier."""
        total = np.zeros_like(init_accumulator, dtype=np.float64)
        for product in self._product_series.products:
            index = _where(product, applier_args, total.ndim)
            if index is None:
                continue
            value: Any = product.s_mantissa * 2.0 ** (product.s_exp - 7)
            value = value * _taken(applier_args[product.dependency], index)
            for factor in product.factors:
                value = value * _factor(product, factor, applier_args, index)
            total[index] += value
        total += init_accumulator
        return total


class LearningRuleApplierBitApprox(AbstractLearningRuleApplier):
    """In fixed point, in an accumulator of 16 bits whose lowest 7 are behind the point.

    Products are computed in 32 bits and wrap there; each is shifted right by what the widths of its factors
    exceed 15 bits, and left by its exponent. Each sum is clipped to -32769 .. 32767.
    """

    def apply(self, init_accumulator: Array, **applier_args: Any) -> Array:
        """See AbstractLearningRuleApplier; the variable comes and leaves shifted left by 7."""
        result = np.array(init_accumulator, order="K")
        for number, product in enumerate(self._product_series.products):
            index = _where(product, applier_args, result.ndim)
            if index is not None:
                part = result[index]
                part = np.add(part, self._product(product, applier_args, index), dtype=part.dtype)
                result[index] = np.clip(part, _LOW, _HIGH, out=part)
            if number == 0:
                # Also where nothing is added. Later products find a value in range there.
                np.clip(result, _LOW, _HIGH, out=result)
        return result

    @staticmethod
    def _product(product: Product, args: Mapping[str, Any], index: Any) -> Array:
        width = W_S_MANT
        value = np.asarray(_taken(args[product.dependency], index)).astype(np.int32)
        value = value * np.int32(product.s_mantissa)
        for factor in product.factors:
            bits = FACTOR_TO_WIDTH_DICT[factor.state_var]
            width += bits
            given = np.asarray(_factor(product, factor, args, index))
            clipped = np.clip(given, -(1 << bits), (1 << bits) - 1)
            value = value * clipped.astype(np.int32)
        value = value >> np.int32(max(0, width - W_ACCUMULATOR_U))
        value = value << np.int32(product.s_exp)
        return np.clip(value, _LOW, _HIGH)


def _where(product: Product, args: Mapping[str, Any], ndim: int) -> Any:
    """Index of the synapses whose dependency is given; None if there are none."""
    dependency = np.asarray(args[product.dependency])
    if not dependency.any():
        return None
    axes = [axis for axis, length in enumerate(dependency.shape) if length > 1]
    if dependency.ndim != ndim or len(axes) != 1 or dependency.all():
        return (slice(None),) * ndim
    index: list[Any] = [slice(None)] * ndim
    index[axes[0]] = dependency.ravel().nonzero()[0]
    return tuple(index)


def _taken(value: Any, index: Any) -> Any:
    """A value at some synapses; axes along which it is constant stay as they are."""
    if callable(value):
        return value(index)
    if np.ndim(value) != len(index):
        return value
    return value[tuple(slice(None) if n == 1 else at for n, at in zip(value.shape, index, strict=True))]


def _factor(product: Product, factor: Factor, args: Mapping[str, Any], index: Any) -> Any:
    """Value of a factor at some synapses."""
    name = factor.state_var
    if name in str_symbols.TRACES:
        name = f"{name}_{product.dependency}"
    else:
        name = str_symbols.SYNAPTIC_VARIABLE_VAR_MAPPING.get(name, name)
    value = 0 if name == str_symbols.C else _taken(args[name], index)
    if factor.const is not None:
        value = value + factor.const
    return np.sign(value) if factor.is_sgn else value
