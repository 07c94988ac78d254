"""Opens what a run configuration names as the device of the chip: one device, or a checked pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lava_hw.device import Device
from lava_hw.device.backend import find_backend, who_takes
from lava_hw.runtime.chip_check import CheckedDevice
from lava_hw.runtime.errors import RunError

if TYPE_CHECKING:
    from lava_hw.chip import Chip
    from lava_hw.magma.core.hw_run_configs import HwRunCfg

__all__ = ["open_device"]

_OPTIONS = ("rtl_dir", "check", "trace")
"""What a run configuration says of a device. Each of them is refused where the device has no such option."""


def open_device(cfg: HwRunCfg, chip: Chip) -> Device | CheckedDevice:
    """Open the device of a run configuration.

    Raises
    ------
    RunError
        If the run configuration has an option that the device does not take.
    DeviceError
        If it cannot be opened.
    """
    backend, _ = find_backend(cfg.device)
    for name in _OPTIONS:
        # A checked pair records the flits of its device, to make a waveform of them.
        needed = "record" if name == "check" else name
        if getattr(cfg, name) is not None and needed not in backend.options:
            takers = " or ".join(f'device="{taker}"' for taker in who_takes(needed)) or "another device"
            raise RunError(f"HwRunCfg: {name} needs {takers}; the {backend.name} device does not take it.")
    given = {"build": cfg.build, "rtl_dir": cfg.rtl_dir, "trace": cfg.trace}
    options: dict[str, Any] = {name: value for name, value in given.items() if name in backend.options}
    if cfg.check is None:
        return Device.open(cfg.device, chip, progress=cfg.progress, **options)
    return CheckedDevice(cfg.device, cfg.check, chip, options, cfg.waveforms, cfg.progress)
