"""The protocol without steps (Lava's path)."""

from __future__ import annotations

from lava_hw.magma.core.sync.protocol import AbstractSyncProtocol

__all__ = ["AsyncProtocol"]


class AsyncProtocol(AbstractSyncProtocol):
    """Each model runs `run_async` once per run; only channels order anything."""
