"""Values that are kept by the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True)
class HostStore:
    """A value that is not on the chip; `frozen` ones cannot be changed once a step has run."""

    value: NDArray[Any]
    frozen: bool
