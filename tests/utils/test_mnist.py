"""MNIST from files: both formats, and files that are none."""

from __future__ import annotations

import gzip
import shutil

import numpy as np
import pytest

from lava_hw.utils.dataloader.mnist import MnistDataset


def idx(array):
    """The bytes of a file."""
    head = (0x800 + array.ndim).to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return head + array.tobytes()


@pytest.fixture
def parts():
    rng = np.random.default_rng(1)
    return [rng.integers(0, 256, shape).astype(np.uint8) for shape in ((5, 28, 28), (5,), (3, 28, 28), (3,))]


@pytest.fixture
def folder(tmp_path, parts):
    for name, array in zip(MnistDataset.files, parts, strict=True):
        (tmp_path / name).write_bytes(gzip.compress(idx(array)))
    return tmp_path


def check(data, parts):
    np.testing.assert_array_equal(data.train_images, parts[0].reshape(5, 784))
    np.testing.assert_array_equal(data.test_images, parts[2].reshape(3, 784))
    np.testing.assert_array_equal(data.images[5:], parts[2].reshape(3, 784))
    assert data.train_labels.tolist() == parts[1].tolist()
    assert data.test_labels.tolist() == parts[3].tolist()
    assert data.labels.tolist() == [*parts[1], *parts[3]]


def test_folder(folder, parts):
    check(MnistDataset(folder), parts)
    name = folder / MnistDataset.files[0]
    name.with_suffix("").write_bytes(gzip.decompress(name.read_bytes()))
    name.unlink()
    check(MnistDataset(folder), parts)


def test_one_file(folder, parts, tmp_path_factory, monkeypatch):
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    with pytest.raises(FileNotFoundError, match="MNIST is not part of this package"):
        MnistDataset()
    MnistDataset.decompress_convert_save(folder)
    check(MnistDataset(), parts)
    MnistDataset.decompress_convert_save(folder, cache / "other.npy")
    shutil.rmtree(cache / "lava_hw")
    check(MnistDataset(str(cache / "other.npy")), parts)


def test_files_that_are_refused(folder):
    images, labels = folder / MnistDataset.files[0], folder / MnistDataset.files[1]
    whole = images.read_bytes()
    images.write_bytes(gzip.compress(gzip.decompress(whole)[:-1]))
    with pytest.raises(ValueError, match="is not complete: 3919 bytes instead of 3920"):
        MnistDataset(folder)
    images.write_bytes(labels.read_bytes())
    with pytest.raises(ValueError, match="is no file of MNIST of this kind"):
        MnistDataset(folder)
    images.write_bytes(gzip.compress(idx(np.zeros((4, 28, 28), np.uint8))))
    with pytest.raises(ValueError, match="there are 4 images, but 5 labels"):
        MnistDataset(folder)
    images.unlink()
    with pytest.raises(FileNotFoundError, match=r"train-images-idx3-ubyte\.gz does not exist"):
        MnistDataset(folder)
