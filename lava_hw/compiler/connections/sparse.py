"""Sparse connections: rows of words, in which each lane has a target group of its own.

A synapse is placed in the lane of its target; the words of a row are as many as its fullest lane has
synapses, so few words need lanes that are evenly filled (`lava_hw.compiler.level`). Where source and target
are the same place, synapse by synapse, the table is one-to-one: a row with a number for each source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.compiler.connections.delays import delay_entry, pattern_entry
from lava_hw.compiler.connections.kind import ConnectionKind, TablePlan
from lava_hw.compiler.connections.weighted import fields, piece, weights
from lava_hw.compiler.connections.words import lines_of, packed, table_lines, table_of
from lava_hw.compiler.placed_types import Descriptor, WeightTable
from lava_hw.compiler.types import SourceOrder
from lava_hw.image.connections.rows import RowsLayout
from lava_hw.image.connections.words import DELAYS, GROUPS
from lava_hw.image.manifest import DelaysPiece, Elements, VarEntry, WeightsPiece
from lava_hw.ir import Ints, SparseConnection
from lava_hw.regs import SPARSE_ROW, ConnKind

__all__ = ["KIND"]

_NONE = -1
_ONE_LINE = 256
"""Target groups that one byte can name."""


@dataclass(frozen=True, eq=False)
class _Packed:
    """Where the synapses of a table are.

    Attributes
    ----------
    kind : ConnKind
        SPARSE or ONE_TO_ONE.
    number : int64 array, (rows, words, lanes)
        Synapse of each lane; -1 for none. Rows of sparse connections are given as so many words each, the
        words of all sources one behind the other.
    group : int32 array of the same shape
        Its target group, that of an area included.
    group_lines : int
        Lines of target groups of a word: 0 (one-to-one), 1 or 2.
    entries : tuple of int64 arrays, (sources, 2)
        For each edge: first word of each source, and how many.
    """

    kind: ConnKind
    number: Ints
    group: npt.NDArray[np.int32]
    group_lines: int
    entries: tuple[Ints, ...]

    def lines(self, conn: SparseConnection) -> int:
        """Lines of all rows."""
        rows, words, _ = self.number.shape
        return rows * self.lines_of_a_row(conn, words)

    def lines_of_a_row(self, conn: SparseConnection, words: int) -> int:
        """Lines of so many words."""
        return lines_of(words, conn.stored_bits, self.group_lines, conn.delays is not None)


class _Sparse(ConnectionKind):
    ir = SparseConnection

    def lines(self, plan: TablePlan) -> int:
        found = _packed_plan(plan)
        tables = sum(table_lines(len(entry), plan.lanes) for entry in found.entries)
        return found.lines(plan.connection) + tables

    def descriptors(self, plan: TablePlan, line: int, acc: int) -> Sequence[Descriptor]:
        conn: SparseConnection = plan.connection
        found = _packed_plan(plan)
        common = fields(plan, found.kind, acc) | {
            "groups": plan.groups * conn.areas,
            "syn_base": line,
            "delays": int(conn.delays is not None),
            "wide": int(found.group_lines > 1),
        }
        edges = plan.sources.edges
        if found.kind == ConnKind.ONE_TO_ONE:
            return [Descriptor(common | {"sources": len(edge.sources)}) for edge in edges]
        sizes = [table_lines(len(entry), plan.lanes) for entry in found.entries]
        bases = line + found.lines(conn) + np.cumsum([0, *sizes])[:-1]
        return [
            Descriptor(common | {"table_base": int(base), "sources": len(edge.sources)})
            for edge, base in zip(edges, bases, strict=True)
        ]

    def contents(self, plan: TablePlan) -> npt.NDArray[np.uint8]:
        conn: SparseConnection = plan.connection
        found = _packed_plan(plan)
        # Number -1 takes the last one.
        numbers = np.append(conn.stored.astype(np.int32), np.int32(0))[found.number]
        delays = None if conn.delays is None else np.append(conn.delays.steps, np.int32(0))[found.number]
        groups = found.group if found.group_lines else None
        rows = packed(numbers, conn.stored_bits, groups, found.group_lines > 1, delays)
        per = found.number.shape[1]
        of_row = found.lines_of_a_row(conn, per)
        tables = [
            table_of(SPARSE_ROW.pack_array(line=entry[:, 0] // per * of_row, words=entry[:, 1]), plan.lanes)
            for entry in found.entries
        ]
        return np.concatenate([rows.reshape(-1, plan.lanes), *tables])

    def reached(self, connection: Any, sources: SourceOrder, order: Ints) -> tuple[Ints, Ints] | None:
        row, _, neuron = _synapses(connection, sources, order)
        driven = row < sum(len(edge.sources) for edge in sources.edges)
        return row[driven], neuron[driven]

    def in_order(self, connection: Any, sources: SourceOrder, order: Ints) -> bool:
        row, _, neuron = _synapses(connection, sources, order)
        return _is_one_to_one(connection, sources, row, neuron, len(order))

    def variables(
        self, connection: Any, sources: SourceOrder, tables: Sequence[tuple[int, WeightTable]]
    ) -> Mapping[str, VarEntry]:
        conn: SparseConnection = connection
        if conn.rule is None:
            return {}
        kept: list[WeightsPiece] = []
        delayed: list[DelaysPiece] = []
        for core, table in tables:
            found = _packed(conn, sources, table.order.tobytes(), table.groups, table.lanes)
            number = found.number.reshape(-1)
            if not len(number):
                continue  # none of its targets has a synapse
            whole = RowsLayout(
                table.line,
                found.number.shape[1],
                Elements.of(number),
                conn.stored_bits,
                found.group_lines,
                conn.delays is not None,
            )
            kept.append(piece(core, table, conn, whole, conn.rule.exp))
            if conn.delays is not None:
                which = Elements.of(np.append(conn.delays.elements, _NONE)[number])
                delays = replace(whole, elements_of=which, part=DELAYS)
                areas = replace(delays, part=GROUPS) if conn.delays.apart else None
                delayed.append(DelaysPiece(core, delays, areas, table.groups))
        shape = (conn.targets, conn.sources)
        entry = VarEntry(shape, "int32", weights(conn.rule, kept), pattern=pattern_entry(conn.pattern))
        return {"weights": entry} | delay_entry(conn, delayed)


KIND = _Sparse()


def _packed_plan(plan: TablePlan) -> _Packed:
    return _packed(plan.connection, plan.sources, plan.order.tobytes(), plan.groups, plan.lanes)


@lru_cache(maxsize=128)
def _packed(conn: SparseConnection, rows: SourceOrder, order: bytes, groups: int, lanes: int) -> _Packed:
    """Place the synapses of a table; layout asks for them again and again."""
    row, synapse, position = _synapses(conn, rows, np.frombuffer(order, np.int64))
    if _is_one_to_one(conn, rows, row, position, groups * lanes):
        words = -(-len(rows.edges[0].sources) // lanes)
        number = np.full(words * lanes, _NONE, np.int64)
        number[position] = synapse
        return _Packed(ConnKind.ONE_TO_ONE, number.reshape(1, words, lanes), np.zeros(0, np.int32), 0, ())
    by = np.lexsort((position, position % lanes, row))
    synapse, position, row = synapse[by], position[by], row[by]
    lane, group = position % lanes, position // lanes
    # A row has at most one word for each target group, which are fewer than an entry of the table can name.
    # How many synapses of the same row and lane come before each: the word of the row that it is in.
    starts = np.flatnonzero(np.append(True, np.diff(row * lanes + lane) != 0)) if len(row) else row
    word = np.arange(len(row)) - np.repeat(starts, np.diff(np.append(starts, len(row))))
    count = np.zeros(len(rows.sources), np.int64)
    np.maximum.at(count, row, word + 1)
    together = 2 if conn.stored_bits == 4 else 1
    count = -(-count // together) * together
    first = np.cumsum(count) - count
    number = np.full((int(count.sum()), lanes), _NONE, np.int64)
    number[first[row] + word, lane] = synapse
    target = np.zeros(number.shape, np.int32)
    apart = conn.delays.steps[synapse] * groups if conn.delays is not None and conn.delays.apart else 0
    target[first[row] + word, lane] = group + apart
    entries = np.stack([np.where(count > 0, first, 0), count], axis=1)
    return _Packed(
        ConnKind.SPARSE,
        number.reshape(-1, together, lanes),
        target.reshape(-1, together, lanes),
        1 if groups * conn.areas <= _ONE_LINE else 2,
        tuple(
            entries[start : start + len(edge.sources)]
            for edge, start in zip(rows.edges, rows.starts, strict=True)
        ),
    )


def _synapses(conn: SparseConnection, rows: SourceOrder, order: Ints) -> tuple[Ints, Ints, Ints]:
    """Give the synapses of these source rows whose targets are in `order`: source row, number and lane
    position of each. A target may be in several positions.
    """
    row_of = np.full(conn.size_in, _NONE, np.int64)
    row_of[rows.sources[rows.sources >= 0]] = np.flatnonzero(rows.sources >= 0)
    by_target = np.argsort(order, kind="stable")
    ordered = order[by_target]
    low = np.searchsorted(ordered, conn.target, "left")
    count = np.searchsorted(ordered, conn.target, "right") - low
    synapse = np.repeat(np.arange(len(conn.target)), count)
    nth = np.arange(len(synapse)) - np.repeat(np.cumsum(count) - count, count)
    row, position = row_of[conn.source[synapse]], by_target[np.repeat(low, count) + nth]
    here = row >= 0  # the other sources have rows in other parts
    return row[here], synapse[here], position[here]


def _is_one_to_one(conn: SparseConnection, rows: SourceOrder, row: Ints, position: Ints, places: int) -> bool:
    """Whether each synapse goes from a place of the only population that drives it to the same place."""
    if len(rows.edges) != 1 or conn.areas > 1 or not len(row):
        return False
    sources = len(rows.edges[0].sources)
    return sources <= places and int(row.max()) < sources and np.array_equal(row, position)
