"""`replay`: recorded flits once more, without a host: for the simulator's own speed, and for waveforms."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from lava_hw.chip import Chip
from lava_hw.device.build import build_simulator, chip_design
from lava_hw.device.errors import SimulatorError
from lava_hw.device.verilator import Trace, error_of, trace_arguments


def replay(
    chip: Chip,
    record: str | os.PathLike[str],
    *,
    build: str = "fast",
    rtl_dir: str | os.PathLike[str] | None = None,
    trace: Trace | None = None,
    marks: int = 0,
    cache: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> dict[str, Any]:
    """Feed the simulator of a chip with the flits of a file; what the chip sends is counted and hashed.

    Parameters
    ----------
    chip : Chip
        The chip that the flits were recorded for.
    record : path
        What the option ``record`` of `Device.open` wrote.
    build, rtl_dir, trace, cache, progress
        See `open_verilator`.
    marks : int
        Number of PAUSED tokens whose cycle and time are listed.

    Returns
    -------
    dict
        ``cycles``, ``flits_in``, ``flits_out``, ``syncs``, ``hash`` (of all flits that came out),
        ``seconds`` (from the first flit on) and ``marks``: [step, cycle, seconds] of each PAUSED.

    Raises
    ------
    BuildError
        If the simulator cannot be built.
    SimulatorError
        If it cannot be started or fails; the message has the end of its output. RtlFailed if the RTL is at
        fault; a waveform then ends where it failed.
    """
    simulator = build_simulator(
        chip_design(chip, rtl_dir), build, traced=trace is not None, cache=cache, progress=progress
    )
    command = [str(simulator.program), "--bare", os.path.abspath(record), *trace_arguments(trace)]
    if marks:
        command += ["--marks", str(marks)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        raise SimulatorError(f"{simulator.program} cannot be started: {error.strerror or error}") from error
    if done.returncode:
        text = (done.stderr or done.stdout).strip()[-2000:]
        raise error_of(done.returncode)(f"the simulator ended with exit code {done.returncode}: {text}")
    statistics: dict[str, Any] = json.loads(done.stdout)
    return statistics
