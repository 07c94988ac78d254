"""The rule of faults, docs/chip.md section 2, rule 10: what counts, when the chip looks, what is reported."""

from __future__ import annotations

import numpy as np
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
    stage,
    stages,
    token,
    told,
    write,
)

from lava_hw.chip import Chip
from lava_hw.golden import GoldenChip
from lava_hw.image import address
from lava_hw.regs import (
    CONFIG_FLIT,
    CONTROL_CORE,
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
FAULT, RESET_DONE = TokenOut.FAULT, TokenOut.RESET_DONE


def test_events_behind_a_bad_one_count(chip: Chip) -> None:
    """Until the next token or access; of bad ones, those that reach a core are counted by it."""
    golden = load(chip, connection(0, 0, ConnKind.PORT, 1, slot=1))
    good, bad, absent = event(0, 0, GRADED, 0, 1), event(0, 7, GRADED, 0, 1), event(5, 0, GRADED, 0, 1)
    golden.push(np.concatenate([good, good, bad, good, absent]))
    golden.push(np.concatenate([token(TokenIn.SYNC), good]))
    assert not len(golden.pop())
    assert faults(golden) == [told(FAULT, CONTROL_CORE, FaultCode.BAD_EVENT)]
    golden.push(good)
    assert read(golden, 0, CoreRegion.ACC, chip.acc_pitch * chip.lanes) == [4]
    assert registers(golden)[ChipCsr.FLITS_IN] == 5
    got = core_registers(golden, 0)
    assert (got[CoreCsr.SPIKES_IN], got[CoreCsr.FAULT]) == (5, FaultCode.BAD_EVENT)


def test_events_behind_a_stage_with_a_fault_count(chip: Chip) -> None:
    """Those before the next token; what is wrong with them shows in the core's register only."""
    golden = load(
        chip,
        stages(1, 1, 1),
        population(0, 0, [31 << 27], 1, chip.lanes),
        stage(0, 0, 0, 1),
        connection(0, 0, ConnKind.PORT, 1, slot=1),
    )
    good, bad = event(0, 0, GRADED, 0, 1), event(8, 7, GRADED, 0, 1)
    golden.push(np.concatenate([run(3), good, close(1), good, bad, good]))
    assert golden.pop().tolist() == [told(FAULT, 0, FaultCode.BAD_OPCODE)]
    golden.push(np.concatenate([good, token(TokenIn.SYNC), good, close(2), good]))
    assert not len(golden.pop())
    acc = chip.acc_pitch * chip.lanes
    assert read(golden, 0, CoreRegion.ACC, acc) == [1]  # T was 0
    assert read(golden, 0, CoreRegion.ACC, 2 * acc) == [4]
    assert core_registers(golden, 8)[CoreCsr.FAULT] == FaultCode.BAD_EVENT
    assert registers(golden)[ChipCsr.FLITS_IN] == 6


def test_a_bad_write_leaves_its_run_as_it_is(chip: Chip) -> None:
    """The others of the run are carried out, whatever SYNC or push cuts it; then it is reported."""
    golden = GoldenChip(chip)
    golden.push(np.concatenate([write(0, CoreRegion.CONSTANT, 0, [1]), write(5, CoreRegion.STATE, 0, [7])]))
    golden.push(np.concatenate([write(1, CoreRegion.CONSTANT, chip.const_words - 1, [2, 3])]))
    golden.push(np.concatenate([token(TokenIn.SYNC), write(1, CoreRegion.CONSTANT, 0, [4])]))
    assert not len(golden.pop())
    assert golden.peek(0, address(CoreRegion.CONSTANT)).tolist() == [1]
    assert golden.peek(1, address(CoreRegion.CONSTANT, chip.const_words - 1)).tolist() == [2]
    assert golden.peek(1, address(CoreRegion.CONSTANT)).tolist() == [4]
    golden.push(run(1))
    assert golden.pop().tolist() == [told(FAULT, CONTROL_CORE, FaultCode.BAD_ADDRESS)]
    golden.push(write(1, CoreRegion.CONSTANT, 0, [5]))
    assert golden.peek(1, address(CoreRegion.CONSTANT)).tolist() == [4]


def test_an_event_ends_a_run_of_accesses(chip: Chip) -> None:
    golden = load(chip, connection(0, 0, ConnKind.PORT, 1, slot=1))
    good, bad = write(0, CoreRegion.CONSTANT, 0, [1]), write(0, CoreRegion.CONSTANT, chip.const_words, [1])
    golden.push(np.concatenate([bad, event(0, 0, GRADED, 0, 1), good]))
    assert golden.pop().tolist() == [told(FAULT, 0, FaultCode.BAD_ADDRESS)]
    assert golden.peek(0, address(CoreRegion.CONSTANT)).tolist() == [0]
    assert registers(golden)[ChipCsr.FLITS_IN] == 1


def test_reads_of_one_core_are_one_run(chip: Chip) -> None:
    golden = GoldenChip(chip)
    beyond = address(CoreRegion.STAGE, 16)
    golden.push(np.concatenate([read_flit(1, beyond), read_flit(1, address(CoreRegion.CSR, CoreCsr.FAULT))]))
    assert golden.pop().astype(np.uint32).tolist() == [0, FaultCode.BAD_ADDRESS]
    golden.push(read_flit(0, 0))
    answer = CONFIG_FLIT.pack(cfg=1, op=ConfigOp.RESPONSE, core=0, addr=0, data=0)
    assert golden.pop().tolist() == [told(FAULT, 1, FaultCode.BAD_ADDRESS), answer]


def test_a_flit_to_an_egress_port_that_is_not_there(chip: Chip) -> None:
    """It is dropped by the router: a fault of the core that sent it, which its own register does not show."""
    golden = load(
        chip,
        stages(1, 0, 1),
        population(8, 0, "mov r0, #3\nemitm ch0", 1, chip.lanes, routes=(0, 2)),
        stage(8, 0, 0, 1),
        route(8, 0, 0, 1, egress=1, dest=1),
        route(8, 1, 0, 1, egress=1, dest=0, conn=3),
    )
    golden.push(run(1))
    assert golden.pop().tolist() == [sent(POS, 3, 0, 1), told(FAULT, 8, FaultCode.BAD_EVENT)]
    assert core_registers(golden, 8)[CoreCsr.FAULT] == FaultCode.NONE
    assert registers(golden)[ChipCsr.FLITS_OUT] == 1


def test_the_worst_fault_of_a_core_is_the_one_that_shows(chip: Chip) -> None:
    """Whatever came first: opcode before event before address."""
    golden = load(chip, stages(1, 1, 1), stage(1, 0, 0, 1), population(1, 0, [31 << 27], 1, chip.lanes))
    golden.push(np.concatenate([read_flit(1, address(CoreRegion.STAGE, 16)), event(1, 7, POS, 0, 1)]))
    assert golden.pop().astype(np.uint32).tolist() == [0]
    assert golden.peek(1, address(CoreRegion.CSR, CoreCsr.FAULT)) == FaultCode.BAD_EVENT
    golden.push(run(1))
    assert golden.pop().tolist() == [told(FAULT, 1, FaultCode.BAD_EVENT)]
    golden.push(np.concatenate([RESET, run(1), close(1), event(1, 7, POS, 0, 1)]))
    assert golden.pop().tolist() == [told(RESET_DONE), told(FAULT, 1, FaultCode.BAD_OPCODE)]
    assert core_registers(golden, 1)[CoreCsr.FAULT] == FaultCode.BAD_OPCODE
