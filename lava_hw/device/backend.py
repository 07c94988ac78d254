"""`Backend`: how a kind of device is opened. `lava_hw.devices` has the table of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from lava_hw import devices
from lava_hw.chip import Chip
from lava_hw.device.errors import DeviceBusy, DeviceError
from lava_hw.device.transport import Transport


class Backend(Protocol):
    """A kind of device: the object that an entry of the table of devices names.

    What a device can do, it says itself: nothing else in the package asks for its name.
    """

    name: str
    """What it is called in messages."""
    options: Collection[str]
    """Names of the options that `open` takes."""
    counts_cycles: bool
    """Whether its counters of cycles count; they are 0 where it does not."""

    def open(self, address: str, chip: Chip, *, progress: bool | None, **options: Any) -> Transport:
        """Open a device.

        Parameters
        ----------
        address : str
            What stands behind ``scheme://``, or "" where only its name was given.
        chip : Chip
            The chip that it is to be.
        progress : bool, optional
            Whether bars show what takes long; see `Device.open`.
        **options
            Some of `options`.

        Raises
        ------
        DeviceError
            If it cannot be opened: the message says why, and what to do. DeviceBusy if it is held.
        """
        ...

    def owner(self, address: str) -> str | None:
        """Say who holds the device at `address`, as a person would call him: "process 4711 (python)".

        None if nobody does, and always where any number of programs can have such a device.
        """
        ...

    def release(self, transport: Transport) -> None:
        """Close what `open` gave, and let others have the device. A second call does nothing."""
        ...


class Shared:
    """What back ends have in common of whose devices there are any number, and none has an address."""

    name: str

    def owner(self, address: str) -> str | None:
        """Give None; see `Backend`."""
        return None

    def release(self, transport: Transport) -> None:
        """Close it; see `Backend`."""
        transport.close()

    def refuse_address(self, address: str) -> None:
        """Refuse an address.

        Raises
        ------
        DeviceError
            If there is one.
        """
        if address:
            raise DeviceError(f"the {self.name} device has no address, and got {address!r}; leave it out")


def find_backend(device: str) -> tuple[Backend, str]:
    """Give the back end of a device, and its address.

    Raises
    ------
    DeviceError
        If there is no such device, or it cannot be imported.
    """
    try:
        devices.check(device)
    except ValueError as error:
        raise DeviceError(str(error)) from None
    try:
        backend, address = devices.find(device)
    except ImportError as error:
        raise DeviceError(f"the device {device!r} cannot be imported: {error}") from error
    found: Backend = backend
    return found, address


def open_transport(
    device: str, chip: Chip, progress: bool | None, options: dict[str, Any]
) -> tuple[Backend, Transport]:
    """Open a device by its name or ``scheme://address``.

    Raises
    ------
    DeviceError
        If there is no such device or option, or it cannot be opened. DeviceBusy if another program has it.
    """
    backend, address = find_backend(device)
    unknown = sorted(set(options) - set(backend.options))
    if unknown:
        has = f"; its options are {', '.join(sorted(backend.options))}" if backend.options else ""
        raise DeviceError(f"the {backend.name} device has no option {', '.join(unknown)}{has}")
    owner = backend.owner(address)
    if owner is not None:
        raise DeviceBusy(f"{device} is held by {owner}; close it there, or take another device")
    return backend, backend.open(address, chip, progress=progress, **options)


def who_takes(option: str) -> tuple[str, ...]:
    """Give the names of the devices that take an option; those that cannot be imported are left out."""
    names = []
    for name in devices.known():
        try:
            backend, _ = find_backend(name)
        except DeviceError:
            continue
        if option in backend.options:
            names.append(name)
    return tuple(names)
