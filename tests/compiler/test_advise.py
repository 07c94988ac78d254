"""What is said of a network that does not fit: need, capacity, chips and keys that would do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Dense
from lava_hw.chip import Chip, list_chips
from lava_hw.compiler import CompileError, DoesNotFit, compile_network


def layer(sources: int, targets: int) -> Dense:
    """Weights and neurons."""
    dense = Dense(weights=np.full((targets, sources), 2), name="dense")
    dense.a_out.connect(LIF(shape=(targets,), name="cells").a_in)
    return dense


def refused(net: Any, chip: str) -> DoesNotFit:
    with pytest.raises(DoesNotFit) as caught:
        compile_network(net(), chip)
    return caught.value


CASES = [
    (lambda: layer(400, 50), "tiny"),
    (lambda: layer(2, 120), "tiny"),
    (lambda: layer(3000, 256), "small"),
    (lambda: [LIF(shape=(8,)) for _ in range(40)], "tiny"),
]


@pytest.mark.parametrize(("net", "chip"), CASES)
def test_the_chips_and_keys_that_are_named_would_do(net: Any, chip: str) -> None:
    """Exactly the shipped chips on which it compiles are named, and with the keys it compiles, too."""
    error = refused(net, chip)
    would = []
    for name in list_chips():
        try:
            compile_network(net(), name)
        except CompileError:
            continue
        would.append(name)
    assert list(error.chips) == would
    assert error.keys
    compile_network(net(), replace(Chip.load(chip), name="own", **error.keys))
    text = str(error)
    for name in would:
        assert name in text
    for key, value in error.keys.items():
        assert f"{key}: {value}" in text
    assert "configs/README.md" in text


def test_no_key_is_changed_without_need() -> None:
    error = refused(lambda: layer(400, 50), "tiny")
    for key in error.keys:
        fewer = {k: v for k, v in error.keys.items() if k != key}
        with pytest.raises(DoesNotFit):
            compile_network(layer(400, 50), replace(Chip.load("tiny"), name="own", **fewer))


def test_more_cores_are_named_where_they_are_enough() -> None:
    assert set(refused(lambda: layer(2, 120), "tiny").keys) <= {"mesh_x", "mesh_y"}


def test_the_need_is_given_against_a_core_and_the_whole_chip() -> None:
    """3000 sources for 32 groups of 8 targets are 96000 lines; chip small has 4 cores of 2048."""
    text = str(refused(lambda: layer(3000, 256), "small"))
    assert "needs 12000 synapse_lines, but a core of chip small has 2048." in text
    assert "The whole network needs 96000 synapse_lines; chip small has 8192 (4 of 2048)." in text


def test_what_no_chip_has_names_none() -> None:
    """A program has 64 operands on every chip."""
    hub = LIF(shape=(1,), name="hub")
    for _ in range(70):
        dense = Dense(weights=[[2]])
        dense.a_out.connect(hub.a_in)
    error = refused(lambda: hub, "default")
    assert (error.chips, error.keys) == ((), {})
    assert "configs/README.md" not in str(error)
