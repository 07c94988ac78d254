"""Lava's path to the compilation of a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lava_hw.compiler.choose import choose_models
from lava_hw.graph import Flat, flatten
from lava_hw.magma.compiler.executable import Executable
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import RunConfig

__all__ = ["Compiler", "Flat", "flatten"]


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
        flat = choose_models(process, run_cfg)
        flat.lowered.clear()  # an executable may be kept, and written to a file
        return Executable(flat, run_cfg, self.compile_config)
