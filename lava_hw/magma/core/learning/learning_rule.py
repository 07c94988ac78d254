"""Learning rules of a connection (Lava's path)."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

import lava_hw.magma.core.learning.string_symbols as str_symbols
from lava_hw.magma.core.learning.product_series import ProductSeries
from lava_hw.magma.core.learning.symbolic_equation import SymbolicEquation

__all__ = ["Loihi2FLearningRule", "Loihi3FLearningRule", "LoihiLearningRule"]


class _NotNegative:
    """Attribute of a rule that refuses negative numbers."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, rule: Any, owner: type | None = None) -> Any:
        return self if rule is None else rule.__dict__[f"_{self._name}"]

    def __set__(self, rule: Any, value: float) -> None:
        if value < 0:
            raise ValueError(f"{type(rule).__name__}: {self._name} must not be negative, got {value}.")
        rule.__dict__[f"_{self._name}"] = value


class _Equation:
    """Text of one equation; a change of it is parsed at once, and refused as a whole if it is wrong."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._target = name.removesuffix("_str")

    def __get__(self, rule: Any, owner: type | None = None) -> Any:
        return self if rule is None else rule._texts[self._target]

    def __set__(self, rule: Any, value: str | None) -> None:
        rule._understand({**rule._texts, self._target: value})


class LoihiLearningRule:
    """Equations for the variables of synapses, and what drives the traces of neurons.

    The language of the equations is described in docs/learning.md. At the end of each epoch of `t_epoch`
    steps dw is added to the weights, dd to tag_2, dt to tag_1 of each synapse.

    Parameters
    ----------
    dw, dd, dt : str, optional
        Equations; at least one is needed.
    x1_impulse, x2_impulse, y1_impulse, y2_impulse, y3_impulse : float, default 0
        What a spike adds to a trace of its neuron: x of the source, y of the target.
    x1_tau, x2_tau, y1_tau, y2_tau, y3_tau : float, default 0
        Time constants in steps: a trace decays by exp(-1/tau) a step. 0 clears it in each step.
    t_epoch : int, default 1
        Steps of an epoch.
    rng_seed : int, optional
        For the rounding of the fixed-point models; by default drawn from numpy's global generator.

    Raises
    ------
    ValueError
        If there is no equation, an equation cannot be computed, the K of several uK differ, an impulse or
        time constant is negative, or an epoch has no step.
    AttributeError
        If an equation has text that is not of the language.
    """

    x1_impulse: Any = _NotNegative()
    x2_impulse: Any = _NotNegative()
    y1_impulse: Any = _NotNegative()
    y2_impulse: Any = _NotNegative()
    y3_impulse: Any = _NotNegative()
    x1_tau: Any = _NotNegative()
    x2_tau: Any = _NotNegative()
    y1_tau: Any = _NotNegative()
    y2_tau: Any = _NotNegative()
    y3_tau: Any = _NotNegative()
    dw_str: Any = _Equation()
    dd_str: Any = _Equation()
    dt_str: Any = _Equation()

    def __init__(
        self,
        dw: str | None = None,
        dd: str | None = None,
        dt: str | None = None,
        x1_impulse: float = 0.0,
        x1_tau: float = 0.0,
        x2_impulse: float = 0.0,
        x2_tau: float = 0.0,
        y1_impulse: float = 0.0,
        y1_tau: float = 0.0,
        y2_impulse: float = 0.0,
        y2_tau: float = 0.0,
        y3_impulse: float = 0.0,
        y3_tau: float = 0.0,
        t_epoch: int = 1,
        rng_seed: int | None = None,
    ) -> None:
        self._understand({str_symbols.DW: dw, str_symbols.DD: dd, str_symbols.DT: dt})
        self.x1_impulse, self.x1_tau = x1_impulse, x1_tau
        self.x2_impulse, self.x2_tau = x2_impulse, x2_tau
        self.y1_impulse, self.y1_tau = y1_impulse, y1_tau
        self.y2_impulse, self.y2_tau = y2_impulse, y2_tau
        self.y3_impulse, self.y3_tau = y3_impulse, y3_tau
        self.t_epoch = t_epoch
        if rng_seed is None:
            rng_seed = int(np.random.randint(1, np.iinfo(np.int32).max))  # noqa: NPY002 - a program's seed decides
        self.rng_seed = rng_seed

    def _understand(self, texts: dict[str, str | None]) -> None:
        """Parse the equations; nothing is changed if one is wrong."""
        given = {target: text for target, text in texts.items() if text is not None}
        if not given:
            raise ValueError(f"{type(self).__name__}: at least one of dw, dd and dt must be given.")
        exponent = _decimate_exponent(given)
        series = {target: ProductSeries(SymbolicEquation(target, text)) for target, text in given.items()}
        self._texts = texts
        self._decimate_exponent = exponent
        self._active_product_series = series

    @property
    def t_epoch(self) -> int:
        """Steps of an epoch."""
        return self._t_epoch

    @t_epoch.setter
    def t_epoch(self, value: int) -> None:
        if value <= 0 or value != int(value):
            raise ValueError(f"{type(self).__name__}: t_epoch must be a positive integer, got {value}.")
        self._t_epoch = int(value)

    @property
    def dw(self) -> ProductSeries | None:
        """The equation of the weights."""
        return self._active_product_series.get(str_symbols.DW)

    @property
    def dd(self) -> ProductSeries | None:
        """The equation of tag_2."""
        return self._active_product_series.get(str_symbols.DD)

    @property
    def dt(self) -> ProductSeries | None:
        """The equation of tag_1."""
        return self._active_product_series.get(str_symbols.DT)

    @property
    def decimate_exponent(self) -> int | None:
        """The K of uK in the equations, or None."""
        return self._decimate_exponent

    @property
    def active_product_series(self) -> dict[str, ProductSeries]:
        """The equations that were given, by target."""
        return self._active_product_series

    @property
    def active_traces_per_dependency(self) -> dict[str, set[str]]:
        """For each dependency the traces that appear with it in any equation."""
        found: dict[str, set[str]] = {}
        for series in self._active_product_series.values():
            for dependency, traces in series.active_traces_per_dependency.items():
                found.setdefault(dependency, set()).update(traces)
        return found

    @property
    def active_traces(self) -> set[str]:
        """The traces that appear in any equation."""
        return set().union(*self.active_traces_per_dependency.values())


def _decimate_exponent(texts: dict[str, str]) -> int | None:
    """The one K of all equations."""
    known = [text.replace(" ", "") for text in texts.values()]  # spaces mean nothing, also within a name
    found = sorted({name for text in known for name in re.findall(r"u([0-9]+)", text)})
    if len(found) > 1:
        raise ValueError(
            f"The equations have u{found[0]} and u{found[1]}; all must have the same uK. "
            "Several rates need several connections."
        )
    if found and len(found[0]) > 1:
        raise ValueError(f"The equations have u{found[0]}; the K of uK is one digit.")
    return int(found[0]) if found else None


class Loihi2FLearningRule(LoihiLearningRule):
    """Rule with two factors: the connection computes all traces from spikes. See LoihiLearningRule."""


class Loihi3FLearningRule(LoihiLearningRule):
    """Rule with a third factor: y1, y2 and y3 arrive at ports of the connection in each step.

    Parameters
    ----------
    dw, dd, dt, x1_impulse, x1_tau, x2_impulse, x2_tau, t_epoch, rng_seed
        See LoihiLearningRule. The impulses of y are 0, their time constants 65535 steps.
    """

    def __init__(
        self,
        dw: str | None = None,
        dd: str | None = None,
        dt: str | None = None,
        x1_impulse: float = 0.0,
        x1_tau: float = 0.0,
        x2_impulse: float = 0.0,
        x2_tau: float = 0.0,
        t_epoch: int = 1,
        rng_seed: int | None = None,
    ) -> None:
        slow = int(np.iinfo(np.uint16).max)
        super().__init__(
            dw=dw,
            dd=dd,
            dt=dt,
            x1_impulse=x1_impulse,
            x1_tau=x1_tau,
            x2_impulse=x2_impulse,
            x2_tau=x2_tau,
            y1_tau=slow,
            y2_tau=slow,
            y3_tau=slow,
            t_epoch=t_epoch,
            rng_seed=rng_seed,
        )
