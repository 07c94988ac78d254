"""The library's reading of learning rules, and what it learns, against the oracle and plain Python."""

from __future__ import annotations

import json
import random
import warnings
from typing import Any

import numpy as np

from lava_hw import Loihi2SimCfg, RunSteps, Sink, Source
from lava_hw.magma.core.learning.learning_rule import Loihi2FLearningRule, Loihi3FLearningRule
from lava_hw.proc.dense.process import LearningDense
from lava_hw.proc.sparse.process import LearningSparse
from tests.fuzz.rule_oracle import Verdict, judge
from tests.fuzz.rules import Rule, rule
from tests.learning.plain import Plain, X, Y

STEPS = 15


class RuleFailure(AssertionError):
    """A rule that fails; `kept` is what replays it."""

    def __init__(self, kept: dict[str, Any], error: Exception) -> None:
        super().__init__(f"{json.dumps(kept)}: {error}")
        self.kept = kept


def made(given: Rule, rng_seed: int = 1) -> Any:
    """The rule of the library."""
    texts, numbers, third = given
    cls = Loihi3FLearningRule if third else Loihi2FLearningRule
    return cls(**texts, **numbers, rng_seed=rng_seed)


def meaning(real: Any) -> dict[str, Any]:
    """What the library has understood, in the words of the oracle."""
    return {
        target: [
            (
                f"u{product.decimate_exponent}" if product.dependency == "u" else product.dependency,
                product.s_mantissa,
                product.s_exp - 7,
                [(f.state_var, f.const, f.is_sgn) for f in product.factors],
            )
            for product in series.products
        ]
        for target, series in real.active_product_series.items()
    }


def check_acceptance(given: Rule) -> Verdict:
    """Compare what the library does with a rule with what it must do."""
    texts, numbers, _ = given
    verdict = judge(texts, numbers)
    error: Exception | None = None
    real: Any = None
    try:
        real = made(given)
    except (ValueError, AttributeError) as caught:
        error = caught
    if verdict.errors:
        assert error is not None, f"accepted, but {verdict.errors}"
        assert type(error) in verdict.errors, error
        assert "Learning" in str(error) or "uK" in str(error), error
    elif not verdict.open:
        assert error is None, f"refused: {error}"
        assert meaning(real) == verdict.products
        assert real.decimate_exponent == (max(verdict.rates) if verdict.rates else None)
    return verdict


def check_learning(given: Rule, fixed: bool, sparse: bool, number: int) -> None:
    """Compare weights, tags and traces with plain Python that follows the oracle's reading of the rule."""
    texts, numbers, third = given
    rng = np.random.default_rng(number)
    n_out, n_in = rng.integers(1, 4, 2)
    weights, tag_1, tag_2 = rng.integers(-200, 200, (3, n_out, n_in))
    weights[weights == 0] = 1
    spikes = (rng.random((STEPS, n_in)) < 0.4).astype(int)
    back = (rng.random((STEPS, n_out)) < 0.4).astype(int)
    ys = [rng.integers(-20, 130, (STEPS, n_out)) for _ in Y] if third else []
    plain = Plain(
        {**judge(texts).products, **numbers, "rng_seed": number},
        weights.tolist(),
        tag_1.tolist(),
        tag_2.tolist(),
        third=third,
        fixed=fixed,
    )
    connection = (LearningSparse if sparse else LearningDense)(
        weights=weights, tag_1=tag_1, tag_2=tag_2, learning_rule=made(given, number)
    )
    names = ["s_in", "s_in_bap", *(f"s_in_{y}" for y in Y)]
    for name, values in zip(names, [spikes, back, *ys], strict=False):
        Source(data=values.T).s_out.connect(getattr(connection, name))
    sink = Sink(shape=(n_out,), buffer=STEPS)
    connection.a_out.connect(sink.a_in)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # floats may become infinite
        sent = [plain.step(spikes[t], back[t], [y[t] for y in ys]) for t in range(STEPS)]
        with connection:
            connection.run(RunSteps(STEPS), Loihi2SimCfg(select_tag="fixed_pt" if fixed else "floating_pt"))
            for name in ("weights", "tag_1", "tag_2", "tx", "ty", *X, *Y):
                value = getattr(connection, name).get()
                value = value.toarray() if hasattr(value, "toarray") else value
                wanted = plain.state[name] if name in plain.state else getattr(plain, name)
                np.testing.assert_array_equal(value, np.array(wanted, float), name)
            if fixed:
                np.testing.assert_array_equal(sink.data.get(), np.array(sent).T, "a_out")


def check_many(number: int, examples: int, wrong: bool) -> list[Verdict]:
    """Whether random rules are accepted or refused; of those that fail the shortest is shown.

    Raises
    ------
    RuleFailure
        If one fails.
    """
    r = random.Random(number)
    found = []
    failed: list[tuple[Rule, Exception]] = []
    for _ in range(examples):
        drawn = rule(r, wrong)
        try:
            found.append(check_acceptance(drawn))
        except Exception as error:
            failed.append((drawn, error))
    if failed:
        drawn, error = min(failed, key=lambda pair: len(json.dumps(pair[0])))
        raise RuleFailure({"rule": drawn}, error) from error
    return found


def learn_many(number: int, examples: int) -> None:
    """What random rules learn.

    Raises
    ------
    RuleFailure
        If one learns something else than plain Python.
    """
    r = random.Random(number)
    while examples:
        drawn = rule(r, False)
        data = {"fixed": r.random() < 0.5, "sparse": r.random() < 0.5, "number": r.getrandbits(20)}
        if judge(*drawn[:2]).errors:
            continue
        examples -= 1
        try:
            check_learning(drawn, **data)
        except Exception as error:
            raise RuleFailure({"rule": drawn, **data}, error) from error


def replay(kept: dict[str, Any]) -> None:
    """Try a kept rule again; where it says no data, those of all kinds."""
    given: Rule = tuple(kept["rule"])  # type: ignore[assignment]
    if check_acceptance(given).errors:
        return
    for fixed in [kept["fixed"]] if "fixed" in kept else [True, False]:
        for sparse in [kept["sparse"]] if "sparse" in kept else [True, False]:
            check_learning(given, fixed, sparse, kept.get("number", 1))
