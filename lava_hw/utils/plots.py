"""Figures (Lava's path). They need matplotlib, which is optional."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["raster_plot"]

_SIZE = (10, 5)


def raster_plot(
    spikes: npt.NDArray[Any],
    stride: int = 6,
    fig: Any = None,
    figsize: tuple[int, int] | None = None,
    marker: str = "o",
    markersize: float = 1.5,
    color: Any = "b",
    alpha: float = 1,
    xlabel: str = "Time Steps",
    ylabel: str = "Neurons",
) -> Any:
    """Draw spikes: a row for each neuron, a marker for each spike.

    Parameters
    ----------
    spikes : array, [neurons, steps]
        0 or 1.
    stride : int, default 6
        Every so many neurons are drawn.
    fig : matplotlib figure, optional
        Where to draw, into its current axes; by default a new figure.
    figsize : (float, float), optional
        Size of a new figure in inches; by default (10, 5).
    marker, markersize, color, alpha
        Style of the markers, as in matplotlib's `plot`.
    xlabel, ylabel : str
        Labels of the axes.

    Returns
    -------
    matplotlib figure

    Raises
    ------
    ValueError
        If the spikes are no matrix of 0 and 1, the stride does not fit, or both figure and size are given.
    ImportError
        If matplotlib is missing.
    """
    array = np.asarray(spikes)
    if array.ndim != 2 or not array.size:
        raise ValueError("Parameter <spikes> must have exactly two dimensions and they must be non-empty.")
    if not np.isin(array, (0, 1)).all():
        raise ValueError("All values in spikes must be either 0 or 1.")
    if stride < 1:
        raise ValueError(f"Stride must be at least 1, got {stride}.")
    if stride > len(array):
        raise ValueError("Stride must not be greater than the number of neurons.")
    if fig is not None and figsize is not None:
        raise ValueError("Must use at most one of the following: fig, figsize.")
    if fig is None:
        try:
            from matplotlib import pyplot
        except ImportError as err:
            raise ImportError("raster_plot needs matplotlib; pip install matplotlib.") from err
        fig = pyplot.figure(figsize=figsize or _SIZE)
    rows, steps = array[::stride].nonzero()
    axes = fig.gca()
    axes.plot(
        steps,
        rows * stride,
        linestyle=" ",
        marker=marker,
        markersize=markersize,
        color=color,
        alpha=alpha,
    )
    axes.set_xlim(-1, array.shape[1])
    axes.set_yticks([])
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    return fig
