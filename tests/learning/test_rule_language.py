"""Which learning rules are accepted, what they mean, and how the others are refused."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lava_hw.magma.core.learning.learning_rule import (
    Loihi2FLearningRule,
    Loihi3FLearningRule,
    LoihiLearningRule,
)
from lava_hw.magma.core.learning.product_series import ProductSeries
from lava_hw.magma.core.learning.symbolic_equation import SymbolicEquation
from lava_hw.magma.core.learning.utils import apply_mask, float_to_literal, stochastic_round
from lava_hw.proc.learning_rules.r_stdp_learning_rule import RewardModulatedSTDP
from lava_hw.proc.learning_rules.stdp_learning_rule import STDPLoihi


def series(text, target="dw"):
    return ProductSeries(SymbolicEquation(target, text))


def meaning(text):
    """For each product: dependency, mantissa, exponent, and (variable, constant, sign?) of each factor."""
    return [
        (p.dependency, p.s_mantissa, p.s_exp - 7, [(f.state_var, f.const, f.is_sgn) for f in p.factors])
        for p in series(text).products
    ]


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("x0*y1", [("x0", 1, 0, [("y1", None, False)])]),
        (" - 2 ^ -2 * x0 * y1", [("x0", -1, -2, [("y1", None, False)])]),
        ("x0", [("x0", 1, 0, [])]),
        ("y0*x1*x0", [("y0", 1, 0, [("x1", None, False), ("x0", None, False)])]),
        ("10*x0*y1", [("x0", 5, 1, [("y1", None, False)])]),
        ("(-1)*2^-1*x0 + 3*2^2*u7*t", [("x0", -1, -1, []), ("u", 3, 2, [("t", None, False)])]),
        ("x0*(w+3)*(y1-4)", [("x0", 1, 0, [("w", 3, False), ("y1", -4, False)])]),
        ("x0*(3+w)", [("x0", 1, 0, [("w", 3, False)])]),
        # 5 - w is -(w - 5).
        ("x0*(5-w)", [("x0", -1, 0, [("w", -5, False)])]),
        ("x0*(-w-5)", [("x0", -1, 0, [("w", 5, False)])]),
        ("x0*(w+2*2^3)", [("x0", 1, 0, [("w", 16, False)])]),
        ("x0*(y0+1)", [("x0", 1, 0, [("y0", 1, False)])]),
        ("y0*sgn(d)*sgn(w-2)", [("y0", 1, 0, [("d", None, True), ("w", -2, True)])]),
        ("-x0*y1-y0", [("x0", -1, 0, [("y1", None, False)]), ("y0", -1, 0, [])]),
        ("64*x0", [("x0", 4, 4, [])]),
        ("-8*x0", [("x0", -4, 1, [])]),
        ("8*2^8*x0*0", [("x0", 0, 8, [])]),
        # Without *, as in Lava.
        ("2x0y1", [("x0", 2, 0, [("y1", None, False)])]),
    ],
)
def test_meaning(text, products):
    assert meaning(text) == products


def test_a_minus_in_brackets_counts():
    """Lava drops it."""
    assert meaning("x0*(-y1)") == [("x0", -1, 0, [("y1", None, False)])]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("y1*w", "no dependency"),
        ("x0 + y1", "no dependency"),
        ("x0*(y1+y2)", "not of the form"),
        ("x0*(2*w)", "not of the form"),
        ("x0*(w+1+2)", "not of the form"),
        ("x0*((w))", "not of the form"),
        ("x0*(y0)", "without brackets"),
        ("x0*sgn(x1)", "sgn"),
        ("x0*sgn(5)", "not of the form"),
        ("x0*sgn(-w)", "negative"),
        ("x0*sgn(3-w)", "negative"),
        ("11*x0", "mantissa"),
        ("2^-8*x0", "exponent"),
        ("2^9*x0", "exponent"),
        ("x0*u0", "not on both"),
        ("u0*x1 + u1*x2", "u0 and u1"),
        ("x0*(w+1", "not closed"),
        ("x0*(u0+1)", "no factor 'u0'"),
        ("x0**y1", "joins no two factors"),
        ("*x0", "joins no two factors"),
        ("x0*y1*", "after its last sign"),
        ("x0 - - y1", "after its last sign"),
    ],
)
def test_refused(text, said):
    with pytest.raises(ValueError, match=said) as caught:
        series(text)
    assert "Learning rule" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["foo", "x0*0.5", "x0*x3", "x0*()", "", "x0*z1", "x0 / y1", "X0", "x0*sgn w"]
)
def test_text_that_is_not_of_the_language(text):
    """As in Lava an AttributeError."""
    with pytest.raises(AttributeError, match="Learning rule dw = "):
        series(text)


VARIABLES = ["x1", "x2", "y1", "y2", "y3", "w", "d", "t"]
number = st.integers(-40, 40)


@st.composite
def factors(draw):
    """Text, and what it does to the scale and to the factors of a product."""
    kind = draw(st.sampled_from(["variable", "sum", "swapped", "sgn", "sgn sum", "spike", "number", "power"]))
    variable, const = draw(st.sampled_from(VARIABLES)), draw(st.integers(0, 200))
    synaptic = draw(st.sampled_from("wdt"))
    minus = draw(st.booleans())
    signed = -const if minus else const
    if kind == "variable":
        return variable, 1, 0, [(variable, None, False)]
    if kind == "sum":
        return f"({variable} {'-' if minus else '+'} {const})", 1, 0, [(variable, signed, False)]
    if kind == "swapped":
        text = f"({const} {'-' if minus else '+'} {variable})"
        return text, -1 if minus else 1, 0, [(variable, signed, False)]
    if kind == "sgn":
        return f"sgn( {synaptic} )", 1, 0, [(synaptic, None, True)]
    if kind == "sgn sum":
        return f"sgn({synaptic}{'-' if minus else '+'}{const})", 1, 0, [(synaptic, signed, True)]
    if kind == "spike":
        name = draw(st.sampled_from(["x0", "y0"]))
        return name, 1, 0, [(name, None, False)]
    exponent = draw(st.integers(-9, 9))
    if kind == "power":
        return f"2^{exponent}", 1, exponent, []
    mantissa = draw(st.integers(0, 12))
    if minus:
        return f"(-{mantissa})", -mantissa, 0, []
    return f"{mantissa}*2^{exponent}", mantissa, exponent, []


@st.composite
def rules(draw):
    """Text of a rule, and for each product what it must mean."""
    k = draw(st.integers(0, 9))
    text, wanted = "", []
    for place in range(draw(st.integers(1, 4))):
        sign = draw(st.sampled_from("+-" if place else ["", "-"]))
        dependency = draw(st.sampled_from(["x0", "y0", "u"]))
        parts = draw(st.lists(factors(), max_size=4))
        mantissa, exponent, found = (-1 if sign == "-" else 1), 0, []
        for _, m, e, f in parts:
            mantissa, exponent, found = mantissa * m, exponent + e, found + f
        # The dependency first; what stands before it may only be numbers.
        ahead = [i for i, part in enumerate(parts) if not part[3]]
        at = draw(st.sampled_from([0, *([1] if ahead[:1] == [0] else [])]))
        words = [part[0] for part in parts]
        words.insert(at, f"u{k}" if dependency == "u" else dependency)
        space = draw(st.sampled_from(["", " "]))
        text += f"{sign}{space}" + f"{space}*{space}".join(words)
        wanted.append((dependency, mantissa, exponent, found))
    return text, k, wanted


def brought_into_bits(mantissa, exponent):
    while abs(mantissa) > 7 and mantissa % 2 == 0 and exponent < 8:
        mantissa, exponent = mantissa // 2, exponent + 1
    return mantissa, exponent


@settings(max_examples=300, deadline=None)
@given(rules())
def test_random_rules(rule):
    text, k, products = rule
    wanted = [(dep, *brought_into_bits(m, e), found) for dep, m, e, found in products]
    fits = all(-8 <= m <= 7 and -7 <= e <= 8 for _, m, e, _ in wanted)
    if not fits:
        with pytest.raises(ValueError, match="scale"):
            series(text)
        return
    assert meaning(text) == wanted
    slow = any(dep == "u" for dep, *_ in wanted)
    assert series(text).decimate_exponent == (k if slow else None)
    traces = {}
    for dep, _, _, found in wanted:
        traces.setdefault(dep, set()).update(v for v, _, _ in found if v[0] in "xy" and v[1] != "0")
    rule = Loihi2FLearningRule(dw=text, rng_seed=1)
    assert rule.active_traces_per_dependency == traces
    assert rule.active_traces == set().union(*traces.values())


@settings(max_examples=300, deadline=None)
@given(st.text("x0y12w*+-()^su gn38d", max_size=14))
@example("x0*2^2^2")
@example("x0*(w+1))")
@example("sgn(sgn(w))*x0")
def test_any_text_is_understood_or_refused(text):
    rule, said = None, ""
    try:
        rule = series(text)
    except (ValueError, AttributeError) as err:
        said = str(err)
    if rule is None:
        assert "Learning rule" in said
    else:
        assert rule.products
        assert all(-8 <= p.s_mantissa <= 7 and 0 <= p.s_exp <= 15 for p in rule.products)


def test_a_rule_needs_an_equation():
    with pytest.raises(ValueError, match="at least one of dw, dd and dt"):
        Loihi2FLearningRule()


@pytest.mark.parametrize("name", ["x1_impulse", "x2_tau", "y1_impulse", "y3_tau"])
def test_negative_numbers(name):
    with pytest.raises(ValueError, match=f"{name} must not be negative"):
        Loihi2FLearningRule(dw="x0", **{name: -1})
    rule = Loihi2FLearningRule(dw="x0")
    with pytest.raises(ValueError, match=name):
        setattr(rule, name, -0.5)
    assert getattr(rule, name) == 0


@pytest.mark.parametrize("t_epoch", [0, -3, 1.5])
def test_epochs(t_epoch):
    with pytest.raises(ValueError, match="t_epoch"):
        Loihi2FLearningRule(dw="x0", t_epoch=t_epoch)


def test_one_k_in_all_equations():
    rule = Loihi2FLearningRule(dw="u3*x1", dt="u3 + x0")
    assert rule.decimate_exponent == 3
    with pytest.raises(ValueError, match="u2 and u3"):
        Loihi2FLearningRule(dw="u3*x1", dt="u2")
    with pytest.raises(ValueError, match="one digit"):
        Loihi2FLearningRule(dw="u10*x1")


def test_spaces_within_names_mean_nothing():
    rule = Loihi2FLearningRule(dw="u 3 * x 1")
    assert rule.decimate_exponent == rule.dw.products[0].decimate_exponent == 3
    with pytest.raises(ValueError, match="u2 and u3"):
        Loihi2FLearningRule(dw="u 3", dt="u2")
    with pytest.raises(ValueError, match="one digit"):
        Loihi2FLearningRule(dw="u1 0*x1")


def test_a_wrong_change_leaves_the_rule_as_it_was():
    rule = Loihi2FLearningRule(dw="x0", dd="y0")
    with pytest.raises(ValueError, match="dependency"):
        rule.dw_str = "y1"
    assert (rule.dw_str, rule.dw.products[0].dependency) == ("x0", "x0")
    rule.dw_str = None
    assert rule.dw is None
    assert list(rule.active_product_series) == ["dd"]
    with pytest.raises(ValueError, match="at least one"):
        rule.dd_str = None


def test_three_factors():
    rule = Loihi3FLearningRule(dw="u0*y2", x1_impulse=3, x1_tau=4, t_epoch=2, rng_seed=5)
    assert isinstance(rule, LoihiLearningRule)
    assert (rule.y1_impulse, rule.y2_impulse, rule.y3_impulse) == (0, 0, 0)
    assert (rule.y1_tau, rule.y2_tau, rule.y3_tau) == (65535, 65535, 65535)
    assert (rule.x1_impulse, rule.x1_tau, rule.t_epoch, rule.rng_seed) == (3, 4, 2, 5)


def test_the_seed_of_the_program_decides_about_seeds():
    np.random.seed(7)  # noqa: NPY002
    first = Loihi2FLearningRule(dw="x0").rng_seed
    np.random.seed(7)  # noqa: NPY002
    assert Loihi2FLearningRule(dw="x0").rng_seed == first
    assert Loihi2FLearningRule(dw="x0").rng_seed != first


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda rule: pickle.loads(pickle.dumps(rule))])
def test_copies_are_independent(clone):
    rule = Loihi2FLearningRule(dw="x0", x1_tau=3)
    other = clone(rule)
    other.dw_str, other.x1_tau = "y0", 4
    assert (rule.dw_str, rule.x1_tau, rule.dw.products[0].dependency) == ("x0", 3, "x0")
    assert (other.dw_str, other.x1_tau, other.dw.products[0].dependency) == ("y0", 4, "y0")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.3, "(1) * 2 ^ -2"),
        (3.7, "(3) * 2 ^ 0"),
        (2.5, "(2) * 2 ^ 0"),
        (-4, "(-4)"),
        (-0.5, "(-1) * 2 ^ -1"),
        (6.0, "(6)"),
        (0.7, "(1) * 2 ^ -1"),
    ],
)
def test_floats_as_literals(value, text):
    assert float_to_literal(value) == text


def test_stdp():
    rule = STDPLoihi(learning_rate=0.5, A_plus=2, A_minus=-1, tau_plus=10, tau_minus=20, t_epoch=4)
    assert meaning(rule.dw_str) == [
        ("x0", -1, -1, [("y1", None, False)]),
        ("y0", 2, -1, [("x1", None, False)]),
    ]
    assert (rule.x1_impulse, rule.x1_tau, rule.y1_impulse, rule.y1_tau, rule.t_epoch) == (16, 10, 16, 20, 4)
    other = STDPLoihi(
        learning_rate=1, A_plus=1, A_minus=1, tau_plus=1, tau_minus=1, x1_impulse=3, y1_impulse=4
    )
    assert (other.x1_impulse, other.y1_impulse) == (3, 4)


def test_reward_modulated_stdp():
    rule = RewardModulatedSTDP(
        learning_rate=1,
        A_plus=2,
        A_minus=-2,
        pre_trace_decay_tau=10,
        post_trace_decay_tau=12,
        pre_trace_kernel_magnitude=16,
        post_trace_kernel_magnitude=18,
        eligibility_trace_decay_tau=0.5,
        t_epoch=2,
    )
    assert meaning(rule.dt_str) == [
        ("x0", -2, 0, [("y1", None, False)]),
        ("y0", 2, 0, [("x1", None, False)]),
        ("u", -1, -1, [("t", None, False)]),
    ]
    assert meaning(rule.dw_str) == [("u", 1, 0, [("t", None, False), ("y2", None, False)])]
    assert (rule.x1_tau, rule.x1_impulse, rule.t_epoch) == (10, 16, 2)
    assert (rule.post_trace_decay_tau, rule.post_trace_kernel_magnitude) == (12, 18)


def test_helpers():
    assert stochastic_round(np.array([1, 2, 3]), 0.5, np.array([0.4, 0.5, 0.6])).tolist() == [1, 2, 4]
    assert apply_mask(np.array([5, 255, 256, -1]), 3).tolist() == [5, 7, 0, 7]
