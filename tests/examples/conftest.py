"""The examples are scripts: what they import lies beside them."""

import sys
from pathlib import Path

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
