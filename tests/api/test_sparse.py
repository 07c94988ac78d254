"""Sparse matrices as Vars, and sparse connections where they differ from dense ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_matrix, csc_matrix, csr_matrix

from lava_hw import (
    AbstractProcess,
    HwRunCfg,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    PyLoihiProcessModel,
    RunSteps,
    SignMode,
    Sink,
    Source,
    Var,
    implements,
)
from lava_hw.errors import NoEffectWarning
from lava_hw.proc.sparse.columns import Columns
from lava_hw.proc.sparse.process import DelaySparse, Sparse
from lava_hw.sparse_values import fitted
from lava_hw.utils.sparse import find

FIXED, FLOAT = Loihi2SimCfg(select_tag="fixed_pt"), Loihi2SimCfg(select_tag="floating_pt")


def stored(matrix):
    """Pattern and values, zeros that are stored included."""
    return matrix.indptr.tolist(), matrix.indices.tolist(), matrix.data.tolist()


@pytest.mark.parametrize("kind", [np.asarray, csr_matrix, csc_matrix, coo_matrix])
def test_any_matrix_is_taken(kind):
    weights = np.array([[0, 4, 0], [-2, 0, 6]])
    process = Sparse(weights=kind(weights))
    assert process.weights.shape == (2, 3)
    assert isinstance(process.weights.init, csr_matrix)
    assert (process.s_in.shape, process.a_out.shape) == ((3,), (2,))
    with process:
        process.run(RunSteps(1), FIXED)
        got = process.weights.get()
    assert isinstance(got, csr_matrix)
    assert got.dtype == np.float64
    assert got.toarray().tolist() == weights.tolist()


@pytest.mark.parametrize("weights", [np.zeros(3), 5, [[1, 2]], np.zeros((1, 2, 3))])
def test_what_is_no_matrix_is_refused(weights):
    with pytest.raises(ValueError, match=r"Sparse Process 'weights' must be a scipy\.sparse matrix or a 2D"):
        Sparse(weights=weights)


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # changed by intent
def test_weights_that_truncate_to_zero_stay_stored():
    """In mixed mode 1 becomes 0; the pattern is still that of what was given."""
    given = csr_matrix(np.array([[1, 0, -8], [0, 0.5, 5]]))
    process = Sparse(weights=given)
    with process:
        process.run(RunSteps(1), FIXED)
        got = process.weights.get()
        assert stored(got) == ([0, 2, 4], [0, 2, 1, 2], [0, -8, 0, 4])
        process.weights.set(got * 2 + 0)
        assert process.weights.get().data.tolist() == [0, -16, 0, 8]
    assert given.data.tolist() == [1, -8, 0.5, 5], "the matrix of the user must not change"


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # changed by intent
def test_set_and_get():
    process, source = Sparse(weights=csr_matrix([[3, 0], [0, 5]])), Source(data=np.ones((2, 1)))
    source.s_out.connect(process.s_in)
    with process:
        process.run(RunSteps(1), FIXED)
        process.weights.set(csc_matrix([[301.9, 0], [0, -7.9]]))
        process.run(RunSteps(1))
        assert process.a_buff.get().tolist() == [301, -7]  # raw, truncated to integers
        process.weights.set(np.array([[1, 0], [0, 0]]))
        assert stored(process.weights.get()) == ([0, 1, 2], [0, 1], [1, 0])
        process.weights.set(9)
        assert process.weights.get().data.tolist() == [9, 9]
        process.weights.set(11, idx=(1, 1))
        process.run(RunSteps(1))
        assert process.a_buff.get().tolist() == [9, 11]
        for wrong in (csr_matrix([[3, 0], [4, 5]]), csr_matrix([[3, 0], [0, 0]]), np.array([[3, 1], [0, 5]])):
            with pytest.raises(ValueError, match=r"must store the same 2 entries"):
                process.weights.set(wrong)
        with pytest.raises(ValueError, match=r"of shape \(2, 2\) to a value of shape \(2, 3\)"):
            process.weights.set(csr_matrix((2, 3)))
        assert process.weights.get().data.tolist() == [9, 11]


def test_what_was_prepared_for_a_pattern_is_kept():
    """A new value has the very indices of the old one, in whatever order it stored its entries."""
    held = csr_matrix(np.array([[0, 4, 5], [6, 0, 0]]))
    unsorted = csr_matrix(([2, 1, 3], [2, 1, 0], [0, 2, 3]), shape=(2, 3))
    new = fitted(held, unsorted, "p.w")
    assert new.indices is held.indices
    assert new.indptr is held.indptr
    assert (new.data.tolist(), held.data.tolist()) == ([1, 2, 3], [4, 5, 6])


def test_a_sparse_value_for_a_dense_var():
    from lava_hw import Dense

    dense = Dense(weights=np.ones((2, 2)))
    with dense:
        dense.run(RunSteps(1), FLOAT)
        dense.weights.set(csr_matrix([[0, 2.5], [0, 0]]))
        assert dense.weights.get().tolist() == [[0, 2.5], [0, 0]]


def test_values_that_a_model_changes_in_place_are_used():
    class InPlace(Sparse):
        pass

    from lava_hw.proc.sparse.models import AbstractPySparseModelFloat

    @implements(proc=InPlace, protocol=LoihiProtocol)
    class InPlaceModel(AbstractPySparseModelFloat):
        def run_spk(self):
            super().run_spk()
            self.weights.data *= 2

    process, source = InPlace(weights=np.eye(5)[:, :2]), Source(data=np.array([[1], [0]]))
    source.s_out.connect(process.s_in)
    with process:
        process.run(RunSteps(4), FLOAT)
        assert process.a_buff.get().tolist() == [8, 0, 0, 0, 0]


def test_reading_through_a_reference_gives_an_array():
    process = Sparse(weights=csr_matrix([[0, 4], [6, 0]]))
    monitor = Monitor()
    monitor.probe(process.weights, 2)
    process.name = "sparse"
    with process:
        process.run(RunSteps(2), FIXED)
        assert monitor.get_data()["sparse"]["weights"].tolist() == [[[0, 4], [6, 0]]] * 2


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # changed by intent
def test_a_sparse_var_of_a_user():
    class Holder(AbstractProcess):
        def __init__(self):
            super().__init__()
            unsorted = csr_matrix(([5.7, 7, 1], [2, 0, 2], [0, 3, 3]), shape=(2, 3))
            self.matrix = Var(shape=(2, 3), init=unsorted)

    @implements(proc=Holder, protocol=LoihiProtocol)
    class HolderModel(PyLoihiProcessModel):
        matrix = LavaPyType(csr_matrix, np.int32)

    holder = Holder()
    with holder:
        holder.run(RunSteps(1), Loihi2SimCfg())
        assert stored(holder.matrix.get()) == ([0, 2, 2], [0, 2], [7, 6])


def test_no_weights_at_all():
    for shape in ((2, 3), (0, 3), (2, 0)):
        process = Sparse(weights=csr_matrix(shape), weight_exp=-1)
        with process:
            process.run(RunSteps(3), FIXED)
            assert process.a_buff.get().tolist() == [0] * shape[0]


@pytest.mark.parametrize("tag", ["fixed_pt", "floating_pt"])
def test_delays_that_are_not_stored_are_zero_and_can_change(tag):
    weights = csr_matrix([[2, 4, 6]])
    delays = csr_matrix(([0, 2], [1, 2], [0, 2]), shape=(1, 3))  # a stored zero
    process = DelaySparse(weights=weights, delays=delays, max_delay=3)
    source, sink = Source(data=np.array([[1, 0, 0, 0, 0, 1, 0, 0]] * 3)), Sink(shape=(1,), buffer=16)
    source.s_out.connect(process.s_in)
    process.a_out.connect(sink.a_in)
    with process:
        process.run(RunSteps(5), Loihi2SimCfg(select_tag=tag))
        new = process.delays.get()
        assert stored(new) == ([0, 2], [1, 2], [0, 2])
        new.data[:] = [3, 9]  # one becomes longer, one is beyond max_delay and dropped
        with pytest.warns(NoEffectWarning, match="1 delay is above max_delay = 3 .the largest is 9.:"):
            process.delays.set(new)
        process.run(RunSteps(6))
        assert sink.data.get()[0].tolist()[:11] == [0, 6, 0, 6, 0, 0, 2, 0, 0, 4 + 2, 0]


def test_one_delay_for_all():
    process = DelaySparse(weights=csr_matrix([[0, 5], [7, 0]]), delays=2)
    assert process.a_buff.shape == (2, 3)
    with process:
        process.run(RunSteps(1), FIXED)
        assert stored(process.delays.get()) == ([0, 1, 2], [1, 0], [2, 2])


@pytest.mark.parametrize(
    ("delays", "message"),
    [
        (csr_matrix([[1.0, 0]]), "must be integers, got float64"),
        (csr_matrix([[1, 0, 0]]), r"shape of the weights \(1, 2\); got shape \(1, 3\)"),
        (csr_matrix([[-1, 0]]), "must not be negative, got -1"),
        (-3, "must not be negative, got -3"),
        (1.5, "must be integers"),
        (np.array([[1], [2]]), "shape of the weights"),
    ],
)
def test_delays_that_are_refused(delays, message):
    with pytest.raises(ValueError, match=f"DelaySparse Process 'delays' .*{message}"):
        DelaySparse(weights=csr_matrix([[1, 2]]), delays=delays)


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # changed by intent
def test_delays_beyond_fixed_point():
    for tag in ("fixed_pt", "floating_pt"):
        process = DelaySparse(weights=csr_matrix([[1, 2]]), delays=csr_matrix([[64, 0]]))
        with process:
            if tag == "floating_pt":
                process.run(RunSteps(1), Loihi2SimCfg(select_tag=tag))
                continue
            with pytest.raises(RuntimeError, match="between 0 and 63 in fixed point, got 64") as raised:
                process.run(RunSteps(1), Loihi2SimCfg(select_tag=tag))
            assert isinstance(raised.value.__cause__, ValueError)


def test_float_messages_in_fixed_point_are_refused():
    process, source = Sparse(weights=np.eye(2), num_message_bits=8), Source(data=np.ones((2, 1)))
    source.s_out.connect(process.s_in)
    from lava_hw.proc.io.source import PySendModelFloat

    with process, pytest.raises(RuntimeError, match="s_in received float64 values") as raised:
        cfg = Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map={source: PySendModelFloat})
        process.run(RunSteps(1), cfg)
    assert isinstance(raised.value.__cause__, TypeError)


def test_a_process_without_a_chip_model_runs_in_python():
    """A sparse connection between two populations of the chip."""
    from lava_hw import LIF

    def run(cfg):
        first, second = LIF(shape=(6,), bias_mant=40, vth=9), LIF(shape=(4,), vth=9)
        rng = np.random.default_rng(5)
        sparse = Sparse(weights=csr_matrix(2 * rng.integers(-45, 60, (4, 6)) * rng.integers(0, 2, (4, 6))))
        sink = Sink(shape=(4,), buffer=30)
        first.s_out.connect(sparse.s_in)
        sparse.a_out.connect(second.a_in)
        second.s_out.connect(sink.a_in)
        with first:
            first.run(RunSteps(30), cfg)
            return sink.data.get(), second.v.get()

    on_chip, in_python = run(HwRunCfg(device="golden", chip="test8")), run(FIXED)
    np.testing.assert_array_equal(on_chip[0], in_python[0])
    np.testing.assert_array_equal(on_chip[1], in_python[1])
    assert in_python[0].any()


def test_columns():
    rng = np.random.default_rng(1)
    matrix = csr_matrix(rng.integers(1, 9, (7, 11)) * (rng.random((7, 11)) < 0.3))
    columns = Columns(matrix)
    dense = matrix.toarray()
    for active in ([], [0], [3, 4, 10], list(range(11))):
        row, entry, length = columns.find(np.array(active, dtype=np.int64))
        expected = [(r, dense[r, c]) for c in active for r in range(7) if dense[r, c]]
        assert list(zip(row.tolist(), matrix.data[entry].tolist(), strict=True)) == expected
        assert length.tolist() == [np.count_nonzero(dense[:, c]) for c in active]
        assert columns.reached(np.array(active, dtype=np.int64)) == len(expected)
    assert columns.describe(matrix)
    assert not columns.describe(matrix.copy())


def test_find():
    matrix = csr_matrix(([4, 0, 7, 1], [2, 0, 0, 2], [0, 2, 4]), shape=(2, 3))
    dst, src, values = find(matrix)
    assert (dst.tolist(), src.tolist(), values.tolist()) == ([1, 0, 1], [0, 2, 2], [7, 4, 1])
    dst, src, values = find(matrix, explicit_zeros=True)
    assert (dst.tolist(), src.tolist(), values.tolist()) == ([0, 1, 0, 1], [0, 0, 2, 2], [0, 7, 4, 1])
    twice = coo_matrix(([1, 2, -3], ([0, 0, 0], [1, 1, 0])), shape=(1, 2))
    assert [x.tolist() for x in find(twice)] == [[0, 0], [0, 1], [-3, 3]]
    assert twice.nnz == 3, "the matrix must not change"


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # changed by intent
def test_sign_mode_null_is_none():
    process = Sparse(weights=np.array([[3, -5]]), sign_mode=SignMode.NULL)
    with process:
        process.run(RunSteps(1), FIXED)
        assert process.weights.get().toarray().tolist() == [[2, -6]]
