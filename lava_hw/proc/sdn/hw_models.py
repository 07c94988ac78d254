"""Chip models of sigma, delta and sigma-delta neurons. What the values are is said by `models`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lava_hw.ir import FlatProcess, ParameterRefused
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.sdn.process import ActivationMode, Delta, Sigma, SigmaDelta
from lava_hw.proc.words import LEAST, MOST, AbstractHwWords

__all__ = ["AbstractHwDelta", "HwDelta", "HwSigma", "HwSigmaDelta"]

# The sum of two exponents has 32 bits. state_exp is held negated: it shifts to the right.
_MOST_EXPONENT = (1 << 30) - 1
_ADD_UP = ("mov r1, [sigma]", "add r1, r1, r0", "st [sigma], r1")


@implements(proc=Sigma, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwSigma(AbstractHwWords):
    """Sigma as a population of the chip, which sends its sums."""

    states = ("sigma",)
    body = (*_ADD_UP, "emitg ch0, r1")


class AbstractHwDelta(AbstractHwWords):
    """The encoder of changes: r1 is the new activation."""

    states: Sequence[str] = ("act", "residue", "error")
    constants: Mapping[str, tuple[int, int, int]] = {
        "vth": (1, LEAST, MOST),
        "state_exp": (-1, 0, _MOST_EXPONENT),
        "cum_error": (1, 0, 1),
    }
    encode = (
        "sub r2, r1, [act]",
        "st [act], r1",
        "add r2, r2, [residue]",
        "mov r3, cum_error",
        "cmp p0, r3 != #0",
        "mov r3, r2",
        "add r3, r3, [error] if p0",
        "abs r4, r3",
        "cmp p1, r4 >= vth",
        "mov r4, #0",
        "mov r4, r2 if p1",
        "sub r2, r2, r4",
        "st [residue], r2",
        # The magnitude of -2^31 is below 0, and clears no error.
        "abs r2, r4",
        "cmp p1, r2 > #0",
        "mov r3, #0 if p1",
        "st [error], r3 if p0",
        "shv r4, r4, state_exp",
        "emitg ch0, r4",
    )


@implements(proc=Delta, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwDelta(AbstractHwDelta):
    """Delta as a population of the chip, which sends changes."""

    constants: Mapping[str, tuple[int, int, int]] = {
        **AbstractHwDelta.constants,
        "spike_exp": (1, 0, _MOST_EXPONENT),
    }
    unread = ("sigma",)
    body = (
        "mov r1, spike_exp",
        "sub r1, r1, state_exp",
        "shv r1, r0, r1",
        *AbstractHwDelta.encode,
    )


@implements(proc=SigmaDelta, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwSigmaDelta(AbstractHwDelta):
    """SigmaDelta as a population of the chip; the activation is a part of the program."""

    states: Sequence[str] = (*AbstractHwDelta.states, "sigma", "bias")
    unread = ("spike_exp",)

    @classmethod
    def program(cls, process: FlatProcess) -> Sequence[str]:
        """See `AbstractHwWords`."""
        mode = process.params["act_mode"]
        if mode not in (ActivationMode.UNIT, ActivationMode.RELU):
            raise ParameterRefused(process.name, "act_mode", mode, "ActivationMode.UNIT or RELU")
        rectify = ("max r1, r1, #0",) if mode == ActivationMode.RELU else ()
        return (*_ADD_UP, "add r1, r1, [bias]", *rectify, *cls.encode)
