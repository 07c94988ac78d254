"""Dense connections: for each source a row with a number for each target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.compiler.connections.kind import ConnectionKind, TablePlan
from lava_hw.compiler.connections.weighted import fields, piece, weights
from lava_hw.compiler.connections.words import lines_of, packed
from lava_hw.compiler.placed_types import Descriptor, WeightTable
from lava_hw.compiler.types import SourceOrder
from lava_hw.image.connections.dense import DenseLayout
from lava_hw.image.manifest import Elements, VarEntry
from lava_hw.ir import DenseConnection
from lava_hw.regs import ConnKind

__all__ = ["KIND"]


class _Dense(ConnectionKind):
    """A source row has a word for each group; lane position k is the number for target `order[k]`, or 0."""

    ir = DenseConnection

    def lines(self, plan: TablePlan) -> int:
        return len(plan.sources.sources) * lines_of(plan.groups, plan.connection.stored_bits)

    def descriptors(self, plan: TablePlan, line: int, acc: int) -> Sequence[Descriptor]:
        conn: DenseConnection = plan.connection
        stride = lines_of(plan.groups, conn.stored_bits)
        common = fields(plan, ConnKind.DENSE, acc) | {"stride": stride}
        return [
            Descriptor(common | {"syn_base": line + start * stride, "sources": len(edge.sources)})
            for edge, start in zip(plan.sources.edges, plan.sources.starts, strict=True)
        ]

    def contents(self, plan: TablePlan) -> npt.NDArray[np.uint8]:
        conn: DenseConnection = plan.connection
        sources, order = plan.sources.sources, plan.order
        padded = np.zeros((plan.groups * plan.lanes, len(sources)), np.int32)
        block = conn.stored[np.maximum(order, 0)][:, np.maximum(sources, 0)]
        block[order < 0] = 0
        block[:, sources < 0] = 0
        padded[: len(order)] = block
        words = padded.T.reshape(len(sources), plan.groups, plan.lanes)
        return packed(words, conn.stored_bits).reshape(-1, plan.lanes)

    def variables(
        self, connection: Any, sources: SourceOrder, tables: Sequence[tuple[int, WeightTable]]
    ) -> Mapping[str, VarEntry]:
        conn: DenseConnection = connection
        if conn.rule is None:
            return {}
        rows = Elements.of(sources.sources)
        pieces = []
        for core, table in tables:
            stride, order = lines_of(table.groups, conn.stored_bits), Elements.of(table.order)
            layout = DenseLayout(table.line, stride, rows, order, conn.stored_bits)
            pieces.append(piece(core, table, conn, layout, conn.rule.exp))
        store = weights(conn.rule, pieces)
        return {"weights": VarEntry((conn.targets, conn.sources), "int32", store)}


KIND = _Dense()
