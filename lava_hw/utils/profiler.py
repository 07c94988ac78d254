"""Profilers of boards (Lava's path). There is none here: our chip has counters."""

from __future__ import annotations

from lava_hw.magma.core.run_configs import RunConfig

__all__ = ["Profiler"]


class Profiler:
    """Parent of profilers."""

    @staticmethod
    def init(run_cfg: RunConfig) -> Profiler:
        """The profiler for a run configuration.

        Raises
        ------
        TypeError
            If it is none.
        NotImplementedError
            Always else: there is no profiler.
        """
        if not isinstance(run_cfg, RunConfig):
            raise TypeError(f"<run_cfg> must be a RunConfig, got {run_cfg!r}.")
        raise NotImplementedError(
            f"There is no profiler for {type(run_cfg).__name__}. Counters of the chip are in "
            "process.runtime.counters(); time in Python is measured by cProfile."
        )
