"""What a command gives back, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Code(IntEnum):
    """Exit codes of `lava-hw`; `EXIT_CODES` says what they mean."""

    DONE = 0
    NO = 1
    USAGE = 2
    INPUT = 3
    COMPILE = 4
    BUILD = 5
    RUN = 6
    OUTPUT = 7
    INTERRUPTED = 130


EXIT_CODES = {
    Code.DONE: "done",
    Code.NO: "the answer is no: something is missing (doctor), a network does not fit (check), images differ "
    "(image diff), an image is bad (image check)",
    Code.USAGE: "wrong command line",
    Code.INPUT: "an input is not acceptable: a file, a chip, a network's file, a message",
    Code.COMPILE: "the network cannot be compiled for the chip",
    Code.BUILD: "the simulator cannot be built or started",
    Code.RUN: "the run failed: a fault of the chip, or the simulator died",
    Code.OUTPUT: "an output cannot be written",
    Code.INTERRUPTED: "interrupted (Ctrl-C)",
}


class CommandError(Exception):
    """A command failed; `code` is the exit code."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass
class Outcome:
    """What a command found.

    Attributes
    ----------
    text : str
        For a person.
    data : dict
        For a program (``--json``).
    """

    text: str
    data: dict[str, Any] = field(default_factory=dict)
    code: Code = Code.DONE
