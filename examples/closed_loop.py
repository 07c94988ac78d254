"""Hardware in the loop: an inverted pendulum in Python, held upright by a spiking controller on the chip.

    python examples/closed_loop.py --device verilator --out build/closed_loop

The pendulum is a Python process with dynamics of its own. In every step it takes the controller's spikes
as torque, moves, and sends what its sensors say; that reaches the neurons one step later. Each side so
depends on the other's last step, and a single wrong spike would change all that follows. The run on the
chip is compared with a run all in Python, value by value; the program ends with an error if anything
differs or the pendulum falls.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lava_hw import (
    CPU,
    LIF,
    AbstractProcess,
    Dense,
    HwRunCfg,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    RunSteps,
    Var,
    devices,
    implements,
    requires,
)

LINES = 16  # sensor lines per quantity and direction; line k is on when the quantity exceeds k + 1 units
NEURONS = 32  # neurons that push in one direction
ANGLE_UNIT = 0.01  # rad
RATE_UNIT = 0.1  # rad/s


class Pendulum(AbstractProcess):
    """A pendulum of 1 m and 1 kg on a motor, upside down.

    Parameters
    ----------
    steps : int
        Number of steps of which the history is kept.
    angle : float
        Angle at the start, in rad; 0 is upright.
    kicks : dict of int to float
        Changes of the rate in rad/s, by step.

    Ports: `torque_in`, shape (64,), spikes of the controller, half of them push to the right, half to the
    left; `sensors_out`, shape (64,), spikes of the sensors. Vars: `state` (angle, rate); `history`, shape
    (steps, 3), angle, rate and torque after every step; `spikes`, shape (steps, 64), the controller's
    spikes.
    """

    def __init__(self, steps: int, angle: float, kicks: dict[int, float], name: str | None = None) -> None:
        super().__init__(name=name, kicks=dict(kicks))
        self.torque_in = InPort(shape=(2 * NEURONS,))
        self.sensors_out = OutPort(shape=(4 * LINES,))
        self.state = Var(shape=(2,), init=np.array([angle, 0.0]))
        self.history = Var(shape=(steps, 3), init=0.0)
        self.spikes = Var(shape=(steps, 2 * NEURONS), init=0)


@implements(proc=Pendulum, protocol=LoihiProtocol)
@requires(CPU)
class PyPendulum(PyLoihiProcessModel):
    """Python model of Pendulum: semi-implicit Euler, 5 ms a step, in float64."""

    torque_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    sensors_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    state: np.ndarray = LavaPyType(np.ndarray, float)
    history: np.ndarray = LavaPyType(np.ndarray, float)
    spikes: np.ndarray = LavaPyType(np.ndarray, np.int32)

    STEP, GRAVITY, FRICTION, TORQUE_PER_SPIKE = 0.005, 9.81, 0.1, 0.6

    def run_spk(self) -> None:
        """Take the torque of this step, move, send the sensors."""
        spikes = self.torque_in.recv()
        torque = self.TORQUE_PER_SPIKE * float(spikes[NEURONS:].sum() - spikes[:NEURONS].sum())
        angle, rate = float(self.state[0]), float(self.state[1])
        rate += self.proc_params["kicks"].get(self.time_step, 0.0)
        rate += self.STEP * (self.GRAVITY * math.sin(angle) + torque - self.FRICTION * rate)
        angle += self.STEP * rate
        self.state[:] = angle, rate
        row = (self.time_step - 1) % len(self.history)
        self.history[row] = angle, rate, torque
        self.spikes[row] = spikes
        units = np.arange(1, LINES + 1)
        a, r = units * ANGLE_UNIT, units * RATE_UNIT
        self.sensors_out.send(np.concatenate([angle > a, -angle > a, rate > r, -rate > r]).astype(np.int32))


@dataclass(frozen=True)
class Loop:
    """The processes of the closed loop."""

    plant: Pendulum
    sense: Dense
    inhibit: Dense
    controller: LIF

    @property
    def state(self) -> dict[str, Any]:
        """Vars that a step can change, by `process.name`."""
        found = [(self.plant, "state"), (self.plant, "history"), (self.plant, "spikes")]
        found += [
            (self.sense, "a_buff"),
            (self.inhibit, "a_buff"),
            (self.controller, "u"),
            (self.controller, "v"),
        ]
        return {f"{p.name}.{name}": getattr(p, name) for p, name in found}


def build_loop(steps: int, angle: float = 0.25, kicks: dict[int, float] | None = None) -> Loop:
    """Make pendulum and controller and connect them in a circle.

    One half of the neurons answers a lean or a motion to the right, the other half one to the left; the
    halves inhibit each other. Biases that grow from neuron to neuron keep them from spiking all at once.
    """
    plant = Pendulum(steps, angle, {} if kicks is None else kicks, name="pendulum")
    direction = np.repeat([1, -1], NEURONS)
    gains = np.repeat([24, -24, 80, -80], LINES)
    sense = Dense(weights=np.outer(direction, gains), name="sense")
    inhibit = Dense(weights=np.where(np.equal.outer(direction, direction), 0, -8), name="inhibit")
    controller = LIF(
        shape=(2 * NEURONS,),
        du=4095,
        dv=200,
        vth=600,
        bias_mant=np.tile(2 * np.arange(NEURONS), 2),
        bias_exp=6,
        name="controller",
    )
    plant.sensors_out.connect(sense.s_in)
    sense.a_out.connect(controller.a_in)
    controller.s_out.connect(inhibit.s_in)
    inhibit.a_out.connect(controller.a_in)
    controller.s_out.connect(plant.torque_in)
    return Loop(plant, sense, inhibit, controller)


def run_loop(steps: int, run_cfg: Any, kicks: dict[int, float]) -> tuple[dict[str, np.ndarray], float]:
    """Run a fresh loop; return all its state at the end, with the history of every step, and the seconds."""
    loop = build_loop(steps, kicks=kicks)
    with loop.plant as plant:
        plant.create_runtime(run_cfg=run_cfg)
        start = time.perf_counter()
        plant.run(RunSteps(num_steps=steps))
        seconds = time.perf_counter() - start
        return {name: var.get() for name, var in loop.state.items()}, seconds


def draw(states: dict[str, dict[str, np.ndarray]], path: Path) -> None:
    """Draw angle, torque and spikes of all runs on top of each other."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (top, middle, bottom) = plt.subplots(3, 1, figsize=(10, 8), sharex=True, layout="constrained")
    for k, (name, state) in enumerate(states.items()):
        history = state["pendulum.history"]
        seconds = np.arange(1, len(history) + 1) * PyPendulum.STEP
        style = {"lw": 5 - 3 * k, "alpha": 0.5 + 0.5 * k, "label": name}
        top.plot(seconds, history[:, 0], **style)
        middle.plot(seconds, history[:, 2], **{**style, "lw": 2.5 - 2 * k})
        when, which = np.nonzero(state["pendulum.spikes"])
        bottom.scatter(seconds[when], which, s=9 - 7 * k, alpha=0.5 + 0.5 * k, label=name)
    top.axhline(0, color="grey", lw=0.5)
    top.set_ylabel("angle / rad")
    middle.set_ylabel("acceleration by the motor / rad/s²")
    bottom.set_ylabel("controller's neuron")
    bottom.set_xlabel("time / s")
    top.legend()
    top.set_title("Inverted pendulum, spiking controller")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> int:
    """Run the loop twice and compare; 0 if both are equal and the pendulum stands at the end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--device", choices=devices.known(), default="verilator", help="what computes the chip"
    )
    parser.add_argument("--chip", default="demo", help="name of a chip or path of its YAML file")
    parser.add_argument("--steps", type=int, default=1200, help="steps of 5 ms")
    parser.add_argument("--out", type=Path, default=Path("build/closed_loop"), help="folder for the picture")
    options = parser.parse_args(arguments)
    if options.steps < 1:
        parser.error("--steps must be at least 1")

    kicks = {500: 1.5, 850: -2.0}
    expected, python_seconds = run_loop(options.steps, Loihi2SimCfg(select_tag="fixed_pt"), kicks)
    chip = HwRunCfg(device=options.device, chip=options.chip)
    got, chip_seconds = run_loop(options.steps, chip, kicks)

    differing = {name: int(np.count_nonzero(got[name] != expected[name])) for name in expected}
    angles = got["pendulum.history"][:, 0]
    options.out.mkdir(parents=True, exist_ok=True)
    picture = options.out / "closed_loop.png"
    draw({"all in Python": expected, f"controller on the chip ({options.device})": got}, picture)
    print(f"steps                       {options.steps}")
    print(f"controller spikes           {int(got['pendulum.spikes'].sum())}")
    print(f"largest angle               {np.abs(angles).max():.3f} rad")
    print(f"angle at the end            {angles[-1]:+.3f} rad")
    print(f"steps per second, Python    {options.steps / python_seconds:,.0f}")
    print(f"steps per second, {options.device:<9} {options.steps / chip_seconds:,.0f}")
    print(f"values that differ          {sum(differing.values())}")
    print(f"picture                     {picture}")
    if any(differing.values()):
        print(f"FAILED: the two runs differ: {differing}", file=sys.stderr)
        return 1
    if np.abs(angles).max() > 1:
        print("FAILED: the pendulum fell", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
