"""What all kinds with weights in the synapse memory say of them: in descriptors, and in the manifest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lava_hw.compiler.connections.kind import TablePlan
from lava_hw.compiler.connections.words import FORMATS
from lava_hw.compiler.placed_types import WeightTable
from lava_hw.image.connections.layout import WeightLayout
from lava_hw.image.manifest import WeightsEntry, WeightsPiece
from lava_hw.ir.connections import WeightedConnection, WeightRule
from lava_hw.regs import ConnKind

__all__ = ["fields", "piece", "weights"]


def fields(plan: TablePlan, kind: ConnKind, acc: int) -> dict[str, int]:
    """Give the fields of a descriptor that do not depend on where its rows are.

    Parameters
    ----------
    plan : TablePlan
        Of a `WeightedConnection`.
    kind : ConnKind
        What the descriptor says that it is.
    acc : int
        Its first accumulator group.
    """
    conn: WeightedConnection = plan.connection
    return {
        "kind": int(kind),
        "format": int(FORMATS[conn.stored_bits]),
        "payload": int(conn.payload),
        "is_signed": int(conn.signed),
        "negate": int(conn.negate),
        "shift": conn.shift,
        "slot": conn.slot,
        "acc_base": acc,
        "groups": plan.groups,
        "targets": int(np.count_nonzero(plan.order >= 0)),
    }


def piece(
    core: int, table: WeightTable, conn: WeightedConnection, layout: WeightLayout, exp: int = 0
) -> WeightsPiece:
    """Give the piece of a Var in a table; `exp` is the part of the shift that the Var does not see."""
    return WeightsPiece(
        core=core,
        conns=table.conns,
        signed=conn.signed,
        negate=conn.negate,
        shift=conn.shift - exp,
        layout=layout,
        bits=conn.stored_bits,
    )


def weights(rule: WeightRule, pieces: Sequence[WeightsPiece]) -> WeightsEntry:
    """Give the store of a Var whose weights the first step clips and truncates."""
    return WeightsEntry(
        sign_mode=rule.sign_mode,
        sign_given=rule.sign_given,
        num_weight_bits=rule.num_weight_bits,
        exp=rule.exp,
        pieces=tuple(pieces),
    )
