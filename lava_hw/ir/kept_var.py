"""How the Vars of a process are kept on the chip, or by the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Ints", "KeptVar"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class KeptVar:
    """How a Var of a process is kept; the kinds are those of docs/image.md.

    Attributes
    ----------
    kind : str
        ``state`` or ``const`` (`place` names the NeuronState or Constant, which holds `scale` * value +
        `offset`), ``latched`` (`place` holds clip(value << `shift`, `low`, `high`); the raw `value` stays
        with the host), or ``host`` (`value` stays with the host).
    per_neuron : bool
        For ``latched``: whether `place` is a NeuronState.
    elements : int64 array, optional
        For a NeuronState: which element of the Var each neuron has; without it neuron k has element k.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    kind: str
    place: str = ""
    per_neuron: bool = False
    scale: int = 1
    offset: int = 0
    shift: int = 0
    low: int = 0
    high: int = 0
    value: Any = None
    frozen: bool = True
    elements: Ints | None = None
