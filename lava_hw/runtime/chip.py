"""The chip as one participant of a run: the co-scheduler between Python processes and a device.

In lock step, each stage of a step that has input from outside waits for the messages of its ports, is
closed, and what it sends is handed on before the next stage; messages into connections, which act one step
later, are taken last. Where nothing on the Python side can stop the run and no path leads from the chip
through Python back to the chip, step batches are exchanged instead, and the next batch lies ready in the
stream while the chip works on the last one, so that it never waits for Python.

The stream of flits, and with it every result and counter, depends on the network and on the lengths of the
runs only: which of the two ways is taken, and where batches end, is decided by them and never by timing.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from lava_hw import devices
from lava_hw.device import DeviceError
from lava_hw.device.ports import parse_ports
from lava_hw.graph.flat import Flat, Link
from lava_hw.magma.core.run_configs import HwRunCfg, RunConfig
from lava_hw.runtime.chip_device import open_device
from lava_hw.runtime.chip_errors import needs_new_device, unreachable
from lava_hw.runtime.chip_vars import ChipVars
from lava_hw.runtime.errors import RunError, add_note
from lava_hw.runtime.participant import Participant
from lava_hw.runtime.reporting import compile_chip
from lava_hw.runtime.run_ahead import run_ahead_allowed

if TYPE_CHECKING:
    from lava_hw.compiler.uses import Summary
    from lava_hw.device import ChipSession, Device
    from lava_hw.device.batch import StepBatch
    from lava_hw.image import Image
    from lava_hw.runtime.barrier import Barriers
    from lava_hw.runtime.channel import PortChannel
    from lava_hw.runtime.chip_check import CheckedDevice

__all__ = ["BATCHES", "BATCH_STEPS", "ChipParticipant", "make_chip_participant"]

Array = np.ndarray[Any, Any]

BATCH_STEPS = 512
"""Steps of a batch at most. A pause takes effect at the end of the batches that were begun."""
BATCHES = 2
"""Batches under way at most: the one that the chip works on, and the next ones."""
_BATCH_ELEMENTS = 1 << 22
"""Elements of all messages of a batch at most, as far as one step allows."""


def make_chip_participant(flat: Flat, run_cfg: RunConfig, worker: Barriers) -> ChipParticipant:
    """Compile the part of a network that is for the chip, and give its participant.

    Raises
    ------
    RunError
        If the run configuration does not say which device computes the chip.
    CompileError
        If that part does not fit the chip.
    """
    if not isinstance(run_cfg, HwRunCfg):
        names = ", ".join(f"'{p.name}'" for p in flat.processes if p.on_chip)
        ways = " or ".join(f'HwRunCfg(device="{name}")' for name in devices.known())
        raise RunError(
            f"{type(run_cfg).__name__} chose models of the chip for {names}, but names no device; use {ways}."
        )
    return ChipParticipant(flat, run_cfg, worker)


class ChipParticipant(Participant):
    """All processes of the chip.

    Parameters
    ----------
    flat : Flat
        The network.
    run_cfg : HwRunCfg
        Chip, device and options.
    worker : Barriers
        Owner of its greenlets.

    Attributes
    ----------
    image : Image
        What the chip was loaded with.
    summary : Summary
        What each process takes of each core.
    ahead : bool
        Whether step batches are exchanged; known once the device is open.
    """

    image: Image
    summary: Summary

    def __init__(self, flat: Flat, run_cfg: HwRunCfg, worker: Barriers) -> None:
        super().__init__(worker, "chip")
        self._cfg = run_cfg
        self._names = {p.index: p.name for p in flat.processes}
        self.image, self.summary = compile_chip(flat, run_cfg)
        self._outputs = parse_ports(self.image.manifest)[1]
        self._keeps = worker.checkpoints
        self._may_be_ahead = run_ahead_allowed(flat) and not self._keeps
        self.ahead = False
        self._sources: dict[str, list[PortChannel]] = {}
        self._targets: dict[str, list[PortChannel]] = {name: [] for name in self._outputs}
        self._early: dict[int, list[str]] = {}
        self._late: list[str] = []
        on_chip = {p.index: p.vars for p in flat.processes if p.on_chip}
        self._values = ChipVars(self.image, self._names, on_chip, lambda: self.session, self._reach)
        self._device: Device | CheckedDevice | None = None
        self._session: ChipSession | None = None

    # -- building --
    def add_in(self, process: int, port: str, channel: PortChannel, link: Link, dtype: np.dtype[Any]) -> None:
        """See Participant. What an OutPort sends is one input of the chip, however many links it has."""
        key = f"{self._names[link.src_process]}.{link.src_port}"
        self._sources.setdefault(key, []).append(channel)

    def add_out(self, process: int, port: str, channel: PortChannel, link: Link) -> None:
        """See Participant."""
        self._targets[f"{self._names[process]}.{port}"].append(channel)

    def out_dtype(self, process: int, port: str) -> np.dtype[Any]:
        """See Participant."""
        return self._outputs[f"{self._names[process]}.{port}"].dtype

    def prepare(self) -> None:
        """Open the device and load the image."""
        self._open()
        session = self.session
        self.ahead = self._may_be_ahead and session.takes_batches
        if self.ahead:
            self.worker.batch_steps = BATCH_STEPS
            # Messages for the chip are taken this many steps before those of the chip are delivered. No
            # channel may stop a source earlier: the reader of one that is full may wait for the chip.
            for channel in self.worker.channels:
                channel.set_capacity(max(channel.capacity, BATCHES * BATCH_STEPS))
        for key in self._sources:
            stages = [p.stage for p in session.ports(key) if p.stage is not None]
            if stages:
                self._early.setdefault(min(stages), []).append(key)
            else:
                self._late.append(key)

    def _open(self) -> None:
        self._device = open_device(self._cfg, self.image.chip)
        self._session = self._device.load(self.image)

    @property
    def session(self) -> ChipSession:
        """Driver of the loaded image.

        Raises
        ------
        RunError
            If the device is closed.
        """
        if self._session is None:
            raise RunError("The chip's device is closed.")
        return self._session

    # -- running --
    def body(self, first_step: int, n_steps: int) -> None:
        """See Participant."""
        if self.ahead:
            self._run_batches(first_step)
        else:
            self._run_steps(first_step)

    def _run_steps(self, step: int) -> None:
        session, worker = self.session, self.worker
        stages = sorted({*session.closes, *session.ends})
        while worker.acquire(self, step):
            session.run_to(step)
            for stage in stages:
                if stage in session.closes:
                    for key in self._early.get(stage, ()):
                        session.send(key, step, self._take(key))
                    session.close(step, stage)
                if stage in session.ends:
                    for name, message in self._wait_end(step, stage).items():
                        for channel in self._targets[name]:
                            channel.send(message)
            for key in self._late:
                session.send(key, step, self._take(key))
            self._wait_paused()
            step += 1

    def _run_batches(self, step: int) -> None:
        session, worker = self.session, self.worker
        most = self._steps_of_a_batch(session)
        under_way: deque[StepBatch] = deque()
        while True:
            # With batches under way nobody waits at the barrier: what they send is still to be delivered.
            while len(under_way) < BATCHES:
                granted = worker.acquire(self, step, most, wait=not under_way)
                if not granted:
                    break
                under_way.append(session.start_batch(granted, self._gather(granted)))
                step += granted
            if not under_way:
                return
            batch = under_way.popleft()
            self._wait_batch(session, batch)
            for name, rows in session.finish_batch(batch).items():
                for channel in self._targets[name]:
                    channel.send_batch(rows)

    @staticmethod
    def _steps_of_a_batch(session: ChipSession) -> int:
        """A function of the network alone, as the counters of the chip depend on it."""
        shapes = [port.shape for port in session.inputs.values()]
        shapes += [port.shape for port in session.outputs.values()]
        elements = sum(int(np.prod(shape, dtype=np.int64)) for shape in shapes)
        return max(1, min(BATCH_STEPS, _BATCH_ELEMENTS // max(1, elements)))

    def _gather(self, steps: int) -> dict[str, Array]:
        """Messages of the next steps, [steps, *shape] by input."""
        messages = {}
        for key, (first, *others) in self._sources.items():
            messages[key] = first.recv_batch(steps)
            for channel in others:
                channel.recv_batch(steps)
        return messages

    def _take(self, key: str) -> Array:
        """One message; every channel from the same OutPort carries the same one."""
        first, *others = self._sources[key]
        message: Array = first.recv()
        for channel in others:
            channel.recv()
        return message

    def _wait_end(self, step: int, stage: int) -> dict[str, Array]:
        session = self.session
        session.sync()
        come = session.poll_end(step, stage)

        def poll() -> bool:
            nonlocal come
            if come is None:  # an END is given once; a poll may be repeated
                come = session.poll_end(step, stage)
            return come is not None

        if come is None:
            self.worker.wait_external(
                poll, session.wait_any, f"for the chip to end step {step}, stage {stage}"
            )
        assert come is not None
        return come

    def _wait_paused(self) -> None:
        session = self.session
        session.sync()
        if not session.poll_paused():
            self.worker.wait_external(
                session.poll_paused, session.wait_any, f"for the chip to complete step {session.limit}"
            )

    def _wait_batch(self, session: ChipSession, batch: StepBatch) -> None:
        def poll() -> bool:
            return session.poll_batch(batch)

        if not poll():
            self.worker.wait_external(poll, session.wait_any, f"for the chip to complete step {batch.last}")

    def where(self) -> str:
        """See Participant."""
        done = self._session.step if self._session is not None else self.step
        return f"step {self.step}" if done + 1 >= self.step else f"steps {done + 1} to {self.step}"

    # -- errors --
    @property
    def failure(self) -> BaseException | None:
        """See Participant."""
        return None if self._session is None else self._session.failure

    def is_own_error(self, error: BaseException) -> bool:
        """See Participant."""
        return isinstance(error, (RunError, DeviceError))

    def _reach(self, what: str) -> None:
        """Refuse what the user asks of a chip that an error has left within a step, or for good.

        Raises
        ------
        SimulatorError
            If the simulator is gone.
        RunError
            If the chip, or the run, has stopped within a step.
        """
        session = self.session
        if self.worker.current is not None or (session.failure is None and session.at_boundary):
            return
        raise unreachable(what, session, self.where(), self._keeps)

    # -- Vars --
    def var_shape(self, process: int, name: str) -> tuple[int, ...]:
        """See Participant."""
        return self._values.shape(process, name)

    def read_var(self, process: int, name: str) -> Any:
        """See Participant."""
        return self._values.read(process, name)

    def write_var(self, process: int, name: str, value: Array) -> None:
        """See Participant."""
        self._values.write(process, name, value)

    def take_var(self, process: int, name: str) -> Any:
        """See Participant."""
        return self._values.take(process, name)

    def give_var(self, process: int, name: str, taken: Any) -> None:
        """See Participant."""
        self._values.give(process, name, taken)

    def checkpoint(self, step: int) -> None:
        """See Participant."""
        try:
            self._values.checkpoint(step)
        except DeviceError as error:
            add_note(error, f"after {self.where()}, where the values of that step are kept")
            raise

    def rollback(self) -> None:
        """See Participant."""
        self._values.rollback()

    # -- the rest --
    def counters(self) -> dict[str, Any]:
        """Give the counters since the last reset; see `Device.counters`."""
        self._reach("the counters of the chip cannot be read")
        return self.session.counters()

    def reset(self) -> None:
        """See Participant. A device that is gone, or out of step, is closed and opened anew."""
        if self._session is None or needs_new_device(self._session):
            self.close()
            self._open()
        else:
            self._session.reset()
        self._values.forget()

    def close(self) -> None:
        """See Participant."""
        self._session = None
        if self._device is not None:
            self._device.close()
        self._device = None
