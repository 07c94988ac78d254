"""Every chip at a corner of the schema elaborates, without a warning of Verilator's.

`tests/chip/test_corners.py` shows that a corner is a chip, or that its keys are refused together.
"""

from __future__ import annotations

import pytest
from lhw_bench import lint

from lava_hw.chip import KEYS, Chip
from tests.chip.corners import completed, covering, limits, pairs, singles

pytestmark = pytest.mark.rtl


def problems(corner: dict[str, int]) -> str:
    """Give what Verilator says of a chip at a corner; nothing, if there is no such chip."""
    chip = completed(corner)
    return "" if chip is None else problems_of(chip)


def problems_of(chip: Chip) -> str:
    return lint("lhw_chip", *(f"-G{key}={value}" for key, value in chip.to_sv_parameters().items()))


@pytest.mark.parametrize("key", KEYS)
def test_each_end_of_a_key(key: str) -> None:
    found = {str(corner): problems(corner) for corner in singles() if key in corner}
    assert len(found) > 1
    assert not any(found.values()), found


@pytest.mark.parametrize("chip", covering(), ids=lambda chip: "-".join(map(str, chip.parameters().values())))
def test_chips_that_cover_all_pairs(chip: Chip) -> None:
    assert problems_of(chip) == ""


@pytest.mark.parametrize("values", [values for _, values in limits()], ids=str)
def test_the_limits_that_keys_share(values: dict[str, int]) -> None:
    assert problems(values) == ""


@pytest.mark.nightly
@pytest.mark.parametrize("key", list(KEYS)[:-1])
def test_each_pair_alone(key: str) -> None:
    """Pairs of a key with those after it: a failure names two keys and not a dozen."""
    found = {str(corner): problems(corner) for corner in pairs() if next(iter(corner)) == key}
    assert not any(found.values()), {corner: text for corner, text in found.items() if text}


@pytest.mark.parametrize("mesh", [(1, 1), (3, 2)], ids=str)
def test_latencies_of_quiescence(mesh: tuple[int, int]) -> None:
    """No key of a chip, but a parameter whose values have shapes of their own."""
    for latency in (1, 2, 3, 5):
        assert lint("lhw_chip", f"-GMeshX={mesh[0]}", f"-GMeshY={mesh[1]}", f"-GQuietLatency={latency}") == ""


def test_a_corner_can_fail() -> None:
    """Verilator is asked about the parameters that are given."""
    assert "The mesh must be" in lint("lhw_chip", "-GMeshX=9")
