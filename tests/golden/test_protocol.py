"""The host protocol: steps, stages, CLOSE, END, PAUSED, faults, RESET, configuration."""

from __future__ import annotations

import numpy as np
import pytest
from golden_build import (
    RESET,
    close,
    connection,
    core_registers,
    event,
    faults,
    load,
    population,
    read,
    read_flit,
    registers,
    route,
    run,
    sent,
    spikes,
    stage,
    stages,
    token,
    told,
    weights,
    write,
)

from lava_hw import isa
from lava_hw.chip import Chip
from lava_hw.golden import GoldenChip
from lava_hw.image import address, config_flits
from lava_hw.regs import (
    CONFIG_FLIT,
    CONTROL_CORE,
    EVENT_FLIT,
    LAYOUT_HASH,
    ChipCsr,
    ConfigOp,
    ConnKind,
    CoreCsr,
    CoreRegion,
    FaultCode,
    FlitType,
    TokenIn,
    TokenOut,
)

POS, GRADED = FlitType.MASK_POS, FlitType.GRADED
END, PAUSED, FAULT, RESET_DONE = TokenOut.END, TokenOut.PAUSED, TokenOut.FAULT, TokenOut.RESET_DONE


def test_after_reset(chip: Chip) -> None:
    golden = GoldenChip(chip)
    assert golden.paused
    assert golden.idle
    got = registers(golden)
    assert got[ChipCsr.MAGIC] == 0x4C485743
    assert got[ChipCsr.LAYOUT] == LAYOUT_HASH
    assert got[ChipCsr.CONFIG_ID] == chip.config_id
    assert got[ChipCsr.SHAPE] == 2 | 2 << 8 | chip.lanes << 16 | chip.lanes << 24
    assert got[ChipCsr.STATUS] == 1
    assert [got[r] for r in (ChipCsr.STEP, ChipCsr.LIMIT, ChipCsr.FLITS_IN, ChipCsr.FLITS_OUT)] == [0] * 4
    assert [core_registers(golden, c)[CoreCsr.ID] for c in chip.cores] == list(chip.cores)


def test_run_without_close(chip: Chip) -> None:
    golden = load(chip, stages(3, 0, 0b101))
    golden.push(run(2))
    ends = [told(END, s, t) for t in (1, 2) for s in (0, 2)]
    assert golden.pop().tolist() == [*ends, told(PAUSED, step=2)]
    assert registers(golden)[ChipCsr.STEP] == 2
    golden.push(run(3))
    assert golden.pop().tolist() == [told(END, 0, 3), told(END, 2, 3), told(PAUSED, step=3)]


def test_stages_wait_for_their_close_only(chip: Chip) -> None:
    golden = load(chip, stages(4, 0b1001, 0b1110))
    golden.push(run(2))
    assert golden.waits_for == (1, 0)
    assert not golden.paused
    assert not len(golden.pop())
    golden.push(close(1, 0))
    assert golden.pop().tolist() == [told(END, 1, 1), told(END, 2, 1)]
    assert golden.waits_for == (1, 3)
    golden.push(close(1, 3))
    assert golden.pop().tolist() == [told(END, 3, 1)]
    golden.push(np.concatenate([close(2, 0), token(TokenIn.SYNC), close(2, 3), run(3)]))
    assert golden.pop().tolist() == [told(END, 1, 2), told(END, 2, 2), told(END, 3, 2), told(PAUSED, step=2)]
    assert golden.waits_for == (3, 0)


CHAIN = {
    # Stage 0: what came before CLOSE(t, 0), on core 0; sent to core 9 with latency 0.
    0: "acc r0, c0, slot 0, last\nst [0], r0\nemitg ch0, r0",
    # Stage 1, core 9: adds 1; sent to the host.
    1: "acc r0, c0, slot 0, last\nadd r0, r0, #1\nst [0], r0\nemitg ch0, r0",
    # Stage 2, core 0 again: what the host sends after END(t, 1); sent to itself for the next step.
    2: "acc r0, c1, slot 0, last\nst [0], r0\nemitg ch0, r0",
}


def chain(chip: Chip) -> GoldenChip:
    lanes = chip.lanes
    return load(
        chip,
        stages(3, 0b101, 0b010),
        write(0, CoreRegion.CONSTANT, 0, [0, 1]),
        population(0, 0, CHAIN[0], 1, lanes, routes=(0, 1)),
        population(0, 1, CHAIN[2], 1, lanes, pc=10, state=1, routes=(1, 1)),
        population(9, 0, CHAIN[1], 1, lanes, routes=(0, 1)),
        stage(0, 0, 0, 1),
        stage(0, 2, 1, 1),
        stage(9, 1, 0, 1),
        connection(0, 0, ConnKind.PORT, 1, acc_base=0, slot=1),
        connection(0, 1, ConnKind.PORT, 1, acc_base=1, slot=0),
        connection(9, 0, ConnKind.PORT, 1, slot=0),
        route(0, 0, 0, 1, dest=9, conn=0),
        route(0, 1, 0, 1, dest=0, conn=0),
        route(9, 0, 0, 1, egress=1, conn=6),
    )


def test_chain_of_latency_0_through_the_host(chip: Chip) -> None:
    """core 0 -> core 9 -> host -> core 0 within a step, and core 0 -> core 0 into the next one."""
    golden = chain(chip)
    golden.push(run(20))
    kept = 0
    for t in range(1, 21):
        golden.push(event(0, 0, GRADED, 0, 100 * t))
        golden.push(close(t, 0))
        seen = 100 * t + kept + 1
        assert golden.pop().tolist() == [sent(GRADED, 6, 0, seen), told(END, 1, t)]
        golden.push(event(0, 1, GRADED, 0, -seen))
        golden.push(close(t, 2))
        kept = -seen
        assert golden.pop().tolist() == ([told(PAUSED, step=20)] if t == 20 else [])
    assert registers(golden)[ChipCsr.FLITS_IN] == 40
    assert registers(golden)[ChipCsr.FLITS_OUT] == 20
    assert read(golden, 0, CoreRegion.STATE, chip.lanes) == [kept]


def test_how_the_stream_is_cut_does_not_matter(chip: Chip) -> None:
    stream = [run(6)]
    for t in range(1, 7):
        stream += [
            event(0, 0, GRADED, 0, t),
            close(t, 0),
            event(0, 1, GRADED, 0, 3),
            event(0, 1, GRADED, 0, 4),
            close(t, 2),
        ]
    flits = np.concatenate(
        [*stream, read_flit(0, address(CoreRegion.STATE), 20), event(0, 0, GRADED, 0, 1), RESET]
    )
    outputs = []
    for size in (1, 2, 3, 7, len(flits)):
        golden = chain(chip)
        out = []
        for i in range(0, len(flits), size):
            golden.push(flits[i : i + size])
            out += golden.pop().tolist()
        outputs.append(out)
    assert len(outputs[0]) == 6 * 2 + 1 + 20 + 1
    assert all(o == outputs[0] for o in outputs)


def test_events_of_one_push_go_to_many_places(chip: Chip) -> None:
    """Cores, connections and kinds mixed in any order."""
    rng = np.random.default_rng(1)
    parts = [
        connection(core, n, ConnKind.PORT, 2, acc_base=2 * n, slot=1) for core in chip.cores for n in range(3)
    ]
    golden = load(chip, *parts)
    want = {core: np.zeros((3, 2 * chip.lanes), int) for core in chip.cores}
    flits = []
    for _ in range(300):
        core, n, source = rng.choice(chip.cores), rng.integers(3), rng.integers(2 * chip.lanes)
        kind, value = rng.integers(3), int(rng.integers(-5, 5))
        if kind == GRADED:
            flits.append(event(core, n, GRADED, source, value))
        else:
            value = 1 - 2 * int(kind)
            flits.append(event(core, n, kind, source // 32, 1 << source % 32))
        want[core][n, source] += value
    golden.push(np.concatenate(flits))
    for core in chip.cores:
        got = read(golden, core, CoreRegion.ACC, chip.acc_pitch * chip.lanes, 6 * chip.lanes)
        assert got == want[core].reshape(-1).tolist()
    assert registers(golden)[ChipCsr.FLITS_IN] == 300


def test_reset_keeps_memories_and_registers(chip: Chip) -> None:
    golden = chain(chip)
    first = None
    for _ in range(2):
        golden.push(
            np.concatenate([run(2), event(0, 0, GRADED, 0, 5), close(1, 0), close(1, 2), close(2, 0)])
        )
        golden.push(np.concatenate([event(0, 1, GRADED, 0, 9), close(2, 2)]))
        out = golden.pop().tolist()
        first = first or out
        assert out == first
        assert read(golden, 9, CoreRegion.CSR, CoreCsr.SPIKES_IN) != [0]
        golden.push(RESET)
        assert golden.pop().tolist() == [told(RESET_DONE)]
        got = registers(golden)
        assert [got[r] for r in (ChipCsr.STEP, ChipCsr.LIMIT, ChipCsr.FLITS_IN, ChipCsr.FLITS_OUT)] == [0] * 4
        assert got[ChipCsr.STAGES] == 3
        for core in chip.cores:
            assert list(core_registers(golden, core).values()) == [core] + [0] * 8
        assert read(golden, 0, CoreRegion.STATE, chip.lanes) == [9]


@pytest.mark.parametrize(
    ("before", "flit", "fault"),
    [
        ([], close(1, 0), FaultCode.BAD_CLOSE),
        ([], run(0), FaultCode.BAD_RUN),
        ([], token(9), FaultCode.BAD_TOKEN),
        ([], np.array([EVENT_FLIT.pack(kind=4)], np.uint64), FaultCode.BAD_TOKEN),
        ([], np.array([CONFIG_FLIT.pack(cfg=1, op=ConfigOp.RESPONSE)], np.uint64), FaultCode.BAD_TOKEN),
        ([run(1)], close(1, 1), FaultCode.BAD_CLOSE),
        ([run(1)], close(2, 0), FaultCode.BAD_CLOSE),
        ([run(1)], close(0, 0), FaultCode.BAD_CLOSE),
        ([run(1)], run(2), FaultCode.BAD_CLOSE),
        ([run(1)], token(0), FaultCode.BAD_TOKEN),
        ([run(1)], write(0, CoreRegion.STATE, 0, [1]), FaultCode.BAD_CLOSE),
        ([run(1), close(1, 0), close(1, 2)], run(1), FaultCode.BAD_RUN),
        ([], event(2, 0, POS, 0, 1), FaultCode.BAD_EVENT),
        ([], np.array([EVENT_FLIT.pack(dest=0, egress=1, payload=1)], np.uint64), FaultCode.BAD_EVENT),
        ([], config_flits([(5, 0, np.zeros(1, np.uint32))]), FaultCode.BAD_ADDRESS),
        ([], config_flits([(CONTROL_CORE, 15, np.zeros(1, np.uint32))]), FaultCode.BAD_ADDRESS),
    ],
)
def test_faults_of_the_chip(chip: Chip, before: list[np.ndarray], flit: np.ndarray, fault: FaultCode) -> None:
    golden = chain(chip)
    for one in before:
        golden.push(one)
    golden.pop()
    golden.push(flit)
    assert faults(golden) == [told(FAULT, CONTROL_CORE, fault)]
    assert golden.fault == (CONTROL_CORE, fault)
    dropped = [
        run(9),
        close(1, 0),
        event(0, 0, GRADED, 0, 8),
        event(5, 5, POS, 0, 1),
        token(77),
        token(TokenIn.SYNC),
    ]
    dropped += [write(0, CoreRegion.STATE, 3, [123]), write(5, CoreRegion.STATE, 3, [123])]
    golden.push(np.concatenate(dropped))
    assert not len(golden.pop())
    assert registers(golden)[ChipCsr.STATUS] == 1 | fault << 8
    assert read(golden, 0, CoreRegion.STATE, 3) == [0]
    golden.push(np.concatenate([RESET, run(1)]))
    assert golden.pop().tolist() == [told(RESET_DONE)]
    assert golden.fault is None
    assert golden.waits_for == (1, 0)


def test_reset_while_a_close_is_missing_is_a_fault_that_it_ends(chip: Chip) -> None:
    golden = chain(chip)
    golden.push(np.concatenate([run(1), RESET]))
    assert golden.pop().tolist() == [told(FAULT, CONTROL_CORE, FaultCode.BAD_CLOSE), told(RESET_DONE)]
    assert golden.paused


@pytest.mark.parametrize(
    ("kind", "index", "payload", "added"),
    [
        (POS, 0, 0b11111, [1, 1, 1]),  # two sources beyond the end; the others count
        (POS, 1, 1, [0, 0, 0]),
        (GRADED, 3, 5, [0, 0, 0]),
    ],
)
def test_sources_beyond_the_rows(
    chip: Chip, kind: FlitType, index: int, payload: int, added: list[int]
) -> None:
    rows = np.eye(3, dtype=int)
    golden = load(
        chip,
        connection(8, 1, ConnKind.DENSE, 1, slot=1, stride=1, sources=3, targets=3),
        weights(8, rows, chip.lanes),
    )
    golden.push(event(8, 1, kind, index, payload))
    assert not len(golden.pop())
    assert faults(golden) == [told(FAULT, 8, FaultCode.BAD_EVENT)]
    assert core_registers(golden, 8)[CoreCsr.FAULT] == FaultCode.BAD_EVENT
    assert core_registers(golden, 0)[CoreCsr.FAULT] == FaultCode.NONE
    assert core_registers(golden, 8)[CoreCsr.SYNOPS_LO] == 3 * sum(added)
    assert read(golden, 8, CoreRegion.ACC, chip.acc_pitch * chip.lanes, 3) == added


def test_a_graded_zero_has_no_source(chip: Chip) -> None:
    golden = load(chip, connection(0, 0, ConnKind.PORT, 1, slot=1))
    golden.push(event(0, 0, GRADED, 4000, 0))
    assert not faults(golden)
    assert core_registers(golden, 0)[CoreCsr.SPIKES_IN] == 1


@pytest.mark.parametrize("kind", [ConnKind.NONE, ConnKind.SPARSE, ConnKind.ONE_TO_ONE])
def test_connections_without_a_kind(chip: Chip, kind: ConnKind) -> None:
    golden = load(chip, connection(0, 0, kind, 1), connection(0, 1, ConnKind.DENSE, 1, format=3, sources=1))
    for conn in (0, 1, chip.connections, 255):
        golden.push(np.concatenate([spikes(0, conn, [1]), RESET]))
        assert golden.pop().tolist() == [told(FAULT, 0, FaultCode.BAD_EVENT), told(RESET_DONE)]


@pytest.mark.parametrize("op", [7, 10, 21, 24, 31])
def test_bad_opcode_ends_the_stage_without_end(chip: Chip, op: int) -> None:
    golden = load(
        chip,
        stages(2, 0, 0b11),
        population(8, 0, [op << 27, *isa.assemble("mov r0, #3\nst [0], r0\nemitm ch0")], 1,
                   chip.lanes, routes=(0, 1)),
        stage(8, 0, 0, 1),
        route(8, 0, 0, 1, egress=1),
    )  # fmt: skip
    golden.push(run(1))
    assert golden.pop().tolist() == [sent(POS, 0, 0, 1), told(FAULT, 8, FaultCode.BAD_OPCODE)]
    assert read(golden, 8, CoreRegion.STATE) == [3]
    assert registers(golden)[ChipCsr.STEP] == 1


def test_the_lowest_tile_speaks_for_several(chip: Chip) -> None:
    parts = []
    for core in chip.cores[1:]:
        parts += [population(core, 0, [31 << 27], 1, chip.lanes), stage(core, 0, 0, 1)]
    golden = load(chip, stages(1, 0, 0), *parts)
    golden.push(run(1))
    assert golden.pop().tolist() == [told(FAULT, chip.cores[1], FaultCode.BAD_OPCODE)]
    for core in chip.cores[1:]:
        assert core_registers(golden, core)[CoreCsr.FAULT] == FaultCode.BAD_OPCODE


@pytest.mark.parametrize("region", sorted(CoreRegion))
def test_every_region_ends_where_the_chip_says(chip: Chip, region: CoreRegion) -> None:
    depth = {
        CoreRegion.CSR: 9,
        CoreRegion.STATE: chip.state_lines * chip.lanes,
        CoreRegion.ACC: chip.delay_slots * chip.acc_pitch * chip.lanes,
        CoreRegion.UCODE: chip.ucode_words,
        CoreRegion.CONSTANT: chip.const_words,
        CoreRegion.POPULATION: 8 * chip.populations,
        CoreRegion.CONNECTION: 8 * chip.connections,
        CoreRegion.ROUTE: 2 * chip.routes,
        CoreRegion.STAGE: 16,
    }[region]
    golden = GoldenChip(chip)
    used = {CoreRegion.POPULATION: 5}.get(region, 8)
    golden.push(write(1, region, depth - 9, range(-9, 0)))
    assert not faults(golden)
    want = [v if (depth + v) % 8 < used else 0 for v in range(-9, 0)]
    if region == CoreRegion.CSR:
        want = [1, *[0] * 8]
    assert read(golden, 1, region, depth - 9, 9) == want
    golden.push(write(1, region, depth - 1, [7, 8]))
    assert faults(golden) == [told(FAULT, 1, FaultCode.BAD_ADDRESS)]
    assert read(golden, 1, region, depth - 1) == [
        {0: 6, 5: 0}.get(region, 7)
    ]  # the core's FAULT; words that do not exist
    golden.push(RESET)
    golden.pop()
    golden.push(read_flit(1, address(region, depth - 1), 2))
    out = golden.pop().tolist()
    assert out[1] == CONFIG_FLIT.pack(
        cfg=1, op=ConfigOp.RESPONSE, core=1, addr=address(region, depth), data=0
    )
    assert out[2:] == []
    assert faults(golden) == [told(FAULT, 1, FaultCode.BAD_ADDRESS)]


def test_synapse_words_are_parts_of_lines(chip: Chip) -> None:
    golden = GoldenChip(chip)
    total = chip.synapse_lines * chip.word // 32
    first = 1 << 22
    golden.push(
        config_flits(
            [(1, first, np.arange(64, dtype=np.uint32)), (1, first + total - 1, np.array([5], np.uint32))]
        )
    )
    assert golden.peek(1, first, 64).tolist() == list(range(64))
    assert golden.peek(1, first + total - 1).tolist() == [5]
    with pytest.raises(ValueError, match="core 1 has no word"):
        golden.peek(1, first + total - 1, 2)
    with pytest.raises(ValueError, match="there is no core 3"):
        golden.peek(3, 0)
    golden.push(config_flits([(1, first + total, np.array([5], np.uint32))]))
    assert faults(golden) == [told(FAULT, 1, FaultCode.BAD_ADDRESS)]
    assert golden.fault == (1, FaultCode.BAD_ADDRESS)


def test_a_read_of_a_core_that_is_not_there_is_answered(chip: Chip) -> None:
    golden = GoldenChip(chip)
    golden.push(np.concatenate([read_flit(7, 5, 2), read_flit(0, 0)]))
    answer = {"cfg": 1, "op": ConfigOp.RESPONSE, "data": 0}
    assert golden.pop().tolist() == [
        CONFIG_FLIT.pack(core=7, addr=5, **answer),
        CONFIG_FLIT.pack(core=7, addr=6, **answer),
        told(FAULT, CONTROL_CORE, FaultCode.BAD_ADDRESS),
        CONFIG_FLIT.pack(core=0, addr=0, **answer),
    ]


@pytest.mark.parametrize("core", [0, CONTROL_CORE, 7])
@pytest.mark.parametrize("reserved", [1 << 31, 1 << 23, 0xFF << 23, 0x1FF << 23])
def test_a_read_counts_its_lower_bits_only(chip: Chip, core: int, reserved: int) -> None:
    golden = GoldenChip(chip)
    golden.push(read_flit(core, 1, 3 + reserved))
    assert CONFIG_FLIT.get_array(golden.pop(), "addr").tolist() == [1, 2, 3]


def test_registers_that_only_read_ignore_writes(chip: Chip) -> None:
    golden = GoldenChip(chip)
    before = registers(golden)
    golden.push(config_flits([(CONTROL_CORE, 0, np.full(15, 0xFFFFFFFF, np.uint32))]))
    changed = {r: v for r, v in registers(golden).items() if v != before[r]}
    assert changed == {ChipCsr.STAGES: 31, ChipCsr.NEEDS_CLOSE: 0xFFFF, ChipCsr.NEEDS_END: 0xFFFF}
    assert not faults(golden)
