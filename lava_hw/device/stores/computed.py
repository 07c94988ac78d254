"""Values from which the numbers of the chip follow by rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.computed import RULES
from lava_hw.device.stores.host import HostStore
from lava_hw.device.stores.store import Store, Values, refuse


@dataclass(frozen=True)
class ComputedStore:
    """A value that the host keeps, and what rules make of it on the chip.

    Attributes
    ----------
    raw : HostStore
        The value.
    writes : tuple of (str, Store)
        Name of a rule, and where what it gives is kept.
    then : Store or None
        What is the variable from the first step on.
    """

    raw: HostStore
    writes: tuple[tuple[str, Store], ...]
    then: Store | None

    def compute(self, values: npt.NDArray[Any], name: str) -> list[tuple[Store, Values]]:
        """Give what is to be written where for `values`, flat.

        Raises
        ------
        ValueRefused
            If a rule has no exact answer for one of them.
        """
        found = []
        for rule, store in self.writes:
            bad = np.flatnonzero(RULES[rule].bad(values))
            if len(bad):
                limit = f"the chip holds {RULES[rule].limit}"
                raise refuse(name, np.shape(self.raw.value), int(bad[0]), values[bad[0]], limit)
            found.append((store, RULES[rule].compute(values)))
        return found
