"""Flits that set up cores by hand, straight from the register layouts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from lava_hw import isa
from lava_hw.chip import Chip
from lava_hw.golden import GoldenChip
from lava_hw.image import Segment, address, config_flits, synapse_address
from lava_hw.regs import (
    CONFIG_FLIT,
    CONTROL_CORE,
    EVENT_FLIT,
    STAGE,
    ChipCsr,
    ConfigOp,
    ConnKind,
    CoreCsr,
    CoreRegion,
    FlitType,
    Magic,
    TokenIn,
    TokenOut,
)
from tests.tables import packed


def words(values: Iterable[int]) -> np.ndarray:
    return np.array([int(v) & 0xFFFFFFFF for v in values], np.uint32)


def write(core: int, region: CoreRegion, offset: int, values: Iterable[int]) -> np.ndarray:
    return config_flits([Segment(core, address(region, offset), words(values))])


def stages(count: int, needs_close: int, needs_end: int) -> np.ndarray:
    return config_flits([Segment(CONTROL_CORE, ChipCsr.STAGES, words([count, needs_close, needs_end]))])


def population(
    core: int,
    number: int,
    code: Sequence[int] | str,
    neurons: int,
    lanes: int,
    pc: int = 0,
    nvars: int = 1,
    state: int = 0,
    const: int = 0,
    routes: tuple[int, int] = (0, 0),
    index: int = 0,
) -> np.ndarray:
    """Code and table entry of a population."""
    code = isa.assemble(code) if isinstance(code, str) else list(code)
    groups = -(-neurons // lanes)
    entry = packed(
        "POPULATION", pc=pc, count=len(code), nvars=nvars, state_base=state, const_base=const, groups=groups,
        tail=neurons - (groups - 1) * lanes, route_base=routes[0], route_count=routes[1], index_base=index,
    )  # fmt: skip
    return np.concatenate(
        [write(core, CoreRegion.UCODE, pc, code), write(core, CoreRegion.POPULATION, 8 * number, entry)]
    )


def stage(core: int, number: int, first: int, count: int) -> np.ndarray:
    return write(core, CoreRegion.STAGE, number, [STAGE.pack(first=first, count=count)])


def route(core: int, number: int, first: int, groups: int, channel: int = 0, **to: int) -> np.ndarray:
    entry = packed("ROUTE", first=first, groups=groups, channel=channel, **to)
    return write(core, CoreRegion.ROUTE, 2 * number, entry)


def connection(core: int, number: int, kind: ConnKind, groups: int, **fields: int) -> np.ndarray:
    entry = packed("CONNECTION", kind=kind, groups=groups, **fields)
    return write(core, CoreRegion.CONNECTION, 8 * number, entry)


def weights(core: int, matrix: np.ndarray, lanes: int, line: int = 0) -> np.ndarray:
    """Bytes (sources, targets), source rows padded to whole lines."""
    sources, targets = matrix.shape
    padded = np.zeros((sources, -(-targets // lanes) * lanes), np.uint8)
    padded[:, :targets] = matrix.astype(np.int64) & 255
    flat = padded.reshape(-1).view("<u4")
    return config_flits([Segment(core, synapse_address(line * lanes // 4), flat)])


def token(code: TokenIn, step: int = 0, stage: int = 0) -> np.ndarray:
    return np.array([EVENT_FLIT.pack(kind=FlitType.TOKEN, conn=code, index=stage, payload=step)], np.uint64)


def run(step: int) -> np.ndarray:
    return token(TokenIn.RUN, step)


def close(step: int, stage: int = 0) -> np.ndarray:
    return token(TokenIn.CLOSE, step, stage)


RESET = token(TokenIn.RESET)


def event(core: int, conn: int, kind: FlitType, index: int, payload: int) -> np.ndarray:
    return np.array(
        [EVENT_FLIT.pack(kind=kind, dest=core, conn=conn, index=index, payload=payload & 0xFFFFFFFF)],
        np.uint64,
    )


def spikes(
    core: int, conn: int, bits: Sequence[int] | np.ndarray, kind: FlitType = FlitType.MASK_POS
) -> np.ndarray:
    """Mask flits of a 0/1 vector."""
    bits = np.asarray(bits, bool)
    out = [np.zeros(0, np.uint64)]
    for block in range(0, len(bits), 32):
        payload = sum(1 << i for i, b in enumerate(bits[block : block + 32]) if b)
        if payload:
            out.append(event(core, conn, kind, block // 32, payload))
    return np.concatenate(out)


def told(token_out: TokenOut, stage: int = 0, step: int = 0) -> int:
    return EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1, conn=token_out, index=stage, payload=step)


def sent(kind: FlitType, stream: int, index: int, payload: int) -> int:
    return EVENT_FLIT.pack(kind=kind, egress=1, conn=stream, index=index, payload=payload & 0xFFFFFFFF)


def read_flit(core: int, addr: int, count: int = 1) -> np.ndarray:
    return np.array(
        [CONFIG_FLIT.pack(cfg=1, op=ConfigOp.READ, core=core, addr=addr, data=count - 1)], np.uint64
    )


def read(golden: GoldenChip, core: int, region: CoreRegion, offset: int = 0, count: int = 1) -> list[int]:
    """Read signed words over flits; the chip must have nothing else to say."""
    assert not len(golden.pop())
    golden.push(read_flit(core, address(region, offset), count))
    out = golden.pop()
    assert (CONFIG_FLIT.get_array(out, "op") == ConfigOp.RESPONSE).all()
    assert CONFIG_FLIT.get_array(out, "core").tolist() == [core] * count
    first = address(region, offset)
    assert CONFIG_FLIT.get_array(out, "addr").tolist() == list(range(first, first + count))
    return out.astype(np.uint32).view(np.int32).tolist()


LOOK = read_flit(CONTROL_CORE, ChipCsr.MAGIC)
"""A flit at which the chip looks for faults of the input; it answers SEEN."""
SEEN = CONFIG_FLIT.pack(cfg=1, op=ConfigOp.RESPONSE, core=CONTROL_CORE, addr=ChipCsr.MAGIC, data=Magic.CHIP)


def faults(golden: GoldenChip) -> list[int]:
    """Make the chip look, and give what it says but for the answer to that."""
    golden.push(LOOK)
    out = golden.pop().tolist()
    assert out[-1] == SEEN
    return out[:-1]


def load(chip: Chip, *parts: np.ndarray) -> GoldenChip:
    golden = GoldenChip(chip)
    golden.push(np.concatenate(parts))
    assert not faults(golden)
    return golden


def registers(golden: GoldenChip) -> dict[ChipCsr, int]:
    golden.push(read_flit(CONTROL_CORE, 0, len(ChipCsr)))
    return dict(zip(ChipCsr, golden.pop().astype(np.uint32).tolist(), strict=True))


def core_registers(golden: GoldenChip, core: int) -> dict[CoreCsr, int]:
    return dict(zip(CoreCsr, read(golden, core, CoreRegion.CSR, 0, len(CoreCsr)), strict=True))
