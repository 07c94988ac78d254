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
        with the host), ``host`` (`value` stays with the host), or ``computed`` (`value` stays with the host,
        too, and `computed` says which places hold what follows from it; after step 1 the Var is `then`).
    least, most : int, optional
        Integers beyond these are refused when the Var is set, where the chip would not be exact.
    computed : tuple of (str, str)
        Name of a rule of `lava_hw.computed`, and of the NeuronState or Constant that holds what it gives.
    then : str
        NeuronState or Constant that is the Var from step 1 on, or nothing.
    per_neuron : bool
        For ``latched``: whether `place` is a NeuronState.
    elements : int64 array, optional
        For a NeuronState: which element of the Var each neuron has; without it neuron k has element k, or all
        have the only one.
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
    least: int | None = None
    most: int | None = None
    computed: tuple[tuple[str, str], ...] = ()
    then: str = ""
