"""One synapse from each source to the target of the same number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lava_hw.ir.connections.base import Connection

__all__ = ["OneToOneConnection"]


@dataclass(frozen=True, eq=False, kw_only=True)
class OneToOneConnection(Connection):
    """See the module.

    Attributes
    ----------
    stored : int8 array, (targets,)
        Half of each weight.
    """

    stored: npt.NDArray[np.int8]

    @property
    def sources(self) -> int:
        """Elements of the in port."""
        return len(self.stored)

    @property
    def targets(self) -> int:
        """Elements of the out port."""
        return len(self.stored)
