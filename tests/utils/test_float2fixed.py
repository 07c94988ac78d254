"""float2fixed: every figure of the report and every integer is computed a second time, in exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest

from lava_hw.utils.float2fixed import float2fixed
from lava_hw.utils.lif_network import FixedPopulation, FloatPopulation, simulate


def network(seed: int = 3) -> list[FloatPopulation]:
    rng = np.random.default_rng(seed)
    hidden = {"pixels": rng.normal(size=(30, 20)) * 0.3, "hidden": -np.abs(rng.normal(size=(30, 30))) * 0.05}
    out = {"hidden": np.abs(rng.normal(size=(7, 30))) * 0.4}
    return [
        FloatPopulation("hidden", hidden, vth=1.0, du=0.4, dv=0.1, bias=rng.normal(size=30) * 0.1),
        FloatPopulation("out", out, vth=2.5, du=1.0, dv=0.0),
    ]


def spikes(seed: int = 5) -> dict[str, np.ndarray]:
    return {"pixels": np.random.default_rng(seed).random((25, 40, 20)) < 0.3}


def test_integers_stand_for_the_floats() -> None:
    floats = network()
    fixed, report = float2fixed(floats, spikes())
    errors = {t.tensor: t for t in report.tensors}
    assert len(errors) == len(report.tensors) == 11
    for given, got in zip(floats, fixed, strict=True):
        scale = Fraction(got.scale)
        for source, matrix in given.inputs.items():
            dense = got.inputs[source]
            worst, total = 0.0, 0.0
            for exact, integer in zip(matrix.flat, dense.weights.flat, strict=True):
                meaning = Fraction(int(integer)) * Fraction(2) ** dense.weight_exp / scale
                error = abs(float(meaning - Fraction(float(exact))))
                worst, total = max(worst, error), total + error**2
            row = errors[f"{given.name}.weights[{source}]"]
            assert row.max_error == pytest.approx(worst, rel=1e-9)
            assert row.rms_error == pytest.approx(math.sqrt(total / matrix.size), rel=1e-9)
            assert row.exponent == dense.weight_exp
            assert row.saturated == 0
            # Half a step of the grid: 2 in mixed signs, 1 in one sign.
            step = 2 if matrix.min() < 0 < matrix.max() else 1
            assert worst <= step / 2 * 2.0**dense.weight_exp / got.scale * (1 + 1e-9)
        assert abs(got.vth - got.scale * given.vth) <= 0.5
        meaning_bias = got.bias_mant * 2.0**got.bias_exp / (64 * got.scale)
        assert np.abs(meaning_bias - given.bias).max() == pytest.approx(
            errors[f"{given.name}.bias"].max_error
        )
        assert (got.du + 1) / 4096 == pytest.approx(given.du, abs=0.5 / 4096)
        assert got.dv / 4096 == pytest.approx(given.dv, abs=0.5 / 4096)


def test_weights_use_their_range_and_keep_their_parity() -> None:
    fixed, _ = float2fixed(network(), spikes())
    mixed = fixed[0].inputs["pixels"].weights
    assert np.all(mixed % 2 == 0)
    assert mixed.min() >= -256
    assert mixed.max() <= 254
    assert mixed.min() <= -250 or mixed.max() >= 250
    inhibitory = fixed[0].inputs["hidden"].weights
    assert inhibitory.max() <= 0
    assert -255 <= inhibitory.min() < -127
    excitatory = fixed[1].inputs["hidden"].weights
    assert excitatory.min() >= 0
    assert 250 <= excitatory.max() <= 255


@pytest.mark.parametrize("bits", [1, 3, 6, 8])
@pytest.mark.parametrize("sign", ["mixed", "excitatory", "inhibitory"])
def test_weights_survive_the_truncation_of_lava(bits: int, sign: str) -> None:
    """Truncation as published (section of the weight utilities): what is converted is not changed by it."""
    matrix = np.random.default_rng(bits).normal(size=(12, 9))
    matrix = {"mixed": matrix, "excitatory": np.abs(matrix), "inhibitory": -np.abs(matrix)}[sign]
    fixed, _ = float2fixed([FloatPopulation("p", {"x": matrix}, vth=1.0, du=1.0)], num_weight_bits=bits)
    dense = fixed[0].inputs["x"]
    assert dense.num_weight_bits == bits
    flip = -1 if sign == "inhibitory" else 1
    lost = 8 - bits + (sign == "mixed")
    magnitude = flip * dense.weights
    assert np.array_equal((magnitude >> lost) << lost, magnitude)
    assert magnitude.max() <= 255
    assert magnitude.min() >= (-256 if sign == "mixed" else 0)


def test_report_prints_one_row_per_tensor_and_population() -> None:
    _, report = float2fixed(network(), spikes())
    lines = str(report).splitlines()
    for row in report.tensors:
        (line,) = [text for text in lines if text.startswith(row.tensor + " ")]
        assert f"{row.max_error:.2e}" in line
        assert f"{row.rms_error:.2e}" in line
        assert f"{row.saturated:.2%}" in line
    assert sum(line.startswith(("hidden ", "out ")) for line in lines) == 2


def test_spikes_agree_on_data_that_was_not_used_for_calibration() -> None:
    floats = network()
    fixed, report = float2fixed(floats, spikes(5))
    other = spikes(99)
    a, b = simulate(floats, other, 26), simulate(fixed, other, 26)
    for pop, state in zip(floats, report.states, strict=True):
        exact, rounded = a[pop.name].spikes, b[pop.name].spikes
        # A spike that comes a step late counts twice and moves the later ones of its neuron.
        assert exact.sum() > 500
        assert (exact != rounded).sum() / exact.sum() < 0.15
        assert rounded.sum() == pytest.approx(exact.sum(), rel=0.01)
        assert state.spikes_float > 500
        assert 0 < state.u_peak < 1
        assert 0 < state.v_peak < 1


def test_report_counts_the_spikes_of_the_calibration() -> None:
    floats = network()
    fixed, report = float2fixed(floats, spikes())
    a, b = simulate(floats, spikes(), 26), simulate(fixed, spikes(), 26)
    for state in report.states:
        fa, fb = a[state.population].spikes, b[state.population].spikes
        assert (state.spikes_float, state.spikes_fixed) == (fa.sum(), fb.sum())
        assert state.spikes_differing == pytest.approx((fa ^ fb).sum() / fa.sum())


def reference_step(pop: FixedPopulation, a: list[int], u: list[int], v: list[int]) -> list[bool]:
    """One LIF step in Python integers, written from the equations; changes u and v in place."""

    def tz(x: int) -> int:
        return x // 4096 if x >= 0 else -(-x // 4096)

    fired = []
    for i, add in enumerate(a):
        x = tz(u[i] * (4096 - (pop.du + 1))) + (add << 6)
        assert -(2**23) < x <= 2**23, "the scale let u wrap"
        bias = int(pop.bias_mant[i]) * 2**pop.bias_exp
        y = max(-(2**23 - 1), min(2**23 - 1, tz(v[i] * (4096 - pop.dv)) + x + bias))
        s = y > pop.vth * 64
        u[i], v[i] = x, 0 if s else y
        fired.append(s)
    return fired


def test_fixed_simulation_equals_integers_one_by_one() -> None:
    fixed, _ = float2fixed(network(), spikes())
    given = spikes()["pixels"][:, :3]
    trace = simulate(fixed, {"pixels": given}, 26)
    for sample in range(3):
        state = {p.name: ([0] * p.size, [0] * p.size) for p in fixed}
        sent = {"pixels": [], "hidden": [], "out": []}
        for t in range(26):
            now = {}
            for pop in fixed:
                a = [0] * pop.size
                for source, dense in pop.inputs.items():
                    on = [j for j, x in enumerate(sent[source]) if x]
                    for i in range(pop.size):
                        total = sum(int(dense.weights[i, j]) for j in on)
                        e = dense.weight_exp
                        a[i] += total * 2**e if e >= 0 else total // 2**-e
                now[pop.name] = reference_step(pop, a, *state[pop.name])
            for pop in fixed:
                assert trace[pop.name].spikes[t, sample].tolist() == now[pop.name]
                assert trace[pop.name].u[t, sample].tolist() == state[pop.name][0]
                assert trace[pop.name].v[t, sample].tolist() == state[pop.name][1]
            sent = {"pixels": given[t, sample].tolist() if t < len(given) else [], **now}


def test_outliers_saturate_and_are_counted() -> None:
    matrix = np.random.default_rng(0).normal(size=(20, 50)) * 0.1
    matrix[3, 4], matrix[5, 6] = 40.0, -40.0
    pop = FloatPopulation("p", {"x": matrix}, vth=1.0, du=1.0)
    _, plain = float2fixed([pop])
    fixed, clipped = float2fixed([pop], outliers=0.002)
    assert plain.tensors[0].saturated == 0
    assert clipped.tensors[0].saturated == pytest.approx(2 / 1000)
    assert clipped.tensors[0].max_error > 39
    inside = np.abs(matrix) < 1
    meaning = fixed[0].inputs["x"].weights * 2.0 ** fixed[0].inputs["x"].weight_exp / fixed[0].scale
    assert np.abs(meaning - matrix)[inside].max() < plain.tensors[0].max_error / 10


def test_decays_beyond_the_range_are_counted_as_saturated() -> None:
    pop = FloatPopulation("p", {"x": np.eye(3)}, vth=1.0, du=0.0, dv=1.0)
    fixed, report = float2fixed([pop])
    rows = {t.tensor: t for t in report.tensors}
    assert (fixed[0].du, fixed[0].dv) == (0, 4095)
    assert rows["p.du"].saturated == rows["p.dv"].saturated == 1
    assert rows["p.du"].max_error == pytest.approx(1 / 4096)
    assert rows["p.dv"].max_error == pytest.approx(1 / 4096)


def test_all_zero_weights_and_bias_convert() -> None:
    fixed, report = float2fixed([FloatPopulation("p", {"x": np.zeros((2, 3))}, vth=1.0, du=0.5)])
    assert not fixed[0].inputs["x"].weights.any()
    assert fixed[0].vth > 0
    assert all(t.max_error < 1e-3 for t in report.tensors)


def test_large_bias_fits_its_mantissa_and_exponent() -> None:
    pop = FloatPopulation("p", {"x": np.eye(2)}, vth=1.0, du=1.0, bias=np.array([9.0, -3.0]))
    fixed, report = float2fixed([pop])
    assert np.abs(fixed[0].bias_mant).max() <= 4095
    assert 0 <= fixed[0].bias_exp <= 7
    assert {t.tensor: t for t in report.tensors}["p.bias"].max_error < 9 / 2000


def test_a_trained_population_is_not_changed() -> None:
    floats = network()
    before = [{k: w.copy() for k, w in p.inputs.items()} for p in floats]
    float2fixed(floats, spikes())
    for pop, copy in zip(floats, before, strict=True):
        assert all(np.array_equal(pop.inputs[k], copy[k]) for k in copy)


def pop(**changes: object) -> FloatPopulation:
    given = {"name": "p", "inputs": {"x": np.eye(3)}, "vth": 1.0, "du": 1.0}
    return FloatPopulation(**{**given, **changes})


@pytest.mark.parametrize(
    ("populations", "message"),
    [
        ([], "no populations"),
        ([pop(), pop()], "two populations are named 'p'"),
        ([pop(inputs={})], "'p' has no inputs"),
        ([pop(inputs={"x": np.full((3, 3), np.nan)})], r"p.weights\[x\] has 9 .* NaN or infinite.*\(0, 0\)"),
        ([pop(inputs={"x": np.zeros((0, 3))})], r"p.weights\[x\] is empty \(shape \(0, 3\)\)"),
        ([pop(inputs={"x": np.zeros(3)})], r"p.weights\[x\] has shape \(3,\)"),
        ([pop(inputs={"x": np.eye(3), "y": np.eye(2)})], "different numbers of rows"),
        (
            [pop(inputs={"x": np.eye(3), "p": np.ones((3, 2))})],
            r"p.weights\[p\] has 2 columns, but 'p' has 3",
        ),
        (
            [pop(), pop(name="q", inputs={"x": np.ones((1, 4))})],
            r"q.weights\[x\] has 4 columns, but 'x' has 3",
        ),
        ([pop(vth=np.inf)], "p.vth has 1 .* infinite"),
        ([pop(vth=0.0)], "p.vth is 0"),
        ([pop(vth=-1.0)], "p.vth is -1; give a value from 0"),
        ([pop(vth=np.ones(3))], r"p.vth has shape \(3,\)"),
        ([pop(du=1.5)], "p.du is 1.5; give a value from 0 to 1"),
        ([pop(dv=-0.1)], "p.dv is -0.1"),
        ([pop(bias=np.zeros(2))], r"p.bias has shape \(2,\)"),
        ([pop(bias=np.array([0.0, np.inf, 0.0]))], r"p.bias has 1 .*index \(1,\)"),
        ([pop(inputs={"x": np.eye(3) * 1e-9})], "no scale represents"),
    ],
)
def test_bad_networks_are_refused_by_name(populations: list[FloatPopulation], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        float2fixed(populations)


@pytest.mark.parametrize(
    ("calibration", "message"),
    [
        ({}, r"calibration has \[\], but the inputs of the network are \['x'\]"),
        ({"y": np.zeros((2, 2, 3))}, r"calibration has \['y'\]"),
        ({"x": np.zeros((2, 3))}, r"shape \(2, 3\); give \(steps, samples, 3\)"),
        ({"x": np.zeros((2, 2, 4))}, r"shape \(2, 2, 4\)"),
        ({"x": np.zeros((2, 0, 3))}, "is empty"),
        ({"x": np.full((2, 2, 3), np.nan)}, "NaN"),
    ],
)
def test_bad_calibration_is_refused(calibration: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        float2fixed([pop()], calibration)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_weight_bits": 9}, "num_weight_bits is 9"),
        ({"num_weight_bits": 0}, "num_weight_bits is 0"),
        ({"headroom": 0.5}, "headroom is 0.5"),
        ({"headroom": math.nan}, "headroom is nan"),
        ({"outliers": 1.0}, "outliers is 1.0"),
    ],
)
def test_bad_options_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        float2fixed([pop()], **options)


def test_text_is_no_tensor() -> None:
    with pytest.raises(TypeError, match=r"p.weights\[x\] has dtype"):
        float2fixed([pop(inputs={"x": np.array([["a"]])})])
