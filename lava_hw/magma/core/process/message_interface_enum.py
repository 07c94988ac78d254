"""What carries messages between models (Lava's path)."""

from __future__ import annotations

from enum import Enum

__all__ = ["ActorType"]


class ActorType(Enum):
    """Kept for source compatibility; the runtime chooses by itself."""

    MultiProcessing = 0
