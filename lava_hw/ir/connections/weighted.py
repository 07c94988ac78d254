"""What kinds of connections with weights in the synapse memory have in common."""

from __future__ import annotations

from dataclasses import dataclass

from lava_hw.ir.connections.base import Connection
from lava_hw.ir.connections.delays import Delays

__all__ = ["WeightRule", "WeightedConnection"]


@dataclass(frozen=True)
class WeightRule:
    """How weights of a user become stored ones, for those that he sets later.

    Attributes
    ----------
    sign_mode : int
        Value of `lava_hw.utils.weightutils.SignMode`.
    num_weight_bits : int
        Bits that are kept.
    sign_given : bool
        Whether the user chose the mode; else it is the narrowest for the weights.
    exp : int
        Left shift of a sum by the weight exponent.
    """

    sign_mode: int
    num_weight_bits: int
    sign_given: bool
    exp: int


@dataclass(frozen=True, eq=False, kw_only=True)
class WeightedConnection(Connection):
    """Synapses whose numbers lie in the synapse memory: weight = number * (-1 if `negate`) * 2^`shift`.

    Attributes
    ----------
    stored_bits : int
        Bits of a number: 4, 8 or 16.
    signed, negate : bool
        How a number is read.
    shift : int
        Left shift of what is added, 0 to 31.
    delays : Delays or None
        Of the synapses, if they have any.
    """

    stored_bits: int = 8
    signed: bool = False
    negate: bool = False
    shift: int = 0
    delays: Delays | None = None

    @property
    def slots(self) -> int:
        """See `Connection`."""
        return 1 if self.delays is None else self.delays.most + 1

    @property
    def areas(self) -> int:
        """See `Connection`."""
        return self.slots if self.delays is not None and self.delays.apart else 1
