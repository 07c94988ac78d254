"""Words of a chip's memories: which ones (`Places`), and what they hold (`Words`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lava_hw.regs import CORE_ADDR

Words = NDArray[np.uint32]


@dataclass(frozen=True)
class Places:
    """32-bit words of the chip: word i is at `addr[i]` of core `core[i]`."""

    core: NDArray[np.int64]
    addr: NDArray[np.int64]

    def __len__(self) -> int:
        """Give the number of words."""
        return len(self.core)


def region_address(region: int) -> int:
    """Give the address of the first word of a region of a core."""
    return CORE_ADDR.pack(region=region)
