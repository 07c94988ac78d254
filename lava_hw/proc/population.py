"""What processes of one shape have in common."""

from __future__ import annotations

from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["AbstractPopulation"]


class AbstractPopulation(AbstractProcess):
    """A process that hands its shape to its models, as proc_params["shape"].

    Parameters
    ----------
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the population."""
        shape: tuple[int, ...] = self.proc_params["shape"]
        return shape
