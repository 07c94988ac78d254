"""Diagonal state-space neurons, S4D (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.population import AbstractPopulation
from lava_hw.proc.sdn.process import ActivationMode, SigmaDelta

__all__ = ["S4d", "SigmaS4dDelta", "SigmaS4dDeltaLayer"]


class S4d(AbstractPopulation):
    """Linear systems, one per neuron, in floating point and in the step of the input::

        s4_state = a s4_state + b a_in;   s_out = Re(2 c s4_state)

    Reference: A. Gu et al., On the parameterization and initialization of diagonal state space models (2022).

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    a, b, c : scalar or array, real or complex
        Diagonals of the discretised system: state, input and output.
    s4_state : scalar or array, default 0
        Initial state.
    s4_exp, inp_exp : int, default 0
        Kept, not used in floating point.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        a: Any,
        b: Any,
        c: Any,
        s4_state: Any = 0,
        s4_exp: int = 0,
        inp_exp: int = 0,
    ) -> None:
        super().__init__(shape=shape, a=a, b=b, c=c, s4_state=s4_state, s4_exp=s4_exp, inp_exp=inp_exp)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.a = Var(shape=shape, init=a)
        self.b = Var(shape=shape, init=b)
        self.c = Var(shape=shape, init=c)
        self.s4_state = Var(shape=shape, init=s4_state)
        self.s4_exp = Var(shape=(1,), init=s4_exp)
        self.inp_exp = Var(shape=(1,), init=inp_exp)


class SigmaS4dDelta(SigmaDelta):
    """Sigma-delta neurons whose activation is a linear system, in floating point::

        sigma = sigma + a_in
        s4_state = a s4_state + b sigma;   act_new = Re(2 c s4_state)
        s_out: as of SigmaDelta for act_new

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    vth : scalar
        Threshold; the Var holds vth * 2^state_exp.
    a, b, c : scalar or array, real or complex
        Diagonals of the discretised system. If one is complex, the Vars of the system are.
    state_exp, s4_exp : int, default 0
        Exponents; s4_exp is kept, not used in floating point.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        vth: Any,
        a: Any,
        b: Any,
        c: Any,
        state_exp: int = 0,
        s4_exp: int = 0,
    ) -> None:
        super().__init__(shape=shape, vth=vth, a=a, b=b, c=c, s4_state=0, state_exp=state_exp, s4_exp=s4_exp)
        self.a = Var(shape=shape, init=a)
        self.b = Var(shape=shape, init=b)
        self.c = Var(shape=shape, init=c)
        self.s4_state = Var(shape=shape, init=0)
        self.s4_exp = Var(shape=(1,), init=s4_exp)


class SigmaS4dDeltaLayer(AbstractPopulation):
    """SigmaS4dDelta neurons with several states for each input: Sparse, SigmaS4dDelta, Sparse.

    Input k drives the states d_states k to d_states k + d_states - 1, and output k is the sum of what these
    send. Each of the two Sparse takes a step: an input of step t arrives at a_out in step t + 2.

    Parameters
    ----------
    shape : tuple of int
        (n,), the number of inputs and outputs.
    vth : scalar
        Threshold.
    a, b, c : scalar or array, shape (n * d_states,)
        Diagonals of the discretised system.
    d_states : int, default 1
        States for each input.
    s4_exp : int, default 0
        Kept, not used in floating point.
    num_message_bits : int, default 24
        Of both Sparse.
    state_exp : int, default 0
        Exponent of the state, and weight_exp of both Sparse.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        vth: Any,
        a: Any,
        b: Any,
        c: Any,
        d_states: int = 1,
        s4_exp: int = 0,
        num_message_bits: int = 24,
        state_exp: int = 0,
    ) -> None:
        weights = np.kron(np.eye(shape[0]), np.ones(d_states))
        super().__init__(
            shape=shape,
            vth=vth,
            a=a,
            b=b,
            c=c,
            s4_exp=s4_exp,
            s4_state=0,
            conn_weights=weights,
            num_message_bits=num_message_bits,
            d_states=d_states,
            state_exp=state_exp,
            act_mode=ActivationMode.UNIT,
        )
        states = (shape[0] * d_states,)
        self.s_in = InPort(shape=shape)
        self.a_out = OutPort(shape=shape)
        self.state_exp = Var(shape=(1,), init=state_exp)
        self.a = Var(shape=states, init=a)
        self.b = Var(shape=states, init=b)
        self.c = Var(shape=states, init=c)
        self.s4_state = Var(shape=states, init=0)
        self.S4_exp = Var(shape=(1,), init=s4_exp)
        self.conn_weights = Var(shape=weights.shape, init=weights)
        self.num_message_bits = Var(shape=(1,), init=num_message_bits)
