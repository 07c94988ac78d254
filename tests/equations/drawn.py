"""Random texts of neurons: deep expressions of all operations, many values alive at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.equations import (
    FLOOR,
    TOWARD_ZERO,
    Equations,
    Graded,
    Input,
    MaskValue,
    Parameter,
    Spikes,
    State,
    Value,
    absolute,
    clip,
    index,
    maximum,
    minimum,
    mul,
    neuron,
    select,
    shift_by,
    time,
    wrap24,
    wrapping,
)

Random = np.random.Generator


def number(r: Random) -> int:
    """A small number, an end of a range, or any."""
    kind = r.integers(4)
    if kind == 0:
        return int(r.integers(-40, 40))
    if kind == 1:
        return int(r.choice([-(2**31), 2**31 - 1, 2**23, -(2**23), 2**24, 0, 1, -1, 32, 31, -32, -33]))
    return int(r.integers(-(2**31), 2**31)) >> int(r.integers(0, 31))


class Pool:
    """Values and masks of a step, of which new ones are made."""

    def __init__(self, r: Random, values: list[Value]) -> None:
        self.r, self.values = r, values
        self.masks: list[MaskValue] = [values[0] > number(r)]

    def one(self) -> Value:
        """A value, the newer ones more often."""
        at = len(self.values) - 1 - int(self.r.exponential(4)) % len(self.values)
        return self.values[at]

    def other(self) -> Any:
        """A value or a number."""
        return number(self.r) if self.r.random() < 0.3 else self.one()

    def mask(self) -> MaskValue:
        """A mask."""
        return self.masks[self.r.integers(len(self.masks))]

    def grow(self) -> None:
        """Make one more."""
        r = self.r
        rounding = FLOOR if r.random() < 0.5 else TOWARD_ZERO
        makers: list[Any] = [
            lambda: wrapping(self.one() + self.other()),
            lambda: wrapping(self.other() - self.one()),
            lambda: wrapping(self.one() - self.other()),
            lambda: wrapping(mul(self.one(), self.other(), int(r.integers(0, 64)), rounding)),
            lambda: wrapping(self.one() << int(r.integers(0, 32))),
            lambda: self.one() >> int(r.integers(0, 32)),
            lambda: wrapping(shift_by(self.one(), self.other())),
            lambda: minimum(self.one(), self.other()),
            lambda: maximum(self.other(), self.one()),
            lambda: clip(self.one(), abs(number(r)) % 2**31),
            lambda: wrapping(absolute(maximum(self.one(), 1 - 2**31))),
            lambda: wrapping(wrap24(self.one())),
            lambda: select(self.mask(), self.other(), self.one()),
            lambda: select(self.mask(), self.one(), self.other()),
            lambda: wrapping(self.one() + self.one() - self.other()),
            time,
            index,
        ]
        conditions: list[Any] = [
            lambda: self.one() > self.other(),
            lambda: self.one() <= self.other(),
            lambda: self.one() < self.other(),
            lambda: self.one() >= self.other(),
            lambda: self.one() == self.other(),
            lambda: self.one() != self.other(),
            lambda: self.mask() & self.mask(),
            lambda: self.mask() | ~self.mask(),
            lambda: self.mask() ^ self.mask(),
            lambda: ~self.mask(),
        ]
        if r.random() < 0.35:
            self.masks.append(conditions[r.integers(len(conditions))]())
        else:
            self.values.append(makers[r.integers(len(makers))]())


def drawn(seed: int, module: str) -> Any:
    """A process of a random text; its models are put into a module."""
    r = np.random.default_rng(seed)
    states = [f"s{k}" for k in range(r.integers(1, 5))]
    parameters = [f"k{k}_" for k in range(r.integers(0, 3))]
    inputs = [f"in{k}" for k in range(r.integers(1, 4))]
    size, steps = int(r.integers(3, 60)), np.random.default_rng([seed, 1])

    def step(n: Any) -> None:
        old = {name: getattr(n, name) for name in states}
        # A text is traced once, but its generator must not be used twice.
        pool = Pool(
            np.random.default_rng([seed, 2]), [getattr(n, name) for name in (*inputs, *states, *parameters)]
        )
        for k in range(size):
            pool.grow()
            if k % 7 == 6:
                setattr(n, states[k % len(states)], pool.one())
        for name in states:
            kind = pool.r.random()
            if kind < 0.5:
                setattr(n, name, pool.one())
            elif kind < 0.7:
                setattr(n, name, select(pool.mask(), pool.one(), old[name]))
            elif kind < 0.9:
                setattr(n, name, select(pool.mask(), old[name], pool.other()))
        n.spikes.send(pool.mask())
        n.both.send(pool.mask(), negative=pool.mask())
        n.values.send(pool.one())
        n.some.send(pool.one(), where=pool.mask())

    members: dict[str, Any] = {"step": step, "__module__": module}
    members |= {name: Input(int(steps.integers(0, 8))) for name in inputs}
    members |= {name: State(init=number(steps)) for name in states}
    members |= {name: Parameter(init=number(steps)) for name in parameters}
    members |= {"spikes": Spikes(), "both": Spikes(signed=True), "values": Graded(), "some": Graded()}
    made = type(f"Drawn{seed}", (Equations,), members)
    for name, member in members.items():
        if hasattr(member, "__set_name__"):
            member.__set_name__(made, name)
    return neuron(made)
