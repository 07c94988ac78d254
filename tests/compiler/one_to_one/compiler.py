"""One-to-one connections: for each source a word, with its weight (bits 7 to 0) and its lane (19 to 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from lava_hw.image.connections.one_each import OneToOneLayout
from lava_hw.ir.connections.one_each import OneToOneConnection

from lava_hw.compiler.connections.kind import ConnectionKind, TablePlan
from lava_hw.compiler.placed_types import Descriptor, WeightTable
from lava_hw.compiler.types import SourceOrder
from lava_hw.image.connections.layout import BYTES
from lava_hw.image.manifest import Elements, VarEntry, WeightsEntry, WeightsPiece
from lava_hw.regs import ConnKind

__all__ = ["KIND"]


class _OneToOne(ConnectionKind):
    ir = OneToOneConnection

    def lines(self, plan: TablePlan) -> int:
        return -(-len(plan.sources.sources) * BYTES // plan.lanes)

    def descriptors(self, plan: TablePlan, line: int, acc: int) -> Sequence[Descriptor]:
        common = {
            "kind": int(ConnKind.ONE_EACH),
            "shift": 1,
            "slot": plan.connection.slot,
            "acc_base": acc,
            "groups": plan.groups,
            "syn_base": line,
            "targets": 1,
        }
        return [
            Descriptor(common | {"stride": start, "sources": len(edge.sources)})
            for edge, start in zip(plan.sources.edges, plan.sources.starts, strict=True)
        ]

    def contents(self, plan: TablePlan) -> npt.NDArray[np.uint8]:
        conn: OneToOneConnection = plan.connection
        lane_of = np.full(conn.targets, -1, np.int64)
        there = plan.order >= 0
        lane_of[plan.order[there]] = np.flatnonzero(there)
        words = np.zeros(self.lines(plan) * plan.lanes // BYTES, "<u4")
        for row, source in enumerate(plan.sources.sources.tolist()):
            if source >= 0 and lane_of[source] >= 0:
                words[row] = int(conn.stored[source]) & 0xFF | int(lane_of[source]) << 8
        return words.view(np.uint8).reshape(-1, plan.lanes)

    def variables(
        self, connection: Any, sources: SourceOrder, tables: Sequence[tuple[int, WeightTable]]
    ) -> Mapping[str, VarEntry]:
        pieces = []
        for core, table in tables:
            here = np.isin(sources.sources, table.order[table.order >= 0])
            layout = OneToOneLayout(table.line, Elements.of(np.where(here, sources.sources, -1)))
            pieces.append(
                WeightsPiece(core=core, conns=table.conns, signed=True, negate=False, shift=1, layout=layout)
            )
        store = WeightsEntry(sign_mode=1, sign_given=True, num_weight_bits=8, exp=0, pieces=tuple(pieces))
        return {"weights": VarEntry((connection.targets,), "int32", store)}


KIND = _OneToOne()
