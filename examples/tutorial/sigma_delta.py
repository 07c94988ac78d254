"""Sigma and delta: messages only for what has changed.

    python examples/tutorial/sigma_delta.py --out build/tutorial

A delta neuron compares its input with what it has told so far, and sends the difference when it is as large
as the threshold; a sigma neuron adds up what it gets. Between them a connection multiplies differences
instead of values: nothing has to be sent where nothing moves. The larger the threshold, the fewer messages,
and the larger the error: here for slow waves through one matrix of weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from lava_hw import Delta, Dense, Loihi2SimCfg, RunSteps, Sigma, Sink, Source

STEPS = 200
WEIGHTS = np.array([[0.5, 0.25, -0.5], [-0.25, 1.0, 0.25]])


def waves() -> np.ndarray:
    """Three signals, shape (3, steps)."""
    t = np.arange(STEPS)
    return np.array([np.sin(t / 20), np.sin(t / 31) ** 3, np.where(t < 100, 0.2, 0.9)])


def run(signals: np.ndarray, vth: float) -> tuple[np.ndarray, int]:
    """Send the signals through delta, weights and sigma.

    Returns
    -------
    np.ndarray, shape (2, steps)
        What sigma has in each step.
    int
        Messages between the neurons that were not zero.
    """
    source, delta = Source(data=signals), Delta(shape=(3,), vth=vth)
    weights, sigma = Dense(weights=WEIGHTS, num_message_bits=24), Sigma(shape=(2,))
    sent, result = Sink(shape=(3,), buffer=STEPS), Sink(shape=(2,), buffer=STEPS)
    source.s_out.connect(delta.a_in)
    delta.s_out.connect([weights.s_in, sent.a_in])
    weights.a_out.connect(sigma.a_in)
    sigma.s_out.connect(result.a_in)
    with sigma:
        sigma.run(RunSteps(STEPS), run_cfg=Loihi2SimCfg(select_tag="floating_pt"))
        return result.data.get(), int(np.count_nonzero(sent.data.get()))


def exact(signals: np.ndarray) -> np.ndarray:
    """What the weights make of the values themselves, a step later."""
    return np.pad(WEIGHTS @ signals, ((0, 0), (1, 0)))[:, :-1]


def draw(results: dict[float, np.ndarray], path: Path) -> None:
    """Draw the second output for each threshold, over what is exact."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    axes.plot(exact(waves())[1], color="black", lw=3, alpha=0.3, label="exact")
    for vth, result in results.items():
        axes.step(np.arange(STEPS), result[1], where="post", lw=1, label=f"threshold {vth}")
    axes.set_xlabel("step")
    axes.legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Print messages and errors for several thresholds, and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/tutorial"), help="folder for the picture")
    out = parser.parse_args(arguments).out
    signals, results = waves(), {}
    print("threshold  messages  of all  largest error")
    for vth in (0.0, 0.05, 0.1, 0.2, 0.4):
        results[vth], messages = run(signals, vth)
        error = np.abs(results[vth] - exact(signals)).max()
        print(f"{vth:9}{messages:10}{messages / signals.size:8.0%}{error:15.3f}")
    out.mkdir(parents=True, exist_ok=True)
    draw(results, out / "sigma_delta.png")
    print(f"picture: {out / 'sigma_delta.png'}")


if __name__ == "__main__":
    main()
