"""`ChipBench`: everything that a cocotb test of the chip does at its pins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cocotb.task import bridge
from numpy.typing import ArrayLike, NDArray

from lava_hw.cocotb.pins import ChipPins
from lava_hw.cocotb.streams import Pause, never
from lava_hw.cocotb.transport import PinTransport
from lava_hw.device import Device
from lava_hw.image import Image


class ChipBench(ChipPins):
    """The pins of an ``lhw_chip``, and what a test says in terms of images, steps and variables.

    Parameters
    ----------
    dut, source_pause, sink_pause, period_ns
        See `ChipPins`.
    """

    def __init__(
        self, dut: Any, *, source_pause: Pause = never, sink_pause: Pause = never, period_ns: int = 2
    ) -> None:
        super().__init__(dut, source_pause=source_pause, sink_pause=sink_pause, period_ns=period_ns)
        self._device: Device | None = None

    async def load(self, image: Image) -> None:
        """Load an image through the pins, as a driver does; what was loaded before is gone.

        Raises
        ------
        ChipMismatch
            If the chip is another one than the image's.
        """
        if self._device is None:
            self._device = Device(PinTransport(self), image.chip)
        await bridge(self._device.load)(image)

    @property
    def device(self) -> Device:
        """The driver (`lava_hw.device.Device`); from a test, call its methods by ``cocotb.task.bridge``."""
        assert self._device is not None, "no image is loaded; await bench.load(image) first"
        return self._device

    def inject(self, port: str, messages: ArrayLike) -> None:
        """Queue messages [T, *shape] for an input; see `lava_hw.device.Device.inject`."""
        self.device.inject(port, messages)

    async def advance(self, steps: int) -> None:
        """Run steps with the messages that are queued; see `lava_hw.device.Device.advance`."""
        await bridge(self.device.advance)(steps)

    def drain(self, port: str) -> NDArray[Any]:
        """Take what an output sent, [steps, *shape]; see `lava_hw.device.Device.drain`."""
        return self.device.drain(port)

    async def read_var(self, name: str) -> NDArray[Any]:
        """Give the value of a variable after the last step."""
        return await bridge(self.device.read)(name)

    async def write_var(self, name: str, value: ArrayLike) -> None:
        """Set a variable; it counts from the next step on."""
        await bridge(self.device.write)(name, value)

    async def counters(self) -> dict[str, Any]:
        """Give the counters of the chip and its cores; see `lava_hw.device.Device.counters`."""
        return await bridge(self.device.counters)()

    async def compare_with_golden(
        self, image: Image, messages: Mapping[str, ArrayLike], steps: int
    ) -> dict[str, NDArray[Any]]:
        """Run an image on the chip and on the golden model, and compare all that can be seen.

        Parameters
        ----------
        image : Image
        messages : mapping
            Arrays [T, *shape] by input; zeros in the steps beyond T.
        steps : int

        Returns
        -------
        dict
            What each output sent, [steps, *shape].

        Raises
        ------
        AssertionError
            If an output, a variable or a counter (other than of cycles) differs; it names the first place.
        """
        await self.load(image)
        with Device.open("golden", image.chip) as golden:
            golden.load(image)
            for port, rows in messages.items():
                self.inject(port, rows)
                golden.inject(port, rows)
            await self.advance(steps)
            golden.advance(steps)
            outputs = {port: self.drain(port) for port in golden.session.outputs}
            for port, got in outputs.items():
                _same(f"output {port} [step, ...]", got, golden.drain(port))
            for name in golden.session.variables:
                _same(f"variable {name}", await self.read_var(name), golden.read(name))
            counters, wanted = await self.counters(), golden.counters()
            for what, mine, other in (
                ("the chip", counters["chip"], wanted["chip"]),
                *((f"core {n}", counters["cores"][n], wanted["cores"][n]) for n in wanted["cores"]),
            ):
                for key, value in other.items():
                    if not key.startswith("cyc"):
                        assert mine[key] == value, f"{key} of {what} is {mine[key]}, and {value} on golden"
        return outputs


def _same(what: str, got: NDArray[Any], wanted: NDArray[Any]) -> None:
    assert got.shape == wanted.shape, f"{what} has shape {got.shape}, and {wanted.shape} on golden"
    different = np.argwhere(got != wanted)
    if len(different):
        place = tuple(int(i) for i in different[0])
        raise AssertionError(
            f"{what}: {len(different)} of {got.size} elements differ; the first is {place}: "
            f"{got[place]} on the chip, {wanted[place]} on golden"
        )
