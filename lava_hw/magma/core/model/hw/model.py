"""Models of processes that run on our neuromorphic chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lava_hw.magma.core.model.model import AbstractProcessModel

if TYPE_CHECKING:
    from lava_hw.ir import Connection, FlatProcess, Neurons

__all__ = ["AbstractHwProcessModel"]


class AbstractHwProcessModel(AbstractProcessModel):
    """Says that a process runs on the chip; the compiler turns it into core programs and connections.

    A run on Python never makes an object of such a class: what it declares is read by the compiler. The
    values that its process computes are those of the fixed-point Python model of the same process.
    """

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons | Connection:
        """Describe the process in integers, for the chip.

        Parameters
        ----------
        process : FlatProcess
            The process with its parameters and initial values.

        Returns
        -------
        Neurons or Connection
            What becomes a population, or tables of synapses; see `lava_hw.ir`.

        Raises
        ------
        CompileError
            If a parameter has a value that the chip cannot hold exactly.
        """
        raise NotImplementedError(f"{cls.__name__} must define lower(process).")
