"""Chip models of our integrators. What the values are is said by the models in fixed point of `models`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lava_hw.equations import Equations, neurons_of
from lava_hw.ir import (
    Constant,
    FlatProcess,
    KeptVar,
    Neurons,
    NeuronState,
    filled,
    held,
)
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.integrate.process import IF, LIMIT, LeakyIntegrator, LIFSubtract
from lava_hw.proc.integrate.texts import if_text, integrator_text, lif_subtract_text

__all__ = ["AbstractHwIntegrator", "HwIF", "HwLIFSubtract", "HwLeakyIntegrator"]

_PARAMETERS = {
    "du": ("du_keep", -1, 4096, 0, 4096),
    "dv": ("dv_keep", -1, 4096, 0, 4096),
    "bias": ("bias", 1, 0, -LIMIT, LIMIT),
    "vth": ("vth", 1, 0, 0, LIMIT),
}


class AbstractHwIntegrator(AbstractHwProcessModel):
    """An integrator as a population of the chip; ranges are those of the process."""

    text: Callable[[int, str], type[Equations]]

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """See `AbstractHwProcessModel.lower`."""
        name, shape = process.name, process.out_ports["s_out"]
        given = {key: var.init for key, var in process.vars.items()}
        places: list[NeuronState | Constant] = []
        variables: list[KeptVar] = []
        for part in ("u", "v"):
            if part in given:
                places.append(
                    NeuronState(part, filled(name, part, given[part], shape, "int32", -LIMIT, LIMIT))
                )
                variables.append(KeptVar(part, shape, "int32", "state", part, least=-LIMIT, most=LIMIT))
        for part, (place_name, scale, offset, least, most) in _PARAMETERS.items():
            if part in given:
                whole = np.shape(given[part])
                value = filled(name, part, given[part], whole, "int32", least, most).reshape(whole)
                place, var = held(name, part, value, shape, place_name, scale, offset, least, most)
                variables.append(var)
                places.append(place)
        text = cls.text(int(process.params["input_shift"]), str(process.params.get("reset", "")))
        return neurons_of(text, name, int(np.prod(shape, dtype=np.int64)), places, variables)


@implements(proc=LIFSubtract, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLIFSubtract(AbstractHwIntegrator):
    """LIFSubtract as a population of the chip."""

    text = staticmethod(lif_subtract_text)


@implements(proc=IF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwIF(AbstractHwIntegrator):
    """IF as a population of the chip."""

    text = staticmethod(if_text)


@implements(proc=LeakyIntegrator, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLeakyIntegrator(AbstractHwIntegrator):
    """LeakyIntegrator as a population of the chip, which sends values."""

    text = staticmethod(integrator_text)
