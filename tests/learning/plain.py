"""Learning in plain Python, synapse by synapse, written from docs/learning.md without the library's code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

BITS = {"x0": 1, "y0": 1, "w": 9, "d": 9, "t": 9, "x1": 7, "x2": 7, "y1": 7, "y2": 7, "y3": 7}
NAMES = {"dw": "w", "dd": "d", "dt": "t"}
X, Y = ("x1", "x2"), ("y1", "y2", "y3")


def clip(value, low, high):
    return min(max(value, low), high)


def wrap32(value):
    return (value + 2**31) % 2**32 - 2**31


def sign(value):
    return int(value > 0) - int(value < 0)


def text(products):
    """Products (dependency, mantissa, exponent, [(variable, constant, is_sgn)]) in the language of rules."""

    def factor(variable, const, is_sgn):
        inside = variable if const is None else f"{variable}{const:+d}"
        return f"sgn({inside})" if is_sgn else variable if const is None else f"({inside})"

    return " + ".join(
        "*".join([f"({m})", f"2^{e}", dependency, *(factor(*f) for f in factors)])
        for dependency, m, e, factors in products
    )


@dataclass
class Plain:
    """A connection that learns.

    Attributes
    ----------
    rule : dict
        dw, dd, dt (products), t_epoch, rng_seed, and impulses and time constants by name.
    weights, tag_1, tag_2 : list of lists
        [target][source]; None where there is no synapse.
    """

    rule: dict[str, Any]
    weights: list[list[Any]]
    tag_1: list[list[Any]]
    tag_2: list[list[Any]]
    graded: str = "USE_REGULAR_IMPULSE"
    bits: int = 0
    signs: str = "MIXED"
    third: bool = False
    fixed: bool = True
    t: int = 0
    state: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self):
        self.n_out, self.n_in = len(self.weights), len(self.weights[0])
        for name in ("tx", *X):
            self.state[name] = [0] * self.n_in
        for name in ("ty", *Y):
            self.state[name] = [0] * self.n_out
        self.a_buff = [0] * self.n_out
        self.impulse = {n: self.rule.get(f"{n}_impulse", 0) for n in X + Y}
        self.tau = {n: self.rule.get(f"{n}_tau", 0) for n in X + Y}
        if self.third:
            self.tau.update(dict.fromkeys(Y, 65535))
        if self.graded != "USE_REGULAR_IMPULSE":
            self.impulse["x1"] = 0
        if self.fixed:
            self.weights = [[w if w is None else self.truncated(w) for w in row] for row in self.weights]
        seed = self.rule["rng_seed"]
        self.generators = [np.random.default_rng(seed + i) for i in range(4)]
        self.rounding = np.random.default_rng(2)
        self.draw()
        self.rounding.random(1)

    def truncated(self, w):
        if self.signs == "MIXED":
            return w >> 1 << 1
        return w

    def draw(self):
        g = self.generators
        self.random = {"x": g[0].random(1)[0], "y": g[2].random(1)[0]}
        self.number = {side: int(g[i].integers(0, 128, size=1)[0]) for side, i in (("x", 1), ("y", 3))}

    def after_spike(self, value, name, number):
        impulse = self.impulse[name]
        if not self.fixed:
            return value + impulse
        whole = int(np.floor(impulse))
        return clip(value + whole + (number < round((impulse - whole) * 256)), 0, 127)

    def step(self, s_in, bap, ys=()):
        """One step; gives what is sent."""
        s, sent = self.state, self.a_buff
        self.t += 1
        epoch = self.rule["t_epoch"]
        time = (self.t - 1) % epoch + 1
        seen = [int(v) if self.bits else int(v != 0) for v in s_in]
        self.a_buff = [
            sum(w * v for w, v in zip(row, seen, strict=True) if w is not None) for row in self.weights
        ]
        for j, payload in enumerate(seen):
            self.pre(j, payload, time)
        self.draw()
        for i, spike in enumerate(bap):
            if spike:
                if s["ty"][i]:
                    for name in Y:
                        s[name][i] = self.after_spike(s[name][i], name, self.number["y"])
                s["ty"][i] = time
        for name, values in zip(Y, ys, strict=False):
            s[name] = [int(v) if self.fixed else v for v in values]
        self.draw()
        if self.t % epoch == 0:
            self.learn()
        return sent

    def pre(self, j, payload, time):
        s, spike = self.state, payload != 0
        again, counts = spike and s["tx"][j] > 0, spike
        if self.graded == "USE_REGULAR_IMPULSE":
            if again:
                s["x1"][j] = self.after_spike(s["x1"][j], "x1", 0)
        elif not self.fixed:
            s["x1"][j] = payload / 2 if self.graded == "OVERWRITE" and spike else s["x1"][j]
            s["x1"][j] += payload / 2 if self.graded != "OVERWRITE" else 0
        else:
            half = round(payload / 2) % 256
            total = (s["x1"][j] + half) % 256
            if self.graded == "OVERWRITE":
                s["x1"][j] = half if spike else s["x1"][j]
            elif self.graded == "ADD_WITH_SATURATION":
                s["x1"][j] = min(total, 127)
            else:
                s["x1"][j] = total - 127 if total > 127 else total
                counts, again = spike and total > 127, again and total > 127
        if again:
            s["x2"][j] = self.after_spike(s["x2"][j], "x2", 0)
        if counts:
            s["tx"][j] = time

    def history(self, name, neuron):
        side, s = name[0], self.state
        values = [s[name][neuron]]
        for step in range(1, self.rule["t_epoch"] + 1):
            tau = self.tau[name]
            value = (float(np.exp(-1 / np.array([tau]))[0]) if tau else 0.0) * values[-1]
            if self.fixed:
                whole = int(np.floor(value))
                value = whole + int(self.random[side] < value - whole)
            if s["t" + side][neuron] == step:
                value = self.after_spike(value, name, self.number[side])
            values.append(value)
        return values

    def learn(self):
        s = self.state
        rounding = self.rounding.random(1)[0]
        h = {n: [self.history(n, j) for j in range(len(s[n]))] for n in X + Y}
        new = {}
        for i in range(self.n_out):
            for j in range(self.n_in):
                if self.weights[i][j] is not None:
                    for target, name in NAMES.items():
                        if target in self.rule:
                            new[name, i, j] = self.changed(target, i, j, h, rounding)
        held = {"w": self.weights, "d": self.tag_2, "t": self.tag_1}
        for (name, i, j), value in new.items():
            held[name][i][j] = value
        for name in X if self.third else X + Y:
            s[name] = [values[-1] for values in h[name]]
        s["tx"], s["ty"] = [0] * self.n_in, [0] * self.n_out

    def changed(self, target, i, j, h, rounding):
        held = {"w": self.weights, "d": self.tag_2, "t": self.tag_1}
        tx, ty, epoch = self.state["tx"][j], self.state["ty"][i], self.rule["t_epoch"]
        value = held[NAMES[target]][i][j]
        acc = value * 128 if self.fixed else 0.0
        for dependency, mantissa, exponent, factors in self.rule[target]:
            if dependency[0] == "u":
                active, when = self.t // epoch % 2 ** int(dependency[1]) == 0, epoch
            else:
                active, when = (tx > 0, tx) if dependency == "x0" else (ty > 0, ty)
            if not self.fixed and not active:
                continue
            scale = mantissa if self.fixed else mantissa * 2.0**exponent
            product, width = scale * active, 4
            for variable, const, is_sgn in factors:
                if variable in ("x0", "y0"):
                    v = int(tx > 0) if variable == "x0" else int(ty > 0)
                elif variable[0] in "xy":
                    v = h[variable][j if variable[0] == "x" else i][when]
                else:
                    v = held[variable][i][j]
                v = v + (const or 0)
                v = sign(v) if is_sgn else v
                if self.fixed:
                    v = clip(v, -(2 ** BITS[variable]), 2 ** BITS[variable] - 1)
                    width += BITS[variable]
                product = product * v
            if self.fixed:
                product = wrap32(wrap32(product) >> max(0, width - 15) << (exponent + 7))
                product = clip(product, -32769, 32767)
                acc = clip(acc + product, -32769, 32767)
            else:
                acc += product
        name = NAMES[target]
        result = acc if self.fixed else value + acc
        if name == "d" or (name == "w" and self.signs == "EXCITATORY"):
            result = max(result, 0)
        if name == "w" and self.signs == "INHIBITORY":
            result = min(result, 0)
        if not self.fixed:
            return result
        whole = result // 128
        whole += int(rounding < (result - whole * 128) / 128)
        low, high = {"d": (0, 255), "t": (-257, 255)}.get(name) or {
            "MIXED": (-256, 255),
            "EXCITATORY": (0, 255),
            "INHIBITORY": (-255, 0),
        }[self.signs]
        return clip(whole, low, high)
