"""Whole networks: LIF against its published numbers, random ones on four cores against plain Python."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from golden_build import (
    close,
    connection,
    event,
    load,
    population,
    read,
    route,
    run,
    sent,
    spikes,
    stage,
    stages,
    told,
    weights,
    write,
)

from lava_hw.chip import Chip
from lava_hw.regs import EVENT_FLIT, ConnKind, CoreRegion, FlitType, TokenOut

LIF = re.findall(r"```asm\n(.*?)```", (Path(__file__).parents[2] / "docs/isa.md").read_text(), re.S)[0]
LIMIT = 2**23 - 1


def lif_constants(du: int, dv: int, vth: int) -> list[int]:
    return [0, 4096 - (du + 1), 4096 - dv, vth << 6, LIMIT]


def lif_state(chip: Chip, mant: list[int], exp: list[int]) -> list[int]:
    """Lines u, v, bias_mant, bias_exp of every group."""
    groups = -(-len(mant) // chip.lanes)
    state = np.zeros((groups, 4, chip.lanes), int)
    for x, values in ((2, mant), (3, exp)):
        padded = np.zeros(groups * chip.lanes, int)
        padded[: len(values)] = values
        state[:, x] = padded.reshape(groups, chip.lanes)
    return state.reshape(-1).tolist()


class PlainLif:
    """The published fixed-point equations on Python integers."""

    def __init__(self, du: int, dv: int, vth: int, mant: list[int], exp: list[int]) -> None:
        self.du, self.dv, self.vth = du, dv, vth
        self.bias = [m << e if e >= 0 else m >> -e for m, e in zip(mant, exp, strict=True)]
        self.u, self.v = [0] * len(mant), [0] * len(mant)

    def step(self, a: list[int]) -> list[int]:
        out = []
        for i, bias in enumerate(self.bias):
            u = self._zero(self.u[i] * (4096 - (self.du + 1))) + self._int32(a[i] << 6)
            u = self._int32(u)
            u = u - 2**24 if u > 2**23 else u + 2**24 if u <= -(2**23) else u
            v = self._int32(self._zero(self.v[i] * (4096 - self.dv)) + u + bias)
            v = max(-LIMIT, min(LIMIT, v))
            spike = v > self.vth << 6
            self.u[i], self.v[i] = u, 0 if spike else v
            out.append(int(spike))
        return out

    @staticmethod
    def _zero(p: int) -> int:
        return p >> 12 if p >= 0 else -(-p >> 12)

    @staticmethod
    def _int32(x: int) -> int:
        return (x + 2**31) % 2**32 - 2**31


def test_lif_has_the_published_numbers(chip: Chip) -> None:
    """du=400 dv=200 vth=20 bias_mant=[0, 3, -3] bias_exp=4; input 10, -10, 4 for four steps, then 0."""
    golden = load(
        chip,
        stages(1, 1, 1),
        write(0, CoreRegion.CONSTANT, 0, lif_constants(400, 200, 20)),
        write(0, CoreRegion.STATE, 0, lif_state(chip, [0, 3, -3], [4, 4, 4])),
        population(0, 0, LIF, 3, chip.lanes, nvars=4, routes=(0, 1)),
        stage(0, 0, 0, 1),
        route(0, 0, 0, 1, egress=1, conn=1),
        connection(0, 0, ConnKind.PORT, 1, slot=1),
    )
    plain = PlainLif(400, 200, 20, [0, 3, -3], [4, 4, 4])
    golden.push(run(8))
    fired = []
    for t in range(1, 9):
        a = [10, -10, 4] if t <= 4 else [0, 0, 0]
        golden.push(np.concatenate([event(0, 0, FlitType.GRADED, i, x) for i, x in enumerate(a)]))
        golden.push(close(t))
        want = plain.step(a)
        out = golden.pop().tolist()
        mask = sum(s << i for i, s in enumerate(want))
        assert out[: len(out) - (t == 8)] == [sent(FlitType.MASK_POS, 1, 0, mask)] * bool(mask) + [
            told(TokenOut.END, 0, t)
        ]
        fired.append(want)
    # By hand: v of neuron 0 is 640, then 640*3896>>12 + 1217 = 1825 > 1280.
    assert [f[0] for f in fired[:3]] == [0, 1, 1]
    lanes = chip.lanes
    assert read(golden, 0, CoreRegion.STATE, 0, 3) == plain.u
    assert read(golden, 0, CoreRegion.STATE, lanes, 3) == plain.v


HOMES = ((0, 9), (8, 1))  # cores of the two populations: neurons 0 to 31, and the others


@pytest.mark.parametrize("seed", range(3))
def test_random_network_on_four_cores(chip: Chip, seed: int) -> None:
    """Two LIF populations in a ring, each split over two cores; outside input to the first."""
    rng = np.random.default_rng(seed)
    lanes, steps = chip.lanes, 30
    sizes = rng.integers(33, 65, 2).tolist()
    inputs = int(rng.integers(1, 70))
    ring = [rng.integers(-128, 128, (sizes[p], sizes[1 - p])) for p in range(2)]
    outside = rng.integers(-128, 128, (inputs, sizes[0]))
    plain, parts = [], [stages(1, 1, 0)]
    for p, size in enumerate(sizes):
        du, dv, vth = (int(rng.integers(high)) for high in (4096, 4096, 200))
        mant, exp = rng.integers(-4000, 4000, size).tolist(), rng.integers(-7, 8, size).tolist()
        plain.append(PlainLif(du, dv, vth, mant, exp))
        for block, core in enumerate(HOMES[p]):
            part = slice(32 * block, min(32 * block + 32, size))
            n = part.stop - part.start
            groups = -(-n // lanes)
            row = {"is_signed": 1, "slot": 1, "stride": groups, "targets": n}
            parts += [
                write(core, CoreRegion.CONSTANT, 0, lif_constants(du, dv, vth)),
                write(core, CoreRegion.STATE, 0, lif_state(chip, mant[part], exp[part])),
                population(core, 0, LIF, n, lanes, nvars=4, routes=(0, 3), index=part.start),
                stage(core, 0, 0, 1),
                connection(core, 1, ConnKind.DENSE, groups, sources=sizes[1 - p], **row),
                weights(core, ring[1 - p][:, part], lanes),
                connection(core, 2, ConnKind.DENSE, groups, sources=inputs, syn_base=1000, **row),
                weights(core, outside[:, part], lanes, 1000),
                route(core, 2, 0, groups, egress=1, conn=p, index_base=block),
            ]
            parts += [
                route(core, n, 0, groups, dest=to, conn=1, index_base=block)
                for n, to in enumerate(HOMES[1 - p])
            ]
    golden = load(chip, *parts)
    golden.push(run(steps))
    fired = [np.zeros(size, int) for size in sizes]
    total = synops = 0
    for t in range(1, steps + 1):
        x = rng.random(inputs) < 0.2
        golden.push(np.concatenate([spikes(core, 2, x) for core in HOMES[0]]))
        golden.push(close(t))
        total += int(sum(f.sum() for f in fired))
        synops += int(x.sum()) * sizes[0] + sum(int(fired[p].sum()) * sizes[1 - p] for p in range(2))
        currents = [fired[1] @ ring[1] + x @ outside, fired[0] @ ring[0]]
        fired = [np.array(plain[p].step(currents[p].tolist())) for p in range(2)]
        assert _spikes_of(golden.pop(), sizes) == [np.flatnonzero(f).tolist() for f in fired], f"step {t}"
    assert total > steps, "the network is too silent to test anything"
    for p, size in enumerate(sizes):
        for block, core in enumerate(HOMES[p]):
            part = slice(32 * block, min(32 * block + 32, size))
            lines = -(-(part.stop - part.start) // lanes) * 4 * lanes
            state = np.reshape(read(golden, core, CoreRegion.STATE, 0, lines), (-1, 4, lanes))
            for x, want in ((0, plain[p].u), (1, plain[p].v)):
                assert state[:, x].reshape(-1)[: part.stop - part.start].tolist() == want[part]
    counted = sum(read(golden, core, CoreRegion.CSR, 6)[0] for core in chip.cores)
    last = sum(int(fired[p].sum()) * sizes[1 - p] for p in range(2))
    assert counted == synops + last


def _spikes_of(flits: np.ndarray, sizes: list[int]) -> list[list[int]]:
    """Neurons by stream; tokens are left out, and no neuron may come twice."""
    out: list[list[int]] = [[] for _ in sizes]
    for flit in flits.tolist():
        f = EVENT_FLIT.unpack(flit)
        if f["kind"] == FlitType.MASK_POS:
            out[f["conn"]] += [32 * f["index"] + b for b in range(32) if f["payload"] >> b & 1]
    assert all(len(set(o)) == len(o) for o in out)
    return [sorted(o) for o in out]
