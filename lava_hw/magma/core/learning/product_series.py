"""Symbols of a learning rule to a sum of products (Lava's path)."""

from __future__ import annotations

from dataclasses import dataclass, field

import lava_hw.magma.core.learning.string_symbols as str_symbols
from lava_hw.magma.core.learning.symbolic_equation import (
    Addition,
    BracketExpression,
    Dependency,
    Expression,
    Literal,
    Multiplication,
    SgnExpression,
    Subtraction,
    Symbol,
    SymbolicEquation,
    Uk,
    Variable,
)

__all__ = ["Factor", "Product", "ProductSeries"]

_SCALE_BIAS = 7


class Factor:
    """A variable, plus a constant, or the sign of that.

    Parameters
    ----------
    state_var : str
        x0, y0, a trace, w, d, t, or C for a constant alone.
    const : int, optional
        What is added; a float if it was written with a negative exponent.
    is_sgn : bool
        Whether the sign is meant; for w, d and t only.

    Raises
    ------
    ValueError
        If there is no such variable, or none of which the sign can be taken.
    """

    def __init__(self, state_var: str, const: float | None = None, is_sgn: bool = False) -> None:
        if state_var not in str_symbols.FACTOR_STATE_VARS:
            raise ValueError(
                f"Learning rule: there is no factor '{state_var}'. "
                f"There are {', '.join(sorted(str_symbols.FACTOR_STATE_VARS))}."
            )
        if is_sgn and state_var not in str_symbols.SYNAPTIC_VARIABLES:
            raise ValueError(f"Learning rule: sgn() takes w, d or t, not '{state_var}'.")
        self._state_var = state_var
        self._const = const
        self._is_sgn = is_sgn

    @property
    def state_var(self) -> str:
        """Name of the variable."""
        return self._state_var

    @property
    def const(self) -> float | None:
        """What is added, or None."""
        return self._const

    @property
    def is_sgn(self) -> bool:
        """Whether the sign is meant."""
        return self._is_sgn

    @property
    def factor_type(self) -> str:
        """Name of its kind on Loihi."""
        if self._state_var == str_symbols.C:
            return self._state_var
        const = "2C" if self._state_var in (str_symbols.W, str_symbols.T) else "C"
        text = f"{self._state_var}+{const}"
        return f"sgn({text})" if self._is_sgn else text

    def has_const(self) -> bool:
        """Whether something is added."""
        return self._const is not None

    def __str__(self) -> str:
        return f"({self.factor_type}, C = {self._const})"


class Product:
    """A scale, a dependency and factors, multiplied.

    Parameters
    ----------
    target : str
        dw, dd or dt.
    dependency : str
        x0, y0 or u.
    s_mantissa, s_exp : int
        The scale is s_mantissa * 2^(s_exp - 7).
    factors : list of Factor
        May be empty.
    decimate_exponent : int, optional
        The K of u; given if and only if the dependency is u.

    Raises
    ------
    ValueError
        If there is no such target or dependency, or decimate_exponent does not go with it.
    """

    def __init__(
        self,
        target: str,
        dependency: str,
        s_mantissa: int,
        s_exp: int,
        factors: list[Factor],
        decimate_exponent: int | None = None,
    ) -> None:
        if target not in str_symbols.LEARNING_RULE_TARGETS:
            raise ValueError(f"Learning rule: there is no target '{target}'; there are dw, dd and dt.")
        if dependency not in str_symbols.DEPENDENCIES:
            raise ValueError(
                f"Learning rule {target}: there is no dependency '{dependency}'; there are x0, y0 and u."
            )
        if (decimate_exponent is None) == (dependency == str_symbols.U):
            raise ValueError(
                f"Learning rule {target}: a product depends on u0 to u9 or on spikes, not on both; write uK "
                f"first. Its dependency is {dependency}, its K is {decimate_exponent}."
            )
        self._target = target
        self._dependency = dependency
        self._s_mantissa = s_mantissa
        self._s_exp = s_exp
        self._factors = factors
        self._decimate_exponent = decimate_exponent

    @property
    def target(self) -> str:
        """dw, dd or dt."""
        return self._target

    @property
    def dependency(self) -> str:
        """x0, y0 or u."""
        return self._dependency

    @property
    def decimate_exponent(self) -> int | None:
        """The K of u, or None."""
        return self._decimate_exponent

    @property
    def s_mantissa(self) -> int:
        """Mantissa of the scale, -8 to 7."""
        return self._s_mantissa

    @property
    def s_exp(self) -> int:
        """Exponent of the scale plus 7, 0 to 15."""
        return self._s_exp

    @property
    def factors(self) -> list[Factor]:
        """The factors, in the order in which they were written."""
        return self._factors

    def __str__(self) -> str:
        head = (
            f"    Product: dependency={self._dependency}, scaling={self._s_mantissa}*2^({self._s_exp}-7), "
            f"target={self._target}, num_factors={len(self._factors)}\n        Factors:\n"
        )
        return head + "".join(f"            {factor}\n" for factor in self._factors)


class ProductSeries:
    """Products that are added to a variable of a synapse.

    Parameters
    ----------
    symbolic_equation : SymbolicEquation
        What to understand.

    Raises
    ------
    ValueError
        If a product has no dependency, a scale does not fit into its bits, a bracket is not of a form that
        can be computed, or the K of several u differ.
    """

    def __init__(self, symbolic_equation: SymbolicEquation) -> None:
        self._target = symbolic_equation.target
        self._decimate_exponent: int | None = None
        self._products = [self._product(symbols) for symbols in _separate(symbolic_equation.symbol_list.list)]

    @property
    def target(self) -> str:
        """dw, dd or dt."""
        return self._target

    @property
    def decimate_exponent(self) -> int | None:
        """The K of u, or None."""
        return self._decimate_exponent

    @property
    def products(self) -> list[Product]:
        """The products, in the order in which they were written."""
        return self._products

    @property
    def active_traces_per_dependency(self) -> dict[str, set[str]]:
        """For each dependency the traces that appear with it."""
        found: dict[str, set[str]] = {}
        for product in self._products:
            traces = {f.state_var for f in product.factors} & str_symbols.TRACES
            found.setdefault(product.dependency, set()).update(traces)
        return found

    def __str__(self) -> str:
        head = f"ProductSeries: decimate_exponent={self._decimate_exponent}\n"
        return head + "".join(map(str, self._products))

    def _product(self, symbols: list[Symbol]) -> Product:
        """One product, from the symbols between two signs of a sum."""
        draft = _Draft(self._target, "".join(symbol.expr for symbol in symbols))
        for symbol in symbols:
            draft.take(symbol)
        exponents = {k for k in (self._decimate_exponent, draft.decimate_exponent) if k is not None}
        if len(exponents) > 1:
            raise ValueError(
                f"Learning rule {self._target}: u{min(exponents)} and u{max(exponents)} in one rule; "
                "all must be the same."
            )
        self._decimate_exponent = max(exponents, default=None)
        return draft.product()


def _separate(symbols: list[Symbol]) -> list[list[Symbol]]:
    """Divide a sum before each of its signs."""
    products: list[list[Symbol]] = [[]]
    for symbol in symbols:
        if isinstance(symbol, (Addition, Subtraction)) and products[-1]:
            products.append([])
        products[-1].append(symbol)
    return products


@dataclass
class _Draft:
    """A product while its symbols are read."""

    target: str
    text: str
    mantissa: int = 1
    exponent: int = 0
    dependency: str | None = None
    decimate_exponent: int | None = None
    factors: list[Factor] = field(default_factory=list)
    operator: bool = True

    def take(self, symbol: Symbol) -> None:
        """Read one symbol."""
        after_operator, self.operator = self.operator, isinstance(symbol, (Addition, Subtraction))
        if isinstance(symbol, Multiplication):
            if after_operator:
                raise self.wrong("a * that joins no two factors")
            self.operator = True
        elif isinstance(symbol, Subtraction):
            self.mantissa = -self.mantissa
        elif isinstance(symbol, Uk):
            self.decimate_exponent = symbol.decimate_exponent
            self.dependency = self.dependency or str_symbols.U
        elif isinstance(symbol, Dependency):
            if self.dependency is None:
                self.dependency = symbol.expr
            else:
                self.factors.append(Factor(symbol.expr))
        elif isinstance(symbol, Literal):
            self.scale(symbol)
        elif isinstance(symbol, Variable):
            self.factors.append(Factor(symbol.expr))
        elif isinstance(symbol, Expression):
            self.take_bracket(symbol)

    def take_bracket(self, bracket: Expression) -> None:
        """Read a bracket: +-number, +-variable, or a sum of one of each."""
        symbols = bracket.symbol_list.list if bracket.symbol_list is not None else []
        terms = [_term(part) for part in _separate(symbols)]
        of_sign = isinstance(bracket, SgnExpression)
        numbers = [(sign, s) for sign, s in terms if isinstance(s, Literal)]
        others = [(sign, s) for sign, s in terms if isinstance(s, (Variable, Dependency))]
        if isinstance(bracket, BracketExpression) and len(numbers) == len(terms) == 1:
            ((sign, number),) = numbers
            self.scale(number)
            self.mantissa *= sign
            return
        if len(others) != 1 or len(numbers) + 1 != len(terms) or len(terms) > 2:
            raise self.wrong(f"'{bracket.expr}', which is not of the form (variable + constant)")
        ((sign, variable),) = others
        if isinstance(variable, Dependency) and not numbers:
            raise self.wrong(f"'{bracket.expr}'; write {variable.expr} without brackets")
        if of_sign and variable.expr not in str_symbols.SYNAPTIC_VARIABLES:
            raise self.wrong(f"'{bracket.expr}'; sgn() takes w, d or t")
        if of_sign and sign < 0:
            raise self.wrong(f"'{bracket.expr}', whose variable is negative; write -sgn(...) instead")
        # -(v - c) for c - v.
        self.mantissa *= sign
        const = sign * numbers[0][0] * numbers[0][1].number if numbers else None
        self.factors.append(Factor(variable.expr, const, is_sgn=of_sign))

    def scale(self, number: Literal) -> None:
        """Multiply the scale."""
        self.mantissa *= number.mantissa
        self.exponent += number.exponent

    def wrong(self, what: str) -> ValueError:
        """An error that names the product."""
        return ValueError(f"Learning rule {self.target}: the product '{self.text}' has {what}.")

    def product(self) -> Product:
        """The complete product; the scale brought into its bits."""
        mantissa, exponent = self.mantissa, self.exponent
        while abs(mantissa) > 7 and mantissa % 2 == 0 and exponent < 8:
            mantissa //= 2
            exponent += 1
        if self.operator:
            raise self.wrong("no factor after its last sign, and so no dependency")
        if self.dependency is None:
            raise self.wrong("no dependency; each needs one of x0, y0, u0 to u9")
        if not -8 <= mantissa < 8:
            raise self.wrong(
                f"the scale {mantissa} * 2^{exponent}; the mantissa must lie between -8 and 7. "
                "Write the next number m * 2^e of this form"
            )
        if not -7 <= exponent < 9:
            raise self.wrong(f"the scale {mantissa} * 2^{exponent}; the exponent must lie between -7 and 8")
        return Product(
            self.target,
            self.dependency,
            mantissa,
            exponent + _SCALE_BIAS,
            self.factors,
            self.decimate_exponent,
        )


def _term(symbols: list[Symbol]) -> tuple[int, Symbol | None]:
    """Sign and symbol of a term in a bracket; None if it consists of anything else."""
    sign = -1 if symbols and isinstance(symbols[0], Subtraction) else 1
    rest = symbols[1:] if symbols and isinstance(symbols[0], (Addition, Subtraction)) else symbols
    return sign, rest[0] if len(rest) == 1 else None
