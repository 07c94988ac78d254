"""Reduction operators of InPorts (Lava's path). A port always sums; the operator is only stored."""

from __future__ import annotations

__all__ = ["AbstractReduceOp", "ReduceSum"]


class AbstractReduceOp:
    """Parent of reduction operators."""


class ReduceSum(AbstractReduceOp):
    """Sum over all connections, what every InPort does."""
