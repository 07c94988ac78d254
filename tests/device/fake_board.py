"""A device of one file, as somebody else would add it: a board at the other end of a stream of bytes.

The board is a thread with a golden chip; nothing but bytes goes between it and the host. A frame is a count
(32 bits, little-endian) and as many flits of 64 bits. The board answers each frame by one, empty or not, so
the host knows whether something can still come. ``fake://NAME`` is one board, which one `Device` can have
at a time; ``fake`` without a name is a new one each time.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from typing import Any

import numpy as np

from lava_hw.chip import Chip
from lava_hw.device.errors import ChipStalled, DeviceBusy, SimulatorError
from lava_hw.device.flits import Flits
from lava_hw.device.transport import Transport
from lava_hw.golden import GoldenChip

_COUNT, _FLIT, _CHUNK = 4, 8, 1 << 16


def frame(flits: Flits) -> bytes:
    """Give the bytes of a frame."""
    return len(flits).to_bytes(_COUNT, "little") + flits.astype("<u8").tobytes()


class Frames:
    """Cuts bytes into frames."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[Flits]:
        """Take bytes, and give the frames that are complete."""
        self._bytes += data
        found = []
        while len(self._bytes) >= _COUNT:
            end = _COUNT + _FLIT * int.from_bytes(self._bytes[:_COUNT], "little")
            if len(self._bytes) < end:
                break
            found.append(np.frombuffer(bytes(self._bytes[_COUNT:end]), "<u8").astype(np.uint64))
            del self._bytes[:end]
        return found


class Board(threading.Thread):
    """The other end of the cable. It never waits for the host to read."""

    def __init__(self, chip: Chip, end: socket.socket, delay: float) -> None:
        super().__init__(name="fake board", daemon=True)
        self._chip, self._end, self._delay = GoldenChip(chip), end, delay

    def run(self) -> None:
        """Work until the host is gone."""
        frames, answers = Frames(), bytearray()
        with self._end:
            while True:
                readable, writable, _ = select.select([self._end], [self._end] if answers else [], [])
                if readable:
                    data = self._end.recv(_CHUNK)
                    if not data:
                        return
                    for flits in frames.feed(data):
                        time.sleep(self._delay)
                        self._chip.push(flits)
                        answers += frame(self._chip.pop())
                if writable:
                    del answers[: self._end.send(answers[:_CHUNK])]


class Cable:
    """This end of the cable (see `lava_hw.device.transport.Transport`)."""

    name = "fake"
    can_wait = True

    def __init__(self, address: str, chip: Chip, delay: float) -> None:
        self.address = address
        self._end, other = socket.socketpair()
        self._frames, self._ready, self._awaited = Frames(), [], 0
        self._board = Board(chip, other, delay)
        self._board.start()

    def push(self, flits: Flits) -> None:
        """Send all flits; see `Transport`."""
        self._awaited += 1
        try:
            self._end.sendall(frame(flits))
        except OSError as error:
            raise SimulatorError(f"the board is gone: {error}") from error

    def pop(self, block: bool) -> Flits:
        """Give what has come; see `Transport`."""
        if block:
            self.wait(None)
        else:
            self._take(0)
        flits = np.concatenate([np.zeros(0, np.uint64), *self._ready])
        self._ready.clear()
        return flits

    def wait(self, timeout: float | None) -> bool:
        """Wait for flits; see `Transport`."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self._ready:
            if not self._awaited:
                raise ChipStalled("the board has answered everything, and waits for more")
            left = None if end is None else max(end - time.monotonic(), 0)
            if not self._take(left) and left == 0:
                return False
        return True

    def _take(self, timeout: float | None) -> bool:
        """Take what comes within `timeout` seconds; False if that is nothing."""
        if not select.select([self._end], [], [], timeout)[0]:
            return False
        data = self._end.recv(_CHUNK)
        if not data:
            raise SimulatorError("the board is gone")
        for flits in self._frames.feed(data):
            self._awaited -= 1
            if len(flits):
                self._ready.append(flits)
        return True

    def close(self) -> None:
        """Pull out the cable."""
        self._end.close()
        self._board.join()


class FakeBackend:
    """See `lava_hw.device.backend.Backend`."""

    name = "fake"
    options = frozenset({"delay"})
    counts_cycles = False

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    def open(self, address: str, chip: Chip, *, progress: bool | None, delay: float = 0.0) -> Transport:
        """Open a board; its answers come `delay` seconds late."""
        owner = f"process {os.getpid()} (these tests)"
        if address and self._owners.setdefault(address, owner) is not owner:
            raise DeviceBusy(f"fake://{address} is held by {self._owners[address]}")
        return Cable(address, chip, delay)

    def owner(self, address: str) -> str | None:
        """Say who has a board."""
        return self._owners.get(address)

    def release(self, transport: Any) -> None:
        """Give a board back."""
        transport.close()
        self._owners.pop(transport.address, None)


FAKE = FakeBackend()
