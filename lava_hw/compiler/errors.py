"""What the compiler refuses. Every error says what was wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lava_hw.ir.errors import REMEDY, CompileError, NotOnChip, ParameterRefused

__all__ = [
    "REMEDY",
    "CompileError",
    "DoesNotFit",
    "NotOnChip",
    "ParameterRefused",
    "PlacementError",
    "UnfitProcesses",
    "ZeroLatencyLoop",
]


class UnfitProcesses(ParameterRefused, NotOnChip):
    """All processes of a network that have a chip model but cannot be on the chip.

    Parameters
    ----------
    text : str
        The message.
    refused : sequence of CompileError
        What was found, one for each process; `process`, `parameter`, `value` and `limit` are of the first.
    """

    def __init__(self, text: str, refused: Sequence[CompileError]) -> None:
        CompileError.__init__(self, text)
        self.refused = tuple(refused)
        first = self.refused[0]
        self.process: str = getattr(first, "process", "")
        self.parameter: str = getattr(first, "parameter", "")
        self.value: object = getattr(first, "value", None)
        self.limit: str = getattr(first, "limit", "")


class DoesNotFit(CompileError):
    """A part of a network needs more of a resource than a core, or the chip, has.

    Parameters
    ----------
    what : str
        The process, or the part of it, that asks.
    resource : str
        Key of the chip's configuration, or what else is counted.
    need, limit : int
        How much it needs and how much there is.
    where : str
        Core or chip whose limit it is.
    advice : str
        What to do.
    chips : sequence of str
        Chips of configs/ on which the network has room.
    keys : mapping of str to int
        Values of keys of the chip's file with which it would be large enough.
    """

    def __init__(
        self,
        what: str,
        resource: str,
        need: int,
        limit: int,
        where: str,
        advice: str,
        chips: Sequence[str] = (),
        keys: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(f"{what} needs {need} {resource}, but {where} has {limit}. {advice}")
        self.what, self.resource, self.need, self.limit, self.where = what, resource, need, limit, where
        self.advice, self.chips, self.keys = advice, tuple(chips), dict(keys or {})


class PlacementError(CompileError):
    """A placement that was given by hand and cannot be used."""


class ZeroLatencyLoop(CompileError):
    """A loop of links without a connection process in which every process waits for another one.

    Parameters
    ----------
    links : sequence of (str, str)
        The links of the loop in order, as ``process.port`` of both ends.
    advice : str
        What to do.
    """

    def __init__(self, links: Sequence[tuple[str, str]], advice: str) -> None:
        self.links = tuple(links)
        text = ", ".join(f"{a} -> {b}" for a, b in self.links)
        super().__init__(f"these links form a loop of latency 0: {text}. {advice}")
