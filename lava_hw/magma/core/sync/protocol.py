"""Parent of synchronization protocols (Lava's path)."""

from __future__ import annotations

__all__ = ["AbstractSyncProtocol"]


class AbstractSyncProtocol:
    """How the models of a domain keep step."""
