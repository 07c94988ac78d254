"""The device ``golden``: the interpreter of what is loaded, in this process."""

from __future__ import annotations

from typing import Any

from lava_hw.chip import Chip
from lava_hw.device.backend import Shared
from lava_hw.device.errors import DeviceError
from lava_hw.device.flits import Flits
from lava_hw.device.transport import Transport
from lava_hw.golden import GoldenChip


class GoldenTransport:
    """A `GoldenChip` in this process (see `transport.Transport`).

    It does all that a flit causes while the flit is pushed, so there is never anything to wait for.

    Parameters
    ----------
    chip : Chip
        Its configuration.
    """

    name = "golden"
    can_wait = False

    def __init__(self, chip: Chip) -> None:
        self._chip: GoldenChip | None = GoldenChip(chip)
        self._ready: list[Flits] = []

    def _open(self) -> GoldenChip:
        if self._chip is None:
            raise DeviceError("the golden device is closed")
        return self._chip

    def push(self, flits: Flits) -> None:
        """Send all flits; see `Transport`."""
        self._open().push(flits)

    def pop(self, block: bool) -> Flits:
        """Give what has come; see `Transport`."""
        chip = self._open()
        flits = self._ready.pop() if self._ready else chip.pop()
        if block and not len(flits):
            raise DeviceError(
                f"the golden chip has nothing more to say: it is in step {chip.step} and waits for "
                f"{'CLOSE of (step, stage) ' + str(chip.waits_for) if chip.waits_for else 'RUN'}"
            )
        return flits

    def wait(self, timeout: float | None) -> bool:
        """Tell whether `pop` has something; see `Transport`."""
        if not self._ready:
            flits = self._open().pop()
            if len(flits):
                self._ready.append(flits)
        return bool(self._ready)

    def close(self) -> None:
        """Forget the chip."""
        self._chip = None
        self._ready.clear()


class _Golden(Shared):
    """See `backend.Backend`."""

    name = "golden"
    options = frozenset[str]()
    counts_cycles = False

    def open(self, address: str, chip: Chip, *, progress: bool | None, **options: Any) -> Transport:
        """Make an interpreter; see `Backend`."""
        self.refuse_address(address)
        return GoldenTransport(chip)


GOLDEN = _Golden()
