"""Emissions and routes: masks, values, tails, channels, several routes, destinations, counters."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from golden_build import (
    connection,
    load,
    population,
    read,
    route,
    run,
    sent,
    stage,
    stages,
    told,
    write,
)

from lava_hw.chip import Chip
from lava_hw.regs import ConnKind, CoreRegion, FaultCode, FlitType, TokenOut

POS, NEG, GRADED = FlitType.MASK_POS, FlitType.MASK_NEG, FlitType.GRADED


def after_one_step(
    chip: Chip, code: str, neurons: int, state: list[int], *parts: np.ndarray, routes: int
) -> Counter:
    golden = load(
        chip,
        stages(1, 0, 0),
        write(0, CoreRegion.STATE, 0, state),
        population(0, 0, code, neurons, chip.lanes, routes=(0, routes)),
        stage(0, 0, 0, 1),
        *parts,
    )
    golden.push(run(1))
    out = golden.pop().tolist()
    assert out[-1] == told(TokenOut.PAUSED, step=1)
    return Counter(out[:-1])


def mask_flits(chip: Chip, bits: np.ndarray, kind: FlitType, stream: int, base: int = 0) -> Counter:
    """By the rule of docs/chip.md: one flit per group with a spike, in its block of 32."""
    out: Counter = Counter()
    for g in range(-(-len(bits) // chip.lanes)):
        part = bits[g * chip.lanes : (g + 1) * chip.lanes]
        if part.any():
            payload = sum(1 << i for i, b in enumerate(part) if b) << (g * chip.lanes % 32)
            out[sent(kind, stream, (g * chip.lanes // 32 + base) % 4096, payload)] += 1
    return out


@pytest.mark.parametrize("base", [0, 5, 4095])
def test_masks(chip: Chip, base: int) -> None:
    """Some groups silent, one whole, a tail of 3 neurons that would spike beyond it."""
    neurons = 7 * chip.lanes + 3
    state = [
        1 if (i // chip.lanes == 2 or i % 11 == 0) and i // chip.lanes != 4 else 0
        for i in range(8 * chip.lanes)
    ]
    bits = np.array(state[:neurons], bool)
    code = "mov r0, [0]\ncmp p0, r0 != #0\nemitm ch0 if p0\nemitm ch0, neg if !p0"
    got = after_one_step(
        chip, code, neurons, state, route(0, 0, 0, 8, egress=1, conn=9, index_base=base), routes=1
    )
    assert got == mask_flits(chip, bits, POS, 9, base) + mask_flits(chip, ~bits, NEG, 9, base)


def test_mask_without_predicate_is_every_neuron(chip: Chip) -> None:
    got = after_one_step(chip, "emitm ch0", 10, [0], route(0, 0, 0, 2, egress=1), routes=1)
    assert got == mask_flits(chip, np.ones(10, bool), POS, 0)


@pytest.mark.parametrize("base", [0, 3, 4095])
def test_graded(chip: Chip, base: int) -> None:
    neurons = 3 * chip.lanes + 2
    values = [(i * 7919 - 5000) * (i % 3 > 0) for i in range(4 * chip.lanes)]
    values[1], values[2] = 2**31 - 1, -(2**31)
    values[neurons:] = [77] * (4 * chip.lanes - neurons)
    code = "mov r0, [0]\ncmp p0, r0 > #0\nemitg ch1, r0\nemitg ch2, r0 if p0"
    to = {"egress": 1, "index_base": base}
    got = after_one_step(
        chip, code, neurons, values,
        route(0, 0, 0, 9, channel=1, conn=3, **to), route(0, 1, 0, 9, channel=2, conn=4, **to), routes=2,
    )  # fmt: skip
    want: Counter = Counter()
    for i, v in enumerate(values[:neurons]):
        if v:
            want[sent(GRADED, 3, (i + 32 * base) % 4096, v)] += 1
        if v > 0:
            want[sent(GRADED, 4, (i + 32 * base) % 4096, v)] += 1
    assert got == want


def test_routes_choose_by_channel_and_groups_and_may_overlap(chip: Chip) -> None:
    lanes = chip.lanes
    got = after_one_step(
        chip,
        "emitm ch2",
        6 * lanes,
        [0],
        route(0, 0, 0, 6, channel=1, egress=1, conn=1),  # other channel
        route(0, 1, 1, 2, channel=2, egress=1, conn=2),
        route(0, 2, 2, 4000, channel=2, egress=1, conn=3),  # beyond the end
        route(0, 3, 3, 0, channel=2, egress=1, conn=4),  # nothing
        route(0, 4, 0, 6, channel=2, egress=1, conn=5),  # not one of the population's routes
        routes=4,
    )
    groups = np.repeat(np.arange(6), lanes)
    assert got == mask_flits(chip, (groups == 1) | (groups == 2), POS, 2) + mask_flits(
        chip, groups >= 2, POS, 3
    )


def test_spikes_out_counts_lanes_once_per_emission_also_without_route(chip: Chip) -> None:
    code = "emitm ch0\nemitm ch3\nidx r0\nemitg ch0, r0\ncmp p0, r0 > #4\nemitg ch1, r0 if p0"
    golden = load(
        chip,
        stages(1, 0, 0),
        population(0, 0, code, 10, chip.lanes, routes=(0, 2)),
        stage(0, 0, 0, 1),
        route(0, 0, 0, 9, egress=1),
        route(0, 1, 0, 9, egress=1, conn=7),
    )
    golden.push(run(1))
    mask = -(-10 // chip.lanes)
    assert len(golden.pop()) == 2 * (mask + 9) + 1
    assert read(golden, 0, CoreRegion.CSR, 5) == [10 + 10 + 9 + 5]


def test_events_reach_every_core_and_the_sender_itself(chip: Chip) -> None:
    """One emission, a route to each of the four cores and to the host; the masks arrive as sources."""
    lanes = chip.lanes
    neurons = 2 * lanes + 1
    parts = [
        connection(core, 3, ConnKind.PORT, -(-neurons // lanes), slot=1, shift=core) for core in chip.cores
    ]
    parts += [route(0, n, 0, 9, dest=core, conn=3) for n, core in enumerate(chip.cores)]
    golden = load(
        chip,
        stages(1, 0, 1),
        population(0, 0, "idx r0\ncmp p0, r0 > #2\nemitm ch0, neg if p0", neurons, lanes, routes=(0, 4)),
        stage(0, 0, 0, 1),
        *parts,
    )
    golden.push(run(1))
    assert golden.pop().tolist() == [told(TokenOut.END, 0, 1), told(TokenOut.PAUSED, step=1)]
    first = 2 % chip.delay_slots * chip.acc_pitch * lanes
    for core in chip.cores:
        want = [-(1 << core) if i > 2 else 0 for i in range(neurons)]
        assert read(golden, core, CoreRegion.ACC, first, neurons) == want
        assert read(golden, core, CoreRegion.CSR, 4) == [neurons - 3]


def test_a_route_to_no_core_is_a_fault_of_the_sender(chip: Chip) -> None:
    golden = load(
        chip,
        stages(1, 0, 1),
        population(9, 0, "emitm ch0", 1, chip.lanes, routes=(0, 2)),
        stage(9, 0, 0, 1),
        route(9, 0, 0, 1, dest=2),
        route(9, 1, 0, 1, egress=1, conn=1),
    )
    golden.push(run(1))
    assert golden.pop().tolist() == [sent(POS, 1, 0, 1), told(TokenOut.FAULT, 9, FaultCode.BAD_EVENT)]
