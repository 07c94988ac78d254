"""Several steps of a model by one call: taking and sending their messages."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

__all__ = ["one_by_one", "received", "send_rows"]

Array = npt.NDArray[Any]


def received(port: Any, most: int) -> Array:
    """What is there for a port, waiting for the first message.

    Parameters
    ----------
    port : PyInPortVectorDense
        The port.
    most : int
        Steps that may be taken, at least 1.

    Returns
    -------
    array, [steps, *shape]
        1 to `most` messages; only to be read.
    """
    count = port.ready(most)
    # One alone, as in a loop of models, is faster without a batch.
    rows: Array = port.recv_batch(count) if count > 1 else port.recv()[None]
    return rows


def send_rows(port: Any, rows: Array) -> None:
    """Send a message for each row, or none."""
    if len(rows) > 1:
        port.send_batch(rows)
    elif len(rows):
        port.send(rows[0])


def one_by_one(model: Any, steps: int) -> None:
    """Do the steps of a model whose parent could do several at once."""
    for _ in range(steps):
        model.run_spk()
        model.time_step += 1
