"""Chip model of ATRLIF. What the values are is said by `models.PyATRLIFModelFixed`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lava_hw.equations import Equations, neurons_of
from lava_hw.ir import (
    Constant,
    FlatProcess,
    KeptVar,
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
from lava_hw.proc.atrlif.texts import ExactText, WholeText, WrappingText

__all__ = ["HwATRLIF"]


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
        places: list[NeuronState | Constant] = []
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

        text, (factors, decay) = _decay_of_current(name, given["delta_i"], shape)
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
        return neurons_of(text, name, size, places, variables)


def _decay_of_current(
    name: str, delta: object, shape: tuple[int, ...]
) -> tuple[type[Equations], tuple[list[NeuronState | Constant], KeptVar]]:
    """The program that fits the values of delta_i, what it needs, and how delta_i is kept."""
    given = np.asarray(delta)
    if given.dtype.kind in "iub" and given.ndim == 0:
        value = int(given)
        place, _ = held(name, "delta_i", value, shape, "i_keep", -4096, 4095)
        kept = KeptVar("delta_i", (1,), "int64", "host", value=[value], least=value, most=value, frozen=False)
        return WrappingText, ([place], kept)
    whole = follows("decay", given)
    rules = (
        {"i_keep": "decay"}
        if whole
        else {"i_sign": "decay_sign", "i_high": "decay_high", "i_low": "decay_low"}
    )
    places, kept = computed(name, "delta_i", delta, shape, rules)
    return (WholeText if whole else ExactText), (list(places), kept)
