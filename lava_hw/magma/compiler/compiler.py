"""Lava's path to the compilation of a network; for programs, nothing of the package imports it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lava_hw.magma.compiler.executable import Executable
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.running import RUNNER
from lava_hw.magma.core.run_config_base import RunConfig

__all__ = ["Compiler"]


class Compiler:
    """Selects models and describes a network.

    Parameters
    ----------
    compile_config : dict, optional
        Options of the runtime that will be built; see `AbstractProcess.run`.
    """

    def __init__(self, compile_config: dict[str, Any] | None = None, loglevel: int | None = None) -> None:
        self.compile_config = dict(compile_config or {})

    def compile(self, process: AbstractProcess | Sequence[AbstractProcess], run_cfg: RunConfig) -> Executable:
        """Compile everything that is connected with a process.

        Raises
        ------
        UnfitProcesses, NotOnChip, NoProcessModelFound, AssertionError
            See `lava_hw.compiler.choose_models`.
        """
        return RUNNER.get().compile(process, run_cfg, self.compile_config)
