"""Connections over and beyond their ranges, against loops of their own over Python's numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from lava_hw import LIF, HwRunCfg, Loihi2SimCfg, RunSteps, SignMode, Sink, Source
from lava_hw.proc.conv import utils
from lava_hw.proc.conv.process import Conv
from lava_hw.proc.conv_in_time.process import ConvInTime
from lava_hw.proc.dense.arithmetic import binned_sum
from lava_hw.proc.dense.models import AbstractPyDelayDenseModel
from lava_hw.proc.dense.process import DelayDense, Dense
from lava_hw.proc.sparse.models import AbstractPyDelaySparseModel
from lava_hw.proc.sparse.process import DelaySparse, Sparse

# The numbers go to the limits, and beyond what Loihi has, by intent.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

FIXED, FLOAT = Loihi2SimCfg(select_tag="fixed_pt"), Loihi2SimCfg(select_tag="floating_pt")
SETTINGS = settings(max_examples=50, deadline=None, database=None)
INT32 = st.one_of(
    st.integers(-(2**31), 2**31 - 1), st.integers(-300, 300), st.sampled_from([0, 0, 1, -(2**31), 2**31 - 1])
)


def wrap(x, bits):
    return (x + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)


def shift(x, exponent):
    return x << exponent if exponent >= 0 else x >> -exponent


def through(process, data, cfg, steps, between=None):
    """What comes out of a connection, [steps, *shape]; `between` is called after the first step."""
    source, sink = Source(data=data), Sink(shape=process.a_out.shape, buffer=steps)
    source.s_out.connect(process.s_in)
    process.a_out.connect(sink.a_in)
    with process:
        if between is not None:
            process.run(RunSteps(1), cfg)
            between(process)
        process.run(RunSteps(steps - (between is not None)), cfg)
        return np.moveaxis(sink.data.get(), -1, 0)


def draw_matrix(data, elements, shape):
    size = int(np.prod(shape))
    return np.array(data.draw(st.lists(elements, min_size=size, max_size=size)), dtype=object).reshape(shape)


@pytest.mark.parametrize("cls", [Dense, Sparse])
@SETTINGS
@given(st.data())
def test_raw_weights(cls, data):
    """Any 32-bit weights (as Var.set leaves them), messages and exponents; Sparse equals Dense."""
    rows, columns, steps = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 9)), 4
    weights = draw_matrix(data, INT32, (rows, columns)).astype(np.int64)
    inputs = draw_matrix(data, INT32, (columns, steps)).astype(np.int64)
    graded, exponent = data.draw(st.booleans()), data.draw(st.integers(-40, 40))
    process = cls(
        weights=np.ones((rows, columns), int), num_message_bits=8 * graded, weight_exp=exponent
    )  # every weight is stored
    got = through(process, inputs, FIXED, steps, lambda p: p.weights.set(weights))
    previous = [0] * rows
    for step in range(steps):
        if step != 1:  # what leaves in the second step was added up before the weights were set
            assert got[step].tolist() == previous
        s = [int(x) for x in inputs[:, step]]
        previous = []
        for row in weights:
            acc = sum(int(w) * (x if graded else x != 0) for w, x in zip(row, s, strict=True))
            previous.append(wrap(shift(wrap(acc, 32) if graded else acc, exponent), 32))


# What has a delay above the largest is dropped on purpose; that it warns is tested in errors/test_remarks.py.
@pytest.mark.filterwarnings("ignore::lava_hw.errors.NoEffectWarning")
@pytest.mark.parametrize("cls", [DelayDense, DelaySparse])
@SETTINGS
@given(st.data())
def test_delays(cls, data):
    rows, columns, steps = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5)), 9
    raw = data.draw(st.booleans())
    weights = draw_matrix(data, INT32 if raw else st.integers(-128, 127), (rows, columns)).astype(np.int64)
    inputs = draw_matrix(data, INT32, (columns, steps)).astype(np.int64)
    delays = draw_matrix(data, st.sampled_from([0, 0, 1, 2, 5, 7]), (rows, columns)).astype(np.int64)
    most = data.draw(st.sampled_from([0, 3, 9]))  # below a delay: that one is dropped
    graded, exponent = data.draw(st.booleans()), data.draw(st.integers(-9, 9))
    given = csr_matrix(delays) if cls is DelaySparse else delays
    process = cls(
        weights=np.ones((rows, columns), int),
        delays=given,
        max_delay=most,
        num_message_bits=8 * graded,
        weight_exp=exponent,
    )
    got = through(process, inputs, FIXED, steps, lambda p: p.weights.set(weights))
    slots = (most or int(delays.max())) + 1
    expected = np.zeros((steps + slots + 1, rows), dtype=object)
    for step in range(steps):
        used = weights if step > 0 else np.ones_like(weights)
        for i in range(rows):
            for slot in range(slots):
                acc = 0
                for j in range(columns):
                    x = int(inputs[j, step])
                    if slots > 1 and delays[i, j] != slot:
                        continue
                    product = int(used[i, j]) * (x if graded else x != 0)
                    # Dense products wrap one by one, sparse sums as a whole.
                    acc += wrap(product, 32) if cls is DelayDense else product
                if cls is DelaySparse:
                    acc = wrap(acc, 32)
                expected[step + 1 + slot, i] += shift(acc, exponent)
    assert got.tolist() == [[wrap(x, 32) for x in row] for row in expected[:steps].tolist()]


@pytest.mark.parametrize("bits", [0, 8])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("density", [0.05, 0.9])
def test_delays_in_floating_point(bits, sparse, density):
    rng = np.random.default_rng(3)
    # Sums of these are exact in any order.
    weights = rng.integers(-40, 40, (4, 30)) / 8 * (rng.random((4, 30)) < 0.6)
    delays = rng.integers(0, 4, (4, 30))
    data = rng.integers(-2, 3, (30, 20)) / 4 * (rng.random((30, 20)) < density)
    if sparse:
        process = DelaySparse(weights=csr_matrix(weights), delays=csr_matrix(delays), num_message_bits=bits)
    else:
        process = DelayDense(weights=weights, delays=delays, num_message_bits=bits, weight_exp=3)
    got = through(process, data, FLOAT, 20)
    for step in range(20):
        for i in range(4):
            total = 0.0
            for j in range(30):
                then = step - 1 - delays[i, j]
                if then >= 0:
                    total += weights[i, j] * (data[j, then] if bits else data[j, then] != 0)
            assert got[step, i] == total


@pytest.mark.parametrize("bits", [0, 8])
@pytest.mark.parametrize("density", [0.05, 0.9])
def test_sparse_in_floating_point(bits, density):
    """Bit for bit the sum in order of the columns, with few messages and with many."""
    rng = np.random.default_rng(4)
    weights = rng.normal(size=(5, 60)) * (rng.random((5, 60)) < 0.5)
    data = rng.normal(size=(60, 12)) * (rng.random((60, 12)) < density)
    got = through(Sparse(weights=csr_matrix(weights), num_message_bits=bits), data, FLOAT, 12)
    for step in range(1, 12):
        for i in range(5):
            total = 0.0
            for j in range(60):
                if weights[i, j]:
                    total += weights[i, j] * (data[j, step - 1] if bits else float(data[j, step - 1] != 0))
            assert got[step, i] == total


@pytest.mark.parametrize("cfg", [FIXED, HwRunCfg(device="golden", chip="test8")], ids=["python", "chip"])
def test_sign_mode_null_is_none(cfg):
    stored = []
    for options in ({}, {"sign_mode": SignMode.NULL}):
        lif = LIF(shape=(3,), bias_mant=[3, 4, 5], vth=2)
        dense, after = Dense(weights=np.array([[3, -5, 7]]), **options), LIF(shape=(1,), vth=1000)
        lif.s_out.connect(dense.s_in)
        dense.a_out.connect(after.a_in)
        with lif:
            lif.run(RunSteps(5), cfg)
            stored.append((dense.weights.get().tolist(), after.u.get().tolist()))
    assert stored[0] == stored[1]
    assert stored[0][0] == [[2, -6, 6]]


def test_a_delay_that_is_set_applies_to_later_messages():
    delays = np.array([[3, 0]])
    process = DelayDense(weights=np.array([[2, 4]]), delays=delays, max_delay=3)
    data = np.array([[1, 0, 1, 0, 0, 0, 0, 0], [0] * 8])
    got = through(process, data, FIXED, 8, lambda p: p.delays.set(np.array([[1, 0]])))
    assert got[:, 0].tolist() == [0, 0, 0, 0, 2 + 2, 0, 0, 0]


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint16])
def test_delays_of_any_integer_type(dtype):
    assert DelayDense(weights=np.ones((1, 2)), delays=np.array([[0, 3]], dtype=dtype)).a_buff.shape == (1, 4)
    assert DelayDense(weights=np.ones((1, 2)), delays=2).a_buff.shape == (1, 3)


@pytest.mark.parametrize(
    ("delays", "message"),
    [
        (np.array([[1.0, 0]]), "must be integers, got float64"),
        (np.array([1, 0]), r"shape of the weights \(1, 2\); got shape \(2,\)"),
        (np.array([[0, -2]]), "must not be negative, got -2"),
        (-1, "must not be negative, got -1"),
    ],
)
def test_delays_that_are_refused(delays, message):
    with pytest.raises(ValueError, match=f"DelayDense Process 'delays' .*{message}"):
        DelayDense(weights=np.ones((1, 2)), delays=delays)


def test_delays_beyond_fixed_point():
    process = DelayDense(weights=np.ones((1, 1)), delays=64)
    with process, pytest.raises(RuntimeError, match="between 0 and 63 in fixed point, got 64") as raised:
        process.run(RunSteps(1), FIXED)
    assert isinstance(raised.value.__cause__, ValueError)
    assert through(DelayDense(weights=np.ones((1, 1)), delays=64), np.ones((1, 1)), FLOAT, 66)[-1] == [1]


@pytest.mark.parametrize("most", [0, 2, 5])
def test_weights_by_delay(most):
    rng = np.random.default_rng(9)
    weights, delays = 2 * rng.integers(-5, 4, (3, 4)), rng.integers(0, 5, (3, 4))
    dense = AbstractPyDelayDenseModel.get_delay_wgts_mat(weights, delays, most)
    sparse = AbstractPyDelaySparseModel.get_delay_wgts_mat(csr_matrix(weights), csr_matrix(delays), most)
    expected = [
        [weights[i, j] if delays[i, j] == delay else 0 for j in range(4)]
        for delay in range(most + 1)
        for i in range(3)
    ]
    assert dense.tolist() == sparse.toarray().tolist() == expected


@SETTINGS
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9)), max_size=12)
)
def test_binned_sum(pairs):
    place = np.array([p for p, _ in pairs], dtype=np.int64)
    values = np.array([v for _, v in pairs], dtype=np.int64)
    expected = [wrap(sum(v for p, v in pairs if p == k), 64) for k in range(5)]
    assert binned_sum(place, values, 5).tolist() == expected


def convolved(image, weight, stride, padding, dilation, groups):
    """The sum of the definition, in Python's numbers."""
    (size_x, size_y, _), (outs, kx, ky, each) = image.shape, weight.shape
    shape = utils.output_shape(image.shape, outs, (kx, ky), stride, padding, dilation)
    out = np.zeros(shape, dtype=object)
    for x, y, o in np.ndindex(shape):
        first = o // (outs // groups) * each
        for i, j, c in np.ndindex(kx, ky, each):
            px, py = (
                x * stride[0] + i * dilation[0] - padding[0],
                y * stride[1] + j * dilation[1] - padding[1],
            )
            if 0 <= px < size_x and 0 <= py < size_y:
                w = weight[o, kx - 1 - i, ky - 1 - j, c].item()
                out[x, y, o] += image[px, py, first + c].item() * w
    return out


@st.composite
def convolutions(draw):
    """Arguments of a convolution that fit together, and images."""
    groups = draw(st.integers(1, 2))
    each, outs = draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 2)))
    options = {key: draw(st.tuples(st.integers(1, 2), st.integers(1, 3))) for key in ("stride", "dilation")}
    options["padding"] = draw(st.tuples(st.integers(0, 2), st.integers(0, 1)))
    size = [draw(st.integers(d * (k - 1) + 1, 7)) for k, d in zip(kernel, options["dilation"], strict=True)]
    return (*size, groups * each), (outs, *kernel, each), groups, options


@SETTINGS
@given(convolutions(), st.integers(0, 2**32 - 1), st.sampled_from([2, 300, 2**20, 2**31]), st.booleans())
def test_conv(case, seed, top, graded):
    input_shape, shape, groups, options = case
    rng = np.random.default_rng(seed)
    weight = rng.integers(-top, top, shape)
    most = top if top < 2**20 else 50  # all sums stay below 2^53
    data = rng.integers(-most, most, (*input_shape, 3)) * rng.integers(0, 2, (*input_shape, 3))
    process = Conv(
        weight=weight, input_shape=input_shape, groups=groups, num_message_bits=16 * graded, **options
    )
    got = through(process, data, FIXED, 3)
    assert not got[0].any()
    for step in range(2):
        image = data[..., step] if graded else data[..., step] != 0
        sums = convolved(image.astype(np.int64), weight, groups=groups, **options)
        expected = [wrap(x, 24) if -(2**31) <= x < 2**31 else 0 for x in sums.ravel()]
        assert got[step + 1].ravel().tolist() == expected


@SETTINGS
@given(convolutions(), st.integers(0, 2**32 - 1))
def test_conv_in_floating_point(case, seed):
    input_shape, shape, groups, options = case
    rng = np.random.default_rng(seed)
    weight = rng.integers(-99, 99, shape) / 16
    data = rng.integers(-99, 99, (*input_shape, 2)) / 8
    process = Conv(weight=weight, input_shape=input_shape, groups=groups, num_message_bits=8, **options)
    got = through(process, data, FLOAT, 2)
    assert got[1].tolist() == convolved(data[..., 0], weight, groups=groups, **options).tolist()


@SETTINGS
@given(convolutions(), st.integers(0, 2**32 - 1), st.sampled_from(list(utils.TensorOrder)))
def test_conv_to_sparse(case, seed, order):
    input_shape, shape, groups, options = case
    rng = np.random.default_rng(seed)
    weight, image = rng.integers(-9, 9, shape), rng.integers(-9, 9, input_shape)
    expected = convolved(image, weight, groups=groups, **options)
    # The same in another order of axes: to it from (X, Y, channel) and (out, X, Y, in).
    flipped = weight[:, ::-1, ::-1]
    orders = utils.TensorOrder
    axes, kernel = {
        orders.NWHC: ((0, 1, 2), weight),
        orders.NCHW: ((2, 1, 0), flipped.transpose(0, 3, 2, 1)),
        orders.HWCN: ((1, 0, 2), flipped.transpose(2, 1, 3, 0)),
        orders.CHWN: ((2, 1, 0), flipped.transpose(3, 2, 1, 0)),
    }[order]
    if axes[0] > axes[1]:
        options = {key: value[::-1] for key, value in options.items()}
    given, wanted = image.transpose(axes), expected.transpose(axes)
    dst, src, values = utils.conv_to_sparse(
        given.shape, wanted.shape, kernel, group=groups, order=order, **options
    )
    matrix = np.zeros((wanted.size, given.size), dtype=np.int64)
    np.add.at(matrix, (dst, src), values)
    assert len(set(zip(dst.tolist(), src.tolist(), strict=True))) == len(dst)
    assert (matrix @ given.ravel()).tolist() == wanted.ravel().tolist()


def test_order_of_conv_to_sparse():
    kernel = np.arange(8).reshape(2, 2, 1, 2)
    dst, src, values = utils.conv_to_sparse((2, 1, 2), (1, 1, 2), kernel, (1, 1), (0, 0), (1, 1), 1)
    assert dst.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    assert src.tolist() == [0, 1, 0, 1, 2, 3, 2, 3]
    assert values.tolist() == [2, 3, 6, 7, 0, 1, 4, 5]


def test_small_functions_of_conv():
    assert utils.make_tuple(3) == utils.make_tuple([3]) == (3, 3)
    assert utils.make_tuple((1, 2)) == (1, 2)
    with pytest.raises(ValueError, match="One value or two"):
        utils.make_tuple((1, 2, 3))
    assert utils.signed_clamp(np.array([127, 128, -129, 300]), 8).tolist() == [127, -128, 127, 44]
    assert utils.output_shape((7, 5, 3), 4, (3, 2), (2, 1), (1, 0), (1, 3)) == (4, 2, 4)
    with pytest.raises(Exception, match="y dimension of the output would be 0"):
        utils.output_shape((7, 5, 3), 4, (3, 6), (2, 1), (1, 0), (1, 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input_shape": (4, 4)}, "'input_shape' must be"),
        ({"groups": (1, 2)}, "'groups' must be one int"),
        ({"groups": 3}, r"number of in_channels \(2\) must be divisible by groups \(3\)"),
        ({"weight": np.ones((3, 1, 1, 1)), "groups": 2}, r"number of out_channels \(3\) must be divisible"),
        ({"weight": np.ones((2, 1, 1, 3))}, "'weight' has 3 input channels"),
        ({"weight": np.ones((2, 1, 1))}, "'weight' must have the shape"),
        ({"stride": 0}, "'stride' must be at least 1"),
        ({"padding": (0, -1)}, "'padding' must be at least 0"),
        ({"dilation": (1, 2, 3)}, "One value or two"),
    ],
)
def test_convolutions_that_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Conv(**({"weight": np.ones((2, 1, 1, 2)), "input_shape": (4, 4, 2)} | change))


@pytest.mark.parametrize("bits", [0, 8])
@pytest.mark.parametrize("cfg", [FIXED, FLOAT], ids=["fixed", "float"])
def test_conv_in_time(bits, cfg):
    rng = np.random.default_rng(6)
    weights = rng.integers(-60, 60, (3, 4, 5)) / 4
    data = rng.integers(-2, 3, (5, 12))
    got = through(ConvInTime(weights=weights, num_message_bits=bits), data, cfg, 12)
    for step in range(12):
        for i in range(4):
            total = 0.0
            for k in range(3):
                if step - 1 - k >= 0:
                    for j in range(5):
                        s = data[j, step - 1 - k]
                        total += weights[2 - k, i, j] * (s if bits else s != 0)
            # Also the model for fixed point computes in floating point; the sink of integers truncates.
            assert got[step, i] == (int(total) if cfg is FIXED else total)


def test_conv_in_time_refuses():
    with pytest.raises(ValueError, match=r"'weights' must be a 3D array \(K, n_out, n_in\), got \(2, 3\)"):
        ConvInTime(weights=np.ones((2, 3)))
