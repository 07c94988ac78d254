"""The report as a picture: confusion matrix, raster of an image, accuracy against steps, cycles per core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from digits.data import CLASSES

Array = np.ndarray

#: Cycle counters of a core, and what they count.
PHASES = {
    "cyc_update": "neuron engine busy",
    "cyc_synapse": "synapse engine busy",
    "cyc_stall": "synapse engine waits",
}
# Drawn from the largest to the smallest mark, so that all of them stay visible where they agree.
_MARKS = (
    {"marker": "o", "s": 26, "facecolors": "none", "edgecolors": "tab:orange", "linewidths": 0.8},
    {"marker": "x", "s": 12, "color": "tab:blue", "linewidths": 0.8},
    {"marker": ".", "s": 4, "color": "black"},
)


def _confusion(axes: Axes, labels: Array, answers: Array, device: str) -> None:
    """Count answers per class."""
    counts = np.zeros((CLASSES, CLASSES), int)
    np.add.at(counts, (labels, answers), 1)
    axes.imshow(counts, cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = count > counts.max() / 2
            axes.text(
                column, row, count, ha="center", va="center", color="white" if dark else "black", fontsize=8
            )
    axes.set(xlabel=f"answer of {device}", ylabel="digit", xticks=range(CLASSES), yticks=range(CLASSES))
    axes.set_title(f"Held-out images: {np.trace(counts)} of {counts.sum()} right")


def _raster(axes: Axes, spikes: Mapping[str, Mapping[str, Array]], image: Array) -> None:
    """Draw the spikes of an image, (steps, n) per witness and population, populations above one another."""
    populations = list(next(iter(spikes.values())))
    for (witness, layers), mark in zip(spikes.items(), _MARKS, strict=False):
        base = 0
        for name in populations:
            step, neuron = np.nonzero(layers[name])
            first = name == populations[0]
            axes.scatter(step + 1, base + neuron, label=witness if first else None, **mark)
            base += layers[name].shape[1] + 8
    base = 0
    for name in populations:
        size = next(iter(spikes.values()))[name].shape[1]
        axes.text(0.2, base + size / 2, name, rotation=90, va="center", ha="right")
        base += size + 8
        axes.axhline(base - 4, color="grey", lw=0.5)
    steps = len(next(iter(spikes.values()))[populations[0]])
    axes.set(
        xlabel="step", yticks=[], xlim=(0.4, steps + 0.6), ylim=(-4, base - 4), xticks=range(1, steps + 1)
    )
    axes.legend(loc="upper right", bbox_to_anchor=(1, -0.07), ncols=3, fontsize=8, markerscale=1.5)
    axes.set_title("One image through the layers, the witnesses on top of each other")
    inset = axes.inset_axes((0.01, 0.83, 0.12, 0.16))
    inset.imshow(image.reshape(8, 8), cmap="gray_r")
    inset.set(xticks=[], yticks=[])


def _accuracy(axes: Axes, curves: Mapping[str, Array], bound: float) -> None:
    """Draw accuracy against steps, a curve per network."""
    for (name, curve), style in zip(curves.items(), ("o-", "s--", "^:"), strict=False):
        axes.plot(np.arange(1, len(curve) + 1), curve, style, label=f"{name}: {curve[-1]:.4f}", mfc="none")
    axes.axhline(bound, color="grey", lw=0.8)
    axes.set(xlabel="steps", ylabel="accuracy on held-out images", ylim=(0, 1.03))
    axes.legend(loc="lower right", fontsize=8)
    axes.set_title("Accuracy against steps")


def _cycles(axes: Axes, cores: Mapping[int, Counter[str]], chip_cycles: float, steps: int) -> None:
    """Draw cycles per step and phase, a group of bars per core; the line is the whole chip's."""
    axes.set_title("Cycles per phase and core (RTL)")
    if not chip_cycles:
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, "only the RTL counts cycles", ha="center", va="center", transform=axes.transAxes)
        return
    width = 0.8 / len(PHASES)
    for k, (counter, meaning) in enumerate(PHASES.items()):
        values = [cores[core][counter] / steps for core in sorted(cores)]
        axes.bar(np.arange(len(values)) + (k - 1) * width, values, width, label=meaning)
    axes.axhline(chip_cycles / steps, color="black", lw=1, ls="--", label="chip, whole step")
    axes.set_xticks(range(len(cores)), [f"core {core}" for core in sorted(cores)])
    axes.set(ylabel="cycles per step")
    axes.legend(fontsize=8)


def draw(
    path: Path,
    *,
    device: str,
    labels: Array,
    answers: Array,
    spikes: Mapping[str, Mapping[str, Array]],
    image: Array,
    curves: Mapping[str, Array],
    bound: float,
    cores: Mapping[int, Counter[str]],
    chip_cycles: int,
    steps: int,
) -> None:
    """Draw all four parts into `path`.

    Parameters
    ----------
    device : str
        Witness that is reported on.
    labels, answers : ndarray, shape (images,)
        Digits, and what it took them for.
    spikes : mapping of witness to mapping of population to ndarray, shape (steps, n)
        Spikes of one image.
    image : ndarray, shape (64,)
        That image.
    curves : mapping of str to ndarray, shape (steps,)
        Accuracy after each step, by network.
    bound : float
        Accuracy that is asked for.
    cores, chip_cycles, steps : mapping, int, int
        Cycle counters of the cores, of the chip, and the number of steps that they belong to.
    """
    figure = plt.figure(figsize=(15, 11), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(1.1, 1))
    _confusion(figure.add_subplot(grid[0, 0]), labels, answers, device)
    _raster(figure.add_subplot(grid[0, 1]), spikes, image)
    _accuracy(figure.add_subplot(grid[1, 0]), curves, bound)
    _cycles(figure.add_subplot(grid[1, 1]), cores, chip_cycles, steps)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    plt.close(figure)
