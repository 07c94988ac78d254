"""Random learning rules: such as the language has, and such with something wrong."""

from __future__ import annotations

import random
from typing import Any

Rule = tuple[dict[str, str | None], dict[str, Any], bool]
"""Equations by target, the other arguments by name, and whether it has three factors."""
VARIABLES = ["x1", "x2", "y1", "y2", "y3", "w", "d", "t"]
# What a wrong rule may have in a place.
PIECES = [
    *("x0", "y0", "u0", "u1", "u", "x1", "y2", "w", "d", "t", "x3", "y4", "foo", "X1", "dw", "0.5", "."),
    *(
        "+",
        "-",
        "*",
        "**",
        "/",
        "^",
        "(",
        ")",
        "()",
        "sgn(",
        "sgn",
        "2^",
        "2^3",
        "2^-9",
        "2^9",
        "3*2^2",
        "12^2",
    ),
    *("(w+1)", "(y1+y2)", "(2*w)", "(w+1+2)", "((w))", "(x0)", "(-y1)", "(u0+1)", "(3-t)", "(1+2)", "(-4)"),
    *("sgn(x1)", "sgn(5)", "sgn(-w)", "sgn(3-w)", "sgn(d-2)", "0", "7", "8", "9", "11", "64", "100", " ", ""),
]


def number(r: random.Random) -> list[str]:
    """Words of a number."""
    value, exponent = str(r.randint(0, 12)), r.randint(-4, 4) if r.random() < 0.9 else r.randint(-10, 10)
    kinds = [["2^" + str(exponent)], [value, "*", f"2^{exponent}"], [value], ["(", value, ")"]]
    return r.choice([*kinds, ["(", "-", value, ")"]])


def factor(r: random.Random) -> list[str]:
    """Words of a factor that is no number."""
    variable, synaptic, spike = r.choice(VARIABLES), r.choice("wdt"), r.choice(["x0", "y0"])
    constant = str(r.randint(0, 150)) if r.random() < 0.9 else f"{r.randint(1, 9)}*2^{r.randint(0, 4)}"
    sign = r.choice("+-")
    kinds = [
        [variable],
        ["(", variable, sign, constant, ")"],
        ["(", constant, sign, variable, ")"],
        ["(", "-", variable, ")"],
        ["(", variable, ")"],
        ["sgn(", synaptic, ")"],
        ["sgn(", synaptic, sign, constant, ")"],
        [spike],
        ["(", spike, sign, constant, ")"],
    ]
    return r.choice(kinds)


def words(r: random.Random, k: int) -> list[str]:
    """Words of an equation."""
    found: list[str] = []
    for place in range(r.randint(1, 3)):
        sign = r.choice("+-" if place else ["", "", "-", "+"])
        found += [sign] if sign else []
        parts = [[r.choice(["x0", "y0", f"u{k}"])], *(factor(r) for _ in range(r.randint(0, 3)))]
        for _ in range(r.randint(0, 2)):
            parts.insert(r.randint(0, len(parts)), number(r))
        for i, part in enumerate(parts):
            found += (["*"] if i else []) + part
    return found


def equation(r: random.Random, k: int, wrong: bool) -> str:
    """Text of an equation, with one to three changes if it may be wrong.

    Spaces are in some places, also within words: they mean nothing.
    """
    pieces = words(r, k)
    for _ in range(r.randint(1, 3) if wrong else 0):
        place, other = (r.randrange(max(1, len(pieces))) for _ in range(2))
        change = r.choice(["insert", "remove", "replace", "double", "swap"])
        if change == "insert" or not pieces:
            pieces.insert(place, r.choice(PIECES))
        elif change == "remove":
            pieces.pop(place)
        elif change == "replace":
            pieces[place] = r.choice(PIECES)
        elif change == "double":
            pieces.insert(place, pieces[place])
        else:
            pieces[place], pieces[other] = pieces[other], pieces[place]
    text = r.choice(["", " "]).join(pieces)
    for _ in range(r.choice([0, 0, 1, 2])):
        place = r.randint(0, len(text))
        text = text[:place] + " " + text[place:]
    return text


def rule(r: random.Random, wrong: bool) -> Rule:
    """One rule; with ``wrong`` there is mostly something that must be refused."""
    ks = [r.randint(0, 3)] * 3
    if wrong and r.random() < 0.15:
        ks[r.randrange(3)] += 1
    targets = [target for target in ("dw", "dd", "dt") if r.random() < 0.5]
    if not targets and not (wrong and r.random() < 0.2):
        targets = ["dw"]
    texts: dict[str, str | None] = {
        target: equation(r, k, wrong and r.random() < 0.7) if target in targets else None
        for target, k in zip(("dw", "dd", "dt"), ks, strict=True)
    }
    third = r.random() < 0.5
    given: dict[str, Any] = {}
    for name in ("x1", "x2") if third else ("x1", "x2", "y1", "y2", "y3"):
        given[f"{name}_impulse"] = r.choice([0, 5, 16, 126, 3.25, 20.6])
        given[f"{name}_tau"] = r.choice([0, 1, 4, 12.5, 1000])
    given["t_epoch"] = r.randint(1, 5)
    if wrong and r.random() < 0.1:
        given[r.choice(sorted(given))] = r.choice([-1, -0.5, 0])
    return texts, given, third
