"""`Device`: run an image without the processes that it was made of."""

from __future__ import annotations

import os
from functools import partial
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw import progress as bars
from lava_hw.chip import Chip
from lava_hw.device.backend import Backend, open_transport
from lava_hw.device.errors import ChipMismatch, DeviceError
from lava_hw.device.link import ChipLink
from lava_hw.device.session import Session
from lava_hw.device.transport import Transport
from lava_hw.errors import notify
from lava_hw.image import Image
from lava_hw.image.segments import config_flits
from lava_hw.regs import EVENT_FLIT
from lava_hw.tracebacks import short_tracebacks


class Device:
    """A chip, simulated or interpreted, and the image that is loaded on it.

    Messages: `inject` queues messages for the steps that come. Row k of the first `inject` is what a process
    would send in step ``step + 1 + k``; a connection acts on it one step later, a port in the same step.
    `advance` takes one row of every input for each step, and zeros where none is queued. `drain` gives the
    rows that an output sent since the last `drain`, one for each step.

    Use `Device.open`; a device is a context manager, and `close` gives everything back.
    """

    def __init__(
        self,
        transport: Transport,
        chip: Chip,
        progress: bool | None = None,
        strict: bool = False,
        backend: Backend | None = None,
    ) -> None:
        self.chip = chip
        self.strict = strict
        self._progress = progress
        self._backend = backend
        self.image: Image | None = None
        self._link = ChipLink(transport, chip)
        self._session: Session | None = None
        self._queued: dict[str, list[NDArray[Any]]] = {}
        self._drained: dict[str, list[NDArray[Any]]] = {}
        self._closed = False

    def __repr__(self) -> str:
        """Say what it is, and what is loaded."""
        text = f"<Device {self._link.transport.name}, chip {self.chip.name}"
        if self._closed:
            return f"{text}; closed>"
        if self.image is None:
            return f"{text}; no image>"
        names = ", ".join(self.image.manifest.processes)
        failure = self._session.failure if self._session else None
        state = f"; failed: {type(failure).__name__}" if failure is not None else ""
        return f"{text}; image of {names}; step {self._session.step if self._session else 0}{state}>"

    @classmethod
    def open(
        cls,
        kind: str,
        chip: Chip | str | os.PathLike[str],
        *,
        progress: bool | None = None,
        strict: bool = False,
        **options: Any,
    ) -> Device:
        """Open a device.

        Parameters
        ----------
        kind : str
            What computes the chip, by name or as ``scheme://address``: "golden" for the numpy interpreter,
            "verilator" for the Verilated RTL (built on first use), or any other of `lava_hw.devices`.
        chip : Chip, str or path
            A chip, the name of one of `lava_hw.chip.list_chips`, or a YAML file.
        progress : bool, optional
            Whether bars on standard error show what takes more than a second: the build of a simulator,
            `load`, `advance`. None: if that is a terminal, or in a notebook.
        strict : bool, default False
            Whether each warning about a value that is written is an error.
        **options
            Those of the device; for those of ``verilator`` see `lava_hw.device.verilator.open_verilator`.

        Returns
        -------
        Device

        Raises
        ------
        DeviceError
            If there is no such device or option, or it cannot be started. DeviceBusy if another program has
            it, and only one can.
        ChipError
            If there is no such chip.
        """
        configuration = chip if isinstance(chip, Chip) else Chip.load(os.fspath(chip))
        backend, transport = open_transport(kind, configuration, progress, options)
        return cls(transport, configuration, progress, strict, backend)

    @property
    def counts_cycles(self) -> bool:
        """Whether counters of cycles count; on a device that does not compute cycles they are 0."""
        return self._backend is None or self._backend.counts_cycles

    # ------------------------------------------------------------------ the life of an image
    @short_tracebacks
    def load(self, image: Image) -> Session:
        """Load an image; what was loaded before is gone.

        Returns
        -------
        Session
            The driver, for schedulers.

        Raises
        ------
        ChipMismatch
            If it was compiled for another chip; nothing is written then.
        """
        self._check_open()
        if not isinstance(image, Image):
            raise TypeError(
                f"an Image is needed, got {type(image).__name__}; Image.load(path) reads one from a file"
            )
        if image.chip.config_id != self.chip.config_id:
            differences = ", ".join(
                f"{key} {mine} (image: {image.chip.parameters()[key]})"
                for key, mine in self.chip.parameters().items()
                if image.chip.parameters()[key] != mine
            )
            raise ChipMismatch(
                f"the image was compiled for chip {image.chip.name}, and the device is chip {self.chip.name} "
                f"with {differences}; compile the network for it, or open the device with the image's chip"
            )
        if self._session is None:
            self._link.identify()
        self._session = None
        flits = config_flits(image.segments)
        with bars.bar(len(flits), "loading the image", "words", self._progress, delay=1.0) as bar:
            self._link.reset(flits, bar)
        self._session = Session(self._link, image)
        self.image = image
        self._queued.clear()
        self._drained.clear()
        return self._session

    @property
    def session(self) -> Session:
        """The driver of the loaded image.

        Raises
        ------
        DeviceError
            If nothing is loaded, or the device is closed.
        """
        self._check_open()
        if self._session is None:
            raise DeviceError("no image is loaded; use Device.load first")
        return self._session

    @property
    def step(self) -> int:
        """Last complete step."""
        return self.session.step

    @short_tracebacks
    def reset(self) -> None:
        """Bring everything to where it was after `load`; messages that are queued are dropped."""
        self.session.reset()
        self._queued.clear()
        self._drained.clear()

    # ------------------------------------------------------------------ steps
    @short_tracebacks
    def inject(self, port: str, messages: ArrayLike) -> None:
        """Queue messages.

        Parameters
        ----------
        port : str
            Name of an input (``process.port``).
        messages : array_like, [T, *shape]
            One row for each of the next steps that has none yet. Booleans, integers, or floats without a
            fraction; nonzero elements are spikes where the input is binary.

        Raises
        ------
        ValueRefused
            If the shape is another one, or a value is no integer of 32 bits; nothing is queued then.
        DeviceError
            If there is no such input.
        """
        own = np.array(messages)  # the caller may change his before the steps are run
        rows = [(target.name, target.check(own)) for target in self.session.ports(port)]
        for name, checked in rows:
            self._queued.setdefault(name, []).append(checked)

    @short_tracebacks
    def advance(self, steps: int) -> None:
        """Run `steps` steps with the messages that are queued, zeros where none is.

        Raises
        ------
        ChipFault
            If the chip stopped.
        DeviceError
            If `steps` is no integer, negative, or more than the chip can count.
        """
        session = self.session
        most = EVENT_FLIT.fields["payload"].mask - session.step
        if not isinstance(steps, (int, np.integer)) or not 0 <= steps <= most:
            raise DeviceError(f"{steps!r} steps cannot be run; give an integer from 0 to {most}")
        if not steps:
            return
        messages = {}
        rest: dict[str, list[NDArray[Any]]] = {}
        for name, parts in self._queued.items():
            rows = np.concatenate(parts)
            taken = rows[:steps]
            if len(rows) > steps:
                rest[name] = [rows[steps:]]
            padded = np.zeros((steps, rows.shape[1]), rows.dtype)
            padded[: len(taken)] = taken
            messages[name] = padded.reshape(steps, *session.inputs[name].shape)
        with bars.bar(steps, "running", "steps", self._progress, delay=1.0) as bar:
            outputs = session.run_batch(steps, messages, bar)
        self._queued = rest
        for name, array in outputs.items():
            self._drained.setdefault(name, []).append(array)

    @short_tracebacks
    def drain(self, port: str) -> NDArray[Any]:
        """Take what an output sent since the last `drain`: [steps, *shape].

        Raises
        ------
        DeviceError
            If there is no such output.
        """
        outputs = self.session.outputs
        if port not in outputs:
            known = ", ".join(sorted(outputs)) or "none"
            raise DeviceError(f"the image has no output {port!r}; its outputs are: {known}")
        parts = self._drained.pop(port, [])
        return np.concatenate(parts) if parts else outputs[port].zeros(0)

    # ------------------------------------------------------------------ variables and counters
    @short_tracebacks
    def read(self, name: str) -> Any:
        """Give the value of a variable (``process.var``) after the last step: an array, or a csr_matrix.

        Raises
        ------
        DeviceError
            If there is no such variable.
        """
        return self.session.read_vars([name])[name]

    @short_tracebacks
    def write(self, name: str, value: ArrayLike) -> None:
        """Set a variable; it counts from the next step on. See `Session.write_vars`.

        A value that is changed (a fraction is cut off; before step 1, weights are clipped and lose bits) or
        that has no effect (a latched one after step 1) gives a warning.

        Raises
        ------
        ValueRefused
            If the chip cannot hold it exactly; the message names element, value and limit.
        DeviceError
            If there is no such variable.
        LavaHwWarning
            If the device is `strict`, and there is a warning.
        """
        self.session.write_vars({name: value}, partial(notify, strict=self.strict))

    @short_tracebacks
    def counters(self) -> dict[str, Any]:
        """Give the counters since the last reset.

        Returns
        -------
        dict
            ``chip``: step, flits_in, flits_out (events), cycles, cyc_wait. ``cores``: for each core number
            spikes_in, spikes_out, synops, cyc_update, cyc_synapse, cyc_stall. Those that count cycles are 0
            on a device without `counts_cycles`; the others are equal on all devices.
        """
        return self.session.counters()

    # ------------------------------------------------------------------ the end
    def close(self) -> None:
        """Give everything back. A second call does nothing."""
        if not self._closed:
            self._closed = True
            self._session = None
            transport = self._link.transport
            if self._backend is None:
                transport.close()
            else:
                self._backend.release(transport)

    def _check_open(self) -> None:
        if self._closed:
            raise DeviceError("the device is closed; open it again")

    def __enter__(self) -> Device:
        """Give the device itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the device."""
        self.close()
