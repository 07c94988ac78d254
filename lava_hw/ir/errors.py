"""What a chip model refuses. Every error says what was wrong, where, and what to do."""

from __future__ import annotations

REMEDY = "run the process in Python: name it in exception_proc_model_map of the run configuration"


class CompileError(ValueError):
    """A network cannot be compiled for a chip."""


class ParameterRefused(CompileError):
    """A parameter of a process whose value the chip cannot hold exactly.

    Parameters
    ----------
    process, parameter : str
        Names.
    value : object
        The value, as given (long arrays should be cut by the caller).
    limit : str
        What the chip can hold.
    """

    def __init__(self, process: str, parameter: str, value: object, limit: str) -> None:
        self.reason = f"{parameter} is {value}; the chip holds {limit}"
        super().__init__(f"{process}: {self.reason}. Change it, or {REMEDY}.")
        self.process, self.parameter, self.value, self.limit = process, parameter, value, limit


class NotOnChip(CompileError):
    """A process, or the way in which it is connected, that the chip's models do not cover.

    Parameters
    ----------
    text : str
        What is wrong, and what to do.
    process : str
        Name of the process that the chip could do without, or nothing.
    """

    def __init__(self, text: str, process: str = "") -> None:
        super().__init__(text)
        self.process = process
