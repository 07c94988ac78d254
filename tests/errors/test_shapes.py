"""Initial values of another shape than their Var: a warning when made, an error when built."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from lava_hw import (
    LIF,
    AbstractProcess,
    HwRunCfg,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    PyInPort,
    PyLoihiProcessModel,
    RunSteps,
    TernaryLIF,
    Var,
    compile_network,
    implements,
)
from lava_hw.errors import ShapeMismatchWarning
from lava_hw.magma.core.decorator import requires, tag
from lava_hw.magma.core.process.shapes import fits
from lava_hw.magma.core.resources import CPU
from lava_hw.proc.atrlif.process import ATRLIF
from lava_hw.proc.rf.process import RF
from lava_hw.proc.sparse.process import Sparse

CFG = Loihi2SimCfg(select_tag="fixed_pt")
IGNORE = pytest.mark.filterwarnings("ignore::lava_hw.errors.ShapeMismatchWarning")  # looked at by other tests


class Holder(AbstractProcess):
    """One Var of any shape and any initial value."""

    def __init__(self, shape: tuple[int, ...], init: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inp = InPort((1,))
        self.table = Var(shape, init=init)


@implements(proc=Holder, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class ArrayModel(PyLoihiProcessModel):
    inp: Any = LavaPyType(PyInPort.VEC_DENSE, int)
    table: Any = LavaPyType(np.ndarray, int)


@implements(proc=Holder, protocol=LoihiProtocol)
@requires(CPU)
@tag("as_it_is")
class ObjectModel(PyLoihiProcessModel):
    inp: Any = LavaPyType(PyInPort.VEC_DENSE, int)
    table: Any = LavaPyType(object, object)


@pytest.mark.parametrize(
    ("shape", "init", "given"),
    [
        ((3,), [1, 2], "(2,)"),
        ((3,), np.zeros(4), "(4,)"),
        ((2, 3), np.zeros((3, 2)), "(3, 2)"),
        ((1,), [1, 2, 3], "(3,)"),
        ((), [1, 2], "(2,)"),
        ((3,), np.zeros((2, 3)), "(2, 3)"),
        ((2, 2), csr_matrix(np.ones((2, 3))), "(2, 3)"),
        ((4,), np.zeros(0), "(0,)"),
    ],
)
def test_a_warning_names_process_var_shapes_and_remedy(shape: Any, init: Any, given: str) -> None:
    with pytest.warns(ShapeMismatchWarning) as caught:
        process = Holder(shape, init, name="mine")
    (warning,) = caught
    assert warning.filename == __file__
    said = str(warning.message)
    assert f"Holder 'mine': Var 'table' has shape {shape}, and its initial value shape {given}." in said
    assert f"an array of shape {shape}, or declare Var(shape={given})" in said
    assert process._notices == [warning.message]


@pytest.mark.parametrize(
    ("shape", "init"),
    [
        ((3,), 5),
        ((3,), np.float64(2)),
        ((3,), np.array(2)),
        ((3,), [7]),
        ((3,), np.zeros((1, 3))),
        ((2, 3), [1, 2, 3]),
        ((2, 3), np.zeros((2, 1))),
        ((256,), "text"),
        ((3,), None),
        ((2, 2), csr_matrix(np.ones((2, 2)))),
        ((0,), np.zeros(0)),
        ((2,), [[1], [2, 3]]),
    ],
)
def test_what_fills_the_shape_gives_none(shape: Any, init: Any) -> None:
    Holder(shape, init)


def test_fits_is_numpys_assignment() -> None:
    shapes = [(), (1,), (2,), (3,), (1, 3), (2, 1), (2, 3), (3, 2), (1, 1, 3), (2, 2, 3), (0,), (1, 0)]
    for shape in shapes:
        for given in shapes:
            try:
                np.zeros(shape)[...] = np.zeros(given)
                works = True
            except ValueError:
                works = False
            assert fits(shape, np.zeros(given)) == works, (shape, given)


@IGNORE
def test_a_model_that_keeps_an_array_is_refused_before_anything_is_built() -> None:
    for build in (
        lambda: Holder((3,), [1, 2], name="mine").run(RunSteps(1), CFG),
        lambda: Holder((3,), [1, 2], name="mine").compile(CFG),
        lambda: compile_network(
            [LIF(shape=(2,)), Holder((3,), [1, 2], name="mine")], "test8", HwRunCfg(device="golden")
        ),
    ):
        with pytest.raises(ValueError) as caught:
            build()
        assert str(caught.value) == (
            "Initial value of Var 'table' of process 'mine' does not fit: shape (3,) and type int64 are "
            "declared, got shape (2,). Give one number, or an array of this shape: ArrayModel keeps the Var "
            "in an array."
        )


@IGNORE
def test_a_model_that_takes_any_object_runs() -> None:
    with Holder((3,), [1, 2]) as process:
        process.run(RunSteps(1), Loihi2SimCfg(select_tag="as_it_is"))
        assert process.runtime is not None


@IGNORE
def test_strict_is_an_error_for_every_model() -> None:
    with pytest.raises(ShapeMismatchWarning, match="Holder 'mine': Var 'table' has shape"):
        Holder((3,), [1, 2], name="mine").run(RunSteps(1), Loihi2SimCfg(select_tag="as_it_is", strict=True))


@IGNORE
def test_the_chip_refuses_it_too() -> None:
    with pytest.raises(ValueError, match=r"v.*\(2,\)"):
        compile_network(LIF(shape=(3,), v=[1, 2]), "test8", HwRunCfg(device="golden"))


def test_parameters_with_a_value_for_each_neuron_are_no_mismatch() -> None:
    LIF(shape=(3,), du=[1, 2, 3], dv=np.array([1, 2, 3]), vth=[4, 5, 6])
    ATRLIF(shape=(3,), delta_i=[0.1, 0.2, 0.3])
    RF(shape=(2,), period=np.array([5, 6]), alpha=0.1)
    for wrong in ({"du": [1, 2]}, {"vth": np.zeros((3, 3))}, {"u": np.zeros(2)}):
        with pytest.warns(ShapeMismatchWarning, match=f"Var '{next(iter(wrong))}' has shape"):
            LIF(shape=(3,), **wrong)
    with pytest.warns(ShapeMismatchWarning, match="TernaryLIF: Var 'vth_hi' has shape"):
        TernaryLIF(shape=(3,), vth_hi=[1, 2, 3])


def test_sparse_weights_are_no_mismatch() -> None:
    Sparse(weights=csr_matrix(np.eye(3)))
