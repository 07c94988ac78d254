"""The largest mesh that the formats allow, tile by tile: populations on all 56 cores, as golden answers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from chip_network import Network
from test_lhw_chip import chip

from lava_hw.device.build import build_simulator, chip_design
from lava_hw.device.flits import Flits, is_response, is_token, reads, token
from lava_hw.golden import GoldenChip
from lava_hw.regs import CONFIG_FLIT, CORE_ADDR, CoreCsr, CoreRegion, TokenIn

STEPS = 6
CHIP = chip(8, 8, 7)
COUNTERS = (CoreCsr.SPIKES_IN, CoreCsr.SPIKES_OUT, CoreCsr.SYNOPS_LO)


def stream() -> Flits:
    """A network on all cores, some steps of it, and reads of all states and of counters that golden has."""
    network = Network(CHIP, 56)
    assert {core for core, *_ in network.blocks} == set(CHIP.cores)
    parts = [network.configuration(), network.stream(STEPS)]
    for core in CHIP.cores:
        for region, offset, count in network.used[core]:
            parts.append(reads(core, CORE_ADDR.pack(region=region, offset=offset), count))
        parts += [reads(core, CORE_ADDR.pack(region=CoreRegion.CSR, offset=c), 1) for c in COUNTERS]
        parts.append(token(TokenIn.SYNC))
    return np.concatenate(parts)


def in_order(came: Flits) -> list[tuple[list[int], int | None]]:
    """Events between tokens and responses, sorted, as their order is free, and what ends them."""
    groups: list[tuple[list[int], int | None]] = []
    first = 0
    for end in np.flatnonzero(is_token(came) | is_response(came)).tolist():
        groups.append((sorted(came[first:end].tolist()), int(came[end])))
        first = end + 1
    return [*groups, (sorted(came[first:].tolist()), None)]


@pytest.mark.rtl
def test_all_cores_of_the_largest_mesh(tmp_path: Path) -> None:
    flits = stream()
    golden = GoldenChip(CHIP)
    golden.push(flits)
    wanted = golden.pop()
    flits.tofile(tmp_path / "in")
    simulator = build_simulator(chip_design(CHIP), "fast")
    assert simulator.tilewise
    command = [str(simulator.program), "--bare", str(tmp_path / "in"), "--output", str(tmp_path / "out")]
    done = subprocess.run(
        [*command, "--check-sleep", "--watchdog", "100000"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    came = np.fromfile(tmp_path / "out", np.uint64)
    assert in_order(came) == in_order(wanted)
    responses = came[is_response(came)]
    spikes = responses[
        CONFIG_FLIT.get_array(responses, "addr")
        == CORE_ADDR.pack(region=CoreRegion.CSR, offset=CoreCsr.SPIKES_OUT)
    ]
    sent = CONFIG_FLIT.get_array(spikes, "data")
    assert len(sent) == 56
    assert np.count_nonzero(sent) > 40  # some programs send nothing
