"""How flits get to a chip and back: what every device offers below the driver."""

from __future__ import annotations

from typing import Protocol

from lava_hw.device.flits import Flits


class Transport(Protocol):
    """An ordered stream of flits to a chip and one back.

    `push` never waits for the reader of the stream back: what comes meanwhile is kept for `pop`.
    """

    name: str
    """Kind of device, for messages."""
    can_wait: bool
    """Whether something may come later without more being sent.

    Where not, a `wait` that brings nothing says that nothing will come.
    """

    def push(self, flits: Flits) -> None:
        """Send all `flits` in order.

        Raises
        ------
        SimulatorError
            If the other side is gone.
        """
        ...

    def pop(self, block: bool) -> Flits:
        """Give what has come, in order; if `block`, wait for at least one flit.

        Raises
        ------
        SimulatorError
            If nothing is left and nothing will come.
        DeviceError
            If `block` and the chip can send nothing until it is sent more.
        """
        ...

    def wait(self, timeout: float | None) -> bool:
        """Wait until `pop` has something (or would raise); False if `timeout` seconds passed first."""
        ...

    def close(self) -> None:
        """Give everything back; a second call does nothing."""
        ...
