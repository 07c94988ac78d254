"""Whether a learning rule must be accepted, and what it means: written from its description.

It shares nothing with the library's parser. Spaces mean nothing. A rule is a sum of products; + and -
separate products wherever they are not in a bracket. Of a text that is refused for several reasons any of the
errors may be the one that is raised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

Factor = tuple[str, Any, bool]
"""Variable, constant that is added (None for none), whether the sign is meant."""
Product = tuple[str, int, int, list[Factor]]
"""Dependency, mantissa, exponent, factors."""


class Number(NamedTuple):
    """mantissa * 2^exponent, and whether it was written with an exponent."""

    mantissa: int
    exponent: int
    power: bool


_TOKEN = re.compile(r"(?P<name>x[0-2]|y[0-3]|u[0-9]+|[wdt])|(?P<number>[0-9]+)|(?P<sign>sgn\(|[-+*()])")
_POWER = re.compile(r"\^([-+]?[0-9]+)")


@dataclass
class Verdict:
    """What is wrong with a rule, and, if nothing is, the products of its equations.

    Attributes
    ----------
    errors : set of type
        ValueError and AttributeError; empty if the rule must be accepted.
    open : bool
        Whether it is not said if it is accepted.
    products : dict
        By target: dw, dd, dt.
    rates : set of int
        The K of all uK.
    """

    errors: set[type[Exception]] = field(default_factory=set)
    open: bool = False
    products: dict[str, list[Product]] = field(default_factory=dict)
    rates: set[int] = field(default_factory=set)


def judge(texts: Mapping[str, str | None], numbers: Mapping[str, float] | None = None) -> Verdict:
    """Judge a rule: its equations by target, and impulses, time constants and t_epoch by name."""
    verdict = Verdict()
    given = {target: text for target, text in texts.items() if text is not None}
    if not given:
        verdict.errors.add(ValueError)
    for target, text in given.items():
        tokens = _tokens(text.replace(" ", ""), verdict)
        if AttributeError not in verdict.errors:
            verdict.products[target] = [_product(part, verdict) for part in _parts(tokens)]
    if len(verdict.rates) > 1:
        verdict.errors.add(ValueError)
    for name, value in (numbers or {}).items():
        if value < 0 or (name == "t_epoch" and (value == 0 or value != int(value))):
            verdict.errors.add(ValueError)
    return verdict


def _tokens(text: str, verdict: Verdict) -> list[Any]:
    """Words, numbers, and brackets as lists that begin with "(" or "sgn("."""
    stack: list[list[Any]] = [[]]
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            verdict.errors.add(AttributeError)
            place += 1
            continue
        place = found.end()
        token = found.group()
        if found.lastgroup == "number":
            power = _POWER.match(text, place) if token == "2" else None
            if power is not None:
                place = power.end()
            stack[-1].append(
                Number(int(token), 0, False) if power is None else Number(1, int(power.group(1)), True)
            )
        elif token in ("(", "sgn("):
            stack.append([token])
        elif token == ")":
            if len(stack) == 1:
                verdict.errors.add(AttributeError)
                continue
            bracket = stack.pop()
            if len(bracket) == 1:
                verdict.errors.add(AttributeError)  # nothing in it
            stack[-1].append(bracket)
        else:
            stack[-1].append(token)
            if token[0] == "u":
                verdict.rates.add(int(token[1:]))
                if len(token) > 2:
                    verdict.errors.add(ValueError)
    if len(stack) > 1:
        verdict.errors.add(ValueError)  # a bracket is not closed
        if any(len(bracket) == 1 for bracket in stack[1:]):
            verdict.errors.add(AttributeError)
    if not text:
        verdict.errors.add(AttributeError)
    return stack[0]


def _parts(tokens: list[Any]) -> list[list[Any]]:
    """A sum divided before each sign."""
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token in ("+", "-") and parts[-1]:
            parts.append([])
        parts[-1].append(token)
    return parts


def _signed(part: list[Any]) -> tuple[int, list[Any]]:
    if part and part[0] in ("+", "-"):
        return (-1 if part[0] == "-" else 1), part[1:]
    return 1, part


def _product(part: list[Any], verdict: Verdict) -> Product:
    mantissa, rest = _signed(part)
    exponent = 0
    dependency: str | None = None
    factors: list[Factor] = []
    wrong: set[type[Exception]] = set()
    # Between two * must be something, and so at both ends.
    padded = ["*", *rest, "*"]
    if any(a == b == "*" for a, b in pairwise(padded)):
        wrong.add(ValueError)
    for token in rest:
        if token == "*":
            continue
        if isinstance(token, Number):
            mantissa, exponent = mantissa * token.mantissa, exponent + token.exponent
        elif isinstance(token, list):
            m, e, factor = _bracket(token, wrong)
            mantissa, exponent = mantissa * m, exponent + e
            if factor is not None:
                factors.append(factor)
        elif token[0] == "u":
            if dependency is None:
                dependency = token
            elif dependency[0] == "u":
                verdict.open = True
            else:
                wrong.add(ValueError)  # it may only come first
        elif token in ("x0", "y0") and dependency is None:
            dependency = token
        else:
            factors.append((token, None, False))
    if dependency is None:
        wrong.add(ValueError)
    while abs(mantissa) > 7 and mantissa % 2 == 0 and exponent < 8:
        mantissa, exponent = mantissa // 2, exponent + 1
    if not (-8 <= mantissa <= 7 and -7 <= exponent <= 8):
        wrong.add(ValueError)
    verdict.errors |= wrong
    return dependency or "", mantissa, exponent, factors


def _bracket(token: list[Any], wrong: set[type[Exception]]) -> tuple[int, int, Factor | None]:
    """What a bracket does to mantissa and exponent, and the factor that it is."""
    is_sgn = token[0] == "sgn("
    terms = [_signed(part) for part in _parts(token[1:])]
    values: list[tuple[int, Any]] = []
    for sign, words in terms:
        if len(words) == 3 and words[1] == "*" and _plain(words[0]) and _power(words[2]):
            words = [Number(words[0].mantissa, words[2].exponent, True)]  # n*2^e is one number
        if len(words) != 1 or isinstance(words[0], list) or words[0] == "*":
            wrong.add(ValueError)
            return 1, 0, None
        values.append((sign, words[0]))
    numbers = [(s, v) for s, v in values if isinstance(v, Number)]
    names = [(s, v) for s, v in values if isinstance(v, str)]
    if not names and len(numbers) == 1 and not is_sgn:
        ((sign, number),) = numbers
        return sign * number.mantissa, number.exponent, None
    if len(names) != 1 or len(numbers) > 1:
        wrong.add(ValueError)
        return 1, 0, None
    ((sign, name),) = names
    synaptic = name in ("w", "d", "t")
    if name[0] == "u" or (is_sgn and (not synaptic or sign < 0)) or (name in ("x0", "y0") and not numbers):
        wrong.add(ValueError)
    const = None
    if numbers:
        # c - v is -(v - c).
        ((s, number),) = numbers
        const = sign * s * number.mantissa * 2**number.exponent
    return sign, 0, (name, const, is_sgn)


def _plain(word: Any) -> bool:
    return isinstance(word, Number) and not word.power


def _power(word: Any) -> bool:
    return isinstance(word, Number) and word.power
