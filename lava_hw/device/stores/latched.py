"""Values that the first step latches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lava_hw.device.stores.store import Store, Values


@dataclass(frozen=True)
class LatchedStore:
    """A value that the first step latches: reads see `raw`, the chip works with `latched`."""

    raw: Any
    latched: Store
    shift: int
    minimum: int
    maximum: int

    def latch(self, values: Values) -> Values:
        """Give what the first step makes of `values`."""
        return np.clip(values << self.shift, self.minimum, self.maximum)
