"""Raster plots: what is drawn, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lava_hw.utils.plots import raster_plot

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

ROOT = Path(__file__).resolve().parents[2]
SPIKES = np.array([[0, 1, 0, 1], [1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1]])


@pytest.mark.parametrize("dtype", [int, bool, float])
def test_markers(dtype):
    from matplotlib import pyplot

    figure = raster_plot(SPIKES.astype(dtype), stride=2, color="r", xlabel="t", ylabel="n")
    (axes,) = figure.axes
    (line,) = axes.lines
    assert list(zip(*(x.tolist() for x in line.get_data()), strict=True)) == [(1, 0), (3, 0), (2, 4), (3, 4)]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_xlim()) == ("t", "n", (-1, 4))
    assert figure.get_size_inches().tolist() == [10, 5]
    pyplot.close(figure)
    small = raster_plot(SPIKES, stride=1, figsize=(3, 2))
    assert small.get_size_inches().tolist() == [3, 2]
    assert raster_plot(SPIKES, stride=5, fig=small) is small
    assert len(small.axes[0].lines) == 2
    pyplot.close(small)


@pytest.mark.parametrize(
    ("spikes", "options", "message"),
    [
        (SPIKES[0], {}, "exactly two dimensions"),
        (SPIKES[:, :0], {}, "must be non-empty"),
        (SPIKES * 2, {}, "either 0 or 1"),
        (SPIKES - 1, {}, "either 0 or 1"),
        (SPIKES, {"stride": 6}, "Stride must not be greater than the number of neurons"),
        (SPIKES, {"stride": 0}, "Stride must be at least 1"),
        (SPIKES, {"stride": 1, "fig": object(), "figsize": (1, 1)}, "at most one of the following"),
    ],
)
def test_what_is_refused(spikes, options, message):
    with pytest.raises(ValueError, match=message):
        raster_plot(spikes, **options)


def test_without_matplotlib():
    code = """
import sys
sys.modules["matplotlib"] = None
import numpy as np
from lava_hw.utils.plots import raster_plot
try:
    raster_plot(np.ones((1, 1)), stride=1)
except ImportError as err:
    print(err)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "raster_plot needs matplotlib; pip install matplotlib.\n"
