"""Chips that images run on, whatever computes them, behind one driver."""

from lava_hw.device.chip_session import ChipSession
from lava_hw.device.codec import InputPort
from lava_hw.device.device import Device
from lava_hw.device.errors import (
    BuildError,
    ChipFault,
    ChipMismatch,
    ChipStalled,
    DeviceBusy,
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
    "ChipSession",
    "ChipStalled",
    "Device",
    "DeviceBusy",
    "DeviceError",
    "InputPort",
    "OutputPort",
    "RtlFailed",
    "Session",
    "SimulatorError",
    "ValueRefused",
]
