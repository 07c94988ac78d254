"""Neurons of one's own, as equations in fixed point: Izhikevich's, and the adaptive exponential one.

    python examples/tutorial/equations.py --out build/tutorial

A text of equations becomes a process with a model in Python and one for the chip. How many bits a state needs
behind the point is measured here: both neurons with 6 to 15 of them, against the same equations in floating
point. With more bits some number of a text does not fit into 32 any more; the text is refused then, and the
message says where. At the end both run as processes, in Python and in the interpreter of the chip.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lava_hw import HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source
from lava_hw.equations import (
    Equations,
    Graded,
    Input,
    OverflowInText,
    Parameter,
    Spikes,
    State,
    clip,
    mul,
    neuron,
    numpy_step,
    select,
    shift_by,
)

UNIT = 1 << 24
"""1 of a factor; products have 64 bits, so factors may be finer than states."""
CUT, PEAK, REST, THRESHOLD, SLOPE, STEP = 200, 20, -70.6, -50.4, 2.0, 0.25
CURRENTS = np.repeat(np.array([[0], [12], [30], [50], [80], [120]]), 1000, axis=1)
CURRENTS[:, :50] = 0


def times(x: Any, factor: float) -> Any:
    """A value times a number that is not whole."""
    return mul(x, round(factor * UNIT), 24)


def izhikevich(bits: int) -> type[Equations]:
    """Izhikevich's neuron with so many bits behind the point; a step is a millisecond, in two halves."""
    mv = 1 << bits

    class Izhikevich(Equations):
        """Voltages and currents in units of 2^-bits mV, a and b in units of 2^-24."""

        a_in = Input()
        s_out = Spikes()
        v_out = Graded()
        v = State(-CUT * mv, CUT * mv, init=-65 * mv)
        u = State(-400 * mv, 400 * mv, init=-13 * mv)
        a = Parameter(0, UNIT, init=round(0.02 * UNIT))
        b = Parameter(0, UNIT, init=round(0.2 * UNIT))
        c = Parameter(-100 * mv, 0, init=-65 * mv)
        d = Parameter(0, 20 * mv, init=8 * mv)

        def step(n: Any) -> None:
            """One step."""
            v, current = n.v, clip(n.a_in, 400 * mv)
            for _ in range(2):
                square = times(mul(v, v, bits), 0.04)
                v = clip(v + ((square + 5 * v + 140 * mv - n.u + current) >> 1), CUT * mv)
            u = clip(n.u + mul(mul(v, n.b, 24) - n.u, n.a, 24), 380 * mv)
            spikes = v >= 30 * mv
            n.s_out.send(spikes)
            n.v_out.send(v)
            n.v, n.u = select(spikes, n.c, v), select(spikes, u + n.d, u)

    return Izhikevich


def power_of_two(x: Any, bits: int) -> Any:
    """2^x; the whole part of x is a shift, the rest a polynomial."""
    whole = x >> bits
    part = x - (whole << bits)
    result: Any = 0
    for factor in (0.01353413, 0.05201147, 0.24144278, 0.69300383, 1.0000026):
        result = round(factor * (1 << bits)) + mul(part, result, bits)
    return shift_by(result, whole)


def exponential(bits: int) -> type[Equations]:
    """The adaptive exponential neuron with so many bits behind the point; a step is 0.25 ms."""
    mv = 1 << bits

    class AdaptiveExponential(Equations):
        """Voltages in units of 2^-bits mV; w, b and currents, too, as what they move the voltage by."""

        a_in = Input()
        s_out = Spikes()
        v_out = Graded()
        v = State(-100 * mv, PEAK * mv, init=round(REST * mv))
        w = State(-100 * mv, 100 * mv)
        a = Parameter(0, UNIT, init=round(4 / 30 * UNIT))
        b = Parameter(0, 10 * mv, init=round(80.5 / 30 * mv))

        def step(n: Any) -> None:
            """One step."""
            above = n.v - round(REST * mv)
            x = times(n.v - round(THRESHOLD * mv), math.log2(math.e) / SLOPE)
            rise = times(power_of_two(clip(x, -15 * mv, 11 * mv), bits), SLOPE)
            drive = rise - above - n.w + clip(n.a_in, 400 * mv)
            v = clip(n.v + times(drive, STEP * 30 / 281), -100 * mv, PEAK * mv)
            w = clip(n.w + times(mul(above, n.a, 24) - n.w, STEP / 144), 90 * mv)
            spikes = v >= PEAK * mv
            n.s_out.send(spikes)
            n.v_out.send(v)
            n.v, n.w = select(spikes, round(REST * mv), v), select(spikes, w + n.b, w)

    return AdaptiveExponential


def izhikevich_float(currents: np.ndarray) -> np.ndarray:
    """The voltages of Izhikevich's neuron in floating point."""
    v, u = np.full(len(currents), -65.0), np.full(len(currents), -13.0)
    voltages = []
    for current in currents.T:
        for _ in range(2):
            v = np.clip(v + (0.04 * v * v + 5 * v + 140 - u + current) / 2, -CUT, CUT)
        u = u + 0.02 * (0.2 * v - u)
        voltages.append(v)
        v, u = np.where(v >= 30, -65, v), np.where(v >= 30, u + 8, u)
    return np.array(voltages).T


def exponential_float(currents: np.ndarray) -> np.ndarray:
    """The voltages of the adaptive exponential neuron in floating point."""
    v, w = np.full(len(currents), REST), np.zeros(len(currents))
    voltages = []
    for current in currents.T:
        above = v - REST
        drive = SLOPE * np.exp((v - THRESHOLD) / SLOPE) - above - w + current
        v = np.clip(v + drive * STEP * 30 / 281, -100, PEAK)
        w = w + (4 / 30 * above - w) * STEP / 144
        voltages.append(v)
        v, w = np.where(v >= PEAK, REST, v), np.where(v >= PEAK, w + 80.5 / 30, w)
    return np.array(voltages).T


def in_fixed_point(text: type[Equations], bits: int, currents: np.ndarray) -> np.ndarray:
    """The voltages of a text: its step in numpy, without a process."""
    step = numpy_step(text.trace())
    numbers = np.arange(len(currents), dtype=np.int32)
    has = {each.name: np.full(len(numbers), each.init, np.int32) for each in text.of_kind(State, Parameter)}
    voltages = []
    for t, current in enumerate(currents.T.astype(np.int32), 1):
        sent, new = step({**has, "a_in": current << np.int32(bits)}, t, numbers)
        has.update(new)
        voltages.append(sent["v_out"] / (1 << bits))
    return np.array(voltages).T


Izhikevich = neuron(izhikevich(14))
AdaptiveExponential = neuron(exponential(14))
NEURONS: dict[
    str, tuple[Callable[[int], type[Equations]], Callable[[np.ndarray], np.ndarray], Any, float]
] = {
    "Izhikevich": (izhikevich, izhikevich_float, Izhikevich, 30),
    "adaptive exponential": (exponential, exponential_float, AdaptiveExponential, PEAK),
}


def moved(wanted: np.ndarray, got: np.ndarray, peak: float) -> str:
    """By how many steps the spikes of all neurons have moved, at most; or how many there are."""
    steps = 0
    for one, other in zip(wanted >= peak, got >= peak, strict=True):
        if one.sum() != other.sum():
            return f"{(got >= peak).sum()} for {(wanted >= peak).sum()}"
        steps = max([steps, *np.abs(np.flatnonzero(one) - np.flatnonzero(other)).tolist()])
    return str(steps)


def errors(name: str, all_bits: range = range(6, 17)) -> dict[int, tuple[float, str]]:
    """Median error of the voltage in mV, and what became of the spikes, for so many bits behind the point."""
    make, in_float, _, peak = NEURONS[name]
    wanted, found = in_float(CURRENTS), {}
    print(f"{name}: bits behind the point, median error of v in mV, steps by which spikes move")
    for bits in all_bits:
        try:
            got = in_fixed_point(make(bits), bits, CURRENTS)
        except OverflowInText as error:
            print(f"{bits:4}  refused: {Path(str(error)).name}")
            break
        found[bits] = float(np.median(np.abs(got - wanted))), moved(wanted, got, peak)
        print(f"{bits:4}{found[bits][0]:12.5f}  {found[bits][1]}")
    return found


def run(process: Any, run_cfg: Any) -> np.ndarray:
    """Spikes and voltages of a process, shape (2, neurons, steps)."""
    steps = 200
    source, neurons = Source(data=CURRENTS[:, :steps] << 14), process(shape=(len(CURRENTS),))
    spikes, voltages = (Sink(shape=(len(CURRENTS),), buffer=steps) for _ in range(2))
    source.s_out.connect(neurons.a_in)
    neurons.s_out.connect(spikes.a_in)
    neurons.v_out.connect(voltages.a_in)
    with neurons:
        neurons.run(RunSteps(num_steps=steps), run_cfg=run_cfg)
        return np.array([spikes.data.get(), voltages.data.get()])


def draw(found: dict[str, dict[int, tuple[float, str]]], path: Path) -> None:
    """Draw one neuron of each kind in floating and in fixed point, what is between them, and the errors."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(3, 2, figsize=(9, 7), layout="constrained", height_ratios=(3, 2, 3))
    shown = slice(0, 400)
    for column, (name, (make, in_float, _, _)) in zip(axes.T, NEURONS.items(), strict=True):
        wanted = in_float(CURRENTS)[2, shown]
        column[0].plot(wanted, color="black", lw=3, alpha=0.3, label="floating point")
        for bits, colour in ((8, "tab:orange"), (14, "tab:blue")):
            got = in_fixed_point(make(bits), bits, CURRENTS)[2, shown]
            column[0].plot(got, color=colour, lw=1, label=f"{bits} bits")
            column[1].semilogy(np.abs(got - wanted) + 1e-6, color=colour, lw=1)
        column[0].set(title=name, ylabel="v in mV")
        column[1].set(xlabel="step", ylabel="error in mV")
        column[2].semilogy(list(found[name]), [error for error, _ in found[name].values()], "o-")
        column[2].set(xlabel="bits behind the point", ylabel="median error in mV")
        column[2].grid(alpha=0.3)
    axes[0, 0].legend(loc="upper left", fontsize=8)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Print the errors of both neurons, draw them, and run both in Python and as microcode."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/tutorial"), help="folder for the picture")
    out = parser.parse_args(arguments).out
    found = {name: errors(name) for name in NEURONS}
    out.mkdir(parents=True, exist_ok=True)
    draw(found, out / "equations.png")
    print(f"picture: {out / 'equations.png'}")
    for name, (_, _, process, _) in NEURONS.items():
        python = run(process, Loihi2SimCfg(select_tag="fixed_pt"))
        chip = run(process, HwRunCfg(device="golden", chip="test8", require_chip=[process]))
        same = "the same" if np.array_equal(python, chip) else "NOT the same"
        instructions, spikes = len(process.program().body), int(python[0].sum())
        print(f"{name}: {instructions} instructions, {spikes} spikes, {same} on the chip")


if __name__ == "__main__":
    main()
