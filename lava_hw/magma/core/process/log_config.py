"""How a process logs; public in `process`, as in Lava."""

from __future__ import annotations

import logging
from dataclasses import dataclass

__all__ = ["LogConfig"]


@dataclass
class LogConfig:
    """Where and how a process logs.

    Parameters
    ----------
    file : str
        Path of the log file.
    level, level_console : int
        Levels of the file and of the console, as in the module `logging`.
    logs_to_file : bool
        Whether the file is written.

    Raises
    ------
    ValueError
        If a file shall be written that has no name.
    """

    file: str = ""
    level: int = logging.WARNING
    level_console: int = logging.WARNING
    logs_to_file: bool = False

    def __post_init__(self) -> None:
        if self.logs_to_file and not self.file:
            raise ValueError("LogConfig: logs_to_file needs the name of a file, and `file` is empty.")
