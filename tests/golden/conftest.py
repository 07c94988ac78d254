"""Golden runs at both widths."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lava_hw.chip import Chip

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(params=["test8", "test32"])
def chip(request: pytest.FixtureRequest) -> Chip:
    return Chip.load(request.param)
