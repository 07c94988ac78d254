"""The wheel that the tests of this folder install."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packaging.venvs import build_wheel, source_copy


@pytest.fixture(scope="session")
def source(tmp_path_factory) -> Path:
    """Return a copy of the sources."""
    return source_copy(tmp_path_factory.mktemp("source") / "lava_hw")


@pytest.fixture(scope="session")
def wheel(source, tmp_path_factory) -> Path:
    """Return the wheel for this interpreter."""
    return build_wheel(source, tmp_path_factory.mktemp("wheel"))
