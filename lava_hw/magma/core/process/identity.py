"""What a process is called: in messages, reports, images and logs."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from lava_hw.errors import LavaHwWarning, notify
from lava_hw.magma.core.process.interfaces import IdGeneratable
from lava_hw.magma.core.process.log_config import LogConfig

__all__ = ["Label", "NamedProcess"]


class Label:
    """Name for messages, reports and images.

    The name in the network (the one that was given, else class and place, `LIF_2`; of a sub process
    `parent.attribute`) once there is a network. Before, the one that was given, else that of the class.
    """

    # No property: a process may have a Var of this name.
    def __get__(self, process: NamedProcess | None, owner: type | None = None) -> Any:
        return process._shown if process is not None else self


class NamedProcess(IdGeneratable):
    """The names of a process, its logger, and what it has to say; parent of AbstractProcess."""

    # What takes the place of the class's name in labels; counts for this very class only.
    _shown_as: ClassVar[str | None] = None
    # The name in the network, from the time that it was flattened.
    _network_name: str | None = None

    label = Label()

    # Given by the constructor of AbstractProcess.
    _name: str | None
    log_config: LogConfig
    # Warnings that were given when the process was made; a strict run raises them.
    _notices: list[LavaHwWarning]

    @property
    def name(self) -> str:
        """Name of the process."""
        name: str | None = self.__dict__.get("_name")
        return name if name is not None else f"Process_{self.__dict__.get('id', '?')}"

    @name.setter
    def name(self, value: str) -> None:
        self._name, self._network_name = value, None

    @property
    def _shown(self) -> str:
        # What `label` gives, also where a process has a Var or a text of that name.
        own = self.__dict__
        return own.get("_network_name") or own.get("_name") or self._class_label()

    @property
    def _title(self) -> str:
        # For messages that say nothing else about the class.
        name, kind = self._shown, self._class_label()
        return kind if name == kind else f"{kind} '{name}'"

    @classmethod
    def _class_label(cls) -> str:
        """What processes of this class are called if they have no name."""
        return cls.__dict__.get("_shown_as") or cls.__name__

    def _notice(self, warning: LavaHwWarning) -> None:
        # Kept first: the warning may be an error by a filter.
        self.__dict__.setdefault("_notices", []).append(warning)
        notify(warning)

    @property
    def _log_config(self) -> LogConfig:
        """Lava's name of `log_config`, which its libraries use."""
        return self.log_config

    @property
    def logger(self) -> logging.Logger:
        """Logger of this process, set up by `log_config`."""
        logger = logging.getLogger(f"lava_hw.{self.name}")
        if not logger.handlers and self.log_config.logs_to_file and self.log_config.file:
            handler = logging.FileHandler(self.log_config.file)
            handler.setLevel(self.log_config.level)
            logger.addHandler(handler)
        logger.setLevel(min(self.log_config.level, self.log_config.level_console))
        return logger
