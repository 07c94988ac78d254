"""Texts: what a neuron has, and what it does in a step, written once as a class."""

from __future__ import annotations

from typing import Any, ClassVar

from lava_hw.equations.errors import EquationsError, OverflowInText
from lava_hw.equations.graph import LEAST, MOST, Node, TextTrace, exact, interval, tracing
from lava_hw.equations.values import MaskValue, Value
from lava_hw.isa import AsmError, Names

__all__ = ["Equations", "Graded", "Input", "Parameter", "Spikes", "State"]


class _Declared:
    """Something that a text has; its name is that of the attribute."""

    name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


class _Ranged(_Declared):
    def __init__(
        self,
        low: int | None = None,
        high: int | None = None,
        *,
        bits: int | None = None,
        init: int | None = None,
    ) -> None:
        if bits is not None:
            if low is not None or high is not None or not 1 <= bits <= 32:
                raise EquationsError(f"bits={bits} is a number from 1 to 32, in place of low and high")
            low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        self.low, self.high = LEAST if low is None else low, MOST if high is None else high
        if not LEAST <= self.low <= self.high <= MOST:
            raise EquationsError(f"{self.low} to {self.high} is no range of 32 bits")
        self.init = init


class State(_Ranged):
    """A number for each neuron that is kept from step to step.

    Parameters
    ----------
    low, high : int, optional
        Its range, by default that of 32 bits. A step that may leave it is an error of the text.
    bits : int, optional
        The range of a signed number of so many bits.
    init : int, default 0
        Initial value, where a process does not give another one.
    """

    def __init__(self, *args: Any, init: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, init=init, **kwargs)


class Parameter(_Ranged):
    """A number that steps do not change: one for all neurons, or one for each; see State.

    Without `init` a process has to give it.
    """


class Input(_Declared):
    """An in port: the sum of what has arrived, shifted left.

    Parameters
    ----------
    shift : int, default 0
        0 to 31; the shifted sum wraps at 32 bits.
    broadcast : bool, default False
        Whether all neurons get what arrives at the first element.
    """

    def __init__(self, shift: int = 0, broadcast: bool = False) -> None:
        if not 0 <= shift <= 31:
            raise EquationsError(f"Input(shift={shift}) is no shift from 0 to 31")
        self.shift, self.broadcast = shift, broadcast


class Spikes(_Declared):
    """An out port for spikes.

    Parameters
    ----------
    signed : bool, default False
        Whether spikes of -1 are sent, too.
    """

    mode = "mask"

    def __init__(self, signed: bool = False) -> None:
        self.signed = signed


class Graded(_Declared):
    """An out port for values of 32 bits; where a value is 0 nothing is sent."""

    mode = "graded"


class _Out:
    """An out port in a step."""

    def __init__(self, trace: TextTrace, port: Spikes | Graded) -> None:
        self._trace, self._port = trace, port

    def send(self, what: Any, where: Any = None, negative: Any = None) -> None:
        """Send spikes where a mask holds (`negative`: -1 where another one does), or values where it does."""
        name = self._port.name
        if any(effect[:2] == ("send", name) for effect in self._trace.effects):
            raise EquationsError(f"{name}.send was called already in this step; send once")
        if isinstance(self._port, Spikes):
            signed = isinstance(negative, MaskValue)
            if not isinstance(what, MaskValue) or where is not None or (negative is not None and not signed):
                raise EquationsError(f"{name} sends spikes: give a mask, such as v > limit")
            if signed and not self._port.signed:
                raise EquationsError(f"{name} is not signed; declare Spikes(signed=True)")
            self._trace.effects.append(("send", name, what.node, negative.node if signed else None))
            return
        if (
            not isinstance(what, Value)
            or negative is not None
            or not isinstance(where, (MaskValue, type(None)))
        ):
            raise EquationsError(f"{name} sends values: give a Value, and a mask as where=")
        node = exact(what.node, f"{name}.send")
        self._trace.effects.append(("send", name, node, None if where is None else where.node))


class _Step:
    """What `step` gets: inputs, states, parameters and out ports by name."""

    def __init__(self, text: type[Equations], trace: TextTrace) -> None:
        object.__setattr__(self, "_text", text)
        object.__setattr__(self, "_trace", trace)
        object.__setattr__(self, "_now", {})

    def __getattr__(self, name: str) -> Any:
        declared = self._text.declared().get(name)
        if name in self._now:
            return Value(self._now[name])
        if isinstance(declared, (State, Parameter)):
            op = "state" if isinstance(declared, State) else "parameter"
            return Value(self._trace.node(op, (), (name,), declared.low, declared.high))
        if isinstance(declared, Input):
            return Value(self._trace.node("input", (), (name,), LEAST, MOST))
        if isinstance(declared, (Spikes, Graded)):
            return _Out(self._trace, declared)
        raise EquationsError(f"{self._text.__name__} declares no {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        declared = self._text.declared().get(name)
        if not isinstance(declared, State):
            raise EquationsError(f"{self._text.__name__}.{name} is no State, and only states are set")
        node = value.node if isinstance(value, Value) else self._number(value)
        exact(node, f"the state {name}")
        if node.low < declared.low or node.high > declared.high:
            raise OverflowInText(
                f"{node.where}: the state {name} has the range [{declared.low}, {declared.high}], and "
                f"{node.op} gives {interval(node)}. Clip it, or declare more for the state."
            )
        self._now[name] = node
        self._trace.effects[:] = [e for e in self._trace.effects if e[:2] != ("store", name)]
        self._trace.effects.append(("store", name, node))

    def _number(self, value: Any) -> Node:
        if isinstance(value, bool) or not isinstance(value, int):
            raise EquationsError(f"{value!r} is no Value and no Python int")
        return self._trace.node("number", (), (value,), value, value)


class Equations:
    """Parent of texts. A subclass declares inputs, out ports, states and parameters, and defines `step`.

    ::

        class Counting(Equations):
            a_in = Input()
            s_out = Spikes()
            count = State()
            limit = Parameter(1, 1 << 20)

            def step(n):
                count = wrapping(n.count + n.a_in)
                spikes = count > n.limit
                n.s_out.send(spikes)
                n.count = select(spikes, 0, count)

    `step` is run once, with values that stand for all neurons. It has no if and no loops over values.
    """

    _declared: ClassVar[dict[str, Any]]
    _trace: ClassVar[TextTrace]

    @classmethod
    def declared(cls) -> dict[str, Any]:
        """What the text declares, in order, by name; parents first."""
        if "_declared" not in cls.__dict__:
            cls._declared = {
                name: value
                for parent in reversed(cls.__mro__)
                for name, value in vars(parent).items()
                if isinstance(value, _Declared)
            }
            try:
                Names(tuple(cls._declared))
            except AsmError as error:
                raise EquationsError(f"{cls.__name__}: {error}") from None
        return cls._declared

    @classmethod
    def of_kind(cls, *kinds: type[Any]) -> list[Any]:
        """What it declares of some kinds, in order."""
        return [each for each in cls.declared().values() if isinstance(each, kinds)]

    @classmethod
    def trace(cls) -> TextTrace:
        """What a step computes; traced once."""
        if "_trace" not in cls.__dict__:
            trace = TextTrace()
            with tracing(trace):
                cls.step(_Step(cls, trace))
            cls._trace = trace
        return cls._trace

    def step(n: Any) -> None:  # n are the neurons
        """One step of the neurons."""
        raise EquationsError(f"{type(n).__name__} must define step(n)")
