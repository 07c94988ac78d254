"""Errors of compiling a network (Lava's path)."""

from __future__ import annotations

__all__ = ["NoProcessModelFound", "ProcessAlreadyCompiled"]


class NoProcessModelFound(Exception):
    """No model implements a process."""


class ProcessAlreadyCompiled(Exception):
    """A process was compiled twice."""
