"""The table: every Var with integers of every process of the library that has a fixed-point model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from lava_hw import LIF, Dense, Sink, Source
from lava_hw.magma.core.learning.learning_rule import Loihi2FLearningRule
from lava_hw.proc.atrlif.process import ATRLIF
from lava_hw.proc.clp.id_broadcast.process import IdBroadcast
from lava_hw.proc.clp.novelty_detector.process import NoveltyDetector
from lava_hw.proc.clp.nsm.process import Allocator, Readout
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.conv.process import Conv
from lava_hw.proc.conv_in_time.process import ConvInTime
from lava_hw.proc.dense.process import DelayDense, LearningDense
from lava_hw.proc.graded.process import GradedReluVec, GradedVec, InvSqrt, NormVecDelay
from lava_hw.proc.integrate.process import IF, LeakyIntegrator, LIFSubtract
from lava_hw.proc.io.encoder import DeltaEncoder
from lava_hw.proc.lif.process import LearningLIF, LIFRefractory, LIFReset, TernaryLIF
from lava_hw.proc.prodneuron.process import ProdNeuron
from lava_hw.proc.receiver.process import Receiver
from lava_hw.proc.resfire.process import RFZero
from lava_hw.proc.rf.process import RF
from lava_hw.proc.rf_iz.process import RF_IZ
from lava_hw.proc.sdn.process import Delta, Sigma, SigmaDelta
from lava_hw.proc.sparse.process import DelaySparse, LearningSparse, Sparse
from lava_hw.proc.spiker.process import Spiker
from tests.values.oracle import INT8, INT16, INT32, INT64, Row

Rows = dict[str, Row]

S24 = Row(INT32, (-(1 << 23), (1 << 23) - 1))
NO_LEAST = (1 - (1 << 31), (1 << 31) - 1)
PLAIN, WIDE, TRACE = Row(INT32), Row(INT64), Row(INT64, (0, 127))
BITS = Row(INT8, (0, 32))
EXPONENT = Row(INT32, (0, 24))
WEIGHTS = Row(INT32, (-256, 255), weights="stored")
# 4095 - du and 4096 - dv are computed with in 64 bits; the chip holds them in 32.
FACTOR = (-(1 << 62), 1 << 62)
NEURON: Rows = {
    "u": S24,
    "v": S24,
    "du": Row(FACTOR, (0, 4095), "integer", chip=(4095 - INT32[1], INT32[1])),
    "dv": Row(FACTOR, (0, 4096), "integer", chip=(4096 - INT32[1], INT32[1])),
    "bias_mant": Row(INT16, (-4096, 4095)),
    "bias_exp": Row(INT16, (0, 7)),
}
LIF_ROWS: Rows = NEURON | {"vth": Row(INT32, (0, 131071), "integer", latched=True)}
# Shifted left by 6 it has 32 bits.
SIGNED_VTH = Row(INT32, (-131071, 131071), latched=True, chip=(-(1 << 25), (1 << 25) - 1))
TRACES: Rows = {f"y{k}": Row(INT32, (0, 127)) for k in (1, 2, 3)}
DENSE: Rows = {"weights": WEIGHTS, "a_buff": PLAIN, "num_message_bits": BITS}
# The processes below are made for delays up to 1.
DELAYED: Rows = DENSE | {"delays": Row(INT32, (0, 63), most=1)}
LEARNING: Rows = DENSE | {
    "weights": replace(WEIGHTS, weights="learning"),
    "tag_1": Row(INT64, (-256, 255)),
    "tag_2": Row(INT64, (0, 255)),
    "tx": WIDE,
    "ty": WIDE,
    **dict.fromkeys(("x1", "x2", "y1", "y2", "y3"), TRACE),
}
PART = Row((-(1 << 18), 1 << 18), (0, 1), "number")
# Times 64 it has 32 bits, and a fraction.
SCALED = Row((-(1 << 25), (1 << 25) - 1), (0, 131071), "number", chip=(1 - (1 << 25), (1 << 25) - 1))
# The chip adds up two exponents in 32 bits.
CHIP_EXPONENT = replace(EXPONENT, chip=(0, (1 << 30) - 1))
DELTA: Rows = dict.fromkeys(("vth", "sigma", "act", "residue", "error"), S24) | {
    "spike_exp": CHIP_EXPONENT,
    "state_exp": CHIP_EXPONENT,
}
# The chip adds up products in 32 bits: of 25-bit states and factors of up to 2^(decay_bits + 4).
DECAY = Row(INT32, holds="integer", chip=(-(1 << 16), 1 << 16))
RF_ROWS: Rows = {
    **dict.fromkeys(("real", "imag"), replace(S24, chip=(-(1 << 24), 1 << 24))),
    "vth": replace(S24, chip=(1 - (1 << 24), (1 << 24) - 1)),
    **dict.fromkeys(("sin_decay", "cos_decay"), DECAY),
}
GRADED: Rows = dict.fromkeys(("v", "vth", "exp"), S24)
SPIKER: Rows = {
    **dict.fromkeys(("rate", "payload"), replace(WIDE, chip=INT32)),
    "counter": replace(WIDE, chip=(INT32[0], 1 << 30)),
}
ONES, EVEN = [[1, 1]], [[2, 2]]


def rule() -> Loihi2FLearningRule:
    return Loihi2FLearningRule(dw="x0 * y0", x1_tau=4, y1_tau=4)


MOST = (1 << 23) - 1
STRICT = Row((-MOST, MOST), (-MOST, MOST))
PARTS = Row((0, 4096), (0, 4096))
THRESHOLD = Row((0, MOST), (0, MOST))
LEAKY: Rows = {"u": STRICT, "v": STRICT, "du": PARTS, "dv": PARTS, "bias": STRICT}

TABLE: dict[str, tuple[Callable[[], Any], Rows]] = {
    "LIF": (lambda: LIF(shape=(2,)), LIF_ROWS),
    "LearningLIF": (lambda: LearningLIF(shape=(2,)), LIF_ROWS | TRACES),
    "PrototypeLIF": (lambda: PrototypeLIF(shape=(2,)), LIF_ROWS | TRACES),
    "TernaryLIF": (lambda: TernaryLIF(shape=(2,)), NEURON | {"vth_hi": SIGNED_VTH, "vth_lo": SIGNED_VTH}),
    "LIFReset": (
        lambda: LIFReset(shape=(2,)),
        LIF_ROWS
        | {
            "reset_interval": Row(INT64, (1, None), chip=(1, INT32[1])),
            "reset_offset": Row(INT64, (0, None), chip=(0, INT32[1])),
        },
    ),
    "LIFRefractory": (
        lambda: LIFRefractory(shape=(2,)),
        LIF_ROWS | {"v": replace(S24, chip=NO_LEAST), "refractory_period_end": replace(WIDE, chip=INT32)},
    ),
    "ATRLIF": (
        lambda: ATRLIF(shape=(2,)),
        {
            "i": replace(S24, chip=NO_LEAST),
            **dict.fromkeys(("v", "r"), S24),
            **dict.fromkeys(("delta_i", "delta_v", "delta_theta", "delta_r"), PART),
            **dict.fromkeys(("theta_0", "theta_step"), SCALED),
            **{name: NEURON[name] for name in ("bias_mant", "bias_exp")},
        },
    ),
    "LIFSubtract": (lambda: LIFSubtract(shape=(2,)), LEAKY | {"vth": THRESHOLD}),
    "IF": (lambda: IF(shape=(2,)), {"v": STRICT, "bias": STRICT, "vth": THRESHOLD}),
    "LeakyIntegrator": (lambda: LeakyIntegrator(shape=(2,)), LEAKY),
    "Dense": (lambda: Dense(weights=ONES), DENSE),
    "DelayDense": (lambda: DelayDense(weights=ONES, delays=1), DELAYED),
    "LearningDense": (lambda: LearningDense(weights=EVEN, learning_rule=rule()), LEARNING),
    "Sparse": (lambda: Sparse(weights=csr_matrix(ONES)), DENSE),
    "DelaySparse": (lambda: DelaySparse(weights=csr_matrix(ONES), delays=csr_matrix(ONES)), DELAYED),
    "LearningSparse": (
        lambda: LearningSparse(
            weights=csr_matrix(EVEN), tag_1=csr_matrix(ONES), tag_2=csr_matrix(ONES), learning_rule=rule()
        ),
        LEARNING,
    ),
    "Conv": (
        lambda: Conv(weight=np.ones((1, 1, 2, 1), int), input_shape=(2, 2, 1)),
        {"weight": Row(INT32, (-256, 255)), "a_buf": S24, "num_message_bits": BITS},
    ),
    "ConvInTime": (lambda: ConvInTime(weights=np.ones((2, 1, 1))), {"num_message_bits": BITS}),
    "RF": (lambda: RF((2,), period=10, alpha=0.1, decay_bits=12), RF_ROWS),
    "RF_IZ": (lambda: RF_IZ((2,), period=10, alpha=0.1, decay_bits=12), RF_ROWS),
    "RFZero": (
        lambda: RFZero((2,), freqs=np.array([5.0, 6.0]), decay_tau=np.array([0.1, 0.1])),
        dict.fromkeys(("u", "v", "lct", "lst", "uth"), S24),
    ),
    "Sigma": (lambda: Sigma(shape=(2,)), {"sigma": S24}),
    "Delta": (lambda: Delta(shape=(2,), vth=1), DELTA),
    "SigmaDelta": (
        lambda: SigmaDelta(shape=(2,), vth=1),
        DELTA | {"bias": S24, "spike_exp": EXPONENT},
    ),
    "GradedVec": (lambda: GradedVec((2,)), GRADED),
    "GradedReluVec": (lambda: GradedReluVec((2,)), GRADED),
    "NormVecDelay": (lambda: NormVecDelay((2,)), GRADED | {"v2": S24}),
    "InvSqrt": (lambda: InvSqrt((1,)), {"fp_base": EXPONENT}),
    "ProdNeuron": (lambda: ProdNeuron((2,)), GRADED | {"exp": Row(INT32, (0, 31), chip=(0, INT32[1]))}),
    "Spiker": (lambda: Spiker(shape=(2,)), SPIKER),
    "Receiver": (lambda: Receiver(shape=(2,)), {"payload": WIDE}),
    "DeltaEncoder": (
        lambda: DeltaEncoder(shape=(2,), vth=1),
        dict.fromkeys(("vth", "act", "residue", "a_min", "a_max"), WIDE) | {"spike_exp": Row(INT64, (0, 24))},
    ),
    "IdBroadcast": (lambda: IdBroadcast(shape=(2,)), {"val": PLAIN}),
    "NoveltyDetector": (lambda: NoveltyDetector(t_wait=3), {"t_wait": Row(INT32, (0, None))}),
    "Readout": (lambda: Readout(n_protos=2), {"proto_labels": PLAIN, "last_winner_id": PLAIN}),
    "Allocator": (lambda: Allocator(n_protos=2), {"next_alloc_id": PLAIN, "n_protos": PLAIN}),
    "Source": (lambda: Source(data=[[1, 1], [1, 1]]), {"data": PLAIN}),
    "Sink": (lambda: Sink(shape=(2,), buffer=2), {"data": PLAIN}),
}
