"""Python models of diagonal state-space neurons (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.s4d.process import S4d, SigmaS4dDelta, SigmaS4dDeltaLayer
from lava_hw.proc.sdn.models import AbstractDeltaModelFloat, AbstractSigmaDeltaModel
from lava_hw.proc.sparse.process import Sparse

__all__ = ["AbstractSigmaS4dDeltaModel", "PySigmaS4dDeltaModelFloat", "S4dModel", "SubDenseLayerModel"]

Array = npt.NDArray[Any]


@implements(proc=S4d, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class S4dModel(PyLoihiProcessModel):
    """S4d in floating point."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    s4_exp: Any = LavaPyType(np.ndarray, np.int32, precision=3)
    inp_exp: Any = LavaPyType(np.ndarray, np.int32, precision=3)
    s4_state: Any = LavaPyType(np.ndarray, complex)
    a: Any = LavaPyType(np.ndarray, complex)
    b: Any = LavaPyType(np.ndarray, complex)
    c: Any = LavaPyType(np.ndarray, complex)

    def run_spk(self) -> None:
        """One step."""
        self.s4_state = self.s4_state * self.a + self.a_in.recv() * self.b
        self.s_out.send((self.c * self.s4_state).real * 2)


class AbstractSigmaS4dDeltaModel(AbstractSigmaDeltaModel):
    """Sigma-delta with a linear system as activation; a subclass declares ports and types."""

    a: Any = None
    b: Any = None
    c: Any = None
    s4_state: Any = None
    s4_exp: Any = None

    def activation_dynamics(self, sigma_data: Array) -> Array:
        """Advance the system by a step, and return its output."""
        self.s4_state = self.s4_state * self.a + sigma_data * self.b
        output: Array = (self.c * self.s4_state).real * 2
        return output


@implements(proc=SigmaS4dDelta, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PySigmaS4dDeltaModelFloat(AbstractDeltaModelFloat, AbstractSigmaS4dDeltaModel):
    """SigmaS4dDelta in floating point."""

    run_ahead = True
    bias: Any = LavaPyType(np.ndarray, float)
    s4_exp: Any = LavaPyType(np.ndarray, np.int32, precision=3)
    s4_state: Any = LavaPyType(np.ndarray, float)
    a: Any = LavaPyType(np.ndarray, float)
    b: Any = LavaPyType(np.ndarray, float)
    c: Any = LavaPyType(np.ndarray, float)

    @classmethod
    def lava_types(cls, proc: AbstractProcess) -> dict[str, LavaPyType]:
        """As declared, but complex if one of a, b, c is."""
        types = super().lava_types(proc)
        if any(np.iscomplexobj(getattr(proc.vars, name).init) for name in "abc"):
            types.update({name: LavaPyType(np.ndarray, complex) for name in ("a", "b", "c", "s4_state")})
        return types

    def run_spk(self) -> None:
        """One step."""
        self.s_out.send(self.dynamics(self.a_in.recv()))


@implements(proc=SigmaS4dDeltaLayer, protocol=LoihiProtocol)
class SubDenseLayerModel(AbstractSubProcessModel):
    """SigmaS4dDeltaLayer as Sparse, SigmaS4dDelta, Sparse."""

    def __init__(self, proc: AbstractProcess) -> None:
        given = proc.proc_params
        options = {"num_message_bits": given["num_message_bits"], "weight_exp": given["state_exp"]}
        self.sparse1 = Sparse(weights=given["conn_weights"].T, **options)
        self.sigma_S4d_delta = SigmaS4dDelta(
            shape=(given["shape"][0] * given["d_states"],),
            **{name: given[name] for name in ("vth", "a", "b", "c", "state_exp", "s4_exp")},
        )
        self.sparse2 = Sparse(weights=given["conn_weights"], **options)
        proc.in_ports.s_in.connect(self.sparse1.in_ports.s_in)
        self.sparse1.out_ports.a_out.connect(self.sigma_S4d_delta.in_ports.a_in)
        self.sigma_S4d_delta.out_ports.s_out.connect(self.sparse2.in_ports.s_in)
        self.sparse2.out_ports.a_out.connect(proc.out_ports.a_out)
        for name in ("a", "b", "c", "s4_state"):
            getattr(proc.vars, name).alias(getattr(self.sigma_S4d_delta.vars, name))
