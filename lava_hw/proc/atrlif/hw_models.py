"""Chip model of ATRLIF. What the values are is said by `models.PyATRLIFModelFixed`.

The decay of the current is the hard part: Python multiplies i by a factor of 53 bits in float64, which rounds
to 53 bits, and truncates. The chip does the same in integers. With m = |i| and the factor as
high * 2^-31 + low * 2^-53, where high has 31 bits and low has 22, it computes the whole part N of the
product, and how far the product is below N + 1, in units of 2^-53. Float64 has rounded up to N + 1 where that
is at most half of its last bit, that is 2^floor(log2 N) such units.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lava_hw.ir import (
    Constant,
    FlatProcess,
    KeptVar,
    NeuronInput,
    NeuronOutput,
    Neurons,
    NeuronState,
    computed,
    filled,
    follows,
    held,
)
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.atrlif.process import ATRLIF
from lava_hw.proc.lif.arithmetic import UV_LIMIT

__all__ = ["HwATRLIF"]

_INPUT_SHIFT = 6
_WHOLE = ("mov r1, [i]", "multz r1, r1, {i_keep}, >>12")
_WRAPPING = ("mov r1, [i]", "mul r1, r1, {i_keep}, >>0", "multz r1, r1, #1, >>12")
_EXACT = (
    "mov r2, [i]",
    "mul r2, r2, {i_sign}, >>0",
    "abs r3, r2",  # m
    "mul r4, r3, {i_low}, >>22",  # of m * low, what is above 22 bits,
    "mul r5, r3, {i_low}, >>0",
    "shv r6, r4, #22",
    "sub r5, r5, r6",  # and the rest
    "mul r1, r3, {i_high}, >>31",
    "mul r6, r3, {i_high}, >>0",
    "shv r7, r1, #31",
    "sub r6, r6, r7",
    "add r6, r6, r4",  # 31 bits of the fraction, and a carry in the sign
    "shv r7, r6, #-31",
    "sub r1, r1, r7",  # N
    "shv r7, r7, #31",
    "sub r7, r7, r6",
    "add r7, r7, most",  # what is missing to a fraction of ones
    "min r7, r7, far",
    "shv r7, r7, #22",
    "sub r7, r7, r5",
    "add r7, r7, low_most",  # units below N + 1, less one
    "mov r2, r1",
    "cmp p0, r2 >= two16",
    "shv r2, r2, #-16 if p0",
    "shv r7, r7, #-16 if p0",
    "cmp p0, r2 >= far",
    "shv r2, r2, #-8 if p0",
    "shv r7, r7, #-8 if p0",
    "cmp p0, r2 >= #16",
    "shv r2, r2, #-4 if p0",
    "shv r7, r7, #-4 if p0",
    "cmp p0, r2 >= #4",
    "shv r2, r2, #-2 if p0",
    "shv r7, r7, #-2 if p0",
    "cmp p0, r2 >= #2",
    "shv r2, r2, #-1 if p0",
    "shv r7, r7, #-1 if p0",
    "cmp p0, r7 < r2",
    "add r1, r1, #1 if p0",
    "mov r2, [i]",
    "mul r2, r2, {i_sign}, >>0",
    "cmp p0, r2 < #0",
    "mul r1, r1, #-1, >>0 if p0",
)
_REST = (
    "add r1, r1, r0",
    "wrap r1, r1",
    "st [i], r1",
    "mov r2, [v]",
    "multz r2, r2, {v_keep}, >>12",
    "add r2, r2, r1",
    "mov r3, [bias_mant]",
    "shv r3, r3, [bias_exp]",
    "add r2, r2, r3",
    "clip r2, r2, v_max",
    "st [v], r2",
    "mov r3, [theta]",
    "sub r3, r3, {theta_0}",
    "multz r3, r3, {theta_keep}, >>12",
    "add r3, r3, {theta_0}",
    "mov r4, [r]",
    "multz r4, r4, {r_keep}, >>12",
    "sub r5, r2, r4",
    "cmp p0, r5 >= r3",
    "add r4, r4, r3 if p0",
    "add r4, r4, r3 if p0",
    "add r3, r3, {theta_step} if p0",
    "st [r], r4",
    "st [theta], r3",
    "mov r5, #0",
    "mov r5, #1 if p0",
    "st [s], r5",
    "emitm ch0 if p0",
)
_CONSTANTS = {"most": (1 << 31) - 1, "far": 1 << 8, "low_most": (1 << 22) - 1, "two16": 1 << 16}


@implements(proc=ATRLIF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwATRLIF(AbstractHwProcessModel):
    """ATRLIF as a population of the chip.

    Each delta_i from 0 to 1 is exact. Where 4096 times each delta_i is whole, the program is shorter, and
    takes only such values later. A delta_i that is an int has a program in which the product wraps, as in
    Python; it cannot be set.
    """

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        name, shape = process.name, process.out_ports["s_out"]
        given = {key: var.init for key, var in process.vars.items()}
        size = int(np.prod(shape, dtype=np.int64))
        places: list[NeuronState | Constant] = [Constant("v_max", UV_LIMIT - 1)]
        variables: list[KeptVar] = []
        for var, dtype in (
            ("i", "int32"),
            ("v", "int32"),
            ("r", "int32"),
            ("bias_mant", "int16"),
            ("bias_exp", "int16"),
        ):
            # |i| has to be an int32, too.
            least = 1 - (1 << 31) if var == "i" else None
            places.append(NeuronState(var, filled(name, var, given[var], shape, dtype, least)))
            variables.append(KeptVar(var, shape, dtype, "state", var, least=least))
        spikes = np.broadcast_to(np.asarray(given["s"]) != 0, shape).astype(np.int32)
        places.append(NeuronState("s", spikes.reshape(-1)))
        variables.append(KeptVar("s", shape, "bool", "state", "s"))

        body, (factors, decay) = _decay_of_current(name, given["delta_i"], shape)
        places += factors
        variables.append(decay)
        for var in ("v", "theta", "r"):
            kept, variable = computed(
                name, f"delta_{var}", given[f"delta_{var}"], shape, {f"{var}_keep": "kept"}
            )
            places += kept
            variables.append(variable)
        step, variable = computed(
            name, "theta_step", given["theta_step"], shape, {"theta_step": "scaled"}, "theta_step"
        )
        places += step
        variables.append(variable)
        (rest,), variable = computed(
            name, "theta_0", given["theta_0"], shape, {"theta_0": "scaled"}, "theta_0"
        )
        variables.append(replace(variable, computed=(("scaled", "theta_0"), ("scaled", "theta"))))
        places.append(rest)
        # Step 1 starts theta from theta_0.
        start = rest.values if isinstance(rest, NeuronState) else np.full(size, rest.value, np.int32)
        places.append(NeuronState("theta", start))
        raw = filled(name, "theta", given["theta"], shape, "int32").reshape(shape)
        variables.append(
            KeptVar("theta", shape, "int32", "computed", value=raw.tolist(), then="theta", frozen=False)
        )
        return Neurons(
            name=name,
            process=name,
            size=size,
            body=(*body, *_REST),
            inputs=(NeuronInput("a_in", _INPUT_SHIFT),),
            outputs=(NeuronOutput("s_out"),),
            states=tuple(each for each in places if isinstance(each, NeuronState)),
            constants=tuple(each for each in places if isinstance(each, Constant)),
            variables=tuple(variables),
        )


def _decay_of_current(
    name: str, delta: object, shape: tuple[int, ...]
) -> tuple[tuple[str, ...], tuple[list[NeuronState | Constant], KeptVar]]:
    """The program that fits the values of delta_i, what it needs, and how delta_i is kept."""
    given = np.asarray(delta)
    if given.dtype.kind in "iub" and given.ndim == 0:
        value = int(given)
        place, _ = held(name, "delta_i", value, shape, "i_keep", -4096, 4095)
        kept = KeptVar("delta_i", (1,), "int64", "host", value=[value], least=value, most=value, frozen=False)
        return _WRAPPING, ([place], kept)
    whole = follows("decay", given)
    rules = (
        {"i_keep": "decay"}
        if whole
        else {"i_sign": "decay_sign", "i_high": "decay_high", "i_low": "decay_low"}
    )
    places, kept = computed(name, "delta_i", delta, shape, rules)
    more = [] if whole else [Constant(key, number) for key, number in _CONSTANTS.items()]
    return (_WHOLE if whole else _EXACT), ([*places, *more], kept)
