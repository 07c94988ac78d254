"""Golden beside the RTL: the same calls go to both, and the first difference stops the run.

Outputs are compared at the end of each stage that sends outside, every variable after each step. The message
names step, process, neuron and variable, and a waveform of the steps around it is made from recorded flits.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.device import ChipFault, ChipStalled, Device, InputPort, RtlFailed, Session
from lava_hw.runtime.errors import RunError

__all__ = ["CheckedSession", "DivergenceError"]

_AROUND = 2
"""Steps before the difference that the waveform shows."""


class DivergenceError(RunError):
    """The RTL and the golden interpreter of its image differ.

    Parameters
    ----------
    text : str
        What differs.
    step : int
        The step after which it was found.
    name : str
        ``process.port`` or ``process.var``.
    element : tuple of int
        Place in its array.
    waveform : Path or None
        A VCD of the steps around it, if it could be made.
    """

    def __init__(
        self, text: str, step: int, name: str, element: tuple[int, ...], waveform: Path | None
    ) -> None:
        super().__init__(text)
        self.step, self.name, self.element, self.waveform = step, name, element, waveform


class CheckedSession:
    """Looks like a `Session` of the RTL, and holds a golden one beside it.

    Parameters
    ----------
    device : Device
        The RTL, opened with the option ``record``.
    session : Session
        Its driver.
    options : dict
        What the device was opened with.
    waveforms : path
        Directory for the waveform of a difference.
    """

    def __init__(
        self, device: Device, session: Session, options: dict[str, Any], waveforms: str | os.PathLike[str]
    ) -> None:
        assert device.image is not None
        self._device, self._rtl, self._options = device, session, dict(options)
        self._directory = Path(waveforms).absolute()
        self._image = device.image
        self._shadow = Device.open("golden", device.chip)
        self._golden = self._shadow.load(device.image)
        self._names = sorted(session.variables)
        self._checked = 0
        self._found: DivergenceError | None = None

    @property
    def failure(self) -> BaseException | None:
        """See Session; a difference first, as the device is closed to make its waveform."""
        return self._found or self._rtl.failure

    @property
    def at_boundary(self) -> bool:
        """See Session."""
        return self._rtl.at_boundary

    # -- what goes to both --
    def run_to(self, limit: int) -> None:
        """See Session."""
        with self._watched():
            self._rtl.run_to(limit)
        self._golden.run_to(limit)

    def send(self, port: str, step: int, value: ArrayLike) -> None:
        """See Session."""
        with self._watched():
            self._rtl.send(port, step, value)
        self._golden.send(port, step, value)

    def close(self, step: int | None = None, stage: int = 0) -> None:
        """See Session; without arguments it ends the golden device."""
        if step is None:
            self._shadow.close()
            return
        with self._watched():
            self._rtl.close(step, stage)
        self._golden.close(step, stage)

    def sync(self) -> None:
        """See Session."""
        with self._watched():
            self._rtl.sync()
        self._golden.sync()

    def write_vars(self, values: Mapping[str, ArrayLike]) -> None:
        """See Session."""
        with self._watched():
            self._rtl.write_vars(values)
        self._golden.write_vars(values)

    def keep_weights(self, values: Mapping[str, ArrayLike]) -> None:
        """See Session."""
        with self._watched():
            self._rtl.keep_weights(values)
        self._golden.keep_weights(values)

    def reset(self) -> None:
        """See Session."""
        self._rtl.reset()
        self._golden.reset()
        self._checked = 0

    # -- what is compared --
    def poll_end(self, step: int, stage: int) -> dict[str, NDArray[Any]] | None:
        """See Session.

        Raises
        ------
        DivergenceError
            If an output differs.
        """
        with self._watched():
            result = self._rtl.poll_end(step, stage)
        if result is not None:
            expected = self._golden.wait_end(step, stage)
            for name in sorted(expected):
                self._compare(step, name, f"output of stage {stage}", result[name], expected[name])
        return result

    def poll_paused(self) -> bool:
        """See Session.

        Raises
        ------
        DivergenceError
            If a variable differs after the step.
        """
        with self._watched():
            if not self._rtl.poll_paused():
                return False
        step = self._rtl.step
        if step != self._checked:
            self._golden.wait_paused()
            found, expected = self.read_vars(self._names), self._golden.read_vars(self._names)
            for name in self._names:
                self._compare(step, name, "variable", found[name], expected[name])
            self._checked = step
        return True

    def _compare(self, step: int, name: str, what: str, found: NDArray[Any], expected: NDArray[Any]) -> None:
        if np.array_equal(found, expected):
            return
        element = tuple(int(i) for i in np.argwhere(found != expected)[0])
        count = int(np.count_nonzero(found != expected))
        process, _, member = name.rpartition(".")
        text = (
            f"RTL and golden differ in step {step}: process '{process}', {what} '{member}', neuron "
            f"{list(element)} is {found[element]} on the RTL and {expected[element]} on golden "
            f"({count} of {found.size} elements differ)."
        )
        waveform, note = self._waveform(step)
        self._found = DivergenceError(f"{text} {note}", step, name, element, waveform)
        raise self._found

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Add a waveform to what the RTL says that golden does not say."""
        try:
            yield
        except (ChipFault, ChipStalled, RtlFailed) as error:
            step = self._rtl.limit
            text = f"The RTL fails in step {step}, and golden does not: {error}."
            waveform, note = self._waveform(step)
            self._found = DivergenceError(f"{text} {note}", step, "chip", (), waveform)
            raise self._found from error

    def _waveform(self, step: int) -> tuple[Path | None, str]:
        """Run the recorded flits again, with a waveform of the steps before and at the difference."""
        from lava_hw.device.bare import run_recorded

        path = self._directory / f"divergence_step{step}.vcd"
        window = (max(step - _AROUND, 0), step, path)
        self._device.close()  # the record is complete only then
        try:
            run_recorded(
                self._device.chip,
                self._options["record"],
                build=self._options["build"],
                rtl_dir=self._options["rtl_dir"],
                trace=window,
            )
        except RtlFailed:
            pass  # once more; the waveform ends where it failed
        except Exception as error:
            return None, f"No waveform could be made: {error}"
        return path, f"Waveform of steps {window[0]} to {step}: {path}"

    # -- what only one is asked for --
    @property
    def step(self) -> int:
        """See Session."""
        return self._rtl.step

    @property
    def limit(self) -> int:
        """See Session."""
        return self._rtl.limit

    @property
    def closes(self) -> tuple[int, ...]:
        """See Session."""
        return self._rtl.closes

    @property
    def ends(self) -> tuple[int, ...]:
        """See Session."""
        return self._rtl.ends

    def ports(self, name: str) -> tuple[InputPort, ...]:
        """See Session."""
        return self._rtl.ports(name)

    def block(self, seconds: float) -> None:
        """See Session."""
        with self._watched():
            self._rtl.block(seconds)

    def read_vars(self, names: Iterable[str]) -> dict[str, NDArray[Any]]:
        """See Session."""
        with self._watched():
            return self._rtl.read_vars(names)

    def counters(self) -> dict[str, Any]:
        """See Session."""
        return self._rtl.counters()

    def start_block(self, steps: int, messages: Mapping[str, ArrayLike] | None = None) -> Any:
        """Not available: a checked run goes step by step."""
        raise RunError(f"A checked run cannot run a block of {steps} steps.")

    def finish_block(self, block: Any) -> dict[str, NDArray[Any]]:
        """Not available: a checked run goes step by step."""
        raise RunError("A checked run has no blocks.")
