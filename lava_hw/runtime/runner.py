"""Runs networks whose processes are told to run; registers itself with magma, which knows none of this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from lava_hw.compiler import choose_models
from lava_hw.graph import Flat
from lava_hw.magma.compiler.executable import Executable
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.running import RUNNER, RunnableProcess
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.runtime.runtime import build, build_for

__all__ = ["LocalRunner"]


class LocalRunner:
    """A NetworkRunner: the runtime is an object of the program."""

    def compile(
        self,
        process: RunnableProcess | Sequence[RunnableProcess],
        run_cfg: RunConfig,
        compile_config: dict[str, Any] | None,
    ) -> Executable:
        """See NetworkRunner."""
        flat = choose_models(cast("AbstractProcess | Sequence[AbstractProcess]", process), run_cfg)
        # An executable may be kept, and written to a file, so it does not keep what chip models said.
        flat = replace(flat, lowered={})
        return Executable(flat, run_cfg, dict(compile_config or {}))

    def build(
        self, process: RunnableProcess, run_cfg: RunConfig, compile_config: dict[str, Any] | None
    ) -> None:
        """See NetworkRunner."""
        build_for(cast("AbstractProcess", process), run_cfg, compile_config)

    def build_compiled(self, executable: Executable, compile_config: dict[str, Any] | None) -> None:
        """See NetworkRunner."""
        build(cast(Flat, executable.flat), executable.run_cfg, compile_config or executable.compile_config)


RUNNER.register(LocalRunner())
