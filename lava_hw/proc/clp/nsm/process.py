"""Readout and allocation of prototypes (Lava's path)."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var

__all__ = ["Allocator", "Readout"]


class Readout(AbstractProcess):
    """Looks up the label of the prototype that has spiked, and learns labels from a user.

    In each step::

        some inference_in != 0:   w = the first of them;  last_winner_id = w;  answer = proto_labels[w]
                                  if that is 0:  proto_labels[w] = answer = -(w + 1)
        label_in != 0:            known = proto_labels[last_winner_id]
            known > 0:            feedback = 1 if known == label_in, else -1 and trigger_alloc = 1
            known < 0:            proto_labels[last_winner_id] = answer = label_in

    user_output is the answer, 0 for none; feedback and trigger_alloc are 0 otherwise.

    Parameters
    ----------
    n_protos : int
        Number of prototypes.
    proto_labels : array of int, optional
        Initial labels, 0 for none; a negative label is a preliminary one.
    """

    var_ranges = table({name: VarRange() for name in ("proto_labels", "last_winner_id")})

    def __init__(self, *, n_protos: int, proto_labels: Any = None) -> None:
        labels = 0 if proto_labels is None else proto_labels
        super().__init__(proto_labels=labels, n_protos=n_protos)
        self.inference_in = InPort(shape=(n_protos,))
        self.label_in = InPort(shape=(1,))
        self.user_output = OutPort(shape=(1,))
        self.feedback = OutPort(shape=(1,))
        self.trigger_alloc = OutPort(shape=(1,))
        self.proto_labels = Var(shape=(n_protos,), init=labels)
        self.last_winner_id = Var(shape=(1,), init=0)


class Allocator(AbstractProcess):
    """Sends the number of the next prototype when it is triggered, else 0.

    trigger_in != 0: allocate_out = next_alloc_id, then next_alloc_id = next_alloc_id + 1. There is no limit:
    a number above n_protos means that all prototypes are in use.

    Parameters
    ----------
    n_protos : int
        Number of prototypes.
    next_alloc_id : int, default 1
        First number.
    """

    var_ranges = table({name: VarRange() for name in ("next_alloc_id", "n_protos")})

    def __init__(self, *, n_protos: int, next_alloc_id: int = 1) -> None:
        super().__init__()
        self.trigger_in = InPort(shape=(1,))
        self.allocate_out = OutPort(shape=(1,))
        self.next_alloc_id = Var(shape=(1,), init=next_alloc_id)
        self.n_protos = Var(shape=(1,), init=n_protos)
