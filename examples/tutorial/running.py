"""Running: how many steps, in one piece or in several, waiting or not.

    python examples/tutorial/running.py

The first run compiles a process and all that is connected to it, and starts them; the run configuration is
needed then. Further runs go on where the last one ended. Between them, and at step boundaries also during
them, Vars can be read and set from outside.
"""

from __future__ import annotations

import time

import numpy as np

from lava_hw import LIF, Dense, Loihi2SimCfg, Monitor, RunContinuous, RunSteps
from lava_hw.magma.compiler.exceptions import ProcessAlreadyCompiled

CONFIGURATION = Loihi2SimCfg(select_tag="fixed_pt")


def network() -> tuple[LIF, LIF]:
    """Two neurons; the first spikes by itself and drives the second."""
    first = LIF(shape=(1,), bias_mant=30, bias_exp=6, vth=100, dv=64)
    dense, second = Dense(weights=[[40]]), LIF(shape=(1,), vth=100, du=2048)
    first.s_out.connect(dense.s_in)
    dense.a_out.connect(second.a_in)
    return first, second


def in_pieces() -> None:
    """Ten steps, seven steps; a Var is set in between."""
    first, second = network()
    print(f"before the first run: v = {first.v.get()}, bias = {first.bias_mant.get()}")
    with first:  # stops the network at the end, whatever happens
        first.run(RunSteps(num_steps=10), run_cfg=CONFIGURATION)
        print(f"after 10 steps: v = {first.v.get()}, of the other {second.v.get()}")
        first.bias_mant.set(np.array([0]))
        second.run(RunSteps(num_steps=7))  # any process of the network runs all of it
        print(f"after 17 steps: v = {first.v.get()}, of the other {second.v.get()}")
        try:
            first.create_runtime(run_cfg=CONFIGURATION)
        except ProcessAlreadyCompiled as error:
            print(f"{type(error).__name__}: {error}")


def without_waiting() -> None:
    """The program goes on while the network runs."""
    first, second = network()
    with first:
        first.run(RunSteps(num_steps=20_000, blocking=False), run_cfg=CONFIGURATION)
        seen = second.v.get()  # answered at the next step boundary
        first.wait()
        print(f"20,000 steps in the background; in the midst of them the other's voltage was {seen}")


def until_paused() -> None:
    """Without an end, until it is paused; then a few steps more."""
    first, _ = network()
    with first:
        first.run(RunContinuous(), run_cfg=CONFIGURATION)
        time.sleep(0.1)
        first.pause()
        at_pause = first.v.get()
        first.run(RunSteps(num_steps=1))
        print(f"paused with v = {at_pause}; a step later v = {first.v.get()}")


def observed() -> None:
    """A Monitor keeps a Var of every step."""
    first, _ = network()
    monitor = Monitor()
    monitor.probe(first.v, 16)
    with first:
        first.run(RunSteps(num_steps=16), run_cfg=CONFIGURATION)
        (values,) = monitor.get_data()[first.name]["v"].T
    print("v after each of 16 steps, threshold 6400:", *values.astype(int))


def main() -> None:
    """All of it."""
    in_pieces()
    without_waiting()
    until_paused()
    observed()


if __name__ == "__main__":
    main()
