"""Chips that images run on: the golden interpreter and the Verilated RTL, behind one driver."""

from lava_hw.device.codec import InputPort
from lava_hw.device.device import Device
from lava_hw.device.errors import (
    BuildError,
    ChipFault,
    ChipMismatch,
    ChipStalled,
    DeviceError,
    RtlFailed,
    SimulatorError,
    ValueRefused,
)
from lava_hw.device.outputs import OutputPort
from lava_hw.device.session import Session

__all__ = [
    "BuildError",
    "ChipFault",
    "ChipMismatch",
    "ChipStalled",
    "Device",
    "DeviceError",
    "InputPort",
    "OutputPort",
    "RtlFailed",
    "Session",
    "SimulatorError",
    "ValueRefused",
]
