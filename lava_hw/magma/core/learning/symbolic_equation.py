"""Text of a learning rule to symbols (Lava's path)."""

from __future__ import annotations

import re
from typing import ClassVar, TypeVar

__all__ = [
    "SYMBOL_CLASSES",
    "X0",
    "Y0",
    "Addition",
    "BracketExpression",
    "Dependency",
    "Expression",
    "FactorSym",
    "Literal",
    "Multiplication",
    "Operator",
    "SgnExpression",
    "Subtraction",
    "Symbol",
    "SymbolList",
    "SymbolicEquation",
    "Uk",
    "Variable",
]

_S = TypeVar("_S", bound="Symbol")
_E = TypeVar("_E", bound="Expression")


class Symbol:
    """Part of an equation; a subclass says by a pattern how it is written.

    Parameters
    ----------
    expr : str
        Its text.
    """

    pattern: ClassVar[str] = ""

    def __init__(self, expr: str = "") -> None:
        self.expr = expr
        self._read()

    def _read(self) -> None:
        """Take the text apart."""

    @classmethod
    def find(cls: type[_S], expr: str) -> tuple[_S | None, str]:
        """Look for a symbol of this kind at the beginning of a text.

        Returns
        -------
        symbol : Symbol or None
            None if the text begins with something else.
        rest : str
            What follows the symbol.
        """
        found = re.match(cls.pattern, expr) if cls.pattern else None
        if found is None:
            return None, expr
        return cls(found.group()), expr[found.end() :]

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.expr})"


class SymbolList(Symbol):
    """Symbols in a row."""

    def __init__(self) -> None:
        super().__init__()
        self._list: list[Symbol] = []

    @property
    def list(self) -> list[Symbol]:
        """The symbols."""
        return self._list

    def append(self, symbol: Symbol) -> None:
        """Take a symbol in at the end."""
        self._list.append(symbol)
        self.expr += symbol.expr

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self._list))}]"


class Operator(Symbol):
    """Joins two others."""


class Addition(Operator):
    """The plus sign."""

    pattern = r"\+"


class Subtraction(Operator):
    """The minus sign."""

    pattern = r"-"


class Multiplication(Operator):
    """The asterisk."""

    pattern = r"\*"


class FactorSym(Symbol):
    """Something that a product may contain."""


class Dependency(FactorSym):
    """Says when a product counts."""


class X0(Dependency):
    """A spike of the source."""

    pattern = "x0"


class Y0(Dependency):
    """A spike of the target."""

    pattern = "y0"


class Uk(Dependency):
    """One of each 2^k epochs.

    Attributes
    ----------
    decimate_exponent : int or None
        The k; one digit.
    """

    pattern = r"u[0-9]"
    decimate_exponent: int | None = None

    def _read(self) -> None:
        self.decimate_exponent = int(self.expr[1:]) if self.expr else None


class Variable(FactorSym):
    """A trace, or a variable of the synapse."""

    pattern = r"x[12]|y[123]|[wdt]"


class Literal(Symbol):
    """A number: ``n``, ``2^e`` or ``n*2^e``, each with or without a sign.

    Attributes
    ----------
    mantissa, base, exponent : int
        It is mantissa * base^exponent; the base is 2, or 1 if there is no exponent.
    """

    pattern = r"[+-]?[0-9]+\*2\^[+-]?[0-9]+|[+-]?2\^[+-]?[0-9]+|[+-]?[0-9]+"
    mantissa = 0
    base = 1
    exponent = 0

    def _read(self) -> None:
        if not self.expr:
            return
        number, power, exponent = self.expr.partition("^")
        if not power:
            self.mantissa = int(number)
            return
        self.base, self.exponent = 2, int(exponent)
        mantissa, times, _ = number.rpartition("*")
        self.mantissa = int(mantissa) if times else int(number) // 2

    @property
    def number(self) -> int | float:
        """Its value; an int if the exponent is not negative."""
        return self.mantissa * self.base**self.exponent

    @property
    def val(self) -> int:
        """Its value, truncated to an integer."""
        return int(self.number)


class Expression(FactorSym):
    """Symbols in brackets.

    Attributes
    ----------
    sub_expr : str or None
        Text between the brackets.
    symbol_list : SymbolList or None
        Its symbols.
    """

    opening: ClassVar[str] = ""
    sub_expr: str | None = None
    symbol_list: SymbolList | None = None

    @classmethod
    def find(cls: type[_E], expr: str) -> tuple[_E | None, str]:
        """See Symbol.

        Raises
        ------
        ValueError
            If the bracket is not closed.
        """
        if not expr.startswith(cls.opening):
            return None, expr
        depth = 1
        for place in range(len(cls.opening), len(expr)):
            depth += {"(": 1, ")": -1}.get(expr[place], 0)
            if depth == 0:
                return cls(expr[: place + 1]), expr[place + 1 :]
        raise ValueError(f"Learning rule: the bracket of '{expr}' is not closed.")

    def _read(self) -> None:
        self.sub_expr = self.expr[len(self.opening) : -1] if self.expr else None

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.symbol_list})"


class BracketExpression(Expression):
    """``(...)``."""

    opening = "("


class SgnExpression(Expression):
    """``sgn(...)``, the sign: -1, 0 or 1."""

    opening = "sgn("


SYMBOL_CLASSES: list[type[Symbol]] = [
    Addition,
    Subtraction,
    Multiplication,
    X0,
    Y0,
    Uk,
    Variable,
    BracketExpression,
    SgnExpression,
    Literal,
]
"""In the order in which they are looked for."""


class SymbolicEquation:
    """The right side of an equation of a learning rule, as symbols. Spaces mean nothing.

    Parameters
    ----------
    target : str
        Its left side: dw, dd or dt.
    str_learning_rule : str
        Its right side.

    Raises
    ------
    AttributeError
        If there is text that is no symbol.
    ValueError
        If a bracket is not closed.
    """

    def __init__(self, target: str, str_learning_rule: str) -> None:
        self._target = target
        self._text = str_learning_rule
        self._symbol_list = self._parse(str_learning_rule.replace(" ", ""))

    @property
    def target(self) -> str:
        """The left side."""
        return self._target

    @property
    def symbol_list(self) -> SymbolList:
        """The right side."""
        return self._symbol_list

    def _parse(self, text: str) -> SymbolList:
        symbols, rest = SymbolList(), text
        while rest or not symbols.list:
            for kind in SYMBOL_CLASSES:
                symbol, rest = kind.find(rest)
                if symbol is not None:
                    break
            else:
                raise AttributeError(
                    f"Learning rule {self._target} = '{self._text}': cannot read "
                    f"{f'from {rest!r} on' if rest else 'an empty expression'}. Products consist of x0, y0, "
                    "u0 to u9, x1, x2, y1, y2, y3, w, d, t, (variable + constant), sgn(w), integers and "
                    "powers 2^e, joined by *."
                )
            if isinstance(symbol, Expression):
                symbol.symbol_list = self._parse(symbol.sub_expr or "")
            symbols.append(symbol)
        return symbols
