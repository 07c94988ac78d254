"""What older scripts ask about Loihi (Lava's path; `lava_hw.utils.loihi` replaces it)."""

from __future__ import annotations

import os
from typing import ClassVar

from lava_hw.utils import loihi, slurm

__all__ = ["Loihi2"]


class _AskedOfTheClass(type):
    """Gives a class the two answers as attributes."""

    @property
    def is_loihi2_available(cls) -> bool:
        """Whether there is Loihi's own software."""
        return loihi.is_installed()

    @property
    def partition(cls) -> str:
        """The chosen partition, "Unspecified" if none is."""
        return slurm.partition()


class Loihi2(metaclass=_AskedOfTheClass):
    """Deprecated.

    Attributes
    ----------
    is_loihi2_available : bool
        Whether there is Loihi's own software. It is no part of this package, so scripts go on in simulation.
    partition : str
        The chosen partition, "Unspecified" if none is.
    preferred_partition : str or None
        A partition of the user's choice.
    """

    preferred_partition: ClassVar[str | None] = None

    @staticmethod
    def set_environ_settings(partititon: str | None = None) -> None:
        """Set what is not set yet in the environment of Loihi's software (spelt as in Lava)."""
        if "NOSLURM" not in os.environ:
            os.environ.setdefault("SLURM", "1")
        os.environ.setdefault("LOIHI_GEN", "N3B3")
        if partititon is not None:
            os.environ.setdefault("PARTITION", partititon)
