"""Golden beside the RTL: the same calls go to both, and the first difference stops the run.

Outputs are compared at the end of each stage that sends outside, every variable after each step. The message
names step, process, neuron and variable, and a waveform of the steps around it is made from recorded flits.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike, NDArray

from lava_hw.device import ChipFault, ChipStalled, Device, InputPort, OutputPort, RtlFailed, Session
from lava_hw.runtime.errors import RunError
from lava_hw.sparse_values import different

if TYPE_CHECKING:
    from lava_hw.chip import Chip
    from lava_hw.device.batch import StepBatch
    from lava_hw.image import Image

__all__ = ["CheckedDevice", "CheckedSession", "DivergenceError"]

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


class CheckedDevice:
    """Two devices in step; a scheduler opens, loads and closes it as a `Device`.

    Parameters
    ----------
    kind, reference : str
        The device, which takes the option ``record``, and the one that it must equal; see `Device.open`.
    chip : Chip
    options : dict
        What the device is opened with.
    waveforms : path
        Directory for the waveform of a difference.
    progress : bool, optional
        Whether bars show what takes long.
    """

    def __init__(
        self,
        kind: str,
        reference: str,
        chip: Chip,
        options: Mapping[str, Any],
        waveforms: str | os.PathLike[str],
        progress: bool | None,
    ) -> None:
        self.chip, self._waveforms = chip, waveforms
        with ExitStack() as stack:
            # It has no name in any directory, so it is gone with this process, however that ends.
            record = stack.enter_context(tempfile.TemporaryFile())
            self._options = {**options, "record": f"/proc/{os.getpid()}/fd/{record.fileno()}"}
            self._device = stack.enter_context(Device.open(kind, chip, progress=progress, **self._options))
            self._reference = stack.enter_context(Device.open(reference, chip))
            self._end = stack.pop_all()

    def load(self, image: Image) -> CheckedSession:
        """Load an image on both; see `Device.load`."""
        sessions = self._device.load(image), self._reference.load(image)
        return CheckedSession(*sessions, self._make_waveform)

    def close(self) -> None:
        """Close both. A second call does nothing."""
        self._end.close()

    def _make_waveform(self, step: int) -> tuple[Path | None, str]:
        """Run the recorded flits again, with a waveform of the steps before and at a difference."""
        from lava_hw.device.replay import replay  # only then: it needs what builds simulators

        path = Path(self._waveforms).absolute() / f"divergence_step{step}.vcd"
        window = (max(step - _AROUND, 0), step, path)
        self._device.close()  # the record is complete only then
        try:
            replay(
                self.chip,
                self._options["record"],
                build=self._options.get("build", "fast"),
                rtl_dir=self._options.get("rtl_dir"),
                trace=window,
            )
        except RtlFailed:
            pass  # once more; the waveform ends where it failed
        except Exception as error:
            return None, f"No waveform could be made: {error}"
        return path, f"Waveform of steps {window[0]} to {step}: {path}"


class CheckedSession:
    """Drives two devices that have the same image loaded, and compares them; a `ChipSession`.

    Parameters
    ----------
    rtl, golden : Session
        The device that is checked, and the reference.
    make_waveform : callable
        Given a step, closes the device and makes a waveform of the steps before it: its path, and a note.
    """

    takes_batches = False

    def __init__(
        self, rtl: Session, golden: Session, make_waveform: Callable[[int], tuple[Path | None, str]]
    ) -> None:
        self._rtl, self._golden, self._waveform = rtl, golden, make_waveform
        self._names = sorted(rtl.variables)
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

    def close(self, step: int, stage: int) -> None:
        """See Session."""
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

    def _compare(self, step: int, name: str, what: str, found: Any, expected: Any) -> None:
        places = different(found, expected)
        if not len(places):
            return
        element, count = tuple(int(i) for i in places[0]), len(places)
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
    def inputs(self) -> Mapping[str, InputPort]:
        """See Session."""
        return self._rtl.inputs

    @property
    def outputs(self) -> Mapping[str, OutputPort]:
        """See Session."""
        return self._rtl.outputs

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

    def wait_any(self, seconds: float) -> None:
        """See Session."""
        with self._watched():
            self._rtl.wait_any(seconds)

    def read_vars(self, names: Iterable[str]) -> dict[str, NDArray[Any]]:
        """See Session."""
        with self._watched():
            return self._rtl.read_vars(names)

    def counters(self) -> dict[str, Any]:
        """See Session."""
        return self._rtl.counters()

    def start_batch(self, steps: int, messages: Mapping[str, ArrayLike] | None = None) -> StepBatch:
        """Not available: a checked run goes step by step."""
        raise RunError(f"A checked run cannot run a batch of {steps} steps.")

    def poll_batch(self, batch: StepBatch) -> bool:
        """Not available: a checked run goes step by step."""
        raise RunError("A checked run has no step batches.")

    def finish_batch(self, batch: StepBatch) -> dict[str, NDArray[Any]]:
        """Not available: a checked run goes step by step."""
        raise RunError("A checked run has no step batches.")
