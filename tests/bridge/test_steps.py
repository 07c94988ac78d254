"""The module's functions for steps of models, against loops over Python's integers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

_ring = pytest.importorskip("lava_hw.bridge._ring")


def wrap32(x: int) -> int:
    return (x + 2**31) % 2**32 - 2**31


def int32(rng: np.random.Generator, *shape: int, most: int = 2**31) -> Any:
    return rng.integers(-most, most, shape).astype(np.int32)


@pytest.mark.parametrize("most", [300, 2**23, 2**31])
@pytest.mark.parametrize(("steps", "n"), [(1, 1), (1, 70), (9, 7), (3, 1000), (0, 4)])
def test_lif_steps(steps: int, n: int, most: int) -> None:
    rng = np.random.default_rng(steps * n)
    given, u, v, bias = (int32(rng, *shape, most=most) for shape in ((steps, n), (n,), (n,), (n,)))
    spikes = np.empty((steps, n), bool)
    kept, threshold = (3001, 4096), most // 100
    expected = []
    for i in range(n):
        now, voltage = int(u[i]), int(v[i])
        for t in range(steps):
            now = wrap32(int(now * kept[0] / 4096) + (int(given[t, i]) << 6))
            now += 2**24 * ((now <= -(2**23)) - (now > 2**23))
            voltage = wrap32(int(voltage * kept[1] / 4096) + now + int(bias[i]))
            voltage = min(max(voltage, 1 - 2**23), 2**23 - 1)
            expected.append((t, i, voltage > threshold))
            voltage *= voltage <= threshold
        expected.append((now, voltage))
    _ring.lif_steps(given, u, v, bias, spikes, *kept, 6, threshold)
    found: list[Any] = []
    for i in range(n):
        found += [(t, i, bool(spikes[t, i])) for t in range(steps)] + [(int(u[i]), int(v[i]))]
    assert found == expected


def test_where_currents_wrap_and_voltages_stop() -> None:
    """u lies in (-2^23, 2^23] and is wrapped once; v is clipped to less than 2^23 on both sides."""
    edge = 2**23
    currents = [edge, edge + 64, -edge, -edge + 64, -edge - 64, 3 * edge, 3 * edge + 64, -3 * edge]
    n = len(currents)
    u, v, bias = np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n, np.int32)
    spikes = np.empty((1, n), bool)
    _ring.lif_steps(np.array([currents], np.int32) >> 6, u, v, bias, spikes, 4096, 4096, 6, edge - 2)
    wrapped = [edge, -edge + 64, edge, -edge + 64, edge - 64, edge, edge + 64, -edge]
    assert u.tolist() == wrapped
    assert v.tolist() == [0 if x > edge - 2 else max(x, 1 - edge) for x in wrapped]
    assert spikes.tolist() == [[x > edge - 2 for x in wrapped]]
    u[:], v[:], bias[:] = 0, 0, [1 - edge, -edge, -(2**31), edge - 2, edge - 1, edge, 2**31 - 1, 5]
    _ring.lif_steps(np.zeros((1, n), np.int32), u, v, bias, spikes, 4096, 4096, 6, edge)
    assert v.tolist() == [1 - edge] * 3 + [edge - 2] + [edge - 1] * 3 + [5]
    assert not spikes.any()
    bias[:] = 0
    _ring.lif_steps(np.zeros((1, n), np.int32), u, v, bias, spikes, 4096, 4096, 6, edge - 2)
    assert v.tolist() == [1 - edge] * 3 + [edge - 2] + [0] * 3 + [5]
    assert spikes.tolist() == [[False] * 4 + [True] * 3 + [False]]


@pytest.mark.parametrize("graded", [False, True])
@pytest.mark.parametrize("exponent", [0, 3, -3, 31, -31])
@pytest.mark.parametrize(
    ("steps", "inputs", "outputs"),
    [(1, 1, 1), (2, 3, 64), (3, 41, 65), (1, 9, 1024), (2, 6, 2051), (2, 0, 0)],
)
def test_dense_and_sparse_sums(steps: int, inputs: int, outputs: int, exponent: int, graded: bool) -> None:
    rng = np.random.default_rng(inputs + outputs)
    given = int32(rng, steps, inputs) * (rng.random((steps, inputs)) < 0.6)
    weights = int32(rng, inputs, outputs)
    weights[rng.random(weights.shape) < 0.5] = 0
    times = given.astype(object) if graded else (given != 0).astype(object)
    exact = times @ weights.astype(object) if inputs else np.zeros((steps, outputs), object)
    if graded:
        exact = np.array([[wrap32(x) for x in row] for row in exact], object).reshape(exact.shape)
    expected = [[wrap32(x << exponent if exponent >= 0 else x >> -exponent) for x in row] for row in exact]
    sums = np.full((steps, outputs), 7, np.int32)
    _ring.dense_sums(given, weights, sums, exponent, graded)
    assert sums.tolist() == expected
    # The entries by input; their values in an order of their own.
    source, target = weights.nonzero()
    order = rng.permutation(len(source))
    values = np.empty(len(source), np.int32)
    values[order] = weights[source, target]
    first = np.searchsorted(source, np.arange(inputs + 1)).astype(np.int32)
    sums[:] = 7
    _ring.sparse_sums(
        given, first, target.astype(np.int32), order.astype(np.int32), values, sums, exponent, graded
    )
    assert sums.tolist() == expected


def test_float_steps() -> None:
    rng = np.random.default_rng(3)
    given, (u, v, bias) = rng.normal(size=(7, 30)), rng.normal(size=(3, 30))
    spikes = np.empty((7, 30), bool)
    before = [array.tolist() for array in (u, v)]
    _ring.float_lif_steps(given, u, v, bias, spikes, 0.7, 0.9, 0.5)
    for i, (now, voltage) in enumerate(zip(*before, strict=True)):
        for t in range(7):
            now = now * 0.7 + float(given[t, i])
            voltage = voltage * 0.9 + now + float(bias[i])
            assert spikes[t, i] == (voltage > 0.5)
            voltage = 0.0 if voltage > 0.5 else voltage
        assert (u[i], v[i]) == (now, voltage)


@pytest.mark.parametrize("graded", [False, True])
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (3, 64), (41, 65), (9, 1025)])
def test_floats_are_added_in_order(inputs: int, outputs: int, graded: bool) -> None:
    rng = np.random.default_rng(inputs)
    given = rng.normal(size=(2, inputs)) * (rng.random((2, inputs)) < 0.7)
    weights = rng.normal(size=(inputs, outputs))
    expected = np.zeros((2, outputs))
    for t, i in zip(*given.nonzero(), strict=True):
        for j in range(outputs):
            expected[t, j] += weights[i, j] * (given[t, i] if graded else 1)
    sums = np.full((2, outputs), 7.0)
    _ring.float_dense_sums(given, weights, sums, 0, graded)
    assert sums.tolist() == expected.tolist()
    first = np.arange(0, weights.size + 1, outputs).astype(np.int32)
    target = np.tile(np.arange(outputs, dtype=np.int32), inputs)
    sums[:] = 7
    _ring.float_sparse_sums(
        given, first, target, np.arange(weights.size, dtype=np.int32), weights.ravel(), sums, 0, graded
    )
    assert sums.tolist() == expected.tolist()


def test_more_than_a_millisecond_of_work() -> None:
    """Then the interpreter's lock is given up meanwhile."""
    given, weights = np.ones((40, 300), np.int32), np.full((300, 400), 2, np.int32)
    sums = np.zeros((40, 400), np.int32)
    _ring.dense_sums(given, weights, sums, 1, False)
    assert (sums == 1200).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"u": np.zeros(2, np.int32)}, "differ in size"),
        ({"input": np.zeros((2, 2), np.int32)}, r"\[steps, neurons\]"),
        ({"u_kept": 4097}, "0 to 4096"),
        ({"input_shift": 32}, "0 to 31"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {name: np.zeros(3, np.int32) for name in ("u", "v", "bias")}
    arguments |= {"input": np.zeros((2, 3), np.int32), "spikes": np.zeros((2, 3), bool)}
    arguments |= {"u_kept": 1, "v_kept": 1, "input_shift": 6, "threshold": 3}
    _ring.lif_steps(**arguments)
    with pytest.raises(ValueError, match=message):
        _ring.lif_steps(**(arguments | change))


def test_arrays_of_another_kind_are_refused() -> None:
    good, sums = np.zeros((2, 3), np.int32), np.zeros((2, 4), np.int32)
    weights = np.zeros((3, 4), np.int32)
    dense = _ring.dense_sums
    dense(good, weights, sums, 0, False)
    with pytest.raises(TypeError, match="input has elements of format 'l', not 'i'"):
        dense(good.astype(np.int64), weights, sums, 0, False)
    with pytest.raises(ValueError, match="not C-contiguous"):
        dense(good, np.asfortranarray(weights), sums, 0, False)
    with pytest.raises(ValueError, match="read-only"):
        sums.flags.writeable = False
        dense(good, weights, sums, 0, False)
    with pytest.raises(ValueError, match=r"\[steps, outputs\]"):
        dense(good, weights, good.copy(), 0, False)
    with pytest.raises(ValueError, match="-31 to 31"):
        dense(good, weights, np.zeros((2, 4), np.int32), 32, False)
    first, entries = np.array([0, 1, 1, 2], np.int32), np.array([0, 1], np.int32)
    sparse = _ring.sparse_sums
    sparse(good, first, entries, entries, entries, np.zeros((2, 4), np.int32), 0, False)
    with pytest.raises(ValueError, match="number of entries"):
        sparse(
            good, first[:3].repeat([1, 1, 2]), entries, entries, entries, np.zeros((2, 4), np.int32), 0, False
        )
    with pytest.raises(ValueError, match="differ in size"):
        sparse(good, first, entries, entries, entries[:1], np.zeros((2, 4), np.int32), 0, False)
