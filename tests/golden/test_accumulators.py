"""Accumulators: slots, clean and dirty, shifts, several readers, ACCADD, groups that meet."""

from __future__ import annotations

import numpy as np
import pytest
from golden_build import (
    RESET,
    connection,
    event,
    load,
    population,
    read,
    run,
    spikes,
    stage,
    stages,
    weights,
    write,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from lava_hw import isa
from lava_hw.chip import Chip
from lava_hw.golden import program
from lava_hw.regs import ConnKind, CoreRegion, FlitType


def acc_offset(chip: Chip, slot: int, group: int = 0, lane: int = 0) -> int:
    return (slot * chip.acc_pitch + group) * chip.lanes + lane


def test_slots_follow_the_step(chip: Chip) -> None:
    """An event with slot d is read by ACC slot 0 exactly d steps later, also around the ring."""
    slots = chip.delay_slots
    for slot in range(slots):
        golden = load(
            chip,
            stages(1, 0, 0),
            write(0, CoreRegion.CONSTANT, 0, [3]),
            population(0, 0, "acc r0, c0, slot 0, last\nst [0], r0", chip.lanes, chip.lanes),
            stage(0, 0, 0, 1),
            connection(0, 2, ConnKind.PORT, 1, acc_base=3, slot=slot),
        )
        golden.push(run(slots + 1))
        for start in range(slots + 1, 3 * slots):
            golden.push(event(0, 2, FlitType.GRADED, 1, 100 + start))
            seen = []
            for step in range(start + 1, start + slots + 1):
                golden.push(run(step))
                golden.pop()
                seen.append(read(golden, 0, CoreRegion.STATE, 1)[0])
            delay = slot if slot else slots
            assert seen == [100 + start if d == delay else 0 for d in range(1, slots + 1)]
            golden.push(run(start + 2 * slots))
            golden.push(RESET)
            golden.push(run(start + 1))
            golden.pop()


def test_constant_selects_the_group_and_group_number_is_added(chip: Chip) -> None:
    lanes, neurons = chip.lanes, 3 * chip.lanes
    golden = load(
        chip,
        stages(1, 0, 0),
        write(0, CoreRegion.CONSTANT, 0, [7, 1]),
        population(0, 0, "acc r0, c0, slot 1\nst [0], r0", neurons, lanes, const=1),
        population(0, 1, "acc r0, c0, slot 1\nst [0], r0", neurons, lanes, pc=9, state=3, const=0),
        stage(0, 0, 0, 2),
        write(0, CoreRegion.ACC, acc_offset(chip, 2), range(chip.acc_groups * lanes)),
    )
    golden.push(run(1))
    golden.pop()
    got = read(golden, 0, CoreRegion.STATE, 0, 6 * lanes)
    assert got[: 3 * lanes] == list(range(lanes, 4 * lanes))
    assert got[3 * lanes :] == list(range(7 * lanes, 10 * lanes))


@pytest.mark.parametrize("shift", range(-31, 32))
def test_shift(shift: int) -> None:
    chip = Chip.load("test32")
    values = [0, 1, -1, 3, -3, 2**30, -(2**31), 2**31 - 1] * 4
    code = isa.assemble([isa.acc(isa.r0, isa.const(0), shift=shift), isa.st(isa.state(0), isa.r0)])
    golden = load(
        chip,
        stages(1, 0, 0),
        population(0, 0, code, 32, 32),
        stage(0, 0, 0, 1),
        write(0, CoreRegion.ACC, acc_offset(chip, 1), values),
    )
    golden.push(run(1))
    golden.pop()
    want = [((v << shift if shift >= 0 else v >> -shift) + 2**31) % 2**32 - 2**31 for v in values]
    assert read(golden, 0, CoreRegion.STATE, 0, 32) == want


def test_only_the_last_reader_cleans_and_reset_cleans_all(chip: Chip) -> None:
    code = (
        "acc r0, c0, slot 0\nst [0], r0\nacc r1, c0, slot 0, last\nst [1], r1\nacc r2, c0, slot 0\nst [2], r2"
    )
    golden = load(
        chip,
        stages(1, 0, 0),
        population(0, 0, code, chip.lanes, chip.lanes, nvars=3),
        stage(0, 0, 0, 1),
        write(0, CoreRegion.ACC, acc_offset(chip, 1), [5] * chip.lanes),
        write(0, CoreRegion.ACC, acc_offset(chip, 0), [6] * chip.lanes),
    )
    golden.push(run(1))
    golden.pop()
    lanes = chip.lanes
    assert read(golden, 0, CoreRegion.STATE, 0, 3 * lanes) == [5] * (2 * lanes) + [0] * lanes
    assert read(golden, 0, CoreRegion.ACC, acc_offset(chip, 1), lanes) == [0] * lanes
    assert read(golden, 0, CoreRegion.ACC, acc_offset(chip, 0), lanes) == [6] * lanes
    golden.push(RESET)
    golden.pop()
    assert read(golden, 0, CoreRegion.ACC, acc_offset(chip, 0), lanes) == [0] * lanes
    assert read(golden, 0, CoreRegion.STATE, 0, lanes) == [5] * lanes


def test_writing_one_lane_of_a_clean_group_leaves_the_others_zero(chip: Chip) -> None:
    golden = load(chip, write(0, CoreRegion.ACC, acc_offset(chip, 1, 2, 3), [-9]))
    got = read(golden, 0, CoreRegion.ACC, acc_offset(chip, 1, 2), chip.lanes)
    assert got == [-9 if lane == 3 else 0 for lane in range(chip.lanes)]


def test_acc_with_predicate_keeps_the_other_lanes_and_cleans_the_whole_group(chip: Chip) -> None:
    code = "idx r1\ncmp p0, r1 < #3\nmov r0, #-1\nacc r0, c0, slot 0, last if p0\nst [0], r0"
    golden = load(
        chip,
        stages(1, 0, 0),
        population(0, 0, code, chip.lanes, chip.lanes),
        stage(0, 0, 0, 1),
        write(0, CoreRegion.ACC, acc_offset(chip, 1), [8] * chip.lanes),
    )
    golden.push(run(1))
    golden.pop()
    assert read(golden, 0, CoreRegion.STATE, 0, chip.lanes) == [8] * 3 + [-1] * (chip.lanes - 3)
    assert read(golden, 0, CoreRegion.ACC, acc_offset(chip, 1), chip.lanes) == [0] * chip.lanes


def test_accadd_reaches_a_later_population_of_the_same_stage_and_a_later_step(chip: Chip) -> None:
    """Latency 0 within a core: what the first population adds the second reads; slot 1 a step later."""
    lanes = chip.lanes
    first = "idx r0\ncmp p0, r0 >= #2\naccadd c0, slot 0, r0 if p0\ntime r1\naccadd c1, slot 1, r1"
    second = "acc r0, c0, slot 0, last\nst [0], r0\nacc r0, c1, slot 0, last\nst [1], r0"
    golden = load(
        chip,
        stages(1, 0, 0),
        write(0, CoreRegion.CONSTANT, 0, [0, 4]),
        population(0, 0, first, 2 * lanes, lanes),
        population(0, 1, second, 2 * lanes, lanes, pc=20, nvars=2),
        stage(0, 0, 0, 2),
    )
    for step in (1, 2, 3, 40):
        golden.push(run(step))
        golden.pop()
        got = np.reshape(read(golden, 0, CoreRegion.STATE, 0, 4 * lanes), (2, 2, lanes))
        assert got[:, 0].reshape(-1).tolist() == [0, 0, *range(2, 2 * lanes)]
        assert set(got[:, 1].reshape(-1).tolist()) == {step - 1}


def test_sums_wrap_modulo_2_to_the_32(chip: Chip) -> None:
    golden = load(chip, connection(0, 0, ConnKind.PORT, 1, slot=1))
    golden.push(event(0, 0, FlitType.GRADED, 2, 2**31 - 1))
    golden.push(event(0, 0, FlitType.GRADED, 2, 2))
    golden.push(np.concatenate([event(0, 0, FlitType.GRADED, 3, -(2**31))] * 3))
    assert read(golden, 0, CoreRegion.ACC, acc_offset(chip, 1), 4) == [0, 0, -(2**31) + 1, -(2**31)]


def _random_program(draw: st.DrawFn) -> list[isa.Instruction]:
    """Instructions that read and write state and accumulators, within and beyond the population."""
    kinds = st.sampled_from(["acc", "accadd", "st", "add", "idx", "cmp", "emit"])
    reg = st.integers(0, 7).map(isa.Reg)
    out = [isa.idx(isa.Reg(n)) for n in range(4)]
    for kind in draw(st.lists(kinds, min_size=1, max_size=12)):
        slot, const = draw(st.integers(0, 7)), isa.const(draw(st.integers(0, 3)))
        var = isa.state(draw(st.integers(0, 3)))
        ins = {
            "acc": lambda s=slot, c=const: isa.acc(
                draw(reg), c, s, draw(st.integers(-3, 3)), draw(st.booleans())
            ),
            "accadd": lambda s=slot, c=const: isa.accadd(c, draw(reg), s),
            "st": lambda v=var: isa.st(v, draw(reg)),
            "add": lambda v=var: isa.add(draw(reg), draw(reg), v),
            "idx": lambda: isa.idx(draw(reg)),
            "cmp": lambda: isa.cmp(isa.p1, draw(reg), ">", draw(reg)),
            "emit": lambda: isa.emitg(0, draw(reg)),
        }[kind]()
        out.append(ins.where(isa.p1) if draw(st.booleans()) else ins)
    return out


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_all_groups_at_once_is_one_after_the_other(data: st.DataObject) -> None:
    """What the vectorised engine computes is what the contract says: group after group."""
    chip = Chip.load("test8")
    code = [i.encode() for i in _random_program(data.draw)]
    nvars = data.draw(st.integers(1, 4))
    consts = data.draw(st.lists(st.integers(0, 8), min_size=4, max_size=4))
    parts = [
        stages(1, 0, 0),
        write(0, CoreRegion.CONSTANT, 0, consts),
        write(0, CoreRegion.STATE, 0, range(200)),
        write(0, CoreRegion.ACC, 0, range(1000)),
        population(0, 0, code, 50, 8, nvars=nvars),
        stage(0, 0, 0, 1),
    ]
    results = []
    for one_by_one in (False, True):
        golden = load(chip, *parts)
        with pytest.MonkeyPatch.context() as patch:
            if one_by_one:
                patch.setattr(program, "_groups_meet", lambda *_: True)
            golden.push(run(3))
        golden.pop()
        state = golden.peek(0, int(CoreRegion.STATE) << 18, chip.state_lines * 8)
        acc = golden.peek(0, int(CoreRegion.ACC) << 18, chip.delay_slots * chip.acc_pitch * 8)
        results.append((state.tolist(), acc.tolist()))
    assert results[0] == results[1]


def test_a_dense_layer_is_a_matrix_product(chip: Chip) -> None:
    rng = np.random.default_rng(3)
    lanes, sources, targets = chip.lanes, 77, 50
    groups = -(-targets // lanes)
    matrix = rng.integers(-128, 128, (sources, targets))
    for negate in (0, 1):
        for shift in (0, 3, 31):
            layer = {"is_signed": 1, "negate": negate, "shift": shift, "slot": 1, "targets": targets}
            place = {"acc_base": 2, "syn_base": 11, "stride": groups + 1, "sources": sources}
            golden = load(
                chip,
                connection(0, 4, ConnKind.DENSE, groups, **layer, **place),
                *(weights(0, matrix[n : n + 1], lanes, 11 + n * (groups + 1)) for n in range(sources)),
            )  # fmt: skip
            x = rng.random(sources) < 0.3
            golden.push(spikes(0, 4, x))
            golden.push(spikes(0, 4, x[::-1], FlitType.MASK_NEG))
            total = (x.astype(np.int64) + x[::-1]) @ matrix * (-1 if negate else 1) << shift
            want = ((total + 2**31) % 2**32 - 2**31).tolist()
            got = read(golden, 0, CoreRegion.ACC, acc_offset(chip, 1, 2), groups * lanes)
            assert got == want + [0] * (groups * lanes - targets)
            low, high = read(golden, 0, CoreRegion.CSR, 6, 2)
            assert (low, high) == (2 * int(x.sum()) * targets, 0)


def test_unsigned_weights_and_graded_sources(chip: Chip) -> None:
    lanes = chip.lanes
    matrix = np.array([[0, 1, 127, 128, 255], [5, 6, 7, 8, 9], [1, 1, 1, 1, 1]])
    golden = load(
        chip,
        connection(0, 0, ConnKind.DENSE, 1, slot=1, stride=1, sources=3, targets=5, shift=1),
        weights(0, matrix, lanes),
    )
    # A graded value counts once, whatever it is, and not at all if it is 0.
    golden.push(
        np.concatenate([event(0, 0, FlitType.GRADED, n, v) for n, v in ((0, -7), (1, 0), (2, 2**31))])
    )
    want = (2 * (matrix[0] + matrix[2])).tolist()
    assert read(golden, 0, CoreRegion.ACC, acc_offset(chip, 1), 5) == want
    assert read(golden, 0, CoreRegion.CSR, 4)[0] == 3
    assert read(golden, 0, CoreRegion.CSR, 6)[0] == 10


def test_weights_that_are_written_again_count_anew(chip: Chip) -> None:
    lanes = chip.lanes
    one = connection(0, 0, ConnKind.DENSE, 1, is_signed=1, slot=1, stride=1, sources=1, targets=1)
    golden = load(chip, one, weights(0, np.array([[3]]), lanes))
    spike = spikes(0, 0, [1])
    golden.push(spike)
    golden.push(weights(0, np.array([[-4]]), lanes))
    golden.push(np.concatenate([spike, spike]))
    golden.push(
        connection(0, 0, ConnKind.DENSE, 1, is_signed=1, negate=1, slot=1, stride=1, sources=1, targets=9)
    )
    golden.push(spike)
    assert read(golden, 0, CoreRegion.ACC, acc_offset(chip, 1)) == [3 - 4 - 4 + 4]
    assert read(golden, 0, CoreRegion.CSR, 6)[0] == 3 + 9


def test_port_adds_values_to_lanes(chip: Chip) -> None:
    lanes = chip.lanes
    groups = 48 // lanes if lanes <= 16 else 2
    golden = load(chip, connection(0, 0, ConnKind.PORT, groups, slot=1, shift=2, acc_base=1))
    bits = np.arange(40) % 3 == 0
    golden.push(spikes(0, 0, bits))
    golden.push(spikes(0, 0, bits[::-1], FlitType.MASK_NEG))
    golden.push(event(0, 0, FlitType.GRADED, 39, -1000))
    want = 4 * (bits.astype(int) - bits[::-1] + -1000 * (np.arange(40) == 39))
    assert read(golden, 0, CoreRegion.ACC, acc_offset(chip, 1, 1), 40) == want.tolist()
    assert read(golden, 0, CoreRegion.CSR, 4)[0] == 2 * int(bits.sum()) + 1
    assert read(golden, 0, CoreRegion.CSR, 6)[0] == 0


def test_rows_without_end_cost_no_memory() -> None:
    """A descriptor of a million sources with stride 0 is legal; it must not be expanded."""
    chip = Chip.load("test32")
    golden = load(
        chip,
        connection(0, 0, ConnKind.DENSE, 64, slot=1, stride=0, sources=(1 << 20) - 1, targets=1),
        weights(0, np.array([[2]]), 32),
    )
    golden.push(event(0, 0, FlitType.MASK_POS, 4095, 0xFFFFFFFF))
    assert read(golden, 0, CoreRegion.ACC, acc_offset(chip, 1)) == [64]
