"""What can go wrong on a device. Every message says what, where, and what to do."""

from __future__ import annotations

from lava_hw.errors import UndefinedValueError
from lava_hw.regs import CONTROL_CORE, FaultCode


class DeviceError(RuntimeError):
    """A device was used wrongly, or does not answer as its contract says."""


class ValueRefused(DeviceError, UndefinedValueError):
    """A message or a variable's value cannot be held exactly; it is refused instead of being rounded."""


class DeviceBusy(DeviceError):
    """Another program has the device, and only one can have it."""


class ChipMismatch(DeviceError):
    """The image was compiled for another chip than the one that answers."""


class ChipFault(DeviceError):
    """The chip met something that it must not meet, and stopped.

    Parameters
    ----------
    core : int
        Core number, 63 for the chip itself.
    code : int
        Fault code of `lava_hw.regs.FaultCode`.
    context : str
        What the host was doing.
    """

    def __init__(self, core: int, code: int, context: str) -> None:
        where = "the chip" if core == CONTROL_CORE else f"core {core}"
        name = FaultCode(code).name if code in FaultCode._value2member_map_ else f"code {code}"
        super().__init__(
            f"{where} reported fault {name} while {context}; the chip is stopped. "
            "reset() recovers it; what ran since the fault is lost"
        )
        self.core = core
        self.code = code


class SimulatorError(DeviceError):
    """The simulator could not be started, failed or died."""


class ChipStalled(SimulatorError):
    """The simulator is idle although an answer of the chip is due."""


class RtlFailed(SimulatorError):
    """An assertion of the RTL failed, or it works on without getting anywhere."""


class BuildError(DeviceError):
    """The simulator could not be built; the message says what is missing and how to get it."""
