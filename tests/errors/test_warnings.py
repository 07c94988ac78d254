"""Warnings of the package: at the user's line, once, and as errors where that is asked for."""

from __future__ import annotations

import warnings

import pytest

from lava_hw import errors
from lava_hw.errors import LavaHwWarning, ValueChangedWarning, notify


def test_every_warning_is_one_of_the_package() -> None:
    for name in errors.__all__:
        kind = getattr(errors, name)
        if isinstance(kind, type) and issubclass(kind, Warning):
            assert issubclass(kind, LavaHwWarning)


def test_the_warning_names_the_line_of_the_program() -> None:
    with pytest.warns(ValueChangedWarning, match="n: v is changed") as caught:
        notify(ValueChangedWarning("n: v is changed"))
    assert caught[0].filename == __file__


def test_strict_raises_it() -> None:
    with warnings.catch_warnings(), pytest.raises(ValueChangedWarning, match="n: v is changed"):
        warnings.simplefilter("ignore")
        notify(ValueChangedWarning("n: v is changed"), strict=True)
