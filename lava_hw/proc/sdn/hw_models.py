"""Chip models of sigma, delta and sigma-delta neurons. What the values are is said by `models`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lava_hw.equations import Equations
from lava_hw.ir import FlatProcess, ParameterRefused
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.sdn.process import ActivationMode, Delta, Sigma, SigmaDelta
from lava_hw.proc.sdn.texts import MOST_EXPONENT, DeltaText, SigmaText, sigma_delta_text
from lava_hw.proc.words import LEAST, MOST, AbstractHwWords

__all__ = ["AbstractHwDelta", "HwDelta", "HwSigma", "HwSigmaDelta"]


@implements(proc=Sigma, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwSigma(AbstractHwWords):
    """Sigma as a population of the chip, which sends its sums."""

    states = ("sigma",)
    text = SigmaText


class AbstractHwDelta(AbstractHwWords):
    """The encoder of changes."""

    states: Sequence[str] = ("act", "residue", "error")
    constants: Mapping[str, tuple[int, int, int]] = {
        "vth": (1, LEAST, MOST),
        "state_exp": (-1, 0, MOST_EXPONENT),
        "cum_error": (1, 0, 1),
    }


@implements(proc=Delta, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwDelta(AbstractHwDelta):
    """Delta as a population of the chip, which sends changes."""

    constants: Mapping[str, tuple[int, int, int]] = {
        **AbstractHwDelta.constants,
        "spike_exp": (1, 0, MOST_EXPONENT),
    }
    unread = ("sigma",)
    text = DeltaText


@implements(proc=SigmaDelta, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwSigmaDelta(AbstractHwDelta):
    """SigmaDelta as a population of the chip; the activation is a part of the program."""

    states: Sequence[str] = (*AbstractHwDelta.states, "sigma", "bias")
    unread = ("spike_exp",)

    @classmethod
    def text_of(cls, process: FlatProcess) -> type[Equations]:
        """See `AbstractHwWords`."""
        mode = process.params["act_mode"]
        if mode not in (ActivationMode.UNIT, ActivationMode.RELU):
            raise ParameterRefused(process.name, "act_mode", mode, "ActivationMode.UNIT or RELU")
        return sigma_delta_text(mode == ActivationMode.RELU)
