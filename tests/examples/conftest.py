"""The examples are scripts: what they import lies beside them."""

import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
sys.path.insert(0, str(EXAMPLES))


@pytest.fixture(scope="session")
def split():
    from digits.data import load_split

    return load_split()


@pytest.fixture(scope="session")
def setting():
    """Smaller than the demo's, but of the same kind: two layers, the first larger than a core of `demo`."""
    from digits.training import Setting

    return Setting(hidden=(144,), votes=3, shown=8, epochs=6)


@pytest.fixture(scope="session")
def trained(split, setting):
    from digits.training import train

    return train(split, setting)


@pytest.fixture(scope="session")
def converted(split, setting, trained):
    from digits.data import encode

    from lava_hw.utils.float2fixed import float2fixed

    return float2fixed(trained, {"pixels": encode(split.train_images[:100], setting.shown)})[0]


@pytest.fixture(scope="session")
def conv(split):
    """A network of a convolution after a few epochs."""
    from trained.conv_training import ConvSetting, train

    return train(split, ConvSetting(epochs=6))


@pytest.fixture(scope="session")
def nets(split, conv):
    """Both networks of processes that are made of it."""
    from trained.conv_networks import Integers, SigmaDeltaNet, SpikingNet

    integers = Integers.of(conv, split.train_images)
    return {"sigma-delta": SigmaDeltaNet(integers), "spiking": SpikingNet(integers)}


@pytest.fixture(scope="session")
def recurrent():
    """A recurrent network after an epoch on noise, and other noise for it."""
    from trained.recurrent import RecurrentSetting, train
    from trained.recurrent_network import RecurrentNet

    from lava_hw.utils.float2fixed import float2fixed

    rng = np.random.default_rng(1)
    lines = (rng.random((30, 12, 10)) < np.linspace(0.1, 0.6, 12)[None, :, None]).astype(np.int64)
    setting = RecurrentSetting(lines=10, classes=3, hidden=20, votes=2, epochs=2)
    fixed, _ = float2fixed(train(lines, np.arange(12) % 3, setting), {"lines": lines})
    return RecurrentNet(fixed, setting.votes), lines.transpose(1, 2, 0)
