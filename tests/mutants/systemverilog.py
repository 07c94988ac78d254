"""Operators on SystemVerilog: where a design can be changed by one token, or by one statement.

Comments, strings, macros, assertions, ranges of declarations, parameters of modules, types, headers of loops,
and what only synthesis or only proofs see are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mutants.mutant import Site

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|\(\*(?!\)).*?\*\))
    |(?P<macro>`\w+)
    |(?P<number>(?:\d+)?'s?[bdhoBDHO][0-9a-fA-FxXzZ_?]+|'[01xz]|\d[\d_]*)
    |(?P<word>[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)
    |(?P<operator><<<|>>>|===|!==|==\?|&&|\|\||==|!=|<=|>=|<<|>>|\+:|-:|->|\+\+|--|[-+*/%&|^]=|::|.)""",
    re.VERBOSE | re.DOTALL,
)
_SWAPPED = {
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">="),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "&&": ("||",),
    "||": ("&&",),
    "&": ("|",),
    "|": ("&",),
    "^": ("|",),
    "+": ("-",),
    "-": ("+",),
    "*": ("+",),
    "<<": (">>",),
    ">>": ("<<",),
    ">>>": (">>",),
}
_ASSERTION = frozenset(("assert", "assume", "cover", "restrict", "property", "sequence"))
_WHOLE = frozenset(("import", "export", "typedef", "genvar", "module", "package", "parameter"))
"""Statements that are left alone up to their semicolon."""
_NOT_SIMULATED = frozenset(("SYNTHESIS", "FORMAL"))
_TYPES = frozenset(
    (
        "logic",
        "bit",
        "int",
        "integer",
        "input",
        "output",
        "inout",
        "signed",
        "unsigned",
        "reg",
        "wire",
        "automatic",
    )
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def sites(text: str) -> list[Site]:
    """Give all changes of a file."""
    tokens = _kept(_tokens(text))
    found: list[Site] = []
    assigned = False  # whether a statement already has its `=` or `<=`
    depth = 0
    for k, token in enumerate(tokens):
        before = tokens[k - 1] if k else None
        if token.text in ("(", "[", "{"):
            depth += 1
        elif token.text in (")", "]", "}"):
            depth -= 1
        if token.text in (";", "begin", "end", "else") or (token.text == ":" and not assigned):
            assigned = False
        if token.text == "=" and depth == 0:
            assigned = True
        elif token.text == "<=":
            if depth == 0 and not assigned:
                assigned = True
                found += _without_statement(tokens, k)
            else:
                found += [_instead(token, "<", "comparison"), _instead(token, ">", "comparison")]
        elif token.kind == "operator":
            found += _operator(token, before)
        elif token.kind == "number":
            found += _number(token, before, tokens[k + 1] if k + 1 < len(tokens) else None)
        elif token.text == "if":
            found += _condition(text, tokens, k)
    return found


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "skip":
            yield _Token(str(match.lastgroup), match.group(), match.start(), match.end())


def _kept(tokens: Iterator[_Token]) -> list[_Token]:
    """Leave out what is not changed."""
    every = list(tokens)
    kept: list[_Token] = []
    k = 0
    while k < len(every):
        token = every[k]
        if token.kind == "macro":
            k = _behind_macro(every, k)
        elif token.text in _ASSERTION:
            k = _behind(every, k, "endproperty" if token.text == "property" else ";")
        elif token.text in _WHOLE or (token.text == "assign" and every[k + 1].text == "unused"):
            k = _behind(every, k, ";")
        elif token.text == "for":
            k = _closed(every, k + 1)
        elif token.text == "[" and kept and _declares(kept):
            k = _closed(every, k)
        else:
            kept.append(token)
            k += 1
    return kept


def _declares(kept: list[_Token]) -> bool:
    """Whether a range follows a type, as in ``logic [7:0]`` and ``plan_t [1:0]``; or a name just declared."""
    return kept[-1].text in _TYPES or kept[-1].text.endswith("_t")


def _behind_macro(tokens: list[_Token], k: int) -> int:
    if tokens[k].text in ("`ifdef", "`ifndef"):
        if tokens[k + 1].text not in _NOT_SIMULATED:
            return k + 2
        depth = 0
        while k < len(tokens):
            depth += (tokens[k].text in ("`ifdef", "`ifndef")) - (tokens[k].text == "`endif")
            k += 1
            if not depth:
                break
        return k
    if k + 1 < len(tokens) and tokens[k + 1].text == "(":
        return _closed(tokens, k + 1)
    return k + 1


def _behind(tokens: list[_Token], k: int, end: str) -> int:
    """Give what follows the end of a statement; semicolons within braces and parentheses do not end it."""
    depth = 0
    while k < len(tokens):
        depth += (tokens[k].text in ("(", "{")) - (tokens[k].text in (")", "}"))
        k += 1
        if tokens[k - 1].text == end and depth == 0:
            break
    return k


def _closed(tokens: list[_Token], k: int) -> int:
    """Give what follows the bracket that closes the one at k."""
    depth = 0
    while k < len(tokens):
        depth += (tokens[k].text in ("(", "[", "{")) - (tokens[k].text in (")", "]", "}"))
        k += 1
        if not depth:
            break
    return k


def _instead(token: _Token, new: str, operator: str) -> Site:
    return Site(token.start, token.end, new, operator)


def _is_operand(token: _Token | None) -> bool:
    """Whether an operator behind it has two operands."""
    return token is not None and (
        token.kind == "number"
        or (token.kind == "word" and token.text != "return")
        or token.text in (")", "]", "}")
    )


def _operator(token: _Token, before: _Token | None) -> Iterator[Site]:
    if token.text in ("!", "~"):
        yield _instead(token, " ", "negation")
    elif token.text in _SWAPPED and _is_operand(before):
        kind = "comparison" if token.text[0] in "=!<>" and token.text[:2] not in ("<<", ">>") else "operation"
        for new in _SWAPPED[token.text]:
            yield _instead(token, new, kind)


def _number(token: _Token, before: _Token | None, behind: _Token | None) -> Iterator[Site]:
    is_width = behind is not None and behind.text == "'" and token.text.isdigit()
    if is_width or (before is not None and before.text in ("#", ".")):
        return
    if token.text in ("'0", "'1"):
        yield _instead(token, "'1" if token.text == "'0" else "'0", "constant")
        return
    size, quote, digits = token.text.partition("'")
    if not quote:
        yield _instead(token, str(int(size.replace("_", "")) + 1), "constant")
    elif digits[0] in "bdh" and not set(digits[1:]) & set("xXzZ?"):
        base = {"b": 2, "d": 10, "h": 16}[digits[0]]
        value = int(digits[1:].replace("_", ""), base)
        limit = 1 << int(size) if size else 2
        yield _instead(token, f"{size}'d{(value + 1) % limit}", "constant")


def _condition(text: str, tokens: list[_Token], k: int) -> Iterator[Site]:
    """Change the condition of an ``if`` into its opposite."""
    if k + 1 < len(tokens) and tokens[k + 1].text == "(":
        start, end = tokens[k + 1].start, tokens[_closed(tokens, k + 1) - 1].end
        yield Site(start, end, f"(!{text[start:end]})", "condition")


def _without_statement(tokens: list[_Token], k: int) -> Iterator[Site]:
    """Leave out the assignment whose ``<=`` is token k."""
    first = k - 1
    depth = 0
    while first > 0:
        token, before = tokens[first], tokens[first - 1]
        depth += (token.text in ("]", "}")) - (token.text in ("[", "{"))
        joined = token.text in ("[", ".") or before.text == "."
        if depth == 0 and not joined:
            break
        first -= 1
    last = k
    while last < len(tokens) and tokens[last].text != ";":
        last += 1
    yield Site(tokens[first].start, tokens[last].start, "", "assignment")
