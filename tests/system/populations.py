"""Neurons of the library as they run on the chip: how they are made, fed and changed, by process.

Numbers are drawn as `usual` (what networks have), or up to the ends of what Python and the chip hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lava_hw.proc.atrlif.process import ATRLIF
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.graded.process import GradedReluVec, GradedVec, NormVecDelay
from lava_hw.proc.integrate.process import IF, LeakyIntegrator, LIFSubtract
from lava_hw.proc.lif.process import LIF, LearningLIF, LIFRefractory, LIFReset, TernaryLIF
from lava_hw.proc.prodneuron.process import ProdNeuron
from lava_hw.proc.resfire.process import RFZero
from lava_hw.proc.rf.process import RF
from lava_hw.proc.rf_iz.process import RF_IZ
from lava_hw.proc.sdn.process import ActivationMode, Delta, Sigma, SigmaDelta
from lava_hw.proc.spiker.process import Spiker

Random = np.random.Generator
Shape = tuple[int, ...]
Args = dict[str, Any]
Range = tuple[int, int]
INT32 = (-(2**31), 2**31 - 1)
_REST = (1 - 2**31, 2**31 - 1)
LIMIT24 = (1 - 2**23, 2**23 - 1)


def number(r: Random, usual: bool, near: Range, far: Range) -> int:
    """A number of the near range, or one of the far range, which has its ends more often."""
    low, high = near if usual or r.random() < 0.4 else far
    if not usual and r.random() < 0.3:
        return int(r.choice([low, high, max(low, min(high, 0))]))
    return int(r.integers(low, high, endpoint=True))


def numbers(r: Random, usual: bool, near: Range, far: Range, shape: Shape) -> np.ndarray[Any, Any]:
    """An array of them."""
    size = int(np.prod(shape))
    return np.array([number(r, usual, near, far) for _ in range(size)]).reshape(shape)


def either(r: Random, usual: bool, near: Range, far: Range, shape: Shape) -> Any:
    """A number, or one for each neuron."""
    if r.random() < 0.4:
        return numbers(r, usual, near, far, shape)
    return number(r, usual, near, far)


@dataclass(frozen=True)
class Kind:
    """One process class.

    Attributes
    ----------
    draw : callable
        (generator, usual?, shape) -> arguments.
    inputs : dict
        For each in port the ranges, near and far, of what it gets.
    sets : dict
        Vars that are set between runs, with the ranges of their values.
    reals : tuple of str
        Those of them that hold fractions of one.
    """

    cls: type[Any]
    draw: Callable[[Random, bool, Shape], Args]
    inputs: dict[str, tuple[Range, Range]]
    sets: dict[str, tuple[Range, Range]]
    reals: tuple[str, ...] = ()

    def make(self, r: Random, usual: bool, shape: Shape) -> Any:
        """A process."""
        return self.cls(shape=shape, **self.draw(r, usual, shape))

    def value(self, r: Random, usual: bool, process: Any, var: str) -> np.ndarray[Any, Any]:
        """A value to be set while the network runs."""
        shape = np.shape(getattr(process, var).get())
        near, far = self.sets[var]
        if var in ("sin_decay", "cos_decay"):
            most = min(2 ** (int(process.decay_bits.init) + 4), 2**31 - 1)
            near = far = (-most, most)
        found = numbers(r, usual, near, far, shape)
        if var == "delta_i" and np.all(np.asarray(process.delta_i.init) * 4096 % 1 == 0):
            return found % 1000 / 1024  # such a program has whole factors
        return found / 1000 if var in self.reals else found


def _bias(r: Random, usual: bool, shape: Shape) -> Args:
    return {
        "bias_mant": either(r, usual, (-50, 60), (-(2**15), 2**15 - 1), shape),
        "bias_exp": either(r, usual, (-2, 7), (-40, 40), shape),
    }


def _membrane(r: Random, usual: bool, shape: Shape) -> Args:
    return {
        "u": either(r, usual, (-5000, 5000), INT32, shape),
        "v": either(r, usual, (-5000, 5000), INT32, shape),
        "du": either(r, usual, (0, 4095), (4095 - INT32[1], INT32[1]), shape),
        "dv": either(r, usual, (0, 4096), (4096 - INT32[1], INT32[1]), shape),
        **_bias(r, usual, shape),
    }


def _lif(r: Random, usual: bool, shape: Shape) -> Args:
    return _membrane(r, usual, shape) | {"vth": either(r, usual, (0, 90), INT32, shape)}


def _ternary(r: Random, usual: bool, shape: Shape) -> Args:
    low, high = (number(r, usual, near, (-(2**25), 2**25 - 1)) for near in ((-60, 0), (0, 60)))
    return _membrane(r, usual, shape) | {"vth_hi": max(low, high), "vth_lo": min(low, high)}


def _reset(r: Random, usual: bool, shape: Shape) -> Args:
    return _lif(r, usual, shape) | {
        "reset_interval": number(r, usual, (1, 6), (1, 2**31 - 1)),
        "reset_offset": number(r, usual, (0, 9), (0, 2**31 - 1)),
    }


def _refractory(r: Random, usual: bool, shape: Shape) -> Args:
    v = either(r, usual, (-5000, 5000), _REST, shape)
    return _lif(r, usual, shape) | {"v": v, "refractory_period": number(r, usual, (1, 5), (1, 2**30))}


def _learning(r: Random, usual: bool, shape: Shape) -> Args:
    given = _lif(r, usual, shape)
    return given | {"vth": number(r, usual, (0, 90), INT32)}


def _part(r: Random, usual: bool, shape: Shape) -> Any:
    """A part of one: multiples of 1/4096, decimals, or any float; one, or one for each neuron."""
    if r.random() < 0.5:
        return float(r.choice([0.0, 0.25, 0.4, 0.3, 0.05, 1.0, 4095 / 4096, r.integers(4097) / 4096]))
    if r.random() < 0.5:
        return float(round(r.random(), 3) if usual else r.random())
    return r.random(shape)


def _atrlif(r: Random, usual: bool, shape: Shape) -> Args:
    theta = (0, 2**17 - 1)
    return {
        **{name: either(r, usual, (-5000, 5000), INT32, shape) for name in ("v", "r")},
        "i": either(r, usual, (-5000, 5000), (1 - 2**31, 2**31 - 1), shape),
        "delta_i": _part(r, usual, shape),
        "delta_v": _part(r, usual, shape),
        "delta_theta": _part(r, usual, shape),
        "delta_r": _part(r, usual, shape),
        "theta": float(r.integers(9)),
        "theta_0": either(r, usual, (1, 9), (1 - 2**25, 2**25 - 1), shape),
        "theta_step": number(r, usual, (0, 9), theta) + float(r.choice([0, 0.25, 0.7])),
        **_bias(r, usual, shape),
    }


def _resonator(r: Random, usual: bool, shape: Shape) -> Args:
    return {
        "period": float(r.uniform(2, 12)),
        "alpha": float(r.uniform(0, 0.5)),
        "state_exp": number(r, usual, (0, 8), (0, 19)),
        "decay_bits": int(r.integers(1, 13 if usual else 31)),
        "vth": number(r, True, (0, 20), (0, 20)),
    }


def _rf_zero(r: Random, usual: bool, shape: Shape) -> Args:
    return {
        "freqs": np.asarray(r.uniform(10, 200, shape)),
        "decay_tau": np.asarray(r.uniform(0.01, 1, shape)),
        "uth": number(r, usual, (0, 9), INT32),
    }


def _subtract(r: Random, usual: bool, shape: Shape) -> Args:
    return _leaky(r, usual, shape) | _threshold(r, usual, shape)


def _leaky(r: Random, usual: bool, shape: Shape) -> Args:
    return {
        "u": either(r, usual, (-5000, 5000), LIMIT24, shape),
        "du": either(r, usual, (0, 4096), (0, 4096), shape),
        "dv": either(r, usual, (0, 4096), (0, 4096), shape),
        **_plain(r, usual, shape),
    }


def _plain(r: Random, usual: bool, shape: Shape) -> Args:
    return {
        "v": either(r, usual, (-5000, 5000), LIMIT24, shape),
        "bias": either(r, usual, (-500, 900), LIMIT24, shape),
        "input_shift": int(r.integers(0, 7)),
    }


def _threshold(r: Random, usual: bool, shape: Shape) -> Args:
    vth = either(r, usual, (0, 90), (0, 2**23 - 1), shape)
    return {"vth": vth, "reset": str(r.choice(["subtract", "zero"]))}


def _if(r: Random, usual: bool, shape: Shape) -> Args:
    return _plain(r, usual, shape) | _threshold(r, usual, shape)


def _nothing(r: Random, usual: bool, shape: Shape) -> Args:
    return {}


def _delta(r: Random, usual: bool, shape: Shape) -> Args:
    exponents = {name: number(r, usual, (0, 4), (0, 15)) for name in ("spike_exp", "state_exp")}
    most = (2**31 - 1) >> sum(exponents.values())
    return {
        "vth": number(r, usual, (0, min(40, most)), (-most, most)),
        "cum_error": bool(r.random() < 0.5),
        **exponents,
    }


def _sigma_delta(r: Random, usual: bool, shape: Shape) -> Args:
    given = _delta(r, usual, shape)
    most = (2**31 - 1) >> (given["spike_exp"] + given["state_exp"])
    bias = numbers(r, usual, (max(-50, -most), min(60, most)), (-most, most), shape)
    return given | {"bias": bias, "act_mode": ActivationMode(r.integers(2))}


def _graded(r: Random, usual: bool, shape: Shape) -> Args:
    return {"vth": number(r, usual, (-9, 50), INT32), "exp": number(r, usual, (0, 6), (0, 31))}


def _spiker(r: Random, usual: bool, shape: Shape) -> Args:
    return {
        "period": either(r, usual, (0, 5), (0, 5), shape),
        "payload": either(r, usual, (-9, 30), INT32, shape),
    }


_A: tuple[Range, Range] = ((-60, 120), INT32)
_UV: dict[str, tuple[Range, Range]] = {"u": ((-9000, 9000), INT32), "v": ((-9000, 9000), INT32)}
_MEMBRANE = {
    **_UV,
    "du": ((0, 4095), (4095 - INT32[1], INT32[1])),
    "dv": ((0, 4096), (4096 - INT32[1], INT32[1])),
    "bias_mant": ((-60, 60), (-(2**15), 2**15 - 1)),
    "bias_exp": ((0, 7), (-(2**15), 2**15 - 1)),
}
_LIF = {**_MEMBRANE, "vth": ((0, 99), INT32)}
_STRICT: dict[str, tuple[Range, Range]] = {"v": ((-9000, 9000), LIMIT24), "bias": ((-600, 600), LIMIT24)}
_LEAKY: dict[str, tuple[Range, Range]] = {
    **_STRICT,
    "u": ((-9000, 9000), LIMIT24),
    "du": ((0, 4096), (0, 4096)),
    "dv": ((0, 4096), (0, 4096)),
}
_EXPONENT: tuple[Range, Range] = ((0, 5), (0, 2**30 - 1))
_WORD: tuple[Range, Range] = ((-200, 300), INT32)
_DELTA: dict[str, tuple[Range, Range]] = {
    **dict.fromkeys(("act", "residue", "error", "sigma"), _WORD),
    "vth": ((0, 300), INT32),
    "cum_error": ((0, 1), (0, 1)),
    "spike_exp": _EXPONENT,
    "state_exp": _EXPONENT,
}
_GRADED: dict[str, tuple[Range, Range]] = {
    "v": _WORD,
    "vth": ((-9, 50), INT32),
    "exp": ((0, 6), (0, 2**31 - 1)),
}
_THRESHOLD: dict[str, tuple[Range, Range]] = {"vth": ((0, 99), (0, 2**23 - 1))}
_RF: dict[str, tuple[Range, Range]] = {
    "real": ((-9000, 9000), (-(2**24), 2**24)),
    "imag": ((-9000, 9000), (-(2**24), 2**24)),
    "vth": ((-50, 900), (1 - 2**24, 2**24 - 1)),
    "state_exp": ((0, 7), (0, 2**31 - 1)),
    "sin_decay": ((-2, 2), (-2, 2)),
    "cos_decay": ((-2, 2), (-2, 2)),
}

KINDS: dict[str, Kind] = {
    "LIF": Kind(LIF, _lif, {"a_in": _A}, _LIF),
    "TernaryLIF": Kind(
        TernaryLIF,
        _ternary,
        {"a_in": _A},
        {
            **_MEMBRANE,
            "vth_hi": ((0, 99), (-(2**25), 2**25 - 1)),
            "vth_lo": ((-99, 0), (-(2**25), 2**25 - 1)),
        },
    ),
    "LIFReset": Kind(
        LIFReset,
        _reset,
        {"a_in": _A},
        {**_LIF, "reset_interval": ((1, 5), (1, 2**31 - 1)), "reset_offset": ((0, 9), (0, 2**31 - 1))},
    ),
    "LIFRefractory": Kind(
        LIFRefractory,
        _refractory,
        {"a_in": _A},
        {**_LIF, "v": ((-9000, 9000), _REST), "refractory_period_end": ((0, 30), INT32)},
    ),
    "LearningLIF": Kind(
        LearningLIF,
        _learning,
        {"a_in": _A, "a_third_factor_in": ((-3, 9), INT32)},
        {**_LIF, **{f"y{k}": ((0, 127), INT32) for k in (1, 2, 3)}},
    ),
    "PrototypeLIF": Kind(
        PrototypeLIF,
        _learning,
        {"a_in": _A, "a_third_factor_in": ((0, 3), (0, 7)), "reset_in": ((-1, 1), INT32)},
        {**_LIF, **{f"y{k}": ((0, 127), INT32) for k in (1, 2, 3)}},
    ),
    "ATRLIF": Kind(
        ATRLIF,
        _atrlif,
        {"a_in": ((-9, 30), INT32)},
        {
            "i": ((-9000, 9000), (1 - 2**31, 2**31 - 1)),
            **dict.fromkeys(("v", "r", "theta"), ((-9000, 9000), INT32)),
            **dict.fromkeys(("delta_i", "delta_v", "delta_theta", "delta_r"), ((0, 1000), (0, 1000))),
            "theta_0": ((1, 900), (1 - 2**25, 2**25 - 1)),
            "theta_step": ((0, 900), (1 - 2**25, 2**25 - 1)),
            "bias_mant": ((-60, 60), (-(2**15), 2**15 - 1)),
            "bias_exp": ((0, 7), (-(2**15), 2**15 - 1)),
        },
        ("delta_i", "delta_v", "delta_theta", "delta_r"),
    ),
    "RF": Kind(RF, _resonator, {"a_real_in": _A, "a_imag_in": _A}, _RF),
    "RF_IZ": Kind(RF_IZ, _resonator, {"a_real_in": _A, "a_imag_in": _A}, _RF),
    "RFZero": Kind(
        RFZero,
        _rf_zero,
        {"u_in": _A, "v_in": _A},
        {**_UV, "lct": (INT32, INT32), "lst": (INT32, INT32), "uth": ((0, 9), INT32)},
    ),
    "LIFSubtract": Kind(LIFSubtract, _subtract, {"a_in": _A}, {**_LEAKY, **_THRESHOLD}),
    "IF": Kind(IF, _if, {"a_in": _A}, {**_STRICT, **_THRESHOLD}),
    "LeakyIntegrator": Kind(LeakyIntegrator, _leaky, {"a_in": _A}, _LEAKY),
    "Sigma": Kind(Sigma, _nothing, {"a_in": _A}, {"sigma": _WORD}),
    "Delta": Kind(Delta, _delta, {"a_in": _A}, _DELTA),
    "SigmaDelta": Kind(SigmaDelta, _sigma_delta, {"a_in": _A}, {**_DELTA, "bias": _WORD}),
    "GradedVec": Kind(GradedVec, _graded, {"a_in": _A}, _GRADED),
    "GradedReluVec": Kind(GradedReluVec, _graded, {"a_in": _A}, _GRADED),
    "NormVecDelay": Kind(NormVecDelay, _graded, {"a_in1": _A, "a_in2": _A}, {**_GRADED, "v2": _WORD}),
    "ProdNeuron": Kind(ProdNeuron, _graded, {"a_in1": _A, "a_in2": _A}, _GRADED),
    "Spiker": Kind(
        Spiker,
        _spiker,
        {},
        {"rate": ((0, 5), INT32), "counter": ((0, 5), (-(2**31), 2**30)), "payload": ((-9, 30), INT32)},
    ),
}
