"""Processes: what a part of a network has, before anything is said about how it is computed.

    python examples/tutorial/processes.py

A process is a class with ports, by which messages come and go, and Vars, which are its state. It has no code
for its behaviour; that is in its models, the subject of the next script. What a process has can be looked at,
and its Vars have their initial values, as soon as it exists.
"""

from __future__ import annotations

import numpy as np

from lava_hw import AbstractProcess, InPort, OutPort, RefPort, Var


class Resonator(AbstractProcess):
    """A population that swings: its state turns and shrinks in each step, and spikes at the top.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    period : float
        Steps of a swing.
    decay : float
        What part of the amplitude is lost in a step.
    name : str, optional
        By which messages and errors call it.
    """

    def __init__(self, shape: tuple[int, ...], period: float, decay: float = 0.05, name: str | None = None):
        # What is handed on here reaches the models as `proc_params`; it does not change while they run.
        super().__init__(name=name, period=period)
        self.a_in = InPort(shape=shape)  # messages of this shape, one in each step
        self.s_out = OutPort(shape=shape)
        self.peer = RefPort(shape=shape)  # reads and writes a Var of another process
        self.real = Var(shape=shape, init=0.0)  # state that can be read and set from outside
        self.imag = Var(shape=shape, init=np.full(shape, -1.0))
        self.decay = Var(shape=(1,), init=decay)
        self.seed = Var(shape=(1,), init=1, shareable=False)  # not for RefPorts of others


def table(process: AbstractProcess) -> str:
    """The members of a process, by kind."""
    rows = [f"{type(process).__name__} '{process.name}'"]
    for kind in ("in_ports", "out_ports", "ref_ports", "vars"):
        for member in getattr(process, kind):
            init = f"  starts as {np.asarray(member.get()).tolist()}" if kind == "vars" else ""
            rows.append(f"  {kind:<9}  {member.name:<6}  shape {member.shape!s:<7}{init}")
    return "\n".join(rows)


def main() -> None:
    """Make processes, look at them, connect them."""
    slow, fast = Resonator((2,), period=40, name="slow"), Resonator((2,), period=5, decay=0.2, name="fast")
    print(table(slow))
    print(f"parameters for the models: period = {slow.proc_params['period']}")

    slow.s_out.connect(fast.a_in)
    slow.peer.connect_var(fast.real)
    try:
        slow.s_out.connect(Resonator((3,), period=5).a_in)
    except AssertionError as error:
        print(f"another shape: {error}")
    try:
        fast.peer.connect_var(slow.seed)
    except Exception as error:
        print(f"a Var of its own: {type(error).__name__}: {error}")
    print(f"running: {slow.is_compiled}")


if __name__ == "__main__":
    main()
