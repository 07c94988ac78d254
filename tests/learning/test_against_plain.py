"""LearningDense and LearningSparse against plain Python: random rules, signs, payloads, epochs."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from lava_hw import Loihi2SimCfg, Monitor, RunSteps, SignMode
from lava_hw.magma.core.learning.constants import GradedSpikeCfg
from lava_hw.magma.core.learning.learning_rule import Loihi2FLearningRule, Loihi3FLearningRule
from lava_hw.proc.dense.process import LearningDense
from lava_hw.proc.sparse.process import LearningSparse
from tests.api.one_process import run
from tests.learning.plain import Plain, X, Y, text

# Rules are drawn with tags and weights to their ends and beyond.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

STEPS = 20
CONFIG = {True: Loihi2SimCfg(select_tag="fixed_pt"), False: Loihi2SimCfg(select_tag="floating_pt")}
const = st.one_of(st.none(), st.integers(-20, 20))


@st.composite
def products(draw, k):
    dependency = draw(st.sampled_from(["x0", "y0", f"u{k}"]))
    kinds = st.one_of(
        st.tuples(st.sampled_from([*X, *Y, "w", "d", "t"]), const, st.just(False)),
        st.tuples(st.sampled_from("wdt"), const, st.just(True)),
        st.tuples(st.sampled_from(["x0", "y0"]), st.none(), st.just(False)),
    )
    factors = draw(st.lists(kinds, max_size=3))
    return dependency, draw(st.integers(-7, 7)), draw(st.integers(-7, 3)), factors


@st.composite
def cases(draw, fixed):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    third = draw(st.booleans())
    k = draw(st.integers(0, 2))
    targets = draw(st.sets(st.sampled_from(["dw", "dd", "dt"]), min_size=1))
    rule = {
        t: draw(st.lists(products(k), min_size=1, max_size=3)) for t in ("dw", "dd", "dt") if t in targets
    }
    for name in X if third else X + Y:
        rule[f"{name}_impulse"] = draw(st.sampled_from([0, 5, 16, 126, 3.25, 20.6]))
        rule[f"{name}_tau"] = draw(st.sampled_from([0, 1, 4, 12.5, 1000]))
    rule |= {"t_epoch": draw(st.integers(1, 5)), "rng_seed": draw(st.integers(0, 10**6))}
    n_out, n_in = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    signs = draw(st.sampled_from(["MIXED", "EXCITATORY", "INHIBITORY"]))
    most = draw(st.sampled_from([40, 255, 300]))

    def tags():
        return rng.integers(-300, 300, (n_out, n_in)) if draw(st.booleans()) else np.zeros((n_out, n_in), int)

    weights = rng.integers(-most, most, (n_out, n_in))
    weights = {"MIXED": weights, "EXCITATORY": abs(weights), "INHIBITORY": -abs(weights)}[signs]
    there = rng.random((n_out, n_in)) < (0.6 if draw(st.booleans()) else 1.1)
    graded = draw(st.sampled_from(GradedSpikeCfg)).name
    bits = 0 if graded == "USE_REGULAR_IMPULSE" and draw(st.booleans()) else 8
    spikes = rng.random((STEPS, n_in)) < draw(st.sampled_from([0.2, 0.6]))
    inputs = {
        "s_in": spikes * (rng.integers(1, 256, spikes.shape) if bits else 1),
        "s_in_bap": (rng.random((STEPS, n_out)) < 0.4).astype(int),
    }
    for name in Y if third else ():
        inputs[f"s_in_{name}"] = rng.integers(-20, 130, (STEPS, n_out))
    return rule, third, weights, tags(), tags(), there, graded, bits, signs, inputs


def real_rule(rule, third):
    given = {name: text(value) if name in ("dw", "dd", "dt") else value for name, value in rule.items()}
    return (Loihi3FLearningRule if third else Loihi2FLearningRule)(**given)


def check(case, fixed, sparse):
    rule, third, weights, tag_1, tag_2, there, graded, bits, signs, inputs = case
    if not sparse:
        there = np.ones_like(there)

    def known(values):
        return [
            [v if e else None for v, e in zip(row, line, strict=True)]
            for row, line in zip(values.tolist(), there, strict=True)
        ]

    plain = Plain(
        copy.deepcopy(rule),
        known(weights),
        known(tag_1),
        known(tag_2),
        graded=graded,
        bits=bits,
        signs=signs,
        third=third,
        fixed=fixed,
    )
    if sparse:
        rows, columns = there.nonzero()
        weights = csr_matrix((weights[rows, columns], (rows, columns)), shape=there.shape)
        tag_1, tag_2 = tag_1 * there, tag_2 * there
    process = (LearningSparse if sparse else LearningDense)(
        weights=weights,
        tag_1=tag_1,
        tag_2=tag_2,
        learning_rule=real_rule(rule, third),
        graded_spike_cfg=GradedSpikeCfg[graded],
        num_message_bits=bits,
        sign_mode=SignMode[signs],
    )
    with np.errstate(over="ignore", invalid="ignore"):
        got = run(process, inputs, STEPS, CONFIG[fixed])
        ys = [inputs[f"s_in_{name}"] for name in Y] if third else []
        sent = [
            plain.step(inputs["s_in"][t], inputs["s_in_bap"][t], [y[t] for y in ys]) for t in range(STEPS)
        ]
    if not fixed:
        # Rules that multiply weights leave what floating point can hold.
        held = [got[name].toarray() if sparse else got[name] for name in ("weights", "tag_1", "tag_2")]
        assume(np.isfinite(held).all())
    for name in ("weights", "tag_1", "tag_2"):
        value = got[name].toarray() if sparse else got[name]
        wanted = np.array([[v or 0 for v in row] for row in getattr(plain, name)], float)
        np.testing.assert_array_equal(value, wanted, name)
    for name in ("tx", "ty", *X, *Y):
        np.testing.assert_array_equal(got[name], np.array(plain.state[name], float), name)
    if fixed:
        np.testing.assert_array_equal(got["a_out"], np.array(sent))


@settings(max_examples=60, deadline=None)
@given(cases(fixed=True), st.booleans())
def test_fixed_point(case, sparse):
    check(case, True, sparse)


@settings(max_examples=60, deadline=None)
@given(cases(fixed=False), st.booleans())
def test_floating_point(case, sparse):
    check(case, False, sparse)


@pytest.mark.parametrize(
    "products", [[("x0", 0, 0, [])], [("u0", -8, 4, [])], [("u0", 1, 3, [("t", None, True)])]]
)
def test_the_lowest_tags(products):
    """-257 is in range, though the accumulator ends just below -256: a random number in 128 keeps it."""
    rule = {"dt": products, "t_epoch": 1, "rng_seed": 1}
    plain = Plain(copy.deepcopy(rule), [[0, 0]], [[-300, -250]], [[0, 0]])
    dense = LearningDense(
        weights=np.zeros((1, 2)), tag_1=[[-300, -250]], learning_rule=real_rule(rule, False)
    )
    monitor = Monitor()
    monitor.probe(dense.tag_1, 400)
    wanted = []
    for _ in range(400):
        plain.step([0, 0], [0])
        wanted.append(copy.deepcopy(plain.tag_1))
    with dense:
        dense.run(RunSteps(400), CONFIG[True])
        np.testing.assert_array_equal(monitor.get_data()[dense.name]["tag_1"], np.array(wanted))
    assert (np.array(wanted) == -256).any()
    assert (np.array(wanted) == -257).any() or products[0][0] == "x0"


@pytest.mark.parametrize("t_epoch", [1, 7])
def test_the_plain_model_learns(t_epoch):
    """That the comparison is not one of constants."""
    rule = {
        "dw": [("x0", -2, 0, []), ("y0", 3, -2, [("x1", None, False)])],
        "t_epoch": t_epoch,
        "rng_seed": 1,
    }
    rule |= {"x1_impulse": 16, "x1_tau": 4}
    plain = Plain(rule, [[10, 20]], [[0, 0]], [[0, 0]])
    for _ in range(14):
        plain.step([1, 0], [1])
    assert plain.weights[0][0] != 10
    assert plain.weights[0][1] == 20
