"""Random networks on all references: every spike and state word. The corpus keeps what once failed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings

from tests.fuzz.networks import NetworkSpec, networks
from tests.fuzz.references import check

# Random networks have such values on purpose: all devices must agree on what they are used as.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

CORPUS = Path(__file__).parent / "corpus"
SHARDS = 8
PER_SHARD = 20  # 8 shards of 20: 160 networks, half of them at 8 lanes and half at 32

_SETTINGS = settings(
    max_examples=PER_SHARD,
    deadline=None,
    database=None,
    print_blob=True,
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.rtl
@pytest.mark.parametrize("shard", range(SHARDS))
def test_random_networks(shard: int) -> None:
    lanes = (8, 32)[shard % 2]

    @_SETTINGS
    @seed(20260000 + shard)
    @given(networks(max_size=300 if shard < 4 else 70))
    def compare(spec: NetworkSpec) -> None:
        note(json.dumps(spec.to_json()))
        check(spec, lanes)

    compare()


@pytest.mark.rtl
@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda p: p.stem)
def test_corpus(path: Path) -> None:
    data = json.loads(path.read_text())
    check(NetworkSpec.from_json(data["spec"]), data["lanes"])
