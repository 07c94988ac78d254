"""Models of processes that run on our neuromorphic chip."""

from __future__ import annotations

from lava_hw.magma.core.model.model import AbstractProcessModel

__all__ = ["AbstractHwProcessModel"]


class AbstractHwProcessModel(AbstractProcessModel):
    """Says that a process runs on the chip; the compiler turns it into core programs and connections.

    A run on Python never makes an object of such a class: what it declares is read by the compiler. The
    values that its process computes are those of the fixed-point Python model of the same process.
    """
