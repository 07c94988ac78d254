"""Options of a connection (Lava's path)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["ConnectionConfig", "SpikeIOInterface", "SpikeIOMode", "SpikeIOPort"]


class SpikeIOInterface(enum.IntEnum):
    """Physical interface of a spike link; kept for source compatibility."""

    ETHERNET = 0
    PIO = 1


class SpikeIOPort(enum.Enum):
    """Socket of a spike link; kept for source compatibility."""

    ETHERNET = enum.auto()
    PIO = enum.auto()


class SpikeIOMode(enum.IntEnum):
    """Whether time is taken from the sender; kept for source compatibility."""

    TIME_COMPARE = 0
    FREE_RUNNING = 1


@dataclass
class ConnectionConfig:
    """Options that Lava hands to its Loihi compiler. They are stored; nothing here depends on them.

    Parameters
    ----------
    interface, spike_io_port, spike_io_mode : enum members
        See Lava.
    num_time_buckets, ethernet_chip_id, ethernet_chip_idx : int or tuple
        See Lava.
    """

    interface: SpikeIOInterface = SpikeIOInterface.ETHERNET
    spike_io_port: SpikeIOPort = SpikeIOPort.ETHERNET
    spike_io_mode: SpikeIOMode = SpikeIOMode.TIME_COMPARE
    num_time_buckets: int = 1 << 16
    ethernet_mac_address: str = "0x90e2ba01214c"
    ethernet_interface: str = "enp2s0f0"
    ethernet_packet_len: int = 256
    num_probes: int = 1
    ethernet_chip_id: tuple[int, ...] | None = None
    ethernet_chip_idx: int | None = None
    probe_out: bool = False
