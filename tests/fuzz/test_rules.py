"""Random learning rules: accepted or refused as described, and what is learned is what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fuzz.rule_checks import check_many, learn_many, replay
from tests.fuzz.rule_oracle import judge

# Tags and weights are drawn to their ends and beyond.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

CORPUS = Path(__file__).parent / "corpus" / "rules"


def test_rules_of_the_language() -> None:
    """Refused are only those whose scale does not fit."""
    verdicts = check_many(1, 1000, False)
    assert sum(not verdict.errors for verdict in verdicts) > len(verdicts) / 3


def test_rules_with_something_wrong() -> None:
    verdicts = check_many(2, 3000, True)
    for error in (ValueError, AttributeError):
        assert sum(error in verdict.errors for verdict in verdicts) > len(verdicts) / 10
    assert sum(not verdict.errors for verdict in verdicts) > len(verdicts) / 20


def test_what_is_learned() -> None:
    learn_many(3, 80)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(10, 14))
def test_more_rules(number: int) -> None:
    check_many(number, 8000, False)
    check_many(number, 25000, True)
    learn_many(number, 300)


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda p: p.stem)
def test_corpus(path: Path) -> None:
    replay(json.loads(path.read_text()))


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("x0*y1 - 2^-1*y0*x1", set()),
        ("10*x0*y1", set()),
        ("x0*(3-w)*sgn(t+2)", set()),
        ("y1*w", {ValueError}),
        ("x0*(y1+y2)", {ValueError}),
        ("x0*sgn(x1)", {ValueError}),
        ("11*x0", {ValueError}),
        ("2^-8*x0", {ValueError}),
        ("foo*x0", {AttributeError}),
        ("0.5*x0", {AttributeError}),
    ],
)
def test_the_oracle(text: str, errors: set[type[Exception]]) -> None:
    """Its answers where the description has an example."""
    assert judge({"dw": text}).errors == errors
    assert judge({"dw": "10*x0*y1"}).products == {"dw": [("x0", 5, 1, [("y1", None, False)])]}
