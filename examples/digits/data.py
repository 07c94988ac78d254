"""The digits: 1,797 images of 8 x 8 pixels, values 0 to 16, with a fixed part of them held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_digits

CLASSES = 10
PIXELS = 64
#: A pixel of this value spikes in every step.
FULL_SCALE = 16
HELD_OUT_PER_CLASS = 40
SPLIT_SEED = 2026


@dataclass(frozen=True)
class Split:
    """Images of shape (images, pixels), int64 from 0 to 16, and labels of shape (images,), for both parts."""

    train_images: np.ndarray
    train_labels: np.ndarray
    held_out_images: np.ndarray
    held_out_labels: np.ndarray


def split_by_class(images: np.ndarray, labels: np.ndarray, per_class: int) -> Split:
    """Hold out `per_class` images of each class, drawn with a fixed seed; training never sees them."""
    rng = np.random.default_rng(SPLIT_SEED)
    chosen = np.concatenate(
        [rng.permutation(np.flatnonzero(labels == c))[:per_class] for c in range(CLASSES)]
    )
    # In mixed order, so that any first part of the held-out images has all classes.
    chosen = rng.permutation(chosen)
    train = np.ones(len(labels), bool)
    train[chosen] = False
    return Split(images[train], labels[train], images[chosen], labels[chosen])


def load_split() -> Split:
    """Load the digits and hold out 40 of each class."""
    digits = load_digits()
    return split_by_class(digits.data.astype(np.int64), digits.target.astype(np.int64), HELD_OUT_PER_CLASS)


def encode_step(pixels: np.ndarray, step: int) -> np.ndarray:
    """Spikes of `pixels` in step `step`, from 1: a pixel of value p spikes p times in 16.

    The number of spikes up to step t is t * p / 16, rounded.
    """
    until = (2 * step * pixels + FULL_SCALE) // (2 * FULL_SCALE)
    before = (2 * (step - 1) * pixels + FULL_SCALE) // (2 * FULL_SCALE)
    return until - before


def encode(images: np.ndarray, steps: int) -> np.ndarray:
    """Spikes of many images over `steps` steps: int64 of shape (steps, images, 64)."""
    return np.stack([encode_step(images, t) for t in range(1, steps + 1)])
