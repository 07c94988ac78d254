"""Tables of convolutions, read as docs/chip.md section 6 says, are the matrix of the convolution."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lava_hw.compiler.connections.conv import KIND
from lava_hw.compiler.connections.kind import TablePlan
from lava_hw.compiler.types import Axon, SourceOrder
from lava_hw.ir import ConvConnection
from lava_hw.proc.conv.utils import conv_to_sparse, output_shape
from lava_hw.regs import CONV_POSITION, CONV_TAP

BITS = {0: 8, 1: 4, 2: 16}


def connection(
    rng: np.random.Generator, shape_in: Any, kernel: Any, pairs: Any, groups: int, bits: int
) -> ConvConnection:
    shape_out = output_shape(shape_in, kernel[0], kernel[1:3], *pairs)
    elements = np.arange(np.prod(kernel)).reshape(kernel)
    target, source, element = conv_to_sparse(shape_in, shape_out, elements, *pairs, groups)
    return ConvConnection(
        name="c",
        process="c",
        size_in=int(np.prod(shape_in)),
        size_out=int(np.prod(shape_out)),
        source=source,
        target=target,
        element=element,
        stored=rng.integers(-(1 << bits - 1), 1 << bits - 1, elements.size).astype(np.int32),
        kernel_shape=kernel,
        in_channels=shape_in[2],
        out_channels=kernel[0],
        stored_bits=bits,
        signed=True,
    )


def matrix(conn: ConvConnection) -> np.ndarray:
    """Weights as a matrix, (targets, sources)."""
    dense = np.zeros((conn.size_out, conn.size_in), np.int64)
    dense[conn.target, conn.source] = conn.stored[conn.element]
    return dense


def word(memory: np.ndarray, line: int, number: int) -> int:
    return int(memory[line:].reshape(-1).view("<u4")[number])


def weight(memory: np.ndarray, line: int, bits: int, j: int, lane: int) -> int:
    """Number of word j of a row that begins at `line`, as a signed one."""
    if bits == 4:
        raw = int(memory[line + j // 2, lane]) >> 4 * (j % 2) & 15
    elif bits == 8:
        raw = int(memory[line + j, lane])
    else:
        raw = int(memory[line + 2 * j, lane]) | int(memory[line + 2 * j + 1, lane]) << 8
    return raw - (1 << bits) if raw >> bits - 1 else raw


def read(plan: TablePlan, base: int) -> np.ndarray:
    """What the chip adds to each lane position for each row that an edge drives, (positions, rows)."""
    lines = np.zeros((base + KIND.lines(plan), plan.lanes), np.uint8)
    lines[base:] = KIND.contents(plan)
    found = []
    for descriptor in KIND.descriptors(plan, base, 0):
        f = descriptor.fields
        for n in range(f["sources"]):
            column = np.zeros(plan.groups * plan.lanes, np.int64)
            position = CONV_POSITION.unpack(word(lines, f["table_base"], n >> f["channel_bits"]))
            for t in range(position["taps"]):
                tap = CONV_TAP.unpack(word(lines, f["taps_base"], position["first"] + t))
                channel = n & ((1 << f["channel_bits"]) - 1)
                line = f["syn_base"] + tap["line"] + channel * f["stride"]
                for j, lane in itertools.product(range(f["groups"]), range(plan.lanes)):
                    at = (tap["group"] + j) * plan.lanes + lane
                    column[at] += weight(lines, line, BITS[f["format"]], j, lane)
            found.append(column)
    return np.stack(found, axis=1)


def hold(
    conn: ConvConnection, rows: np.ndarray, cuts: tuple[int, ...], order: np.ndarray, lanes: int
) -> TablePlan:
    """Compare for rows that several edges drive, and for targets in some order."""
    parts = np.split(rows, cuts)
    edges = tuple(Axon(f"n{k}", "c", part) for k, part in enumerate(parts))
    starts = tuple(int(s) for s in (0, *cuts))
    rest = np.setdiff1d(np.arange(conn.size_in), rows)
    groups = -(-len(order) // lanes)
    plan = TablePlan(conn, SourceOrder(np.concatenate([rows, rest]), edges, starts), order, groups, lanes)
    wanted = np.zeros((groups * lanes, len(rows)), np.int64)
    there = np.flatnonzero(order >= 0)
    driven = np.flatnonzero(rows >= 0)
    wanted[np.ix_(there, driven)] = matrix(conn)[np.ix_(order[there], rows[driven])]
    np.testing.assert_array_equal(read(plan, 5), wanted)
    return plan


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_tables_are_the_matrix(data: st.DataObject) -> None:
    draw = lambda low, high: data.draw(st.integers(low, high))  # noqa: E731
    groups = draw(1, 3)
    channels, outs = groups * draw(1, 4), groups * draw(1, 16)
    kernel = (outs, draw(1, 3), draw(1, 3), channels // groups)
    dilation, padding, stride = ((draw(1, 2), draw(1, 2)) for _ in range(3))
    padding = (padding[0] - 1, padding[1] - 1)
    shape = (draw(1, 4) + dilation[0] * (kernel[1] - 1), draw(1, 4) + dilation[1] * (kernel[2] - 1), channels)
    rng = np.random.default_rng(draw(0, 2**32 - 1))
    conn = connection(
        rng, shape, kernel, (stride, padding, dilation), groups, data.draw(st.sampled_from([4, 8, 16]))
    )
    rows = np.arange(conn.size_in)
    if data.draw(st.booleans()):  # rows that are no whole positions in order
        rng.shuffle(rows)
        rows[rng.random(len(rows)) < 0.2] = -1
    cuts = (draw(0, len(rows)),) if len(rows) > 1 else ()
    order = np.arange(conn.size_out)
    if data.draw(st.booleans()):
        order = rng.permutation(order)[: draw(1, len(order))]
        order = np.append(order, -1)
    hold(conn, rows, cuts, order, data.draw(st.sampled_from([8, 16, 32])))


@pytest.mark.parametrize("lanes", [8, 32])
def test_a_kernel_is_stored_once_and_not_once_for_each_place(lanes: int) -> None:
    shape, kernel = (12, 12, 4), (32, 3, 3, 4)
    conn = connection(np.random.default_rng(0), shape, kernel, ((1, 1), (1, 1), (1, 1)), 1, 8)
    plan = hold(conn, np.arange(conn.size_in), (), np.arange(conn.size_out), lanes)
    kernels = KIND._parts(plan)[0]
    assert kernels * lanes == np.prod(kernel), "each element lies in the memory exactly once"
    assert KIND.descriptors(plan, 0, 0)[0].fields["channel_bits"] == 2


def test_layout_asks_often_and_the_pattern_is_found_once() -> None:
    conn = connection(np.random.default_rng(0), (6, 6, 1), (2, 3, 3, 1), ((1, 1), (0, 0), (1, 1)), 1, 8)
    rows = np.arange(conn.size_in)
    source = SourceOrder(rows, (Axon("n", "c", rows),), (0,))
    first, second = (TablePlan(conn, source, np.arange(conn.size_out), 4, 8) for _ in range(2))
    from lava_hw.compiler.connections.conv import _pattern

    assert _pattern(first) is _pattern(second)
