"""The device ``verilator``: a simulator of the RTL as a process of its own, behind two rings."""

from __future__ import annotations

import contextlib
import inspect
import os
import signal
import subprocess
import tempfile
import weakref
from collections.abc import Callable
from typing import IO, Any, TypeVar, Union

import numpy as np

from lava_hw import bridge
from lava_hw.chip import Chip
from lava_hw.device.backend import Shared
from lava_hw.device.build import Simulator, build_simulator, chip_design
from lava_hw.device.errors import ChipStalled, DeviceError, RtlFailed, SimulatorError
from lava_hw.device.flits import Flits
from lava_hw.device.transport import Transport
from lava_hw.device.watchdog import Watchdog

_EXITS = {
    1: "internal error",
    2: "wrong arguments",
    3: "its host was gone",
    4: "no progress",
    5: "an assertion of the RTL failed",
    6: "a file cannot be read or written",
    7: "ended by SIGTERM",
}
_FAILURES_OF_RTL = (4, 5)
_POP = 1 << 16
_LOOK = 1.0  # seconds between two looks at a simulator that is waited for
_PATIENCE = 5.0  # seconds that a simulator has to end once it is told to

T = TypeVar("T")
Trace = tuple[int, int, Union[str, "os.PathLike[str]"]]
"""First step, last step and file of a waveform."""


def trace_arguments(trace: Trace | None) -> list[str]:
    """Give the arguments of a simulator that writes a waveform.

    Raises
    ------
    DeviceError
        If the steps are no range.
    """
    if trace is None:
        return []
    first, last, path = trace
    if not 0 <= first <= last:
        raise DeviceError(f"steps {first} to {last} are no range of a trace")
    return ["--trace", os.path.abspath(path), "--trace-from", str(first), "--trace-to", str(last)]


def error_of(code: int | None) -> type[SimulatorError]:
    """Give the kind of error that an exit code of the simulator stands for."""
    return RtlFailed if code in _FAILURES_OF_RTL else SimulatorError


def check_bridge() -> None:
    """Look for the compiled module that carries flits to the simulator.

    Raises
    ------
    SimulatorError
        If it is not there; the message says why, and what works without it.
    """
    if not bridge.available():
        raise SimulatorError(
            f"the compiled part of lava_hw is missing: {bridge.unavailable_reason()}; until it is there, "
            "use the golden device"
        )


class VerilatorTransport:
    """A running simulator (see `transport.Transport`).

    Parameters
    ----------
    simulator : Simulator
        What `build_simulator` gave.
    options : list of str
        Further arguments of the program.
    ring_slots : int
        Flits that each ring holds, a power of two.

    Raises
    ------
    SimulatorError
        If it cannot be started, or the bridge is not there.
    """

    name = "verilator"
    can_wait = True

    def __init__(
        self, simulator: Simulator, options: list[str] | None = None, ring_slots: int = 1 << 16
    ) -> None:
        check_bridge()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        try:
            to_chip = bridge.create_ring(ring_slots, "to chip", "host", "simulator")
            from_chip = bridge.create_ring(ring_slots, "from chip", "simulator", "host")
        except bridge.BridgeError as error:
            self._log.close()
            raise SimulatorError(f"no memory for the rings to the simulator: {error}") from error
        command = [str(simulator.program), "--in-fd", str(to_chip), "--out-fd", str(from_chip)]
        command += ["--parent", str(os.getpid()), *(options or [])]
        try:
            self._process = subprocess.Popen(
                command,
                pass_fds=(to_chip, from_chip),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            bridge.expect_peer(to_chip, "consumer", self._process.pid)
            bridge.expect_peer(from_chip, "producer", self._process.pid)
            self._link = bridge.Link(to_chip, from_chip)
        except OSError as error:
            self._log.close()
            raise SimulatorError(
                f"{simulator.program} cannot be started: {error.strerror or error}"
            ) from error
        except bridge.BridgeError as error:
            _end(self._process, self._log)
            raise SimulatorError(f"the rings to the simulator cannot be used: {error}") from error
        finally:
            os.close(to_chip)
            os.close(from_chip)
        self._watchdog = Watchdog(self._process.pid)
        self._end = weakref.finalize(self, _end, self._process, self._log)

    @property
    def pid(self) -> int:
        """Number of the simulator's process."""
        return self._process.pid

    def push(self, flits: Flits) -> None:
        """Send all flits; see `Transport`."""
        flits = np.ascontiguousarray(flits, np.uint64)
        self._watchdog.heard()
        self._guard(lambda: self._link.push(flits))

    def pop(self, block: bool) -> Flits:
        """Give what has come; see `Transport`."""
        if not block:
            flits = self._guard(lambda: self._link.pop_ready(_POP))
            if len(flits):
                self._watchdog.heard()
            return flits
        self.wait(None)
        return self._guard(lambda: self._link.pop(_POP))

    def wait(self, timeout: float | None) -> bool:
        """Wait for flits; see `Transport`.

        Raises
        ------
        ChipStalled
            If the simulator has been asleep for seconds, so that nothing can come.
        """
        while True:
            if self._guard(lambda: self._link.wait(_LOOK if timeout is None else timeout)):
                self._watchdog.heard()
                return True
            if self._watchdog.is_stalled():
                raise ChipStalled(
                    "the simulator is idle and the chip has not answered; either it was not sent all that it "
                    "waits for, or its RTL lost something"
                )
            if timeout is not None:
                return False

    def request_statistics(self) -> None:
        """Ask the simulator to write its statistics file now."""
        self._process.send_signal(signal.SIGUSR1)

    def _guard(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except bridge.BridgeError as error:
            raise self._explain(error) from error

    def _explain(self, error: Exception) -> SimulatorError:
        """Say how the simulator ended, with the end of what it wrote."""
        if not self._end.alive:
            return SimulatorError("the simulator is closed")
        code: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(_PATIENCE)
        if code is None:
            text = str(error)
        elif code < 0:
            text = f"the simulator was killed by {signal.Signals(-code).name}"
        else:
            reason = getattr(error, "text", None) or _EXITS.get(code, "ended")
            text = f"the simulator ended with exit code {code}: {reason}"
        output = _tail(self._log)
        return error_of(code)(f"{text}\nits output ends with:\n{output}" if output else text)

    def close(self) -> None:
        """Let the simulator end, and give everything back."""
        if not self._end.alive:
            return
        self._link.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE)
        self._end()


def _end(process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    log.close()


def _tail(log: IO[bytes], most: int = 2000) -> str:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(size - most, 0))
    return log.read().decode(errors="replace").strip()


def open_verilator(
    chip: Chip,
    *,
    build: str = "fast",
    rtl_dir: str | os.PathLike[str] | None = None,
    trace: Trace | None = None,
    record: str | os.PathLike[str] | None = None,
    stats: str | os.PathLike[str] | None = None,
    marks: int = 0,
    two_evals: bool = False,
    whole: bool | None = None,
    watchdog: int | None = None,
    ring_slots: int = 1 << 16,
    cache: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> VerilatorTransport:
    """Build the simulator of a chip, if it is not in the cache, and start it.

    Parameters
    ----------
    chip : Chip
    build : {"fast", "checked"}
        With assertions of the RTL (``checked``) or without.
    rtl_dir : path, optional
        An edited copy of ``rtl/``.
    trace : (int, int, path), optional
        First step, last step and file (VCD) of a waveform.
    record : path, optional
        File for all flits that are sent to the chip (64-bit words, little-endian), for `replay`.
    stats : path, optional
        File for the simulator's statistics (JSON), written when the device is closed.
    marks : int
        Number of PAUSED tokens whose cycle and time the statistics list.
    two_evals : bool
        Evaluate the model twice a cycle; slower, and the same answers.
    whole : bool, optional
        Whether all of the chip is evaluated in each cycle, or only the tiles that are awake; None: all of it
        in checked builds and with a waveform. The answers and cycles are the same.
    watchdog : int, optional
        Cycles without any progress after which the simulator gives up.
    ring_slots : int
        Flits that each ring to the simulator holds, a power of two.
    cache : path, optional
        Directory for built simulators; by default LAVA_HW_CACHE, else in the user's cache directory.
    progress : bool, optional
        Whether a bar on standard error shows the build, which takes a minute; None: if that is a terminal, or
        in a notebook. The log ``lava_hw.device`` has a line in any case.

    Raises
    ------
    BuildError
        If it cannot be built; the message says what is missing.
    SimulatorError
        If it cannot be started.
    """
    check_bridge()  # before a build that takes a minute
    simulator = build_simulator(
        chip_design(chip, rtl_dir),
        build,
        traced=trace is not None,
        whole=whole,
        cache=cache,
        progress=progress,
    )
    arguments = [*(["--two-evals"] if two_evals else []), *trace_arguments(trace)]
    for option, value in (("--record", record), ("--stats", stats)):
        if value is not None:
            arguments += [option, os.path.abspath(value)]
    for option, number in (("--marks", marks), ("--watchdog", watchdog)):
        if number:
            arguments += [option, str(number)]
    return VerilatorTransport(simulator, arguments, ring_slots)


class _Verilator(Shared):
    """See `backend.Backend`."""

    name = "verilator"
    options = frozenset(inspect.signature(open_verilator).parameters) - {"chip", "progress"}
    counts_cycles = True

    def open(self, address: str, chip: Chip, *, progress: bool | None, **options: Any) -> Transport:
        """Build the simulator, if need be, and start it; see `open_verilator`."""
        self.refuse_address(address)
        return open_verilator(chip, progress=progress, **options)


VERILATOR = _Verilator()
