"""The processes of the random networks: how their arguments are drawn, as plain data, and made from that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from lava_hw import SignMode
from lava_hw.magma.core.learning.constants import GradedSpikeCfg
from lava_hw.magma.core.learning.learning_rule import Loihi2FLearningRule, Loihi3FLearningRule
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.proc.atrlif.process import ATRLIF
from lava_hw.proc.clp.id_broadcast.process import IdBroadcast
from lava_hw.proc.clp.novelty_detector.process import NoveltyDetector
from lava_hw.proc.clp.nsm.process import Allocator, Readout
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.conv.process import Conv
from lava_hw.proc.conv_in_time.process import ConvInTime
from lava_hw.proc.dense.process import DelayDense, Dense, LearningDense
from lava_hw.proc.graded.process import GradedReluVec, GradedVec, InvSqrt, NormVecDelay
from lava_hw.proc.integrate.process import IF, LeakyIntegrator, LIFSubtract
from lava_hw.proc.io.dataloader import SpikeDataloader
from lava_hw.proc.io.encoder import Compression, DeltaEncoder
from lava_hw.proc.io.source import RingBuffer
from lava_hw.proc.lif.process import LIF, LearningLIF, LIFRefractory, LIFReset, TernaryLIF
from lava_hw.proc.prodneuron.process import ProdNeuron
from lava_hw.proc.receiver.process import Receiver, Receiver32Bit
from lava_hw.proc.resfire.process import RFZero
from lava_hw.proc.rf.process import RF
from lava_hw.proc.rf_iz.process import RF_IZ
from lava_hw.proc.s4d.process import S4d, SigmaS4dDelta, SigmaS4dDeltaLayer
from lava_hw.proc.sdn.process import ActivationMode, Delta, Sigma, SigmaDelta
from lava_hw.proc.sparse.process import DelaySparse, LearningSparse, Sparse
from lava_hw.proc.spiker.process import Spiker, Spiker32bit
from tests.fuzz.user_written import Bursts, Encoded, Layer, Managed, Noise, Rounder

Random = np.random.Generator
Shape = tuple[int, ...]
Args = dict[str, Any]
FIXED, FLOATING = "fixed_pt", "floating_pt"
BOTH = (FIXED, FLOATING)


@dataclass(frozen=True)
class Kind:
    """One process class.

    Attributes
    ----------
    draw : callable
        (generator, shape of the main input or output, fixed point?, n_out) -> arguments as plain data.
    tags : tuple of str
        The arithmetics that it has models for.
    group : str
        source, neuron (answers in the step of its input) or connection (sends before it receives).
    settable : tuple of str
        Vars that the program changes between runs.
    hidden : tuple of str
        Vars that cannot be read: those of a network that are no aliases.
    picky : bool
        Its input must be 0 or 1.
    lockstep : bool
        Whether nobody in its network may be ahead of others.
    """

    cls: type[AbstractProcess]
    draw: Callable[[Random, Shape, bool, int], Args]
    tags: tuple[str, ...] = BOTH
    group: str = "neuron"
    settable: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    picky: bool = False
    lockstep: bool = False


def decoded(value: Any) -> Any:
    """Arguments of a process from plain data; what JSON has no words for is a dictionary with one key."""
    if isinstance(value, dict) and len(value) == 1:
        ((word, inside),) = value.items()
        makers: dict[str, Callable[[Any], Any]] = {
            "array": np.array,
            "shape": tuple,
            "complex": lambda pair: np.array(pair[0]) + 1j * np.array(pair[1]),
            "csr": lambda dense: csr_matrix(np.array(dense)),
            "sign": SignMode,
            "activation": ActivationMode,
            "graded": GradedSpikeCfg,
            "compression": Compression,
            "two_factors": lambda rule: Loihi2FLearningRule(**rule),
            "three_factors": lambda rule: Loihi3FLearningRule(**rule),
            "dataset": lambda pairs: [(np.array(sample), np.array(truth)) for sample, truth in pairs],
        }
        if word in makers:
            return makers[word](inside)
    return value


def make(kind: str, args: Args) -> Any:
    """The process."""
    return KINDS[kind].cls(**{name: decoded(value) for name, value in args.items()})


def _array(values: Any) -> Args:
    return {"array": np.asarray(values).tolist()}


def _some(r: Random, shape: Shape, low: float, high: float, fixed: bool) -> Any:
    """A number, or one for each element."""
    size: Any = shape if r.random() < 0.4 else None
    if fixed:
        value: Any = r.integers(int(low), int(high) + 1, size)
    else:
        value = np.round(r.uniform(low, high, size), 3)
    return _array(value) if size is not None else value.item()


def _membrane(r: Random, shape: Shape, fixed: bool) -> Args:
    """Arguments that all of LIF's family have."""
    if fixed:
        return {
            "shape": {"shape": shape},
            "du": int(r.choice([0, 1, 400, 2048, 4095, r.integers(4096)])),
            "dv": int(r.choice([0, 1, 100, 4095, 4096, r.integers(4096)])),
            "bias_mant": _some(r, shape, -40, 60, True),
            "bias_exp": int(r.integers(-2, 7)),
            "u": _some(r, shape, -5000, 5000, True),
            "v": _some(r, shape, -5000, 5000, True),
        }
    return {
        "shape": {"shape": shape},
        "du": round(float(r.random()), 3),
        "dv": round(float(r.random()), 3),
        "bias_mant": _some(r, shape, -1, 2, False),
        "u": _some(r, shape, -5, 5, False),
        "v": _some(r, shape, -5, 5, False),
    }


def _lif(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    return _membrane(r, shape, fixed) | {"vth": int(r.integers(0, 80)) if fixed else float(r.integers(0, 9))}


def _ternary(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    return _membrane(r, shape, fixed) | {"vth_hi": int(r.integers(0, 60)), "vth_lo": -int(r.integers(0, 60))}


def _integrator(*names: str) -> Any:
    """Arguments of one of our integrators: those that all of them have, and some more."""

    def draw(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
        given: Args = {"shape": {"shape": shape}, "input_shift": int(r.integers(0, 7))}
        for name in ("v", "bias", *names):
            if name == "reset":
                given[name] = str(r.choice(["subtract", "zero"]))
            elif name in ("du", "dv"):
                given[name] = _some(r, shape, 0, 4096 if fixed else 1, fixed)
            else:
                low, high = {"vth": (0, 80)}.get(name, (-900, 900))
                given[name] = _some(r, shape, low, high, fixed)
        return given

    return draw


def _with(draw: Any, **more: Callable[[Random], Any]) -> Any:
    """Further arguments."""

    def both(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
        return {**draw(r, shape, fixed, n_out), **{name: value(r) for name, value in more.items()}}

    return both


def _only_shape(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    return {"shape": {"shape": shape}}


def _int(low: int, high: int) -> Callable[[Random], int]:
    return lambda r: int(r.integers(low, high + 1))


def _bool(r: Random) -> bool:
    return bool(r.random() < 0.5)


def _number(low: float, high: float) -> Callable[[Random], float]:
    return lambda r: round(float(r.uniform(low, high)), 3)


def _atrlif(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    decays = {f"delta_{name}": round(float(r.random()), 3) for name in ("i", "v", "theta", "r")}
    more = {"bias_mant": _some(r, shape, 0, 9, True), "bias_exp": int(r.integers(0, 4))}
    return {"shape": {"shape": shape}, "theta_0": int(r.integers(1, 9)), **decays, **more}


def _resonator(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    given: Args = {"shape": {"shape": shape}, "period": int(r.integers(2, 12)), "alpha": _number(0, 0.5)(r)}
    bits = {"state_exp": int(r.integers(1, 8)), "decay_bits": int(r.integers(8, 13))} if fixed else {}
    return given | {"vth": int(r.integers(0, 20))} | bits


def _rf_zero(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    return {
        "shape": {"shape": shape},
        "freqs": _some(r, shape, 10, 200, False),
        "decay_tau": _some(r, shape, 0.01, 1, False),
        "uth": int(r.integers(0, 9)),
    }


def _sdn(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    exps = {"spike_exp": int(r.integers(0, 4)), "state_exp": int(r.integers(0, 4))} if fixed else {}
    return {"shape": {"shape": shape}, "vth": int(r.integers(0, 9)), "cum_error": _bool(r), **exps}


def _sigma_delta(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    more = {"bias": _some(r, shape, -5, 5, fixed), "act_mode": {"activation": int(r.integers(0, 2))}}
    return _sdn(r, shape, fixed, n_out) | more


def _state_space(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    def diagonal() -> Any:
        pair = [np.round(r.uniform(-0.9, 0.9, shape), 3).tolist() for _ in range(2)]
        return {"complex": pair} if r.random() < 0.5 else {"array": pair[0]}

    return {"shape": {"shape": shape}, "a": diagonal(), "b": diagonal(), "c": diagonal()}


def _s4d_layer(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    states = int(r.integers(1, 4))
    given = _state_space(r, (shape[0] * states,), fixed, n_out)
    return given | {"shape": {"shape": shape}, "vth": int(r.integers(0, 5)), "d_states": states}


def _source(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    steps = int(r.integers(1, 12))
    active = r.random((*shape, steps)) < r.choice([0.2, 0.6, 1.0])
    if r.random() < 0.5:
        return {"data": _array(active.astype(int))}
    values = r.integers(-100, 100, active.shape) if fixed else np.round(r.normal(0, 4, active.shape), 2)
    return {"data": _array(values * active)}


def _dataset(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    size = (*shape, int(r.integers(1, 5)))  # the last axis is time
    pairs = [(r.integers(-9, 9, size).tolist(), [int(r.integers(0, 9))]) for _ in range(r.integers(1, 4))]
    return {"dataset": {"dataset": pairs}, "interval": int(r.integers(1, 6)), "offset": int(r.integers(0, 6))}


def _weights(r: Random, shape: Shape, fixed: bool) -> Any:
    low, high = [(-256, 255), (0, 255), (-255, 0), (-20, 20)][r.integers(4)]
    there = r.random(shape) < r.choice([0.3, 1.0])
    if fixed:
        return (r.integers(low, high + 1, shape) * there).tolist()
    return (np.round(r.uniform(low / 50, high / 50, shape), 3) * there).tolist()


def _connection_options(r: Random, fixed: bool) -> Args:
    given: Args = {"num_message_bits": int(r.choice([0, 8, 24]))}
    if fixed:
        given |= {"weight_exp": int(r.integers(-4, 3)), "num_weight_bits": int(r.choice([8, 8, 6, 3]))}
        if r.random() < 0.5:
            given["sign_mode"] = {"sign": int(r.integers(1, 4))}
    return given


def _dense(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    n_in = int(np.prod(shape))
    return {"weights": {"array": _weights(r, (n_out, n_in), fixed)}} | _connection_options(r, fixed)


def _sparse(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    given = _dense(r, shape, fixed, n_out)
    return given | {"weights": {"csr": given["weights"]["array"]}}


def _delay_dense(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    delays = r.integers(0, r.integers(1, 6), (n_out, int(np.prod(shape))))
    return _dense(r, shape, fixed, n_out) | {"delays": _array(delays), "max_delay": 6}


def _delay_sparse(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    given = _sparse(r, shape, fixed, n_out)
    delays = r.integers(0, 5, (n_out, int(np.prod(shape)))) * (np.array(given["weights"]["csr"]) != 0)
    return given | {"delays": {"csr": delays.tolist()}, "max_delay": 6}


_RULES = (
    {"dw": "x0*y1 - 2^-1*y0*x1"},
    {"dw": "2*u0*sgn(w+1)*x2 - y0", "dt": "x0*(y1 - 3)"},
    {"dd": "u1*t + 2^-2*y0*x1*x2", "dt": "3*x0 - 2^-1*u1*d"},
    {"dw": "2^-3*x0*y2*t + y0*(5 - x1)", "dd": "y0*x0"},
    {"dw": "-2^-2*u2*w + x0*y3", "dt": "y0*x1 - u2*t"},
)


def _rule(r: Random) -> Args:
    rule: Args = dict(_RULES[r.integers(len(_RULES))])
    third = r.random() < 0.3
    for name in ("x1", "x2") if third else ("x1", "x2", "y1", "y2", "y3"):
        rule[f"{name}_impulse"] = float(r.choice([0, 5, 16, 20.6]))
        rule[f"{name}_tau"] = float(r.choice([0, 1, 4, 12.5]))
    rule |= {"t_epoch": int(r.integers(1, 5)), "rng_seed": int(r.integers(1, 1000))}
    return {"three_factors" if third else "two_factors": rule}


def _learning(draw: Any) -> Any:
    def learning(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
        given = draw(r, shape, fixed, n_out)
        given |= {"learning_rule": _rule(r), "graded_spike_cfg": {"graded": int(r.integers(0, 4))}}
        if r.random() < 0.5:
            size = (n_out, int(np.prod(shape)))
            there = np.array(given["weights"]["csr"]) != 0 if "csr" in given["weights"] else 1
            given |= {name: _array(r.integers(-20, 100, size) * there) for name in ("tag_1", "tag_2")}
        return dict(given)

    return learning


def _conv(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    groups = 2 if shape[2] % 2 == 0 and r.random() < 0.5 else 1
    kernel = (int(r.integers(1, shape[0] + 1)), int(r.integers(1, shape[1] + 1)))
    features = groups * int(r.integers(1, 3))
    weight = _weights(r, (features, *kernel, shape[2] // groups), fixed)
    given = {"padding": int(r.integers(0, 2)), "stride": int(r.integers(1, 3)), "groups": groups}
    bits = {"num_message_bits": int(r.choice([0, 8]))}
    return {"weight": {"array": weight}, "input_shape": {"shape": shape}, **given, **bits}


def _conv_in_time(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    taps = (int(r.integers(1, 4)), n_out, int(np.prod(shape)))
    return {"weights": {"array": _weights(r, taps, fixed)}, "num_message_bits": int(r.choice([0, 8]))}


def _layer(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    neurons = _lif(r, (n_out,), fixed, n_out)
    weights = {"array": _weights(r, (n_out, int(np.prod(shape))), fixed)}
    return {"weights": weights, **{name: neurons[name] for name in ("du", "dv", "vth")}}


def _readout(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    size = int(np.prod(shape))
    return {"n_protos": size, "proto_labels": _array(r.integers(-2, 3, size))}


def _prototypes(r: Random, shape: Shape, fixed: bool, n_out: int) -> Args:
    return _lif(r, shape, fixed, n_out)


_uv = ("u", "v")
_w = ("weights", "a_buff")

KINDS: dict[str, Kind] = {
    "Source": Kind(RingBuffer, _source, group="source", settable=("data",)),
    "Spiker": Kind(Spiker, _with(_only_shape, period=_int(1, 5), payload=_int(1, 9)), (FIXED,), "source"),
    "Spiker32bit": Kind(
        Spiker32bit, _with(_only_shape, period=_int(1, 5), payload=_int(1, 9)), (FIXED,), "source"
    ),
    "SpikeDataloader": Kind(SpikeDataloader, _dataset, group="source", lockstep=True),
    "Noise": Kind(Noise, _with(_only_shape, most=_int(1, 50)), (FIXED,), "source", lockstep=True),
    "LIF": Kind(LIF, _lif, settable=_uv),
    "LIFReset": Kind(LIFReset, _with(_lif, reset_interval=_int(1, 6), reset_offset=_int(0, 6)), settable=_uv),
    "LIFRefractory": Kind(LIFRefractory, _with(_lif, refractory_period=_int(1, 4)), settable=_uv),
    "TernaryLIF": Kind(TernaryLIF, _ternary, settable=_uv),
    "LearningLIF": Kind(LearningLIF, _lif, settable=("u", "v", "y1", "y3")),
    "PrototypeLIF": Kind(PrototypeLIF, _prototypes, (FIXED,)),
    "ATRLIF": Kind(ATRLIF, _atrlif, settable=("v", "r")),
    "RF": Kind(RF, _resonator, settable=("real", "imag")),
    "RF_IZ": Kind(RF_IZ, _resonator, settable=("real", "imag")),
    "LIFSubtract": Kind(LIFSubtract, _integrator("u", "du", "dv", "vth", "reset"), settable=_uv),
    "IF": Kind(IF, _integrator("vth", "reset"), settable=("v", "vth")),
    "LeakyIntegrator": Kind(LeakyIntegrator, _integrator("u", "du", "dv"), settable=_uv),
    "RFZero": Kind(RFZero, _rf_zero, (FIXED,), settable=_uv),
    "Sigma": Kind(Sigma, _only_shape, settable=("sigma",)),
    "Delta": Kind(Delta, _sdn, settable=("act", "residue")),
    "SigmaDelta": Kind(SigmaDelta, _sigma_delta, settable=("sigma", "bias")),
    "GradedVec": Kind(GradedVec, _with(_only_shape, vth=_int(0, 9)), (FIXED,), settable=("v", "vth")),
    "GradedReluVec": Kind(GradedReluVec, _with(_only_shape, vth=_int(-9, 9)), (FIXED,), settable=("v",)),
    "NormVecDelay": Kind(NormVecDelay, _with(_only_shape, vth=_int(0, 9)), (FIXED,), settable=("v",)),
    "InvSqrt": Kind(InvSqrt, _only_shape, picky=True),
    "ProdNeuron": Kind(ProdNeuron, _with(_only_shape, vth=_int(0, 9), exp=_int(0, 6)), (FIXED,)),
    "S4d": Kind(S4d, _state_space, (FLOATING,), settable=("s4_state",)),
    "SigmaS4dDelta": Kind(SigmaS4dDelta, _with(_state_space, vth=_int(0, 5)), (FLOATING,)),
    "SigmaS4dDeltaLayer": Kind(
        SigmaS4dDeltaLayer,
        _s4d_layer,
        (FLOATING,),
        "connection",
        hidden=("state_exp", "S4_exp", "conn_weights", "num_message_bits"),
    ),
    "IdBroadcast": Kind(IdBroadcast, _only_shape, (FIXED,)),
    "NoveltyDetector": Kind(NoveltyDetector, lambda r, s, f, n: {"t_wait": int(r.integers(1, 5))}, (FIXED,)),
    "Readout": Kind(Readout, _readout, (FIXED,)),
    "Allocator": Kind(Allocator, lambda r, s, f, n: {"n_protos": int(r.integers(1, 9))}, (FIXED,)),
    "DeltaEncoder": Kind(
        DeltaEncoder,
        _with(_only_shape, vth=_int(0, 9), spike_exp=_int(0, 3)),
        (FIXED,),
        "connection",
        settable=("act",),
    ),
    "Dense": Kind(Dense, _dense, group="connection", settable=_w),
    "DelayDense": Kind(DelayDense, _delay_dense, group="connection", settable=_w),
    "LearningDense": Kind(
        LearningDense,
        _learning(_dense),
        group="connection",
        settable=(*_w, "tag_1", "x1", "y2"),
        lockstep=True,
    ),
    "Sparse": Kind(Sparse, _sparse, group="connection", settable=("a_buff",)),
    "DelaySparse": Kind(DelaySparse, _delay_sparse, group="connection", settable=("a_buff",)),
    "LearningSparse": Kind(
        LearningSparse, _learning(_sparse), group="connection", settable=("x1", "y1"), lockstep=True
    ),
    "Conv": Kind(Conv, _conv, group="connection", settable=("a_buf",)),
    "ConvInTime": Kind(ConvInTime, _conv_in_time, group="connection", settable=("a_buff",)),
    "Encoded": Kind(
        Encoded,
        _with(_only_shape, vth=_int(0, 9), compression=lambda r: {"compression": int(r.integers(1, 4))}),
        (FIXED,),
        "connection",
    ),
    "Receiver": Kind(Receiver, _only_shape, (FIXED,), settable=("payload",)),
    "Receiver32Bit": Kind(Receiver32Bit, _only_shape, (FIXED,)),
    "Rounder": Kind(Rounder, _only_shape, (FLOATING,)),
    "Managed": Kind(
        Managed, _with(_only_shape, every=_int(1, 4)), (FIXED,), settable=("kept",), lockstep=True
    ),
    "Bursts": Kind(Bursts, _with(_only_shape, count=_int(1, 5)), (FIXED,)),
    "Layer": Kind(Layer, _layer, group="connection", settable=_uv),
}
