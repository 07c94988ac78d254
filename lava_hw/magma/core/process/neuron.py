"""Part of neuron processes that take part in learning (Lava's path)."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.variable import Var

__all__ = ["LearningNeuronProcess"]


class LearningNeuronProcess:
    """Ports and Vars that a learning connection needs of its target; a mixin before the neuron's own class.

    Ports: a_third_factor_in; s_out_bap (spikes on their way back), s_out_y1, s_out_y2, s_out_y3 (traces). All
    have the shape of the population. Vars: y1, y2, y3.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population; connections that learn need one dimension.
    learning_rule : object
        Kept for the models, in proc_params["learning_rule"].
    """

    def __init__(self, shape: tuple[int, ...], learning_rule: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, shape=shape, learning_rule=learning_rule, **kwargs)  # type: ignore[call-arg]  # of the neuron
        self.a_third_factor_in = InPort(shape=shape)
        self.s_out_bap = OutPort(shape=shape)
        self.s_out_y1 = OutPort(shape=shape)
        self.s_out_y2 = OutPort(shape=shape)
        self.s_out_y3 = OutPort(shape=shape)
        self.y1 = Var(shape=shape, init=0)
        self.y2 = Var(shape=shape, init=0)
        self.y3 = Var(shape=shape, init=0)
