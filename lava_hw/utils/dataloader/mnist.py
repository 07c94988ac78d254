"""MNIST, from files that the user has (Lava's path). Nothing is downloaded."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["MnistDataset"]

Array = npt.NDArray[Any]
_IMAGES, _LABELS = 0x803, 0x801


class MnistDataset:
    """Images of handwritten digits, 28 x 28 pixels of 8 bits.

    Parameters
    ----------
    data_path : path, optional
        A folder with the four files of MNIST (see `files`, with or without `.gz`), or a file that
        `decompress_convert_save`, or Lava, has made of them (a pickle: use only one that you trust). By
        default `mnist.npy` in the folder `lava_hw` of the user's cache.

    Raises
    ------
    FileNotFoundError
        If the files are not there.
    ValueError
        If a file is none of MNIST.
    """

    files = (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    )

    def __init__(self, data_path: str | os.PathLike[str] | None = None) -> None:
        path = Path(data_path) if data_path is not None else _default_path()
        if path.is_dir():
            self.data: Any = _read_folder(path)
        elif path.is_file():
            self.data = np.load(path, allow_pickle=True)
        else:
            raise FileNotFoundError(
                f"{path} does not exist. MNIST is not part of this package: put its four files "
                f"({', '.join(self.files)}) into a folder and give that, or convert them with "
                "MnistDataset.decompress_convert_save(folder, file)."
            )

    @staticmethod
    def decompress_convert_save(
        download_path: str | os.PathLike[str], save_path: str | os.PathLike[str] | None = None
    ) -> None:
        """Convert the four files of a folder into one.

        Parameters
        ----------
        download_path : path
            The folder.
        save_path : path, optional
            The file; `.npy` is added if it does not end so. By default where `MnistDataset()` looks for it.
        """
        target = Path(save_path) if save_path is not None else _default_path()
        target.parent.mkdir(parents=True, exist_ok=True)
        parts = _read_folder(Path(download_path))
        table = np.empty((2, 2), dtype=object)
        for row, column in np.ndindex(2, 2):
            table[row, column] = parts[row][column]
        np.save(target, table, allow_pickle=True)

    @property
    def train_images(self) -> Array:
        """Images to learn from, [60000, 784]."""
        return _flat(self.data[0][0])

    @property
    def test_images(self) -> Array:
        """Images to test with, [10000, 784]."""
        return _flat(self.data[1][0])

    @property
    def images(self) -> Array:
        """All images, those to learn from first."""
        return np.vstack((self.train_images, self.test_images))

    @property
    def train_labels(self) -> Array:
        """Digits of `train_images`."""
        return np.asarray(self.data[0][1])

    @property
    def test_labels(self) -> Array:
        """Digits of `test_images`."""
        return np.asarray(self.data[1][1])

    @property
    def labels(self) -> Array:
        """Digits of `images`."""
        return np.hstack((self.train_labels, self.test_labels))


def _default_path() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "lava_hw" / "mnist.npy"


def _flat(images: Any) -> Array:
    array = np.asarray(images)
    return array.reshape(len(array), -1)


def _read_folder(folder: Path) -> list[list[Array]]:
    """Images and labels to learn from, and to test with."""
    arrays = [_read(folder, name) for name in MnistDataset.files]
    for images, labels in (arrays[:2], arrays[2:]):
        if len(images) != len(labels):
            raise ValueError(f"{folder}: there are {len(images)} images, but {len(labels)} labels.")
    return [arrays[:2], arrays[2:]]


def _read(folder: Path, name: str) -> Array:
    """An array of one of the files: a number that says the kind, sizes, then bytes."""
    packed, plain = folder / name, folder / name.removesuffix(".gz")
    if packed.is_file():
        content = gzip.decompress(packed.read_bytes())
    elif plain.is_file():
        content = plain.read_bytes()
    else:
        raise FileNotFoundError(f"{packed} does not exist, nor does it without .gz.")
    kind = int.from_bytes(content[:4], "big")
    if kind not in (_IMAGES, _LABELS) or (kind == _IMAGES) != ("images" in name):
        raise ValueError(f"{folder / name} is no file of MNIST of this kind.")
    axes = kind & 0xFF
    sizes = [int.from_bytes(content[4 * k : 4 * k + 4], "big") for k in range(1, axes + 1)]
    data = np.frombuffer(content, np.uint8, offset=4 * axes + 4)
    if data.size != np.prod(sizes):
        raise ValueError(f"{folder / name} is not complete: {data.size} bytes instead of {np.prod(sizes)}.")
    return data.reshape(sizes)
