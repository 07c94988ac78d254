"""Steps in C++ and several steps at once give what single steps in numpy give."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from lava_hw import LIF, Dense, Loihi2SimCfg, RunSteps, Sink, Source, Sparse, bridge
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc import compiled
from lava_hw.proc.clp.prototype_lif.models import PrototypeLIFBitAcc
from lava_hw.proc.dense.models import PyDenseModelBitAcc, PyDenseModelFloat
from lava_hw.proc.lif.models import PyLearningLIFModelFixed, PyLifModelBitAcc, PyLifModelFloat
from lava_hw.proc.sparse.models import PySparseModelBitAcc, PySparseModelFloat
from tests.api.integers import INT32, SETTINGS

needs_extension = pytest.mark.skipif(not bridge.available(), reason=bridge.unavailable_reason())
# Types of messages, with values that such a port may carry.
ROWS = st.tuples(
    st.sampled_from([np.int32, np.bool_, np.int8, np.uint16, np.int64, np.uint32]),
    st.integers(1, 5),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 300, 2**31]),
)


EDGES = [(sign * (1 << 23) + k, 0, 0) for k in (-1, 0, 1) for sign in (-1, 1) for _ in range(8)]
"""Currents at which they are wrapped, or just not; some get an input, others none."""


def messages(rows: tuple[Any, ...], n: int) -> np.ndarray[Any, Any]:
    """Rows of which a third is zero."""
    dtype, steps, seed, most = rows
    rng = np.random.default_rng(seed)
    values = rng.integers(-most, most, (steps, n)) * (rng.random((steps, n)) < 0.7)
    if dtype is not np.bool_:
        info = np.iinfo(dtype)
        values = np.clip(values, max(int(info.min), -(2**31)), min(int(info.max), 2**31 - 1))
    return values.astype(dtype)


@contextmanager
def in_numpy() -> Iterator[None]:
    """As where the extension is missing."""
    kept, compiled._extension = compiled._extension, None
    try:
        yield
    finally:
        compiled._extension = kept


@needs_extension
def test_the_extension_has_the_steps() -> None:
    """Else the rest of this file compares numpy with numpy."""
    assert compiled._extension is not None
    weights = np.ones((2, 2), np.int32, order="F")
    steps = compiled.dense_steps(weights, 0, False)
    assert steps is not None
    assert steps(np.ones((1, 2), np.int32)).tolist() == [[2, 2]]
    with in_numpy():
        assert compiled.dense_steps(weights, 0, False) is None


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@SETTINGS
@given(
    rows=ROWS,
    start=st.lists(st.tuples(INT32, INT32, INT32), min_size=1, max_size=40),
    du=st.one_of(st.integers(-1, 4095), st.integers(-5000, 9000)),
    dv=st.one_of(st.integers(0, 4096), st.integers(-5000, 9000)),
    threshold=st.one_of(st.integers(-300, 300), st.integers(-(2**40), 2**40)),
)
@example(rows=(np.int32, 2, 0, 1), start=EDGES, du=-1, dv=0, threshold=0)
def test_lif(rows, start, du, dv, threshold) -> None:
    def run() -> list[Any]:
        model = PyLifModelBitAcc({})
        model.u, model.v, model.effective_bias = np.array(start, np.int64).T.astype(np.int32).copy()
        model.du, model.dv, model.effective_vth, model.time_step = du, dv, threshold, 7
        model._steps = model._compiled()
        spikes = model._spikes_of(messages(rows, len(start)))
        return [spikes.tolist(), model.u.tolist(), model.v.tolist(), model.time_step]

    together = run()
    with in_numpy():
        assert run() == together


@SETTINGS
@given(
    steps=st.integers(1, 6),
    shape=st.sampled_from([(1,), (9,), (3, 5)]),
    seed=st.integers(0, 2**32 - 1),
    scale=st.sampled_from([1e-300, 1.0, 1e300]),
    du=st.sampled_from([0, 1, 0.1, np.float32(0.3), np.array([0.25]), np.array(2)]),
    vth=st.sampled_from([0, 0.5, np.array([-0.1]), 10**30, np.inf]),
)
def test_float_lif(steps, shape, seed, scale, du, vth) -> None:
    rng = np.random.default_rng(seed)
    start, rows = rng.normal(size=(3, *shape)) * scale, rng.normal(size=(steps, *shape)) * scale

    def run() -> list[Any]:
        model = PyLifModelFloat({})
        model.u, model.v, model.bias_mant = start.copy()
        model.du, model.dv, model.vth, model.time_step = du, 0.7, vth, 7
        model._steps = model._compiled()
        spikes = model._spikes_of(rows)
        return [spikes.tolist(), model.u.tolist(), model.v.tolist(), model.time_step]

    together = run()
    with in_numpy(), np.errstate(over="ignore", invalid="ignore"):
        assert run() == together


@SETTINGS
@given(
    steps=st.integers(1, 4),
    shape=st.tuples(st.integers(1, 70), st.integers(1, 40)),
    seed=st.integers(0, 2**32 - 1),
    bits=st.sampled_from([0, 8]),
    dtype=st.sampled_from([np.float64, np.float32, np.int32, np.bool_]),
    density=st.sampled_from([0.1, 1]),
)
@pytest.mark.parametrize("kind", [PyDenseModelFloat, PySparseModelFloat])
def test_float_connections(kind, steps, shape, seed, bits, dtype, density) -> None:
    """To the last bit, so that the order of adding is the same."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=shape) * (rng.random(shape) < density)
    rows = (rng.normal(size=(steps, shape[1])) * 9 * (rng.random((steps, shape[1])) < 0.6)).astype(dtype)

    def run() -> Any:
        model = kind({})
        model.weights = weights.copy() if kind is PyDenseModelFloat else csr_matrix(weights)
        model.num_message_bits = np.array([bits], np.int8)
        model._set_weights()
        sums = model._integrate_rows(model._compiled(), rows)
        assert [model._integrate(row).tolist() for row in rows] == sums.tolist()
        return sums.tolist()

    together = run()
    with in_numpy():
        assert run() == together


def test_what_learns_does_its_own_steps_in_a_block() -> None:
    """Not those of the LIF that it derives from."""
    for model in (PyLearningLIFModelFixed, PrototypeLIFBitAcc):
        steps: list[int] = []

        class Counting(model):  # type: ignore[misc, valid-type]
            def run_spk(self, seen: list[int] = steps) -> None:
                seen.append(self.time_step)

        one = Counting.__new__(Counting)
        one.time_step = 3
        one.run_batch(4)
        assert steps == [3, 4, 5, 6]


@SETTINGS
@given(
    rows=ROWS,
    shape=st.tuples(st.integers(0, 70), st.integers(1, 12)),
    seed=st.integers(0, 2**32 - 1),
    largest=st.sampled_from([1, 256, 2**31]),
    exponent=st.one_of(st.integers(-8, 8), st.integers(-40, 40)),
    bits=st.sampled_from([0, 0, 8]),
    density=st.sampled_from([0.1, 1]),
)
@pytest.mark.parametrize("kind", [PyDenseModelBitAcc, PySparseModelBitAcc])
def test_connections(kind, rows, shape, seed, largest, exponent, bits, density) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.integers(-largest, largest, shape) * (rng.random(shape) < density)
    given_rows = messages(rows, shape[1])

    def run() -> Any:
        model = kind({"weight_exp": exponent})
        if kind is PyDenseModelBitAcc:
            model.weights = np.asfortranarray(weights.astype(np.int32))
        else:
            model.weights = csr_matrix(weights.astype(np.int32))
        model.num_message_bits = np.array([bits], np.int8)
        sums = model._integrate_rows(model._compiled(), given_rows)
        assert sums.dtype == np.int32
        assert all(
            np.array_equal(model._integrate(row), each) for row, each in zip(given_rows, sums, strict=True)
        )
        return sums.tolist()

    together = run()
    with in_numpy():
        assert run() == together


@implements(proc=LIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class OneByOne(PyLifModelBitAcc):
    """The same neurons; all of their network keeps in step, because the class does not say run_ahead."""


@implements(proc=LIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class FloatOneByOne(PyLifModelFloat):
    """The same in floating point."""


@pytest.mark.parametrize("kind", ["fixed_pt", "floating_pt"])
@pytest.mark.parametrize("capacity", [1, 3, 64])
@pytest.mark.parametrize("seed", range(4))
def test_networks(seed: int, capacity: int, kind: str) -> None:
    """Loops, several sources to one port, and small channels; runs whose ends are not those of blocks."""

    def run(**models: Any) -> list[Any]:
        rng = np.random.default_rng(seed)
        n, m = rng.integers(1, 30, 2)
        source = Source(data=(rng.random((n, 17)) < 0.4).astype(int))
        du, exponent = ((1000, 4095), 6) if kind == "fixed_pt" else ((0.3, 0.9), 0)
        first = LIF(shape=(m,), vth=40, du=du[0], bias_mant=rng.integers(0, 200, m), bias_exp=exponent)
        second = LIF(shape=(m,), vth=90, du=du[1])
        there = Dense(weights=2 * rng.integers(-100, 100, (m, n)), weight_exp=-1)
        again = Sparse(weights=csr_matrix(2 * rng.integers(-100, 100, (m, m)) * (rng.random((m, m)) < 0.3)))
        on = Dense(weights=2 * rng.integers(-30, 30, (m, m)), num_message_bits=8)
        sinks = [Sink(shape=(m,), buffer=100) for _ in range(2)]
        source.s_out.connect(there.s_in)
        there.a_out.connect(first.a_in)
        first.s_out.connect(again.s_in)
        again.a_out.connect(first.a_in)
        first.s_out.connect(on.s_in)
        on.a_out.connect(second.a_in)
        first.s_out.connect(sinks[0].a_in)
        second.s_out.connect(sinks[1].a_in)
        cfg = Loihi2SimCfg(select_tag=kind, **models)
        with first:
            first.create_runtime(cfg, compile_config={"pypy_channel_size": capacity})
            found = []
            for steps in (1, 2, 61, 5):
                first.run(RunSteps(steps), cfg)
                for process in (first, second, there, again, on):
                    found += [var.get().tolist() for var in process.vars if var.name in ("u", "v", "a_buff")]
            return [*found, *(sink.data.get().tolist() for sink in sinks)]

    single = OneByOne if kind == "fixed_pt" else FloatOneByOne
    together = run()
    assert np.sum(together[-1]) > 0
    with in_numpy():
        assert run() == together
        assert run(exception_proc_model_map={LIF: single}) == together
    assert run(exception_proc_model_map={LIF: single}) == together


@needs_extension
def test_a_derived_model_does_what_it_says() -> None:
    """Also if it says that it runs ahead, and therefore runs in blocks."""

    @implements(proc=LIF, protocol=LoihiProtocol)
    @requires(CPU)
    @tag("fixed_pt")
    class Louder(PyLifModelBitAcc):
        run_ahead = True

        def spiking_activation(self) -> Any:
            return (self.v > self.effective_vth) | (self.time_step % 5 == 0)

    cells, sink = LIF(shape=(2,), vth=1000), Sink(shape=(2,), buffer=20)
    cells.s_out.connect(sink.a_in)
    with cells:
        cells.run(RunSteps(20), Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map={LIF: Louder}))
        assert sink.data.get().tolist() == [[0, 0, 0, 0, 1] * 4] * 2


class Fed:
    """A port that has one message at a time; before the third one, the user sets a Var."""

    def __init__(self, model: Any, name: str, value: Any, dtype: Any) -> None:
        self.model, self.name, self.value, self.dtype, self.count = model, name, value, dtype, 0

    def ready(self, most: int) -> int:
        return 1

    def recv(self) -> Any:
        self.count += 1
        if self.count == 3:
            setattr(self.model, self.name, self.value)
            self.model.on_var_update()
        return np.array([1, 0], self.dtype)


class Kept:
    """A port that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, data: Any) -> None:
        self.sent.append(np.asarray(data).tolist())


@pytest.mark.parametrize("kind", [PyLifModelBitAcc, PyLifModelFloat])
def test_a_var_set_while_neurons_wait_counts_from_the_next_step(kind: Any) -> None:
    fixed = kind is PyLifModelBitAcc
    model, dtype = kind({}), np.int32 if fixed else np.float64
    for name in ("u", "v", "bias_mant", "bias_exp"):
        setattr(model, name, np.zeros(2, np.int16 if fixed and name.startswith("bias") else dtype))
    model.du, model.dv, model.vth = (4095, 0, 10**4) if fixed else (1, 0, 10**4)
    keeps_all = -1 if fixed else 0
    model.a_in, model.s_out, model.time_step = Fed(model, "du", keeps_all, dtype), Kept(), 1
    model.run_batch(4)
    unit = 64 if fixed else 1
    # u is 1, 1, and from the third step on it adds up: 2, 3.
    assert (model.u / unit).tolist() == [3, 0]
    assert (model.v / unit).tolist() == [7, 0]
    assert model.s_out.sent == [[0, 0]] * 4
    assert model.time_step == 5


@pytest.mark.parametrize("kind", [PyDenseModelBitAcc, PyDenseModelFloat])
def test_a_var_set_while_a_connection_waits_counts_from_the_next_step(kind: Any) -> None:
    model, dtype = kind({}), np.int32 if kind is PyDenseModelBitAcc else np.float64
    model.weights = np.array([[2, 9], [4, 9]], dtype, order="F")
    model.a_buff, model.num_message_bits, model.weights_set = np.zeros(2, dtype), np.zeros(1, np.int8), True
    model.s_in, model.a_out = (
        Fed(model, "weights", np.array([[6, 9], [8, 9]], dtype, order="F"), dtype),
        Kept(),
    )
    model.time_step = 1
    model.run_batch(4)
    assert model.a_out.sent == [[0, 0], [2, 4], [2, 4], [6, 8]]
    assert model.a_buff.tolist() == [6, 8]
    assert model.time_step == 5
