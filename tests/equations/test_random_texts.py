"""Random texts are the same in numpy, on golden and on the RTL: every state and message of every step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.equations.runs import compare, process_class

pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")
# Texts that `make fuzz` has found are kept by their numbers.
KEPT = [
    json.loads(p.read_text())["text"] for p in (Path(__file__).parents[1] / "fuzz/corpus").glob("texts/*")
]


@pytest.mark.parametrize("shard", range(4))
def test_golden(shard: int) -> None:
    for seed in range(1000 * shard, 1000 * shard + 15):
        compare(seed, "golden", ("test8", "test32")[seed % 2])


@pytest.mark.rtl
@pytest.mark.parametrize("chip", ["test8", "test32"])
def test_rtl(chip: str) -> None:
    for seed in [*range(5000, 5010), *KEPT]:
        compare(seed, "verilator", chip)


def test_some_texts_need_more_than_the_registers() -> None:
    spills = [len(process_class(seed).program().spills) for seed in range(15)]
    assert max(spills) >= 3
    assert min(spills) == 0
