"""Networks of lava-dnf and lava-optimization, made of their parts; needs them and the alias ``lava``.

Each function makes a network anew; the libraries are imported when one is asked for. What a library draws at
random comes from numpy's global generator, which `tests.compat.on_chip_child` seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Network:
    """A process of the network, and models that it needs by process, class or name."""

    process: Any
    steps: int
    models: Mapping[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A network of a library.

    Attributes
    ----------
    library : str
        Its name in `tests.compat.suites`.
    name : str
        What the network is.
    make : callable
        Makes it.
    """

    library: str
    name: str
    make: Callable[[], Network]


def _field_inputs(shape: tuple[int, ...], means: list[Any], neurons: Any, connection: Any) -> None:
    """Connect a spot of spikes at each of `means` with the neurons of a field."""
    from lava.lib.dnf.connect.connect import connect
    from lava.lib.dnf.inputs.gauss_pattern.process import GaussPattern
    from lava.lib.dnf.inputs.rate_code_spike_gen.process import RateCodeSpikeGen
    from lava.lib.dnf.operations.operations import Weights

    for seed, mean in enumerate(means):
        pattern = GaussPattern(shape=shape, amplitude=1500.0, mean=mean, stddev=[2.5] * len(shape))
        spikes = RateCodeSpikeGen(shape=shape, seed=seed + 1)
        pattern.a_out.connect(spikes.a_in)
        connect(spikes.s_out, neurons.a_in, [Weights(25)], connection_class=connection)


def _connection(name: str) -> Any:
    from lava.proc.dense.process import Dense
    from lava.proc.sparse.process import Sparse

    return {"Dense": Dense, "Sparse": Sparse}[name]


def _peaks(connection: str) -> Network:
    """Two spots of input, a field that keeps both."""
    from lava.lib.dnf.connect.connect import connect
    from lava.lib.dnf.kernels.kernels import MultiPeakKernel
    from lava.lib.dnf.operations.operations import Convolution
    from lava.proc.lif.process import LIF

    cls, shape = _connection(connection), (40,)
    neurons = LIF(shape=shape, du=809, dv=2047, vth=30)
    _field_inputs(shape, [10, 28], neurons, cls)
    kernel = MultiPeakKernel(amp_exc=25, width_exc=3, amp_inh=-13, width_inh=6)
    connect(neurons.s_out, neurons.a_in, [Convolution(kernel)], connection_class=cls)
    return Network(neurons, 60)


def _selective(connection: str) -> Network:
    """Two spots of input in a plane, a field that chooses one."""
    from lava.lib.dnf.connect.connect import connect
    from lava.lib.dnf.kernels.kernels import SelectiveKernel
    from lava.lib.dnf.operations.operations import BorderType, Convolution
    from lava.proc.lif.process import LIF

    cls, shape = _connection(connection), (12, 12)
    neurons = LIF(shape=shape, du=809, dv=2047, vth=30)
    _field_inputs(shape, [[3, 3], [8, 9]], neurons, cls)
    kernel = SelectiveKernel(amp_exc=14, width_exc=[3, 3], global_inh=-4)
    operation = Convolution(kernel, border_types=BorderType.CIRCULAR)
    connect(neurons.s_out, neurons.a_in, [operation], connection_class=cls)
    return Network(neurons, 50)


def _dimensions(connection: str) -> Network:
    """A field of a plane, one of its rows, and another plane that gets them back, turned."""
    from lava.lib.dnf.connect.connect import connect
    from lava.lib.dnf.operations.operations import ExpandDims, ReduceDims, ReorderDims, Weights
    from lava.proc.lif.process import LIF

    cls = _connection(connection)
    plane, row, turned = (LIF(shape=shape, du=1023, dv=1023, vth=20) for shape in ((8, 6), (8,), (6, 8)))
    _field_inputs((8, 6), [[4, 3]], plane, cls)
    connect(plane.s_out, row.a_in, [ReduceDims(reduce_dims=1), Weights(8)], connection_class=cls)
    operations = [ExpandDims(new_dims_shape=6), ReorderDims(order=(1, 0)), Weights(12)]
    connect(row.s_out, turned.a_in, operations, connection_class=cls)
    return Network(plane, 50)


def _relation(connection: str) -> Network:
    """Two rows make a plane of all pairs, whose diagonals are summed into a row and flipped."""
    from lava.lib.dnf.connect.connect import connect
    from lava.lib.dnf.operations.operations import ExpandDims, Flip, ReduceAlongDiagonal, ReorderDims, Weights
    from lava.proc.lif.process import LIF

    cls = _connection(connection)
    first, second = (LIF(shape=(8,), du=1023, dv=1023, vth=20) for _ in range(2))
    pairs = LIF(shape=(8, 8), du=1023, dv=1023, vth=45)
    sums = LIF(shape=(15,), du=1023, dv=1023, vth=10)
    for neurons, mean in ((first, 2), (second, 5)):
        _field_inputs((8,), [mean], neurons, cls)
    connect(first.s_out, pairs.a_in, [ExpandDims(new_dims_shape=8), Weights(14)], connection_class=cls)
    operations = [ExpandDims(new_dims_shape=8), ReorderDims(order=(1, 0)), Weights(14)]
    connect(second.s_out, pairs.a_in, operations, connection_class=cls)
    connect(pairs.s_out, sums.a_in, [ReduceAlongDiagonal(), Flip(), Weights(12)], connection_class=cls)
    return Network(pairs, 60)


def _lca_one() -> Network:
    """Sparse coding by inhibition among the neurons."""
    from lava.lib.optimization.solvers.lca.process import LCA1Layer

    dictionary = np.array([[0, 1, 1, 0], [1, 1, 1, 0], [0, 0, 1, 1]]) / np.sqrt([[2], [3], [2]])
    overlap = np.eye(3) - dictionary @ dictionary.T
    # Messages are multiplied with weights of 2^8 times tau = 0.1.
    weights = np.trunc(overlap * 0.1 * 2**8 * 4)
    bias = (dictionary @ np.array([0, 2**12, 2**12, 2**10]) * 0.1).astype(int)
    return Network(LCA1Layer(weights=weights, bias=bias, weights_exp=-10, threshold=2**8), 80)


def _lca_two() -> Network:
    """Sparse coding with a layer for what is left to explain."""
    from lava.lib.optimization.solvers.lca.process import LCA2Layer

    weights = np.array([[0, 1, 1], [1, 1, 1]]) / np.sqrt([[2], [3]]) * 2**8
    net = LCA2Layer(weights=weights, weights_exp=-8, input_vec=np.array([0, 2**14, 2**14]), threshold=1)
    return Network(net, 80)


_COSTS = np.array([[-5, 2, 4, 0], [2, -3, 1, 0], [4, 1, -8, 5], [0, 0, 5, -6]])
"""Costs of pairs of four yes-or-no variables."""


def _boltzmann() -> Network:
    """Boltzmann neurons that look for the least cost, and the integrator that knows it."""
    from lava.lib.optimization.solvers.generic.cost_integrator.process import CostIntegrator
    from lava.lib.optimization.solvers.generic.nebm.process import NEBM
    from lava.proc.dense.process import Dense

    neurons = NEBM(shape=(4,), temperature=2, refract=1, init_state=np.diag(_COSTS))
    pairs = Dense(weights=2 * (_COSTS - np.diag(np.diag(_COSTS))), num_message_bits=24)
    total, cost = Dense(weights=np.ones((1, 4), int), num_message_bits=24), CostIntegrator(shape=(1,))
    neurons.s_wta_out.connect(pairs.s_in)
    pairs.a_out.connect(neurons.a_in)
    neurons.s_sig_out.connect(total.s_in)
    total.a_out.connect(cost.cost_in)
    return Network(neurons, 80)


def _constraints() -> Network:
    """Stochastic integrate-and-fire neurons of which no two neighbours may be on."""
    from lava.lib.optimization.solvers.generic.scif.process import CspScif
    from lava.proc.dense.process import Dense

    neurons = CspScif(shape=(6,), step_size=1, theta=4, noise_amplitude=1, noise_precision=8)
    neighbours = np.roll(np.eye(6, dtype=int), 1, axis=0) + np.roll(np.eye(6, dtype=int), -1, axis=0)
    apart = Dense(weights=-2 * neighbours, num_message_bits=24)
    neurons.s_wta_out.connect(apart.s_in)
    apart.a_out.connect(neurons.a_in)
    return Network(neurons, 80)


def _solver() -> Network:
    """The whole solver of quadratic problems, with its neurons, its cost and its reader."""
    from lava.lib.optimization.problems.problems import QUBO
    from lava.lib.optimization.solvers.generic.read_gate.models import get_read_gate_model_class
    from lava.lib.optimization.solvers.generic.read_gate.process import ReadGate
    from lava.lib.optimization.solvers.generic.scif.models import PyModelQuboScifFixed
    from lava.lib.optimization.solvers.generic.scif.process import QuboScif
    from lava.lib.optimization.solvers.generic.solver import OptimizationSolver, SolverConfig

    solver = OptimizationSolver(QUBO(_COSTS))
    values = {"neuron_model": "scif", "noise_amplitude": 1, "noise_precision": 5, "sustained_on_tau": -3}
    solver._create_solver_process(
        config=SolverConfig(timeout=80, target_cost=-100, backend="CPU", hyperparameters=values)
    )
    models = {
        solver.solver_process: solver.solver_model,
        ReadGate: get_read_gate_model_class(1),
        QuboScif: PyModelQuboScifFixed,
    }
    return Network(solver.solver_process, 80, models)


def _quadratic() -> Network:
    """Gradient descent under linear constraints."""
    from lava.lib.optimization.solvers.generic.qp.models import ConstraintCheck, GradientDynamics

    hessian = np.array([[4.0, 1.0], [1.0, 2.0]])
    constraints = np.array([[1.0, 1.0], [-1.0, 0.5]])
    check = ConstraintCheck(constraint_matrix=constraints, constraint_bias=np.array([[1.0], [0.5]]))
    descent = GradientDynamics(
        hessian=hessian,
        constraint_matrix_T=constraints.T,
        qp_neurons_init=np.array([[0.5], [0.5]]),
        grad_bias=np.array([[-1.0], [-1.0]]),
        alpha=np.full((2, 1), 0.1),
        beta=np.full((2, 1), 0.1),
        alpha_decay_schedule=1000,
        beta_growth_schedule=1000,
    )
    descent.s_out.connect(check.s_in)
    check.s_out.connect(descent.s_in)
    return Network(descent, 60)


_FIELDS = {
    "field of one dimension, two peaks": _peaks,
    "field of a plane, one peak": _selective,
    "plane to row to turned plane": _dimensions,
    "pairs of two rows, summed along diagonals": _relation,
}

CASES = tuple(
    Case("lava-dnf", f"{name}, {connection}", lambda make=make, connection=connection: make(connection))
    for name, make in _FIELDS.items()
    for connection in ("Dense", "Sparse")
) + tuple(
    Case("lava-optimization", name, make)
    for name, make in {
        "LCA of one layer": _lca_one,
        "LCA of two layers": _lca_two,
        "Boltzmann neurons and cost": _boltzmann,
        "neighbours that exclude each other (CspScif)": _constraints,
        "QUBO solver with QuboScif, whole": _solver,
        "quadratic program, gradient descent": _quadratic,
    }.items()
)
