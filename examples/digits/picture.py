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
    axes.set(xlabel=f"answer ({device})", ylabel="digit", xticks=range(CLASSES), yticks=range(CLASSES))
    axes.set_title(f"Held-out images: {np.trace(counts)} of {counts.sum()} right")


def _raster(axes: Axes, spikes: Mapping[str, Array], image: Array, device: str) -> None:
    """Draw the spikes of an image, (steps, n) per population, populations above one another."""
    base = 0
    for name, raster in spikes.items():
        step, neuron = np.nonzero(raster)
        axes.scatter(step + 1, base + neuron, marker="_", s=60, color="black", linewidths=0.9)
        size = raster.shape[1]
        axes.text(0.2, base + size / 2, name, rotation=90, va="center", ha="right")
        base += size + 8
        axes.axhline(base - 4, color="grey", lw=0.5)
    axes.set(yticks=[], ylim=(-4, base - 4))
    axes.tick_params(labelbottom=False)
    axes.set_title(f"Spikes of one image ({device}); below, how many differ")
    inset = axes.inset_axes((0.01, 0.83, 0.12, 0.16))
    inset.imshow(image.reshape(8, 8), cmap="gray_r")
    inset.set(xticks=[], yticks=[])


def _differences(axes: Axes, spikes: Mapping[str, Mapping[str, Array]], device: str) -> None:
    """Draw, for each reference but the device itself, how many spikes of the image differ in each step."""
    others = [name for name in spikes if name != device]
    steps = len(next(iter(spikes[device].values())))
    for row, name in enumerate(others):
        apart = sum((spikes[device][p] != spikes[name][p]).sum(axis=1) for p in spikes[device])
        for step, count in enumerate(np.asarray(apart), start=1):
            wrong = {"color": "tab:red", "fontweight": "bold"} if count else {"color": "grey"}
            axes.text(step, row, int(count), ha="center", va="center", fontsize=8, **wrong)
    axes.set_yticks(range(len(others)), [f"differ from\n{name}" for name in others], fontsize=8)
    axes.set(xlabel="step", xticks=range(1, steps + 1), xlim=(0.4, steps + 0.6))
    axes.set_ylim(len(others) - 0.5, -0.5)


def _accuracy(axes: Axes, curves: Mapping[str, Array], bound: float) -> None:
    """Draw accuracy against steps, a curve per network."""
    for (name, curve), style in zip(curves.items(), ("o-", "s--", "^:"), strict=False):
        axes.plot(np.arange(1, len(curve) + 1), curve, style, label=f"{name}: {curve[-1]:.4f}", mfc="none")
    axes.axhline(bound, color="grey", lw=0.8)
    axes.set(xlabel="steps", ylabel="accuracy on held-out images", ylim=(0, 1.03))
    axes.legend(loc="lower right", fontsize=8)
    axes.set_title("Accuracy against steps")


def _cycles(
    axes: Axes, cores: Mapping[int, Counter[str]], cores_of_chip: int, chip_cycles: float, steps: int
) -> None:
    """Draw cycles per step and phase, a group of bars per core that is used; the line is the whole chip's."""
    axes.set_title(f"Clock cycles of a step: {len(cores)} of {cores_of_chip} cores used")
    if not chip_cycles:
        axes.set(xticks=[], yticks=[])
        axes.text(
            0.5,
            0.5,
            "only the RTL simulation counts cycles",
            ha="center",
            va="center",
            transform=axes.transAxes,
        )
        return
    width = 0.8 / len(PHASES)
    for k, (counter, meaning) in enumerate(PHASES.items()):
        values = [cores[core][counter] / steps for core in sorted(cores)]
        axes.bar(np.arange(len(values)) + (k - 1) * width, values, width, label=meaning)
    axes.axhline(chip_cycles / steps, color="black", lw=1, ls="--", label="whole step of the chip")
    axes.set_xticks(range(len(cores)), [f"column {core % 8}, row {core // 8}" for core in sorted(cores)])
    axes.set(xlabel="place of the core in the mesh", ylabel="cycles per step")
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
    cores_of_chip: int,
    chip_cycles: int,
    steps: int,
) -> None:
    """Draw all four parts into `path`.

    Parameters
    ----------
    device : str
        Reference that is reported on, in words: a key of `spikes`.
    labels, answers : ndarray, shape (images,)
        Digits, and its answers.
    spikes : mapping of reference to mapping of population to ndarray, shape (steps, n)
        Spikes of one image.
    image : ndarray, shape (64,)
        That image.
    curves : mapping of str to ndarray, shape (steps,)
        Accuracy after each step, by network.
    bound : float
        Accuracy that is asked for.
    cores, cores_of_chip, chip_cycles, steps : mapping, int, int, int
        Counters of the cores that are used, how many cores the chip has, its cycles, and the number of steps
        that they belong to.
    """
    figure = plt.figure(figsize=(15, 11), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(1.1, 1))
    _confusion(figure.add_subplot(grid[0, 0]), labels, answers, device)
    right = grid[0, 1].subgridspec(2, 1, height_ratios=(1, 0.06 * max(len(spikes) - 1, 0.1)), hspace=0.02)
    below = figure.add_subplot(right[1])
    _raster(figure.add_subplot(right[0], sharex=below), spikes[device], image, device)
    _differences(below, spikes, device)
    _accuracy(figure.add_subplot(grid[1, 0]), curves, bound)
    _cycles(figure.add_subplot(grid[1, 1]), cores, cores_of_chip, chip_cycles, steps)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    plt.close(figure)
