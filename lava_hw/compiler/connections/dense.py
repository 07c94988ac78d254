"""Dense connections: for each source a row with a number for each target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.compiler.connections.delays import delay_entry
from lava_hw.compiler.connections.kind import ConnectionKind, TablePlan
from lava_hw.compiler.connections.weighted import fields, piece, weights
from lava_hw.compiler.connections.words import lines_of, packed
from lava_hw.compiler.placed_types import Descriptor, WeightTable
from lava_hw.compiler.types import SourceOrder
from lava_hw.image.connections.dense import DenseLayout
from lava_hw.image.connections.words import DELAYS
from lava_hw.image.manifest import DelaysPiece, Elements, VarEntry
from lava_hw.ir import DenseConnection
from lava_hw.regs import ConnKind

__all__ = ["KIND"]


class _Dense(ConnectionKind):
    """A source row has a word for each group; lane position k is the number for target `order[k]`, or 0."""

    ir = DenseConnection

    def lines(self, plan: TablePlan) -> int:
        return len(plan.sources.sources) * _stride(plan.connection, plan.groups)

    def descriptors(self, plan: TablePlan, line: int, acc: int) -> Sequence[Descriptor]:
        conn: DenseConnection = plan.connection
        stride = _stride(conn, plan.groups)
        common = fields(plan, ConnKind.DENSE, acc) | {
            "stride": stride,
            "delays": int(conn.delays is not None),
        }
        return [
            Descriptor(common | {"syn_base": line + start * stride, "sources": len(edge.sources)})
            for edge, start in zip(plan.sources.edges, plan.sources.starts, strict=True)
        ]

    def contents(self, plan: TablePlan) -> npt.NDArray[np.uint8]:
        conn: DenseConnection = plan.connection
        delays = None if conn.delays is None else _in_lanes(conn.delays.steps, plan)
        numbers = _in_lanes(conn.stored, plan)
        return packed(numbers, conn.stored_bits, delays=delays).reshape(-1, plan.lanes)

    def variables(
        self, connection: Any, sources: SourceOrder, tables: Sequence[tuple[int, WeightTable]]
    ) -> Mapping[str, VarEntry]:
        conn: DenseConnection = connection
        if conn.rule is None:
            return {}
        rows = Elements.of(sources.sources)
        pieces, delayed = [], []
        for core, table in tables:
            stride, order = _stride(conn, table.groups), Elements.of(table.order)
            layout = DenseLayout(table.line, stride, rows, order, conn.stored_bits, conn.delays is not None)
            pieces.append(piece(core, table, conn, layout, conn.rule.exp))
            if conn.delays is not None:
                delayed.append(DelaysPiece(core, replace(layout, part=DELAYS), None, table.groups))
        entry = VarEntry((conn.targets, conn.sources), "int32", weights(conn.rule, pieces))
        return {"weights": entry} | delay_entry(conn, delayed)


def _stride(conn: DenseConnection, groups: int) -> int:
    """Lines of a row."""
    return lines_of(groups, conn.stored_bits, 0, conn.delays is not None)


def _in_lanes(numbers: npt.NDArray[np.integer], plan: TablePlan) -> npt.NDArray[np.int32]:
    """Numbers of a matrix (targets, sources) where a table has them, (sources, groups, lanes)."""
    sources, order = plan.sources.sources, plan.order
    padded = np.zeros((plan.groups * plan.lanes, len(sources)), np.int32)
    block = numbers[np.maximum(order, 0)][:, np.maximum(sources, 0)]
    block[order < 0] = 0
    block[:, sources < 0] = 0
    padded[: len(order)] = block
    return padded.T.reshape(len(sources), plan.groups, plan.lanes)


KIND = _Dense()
