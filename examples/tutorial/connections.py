"""Connections: who gets whose messages, and in which shape.

    python examples/tutorial/connections.py

An output may go to many inputs, and each gets its own copy; an input may get from many outputs, and receives
their sum. Between ports of different shapes there are views: reshape, flatten, transpose, concatenation.
They move no data before a message is received.
"""

from __future__ import annotations

import numpy as np

from lava_hw import LIF, AbstractProcess, Dense, Loihi2SimCfg, OutPort, RunSteps, Sink, Source


def received(*ports: OutPort, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Connect outputs to one sink, run a step, give what the sink got."""
    sink = Sink(shape=ports[0].shape if shape is None else shape, buffer=1)
    for port in ports:
        port.connect(sink.a_in)
    with sink:
        sink.run(RunSteps(1), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
        return sink.data.get()[..., 0].astype(int)


def source(values: np.ndarray) -> OutPort:
    """An output that sends the values in each step."""
    return Source(data=values[..., None]).s_out


def one_to_many() -> list[np.ndarray]:
    """Two sinks behind one source get the same."""
    port, sinks = source(np.array([1, 2, 3])), [Sink(shape=(3,), buffer=1) for _ in range(2)]
    port.connect([sink.a_in for sink in sinks])
    with sinks[0] as first:
        first.run(RunSteps(1), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
        return [sink.data.get()[:, 0].astype(int) for sink in sinks]


def loop(steps: int) -> np.ndarray:
    """A ring of neurons, each of which makes the next one spike: the connection takes a step.

    A connection sends what it got a step before, so that a ring of processes does not wait for itself.
    """
    ring = LIF(shape=(5,), vth=1, du=4095, dv=4095, v=[1 << 20, 0, 0, 0, 0])  # the first one starts high
    around = Dense(weights=np.roll(np.eye(5), 1, axis=0) * 4)
    sink = Sink(shape=(5,), buffer=steps)
    ring.s_out.connect(around.s_in)
    around.a_out.connect(ring.a_in)
    ring.s_out.connect(sink.a_in)
    with ring:
        ring.run(RunSteps(steps), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
        return sink.data.get().astype(int)


def members(process: AbstractProcess) -> str:
    """Names of the ports of a process."""
    return ", ".join([*process.in_ports.member_names, *process.out_ports.member_names])


def main() -> None:
    """Print what arrives for each kind of connection."""
    a, b = np.arange(6).reshape(2, 3), np.array([[10, 20, 30], [40, 50, 60]])
    print(f"ports of a Dense: {members(Dense(weights=a))}")
    print("one to many:", *one_to_many())
    print("many to one:", received(source(a), source(b)).tolist())
    print("reshape:    ", received(source(a).reshape((3, 2))).tolist())
    print("flatten:    ", received(source(a).flatten()).tolist())
    print("transpose:  ", received(source(a).transpose()).tolist())
    print("concatenate:", received(source(a).concat_with([source(b)], axis=0)).tolist())
    both = source(a).transpose().flatten()
    print("two sources through different views:", received(both, source(b).flatten(), shape=(6,)).tolist())
    print("a spike runs around a ring of five neurons:")
    print("\n".join("  " + "".join(".|"[spike] for spike in row) for row in loop(16)))


if __name__ == "__main__":
    main()
