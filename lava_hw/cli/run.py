"""`lava-hw run`: an image, its inputs and its outputs as files."""

from __future__ import annotations

import argparse
import os
import secrets
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lava_hw.cli.outcome import Code, CommandError, Outcome
from lava_hw.device import Device, DeviceError, SimulatorError
from lava_hw.device.backend import find_backend, who_takes
from lava_hw.image import Image


def run_image(options: argparse.Namespace) -> Outcome:
    """Run an image for a number of steps."""
    if options.steps < 0:
        raise CommandError(Code.INPUT, f"--steps is {options.steps}; give 0 or more")
    image = Image.load(options.image)
    messages = load_arrays(options.inputs) if options.inputs else {}
    try:
        given = _device_options(options)
        opened = Device.open(options.device, image.chip, progress=options.progress, **given)
    except SimulatorError as error:
        raise CommandError(Code.BUILD, str(error)) from error
    with opened as device:
        session = device.load(image)
        try:
            for name, array in messages.items():
                device.inject(name, array)
            unknown = [name for name in options.read if name not in session.variables]
            if unknown:
                device.read(unknown[0])
        except DeviceError as error:  # nothing has run yet: it is the input that is wrong
            raise CommandError(Code.INPUT, str(error)) from error
        begin = time.monotonic()
        device.advance(options.steps)
        seconds = time.monotonic() - begin
        arrays = {name: device.drain(name) for name in session.outputs}
        arrays |= {name: _array(device.read(name)) for name in options.read}
        counters = device.counters()
    if options.output is not None:
        save_arrays(options.output, arrays)
    sums = {name: int(np.count_nonzero(array)) for name, array in arrays.items() if name in session.outputs}
    data = {
        "steps": options.steps,
        "device": options.device,
        "chip": image.chip.name,
        "seconds": round(seconds, 6),
        "nonzero": sums,
        "counters": {**counters, "cores": {str(c): v for c, v in counters["cores"].items()}},
        "output": str(options.output) if options.output else None,
    }
    rate = f", {options.steps / seconds:.0f} a second" if seconds > 0 else ""
    lines = [f"{options.steps} steps on {options.device}, chip {image.chip.name}: {seconds:.3f} s{rate}"]
    lines += [f"{name}: {count} nonzero elements" for name, count in sums.items()]
    if options.output is not None:
        lines.append(f"written: {options.output}")
    return Outcome("\n".join(lines), data)


def _array(value: Any) -> NDArray[Any]:
    """A value as a file of arrays holds it."""
    found: NDArray[Any] = value.toarray() if hasattr(value, "tocsr") else value
    return found


def _device_options(options: argparse.Namespace) -> dict[str, Any]:
    takes = find_backend(options.device)[0].options
    given = {"rtl_dir": options.rtl_dir, "record": options.record, "trace": options.trace}
    given = {key: value for key, value in given.items() if value is not None}
    refused = [key for key in given if key not in takes]
    if refused:
        names = ", ".join("--" + key.replace("_", "-") for key in refused)
        others = " or ".join(f"--device {name}" for name in who_takes(refused[0])) or "another device"
        raise CommandError(Code.USAGE, f"{names}: the {options.device} device does not take it; use {others}")
    if options.trace is not None:
        given["trace"] = _window(options.trace)
    return {**given, "build": options.build} if "build" in takes else given


def _window(text: str) -> tuple[int, int, str]:
    first, _, rest = text.partition(":")
    last, _, path = rest.partition(":")
    if not (first.isdecimal() and last.isdecimal() and path and int(first) <= int(last)):
        raise CommandError(Code.USAGE, f"--trace {text}: give T0:T1:FILE.vcd with T0 up to T1")
    return int(first), int(last), path


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Give the arrays of an npz file by name.

    Raises
    ------
    CommandError
        If it cannot be read, or holds Python objects.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ValueError("it holds a single array; write it with numpy.savez(path, **{port: array})")
            return {name: file[name] for name in file.files}
    except OSError as error:
        raise CommandError(Code.INPUT, f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise CommandError(Code.INPUT, f"{path}: is no file of arrays (npz): {error}") from error


def save_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write arrays into an npz file that appears complete, or not at all.

    Raises
    ------
    CommandError
        If it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        try:
            with open(part, "xb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]  # names of ports are no keywords of savez
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise CommandError(Code.OUTPUT, f"{path}: cannot be written: {error.strerror or error}") from error
