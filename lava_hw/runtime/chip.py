"""The chip as one participant of a run: the co-scheduler between Python processes and a device.

In lock step, each stage of a step that has input from outside waits for the messages of its ports, is
closed, and what it sends is handed on before the next stage; messages into connections, which act one step
later, are taken last. Where nothing on the Python side can stop the run and no path leads from the chip
through Python back to the chip, blocks of steps are exchanged instead, and the next block lies ready in the
stream while the chip works on the last one, so that it never waits for Python.

The stream of flits, and with it every result and counter, depends on the network and on the lengths of the
runs only: which of the two ways is taken, and where blocks end, is decided by them and never by timing.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from lava_hw.device import Device, DeviceError
from lava_hw.device.ports import parse_ports
from lava_hw.graph.flat import Flat, Link
from lava_hw.magma.core.run_configs import HwRunCfg, RunConfig
from lava_hw.runtime.chip_check import CheckedSession
from lava_hw.runtime.chip_errors import needs_new_device, unreachable
from lava_hw.runtime.errors import RunError, add_note
from lava_hw.runtime.last_step import keeps_steps
from lava_hw.runtime.participant import Participant
from lava_hw.runtime.reporting import compile_chip
from lava_hw.runtime.run_ahead import run_ahead_allowed

if TYPE_CHECKING:
    from lava_hw.device import Session
    from lava_hw.device.block import Block
    from lava_hw.runtime.channel import Channel
    from lava_hw.runtime.scheduler import Worker

__all__ = ["BLOCKS", "BLOCK_STEPS", "ChipParticipant", "make_chip_participant"]

Array = np.ndarray[Any, Any]

BLOCK_STEPS = 512
"""Steps of a block at most. A pause takes effect at the end of the blocks that were begun."""
BLOCKS = 2
"""Blocks under way at most: the one that the chip works on, and the next ones."""
_BLOCK_ELEMENTS = 1 << 22
"""Elements of all messages of a block at most, as far as one step allows."""


def make_chip_participant(flat: Flat, run_cfg: RunConfig, worker: Worker) -> ChipParticipant:
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
        raise RunError(
            f"{type(run_cfg).__name__} chose models of the chip for {names}, but names no device; "
            'use HwRunCfg(device="verilator") or HwRunCfg(device="golden").'
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
    worker : Worker
        Owner of its greenlets.

    Attributes
    ----------
    image : Image
        What the chip was loaded with.
    uses : list of Use
        What each process takes of each core.
    ahead : bool
        Whether blocks of steps are exchanged.
    """

    def __init__(self, flat: Flat, run_cfg: HwRunCfg, worker: Worker) -> None:
        super().__init__(worker, "chip")
        self._cfg = run_cfg
        self._names = {p.index: p.name for p in flat.processes}
        self._vars = {p.index: p.vars for p in flat.processes if p.on_chip}
        self.image, self.uses = compile_chip(flat, run_cfg)
        self._outputs = parse_ports(self.image.manifest)[1]
        self._keeps = keeps_steps(flat, run_cfg)
        self.ahead = run_ahead_allowed(flat) and run_cfg.check is None and not self._keeps
        self._sources: dict[str, list[Channel]] = {}
        self._targets: dict[str, list[Channel]] = {name: [] for name in self._outputs}
        self._early: dict[int, list[str]] = {}
        self._late: list[str] = []
        self._raw: dict[tuple[int, str], Array] = {}
        self._converted: set[tuple[int, str]] = set()
        self._kept: dict[tuple[int, str], Array] = {}
        self._answers: dict[tuple[int, str], Array] = {}
        self._device: Device | None = None
        self._session: Session | CheckedSession | None = None
        self._record: IO[bytes] | None = None

    # -- building --
    def add_in(self, process: int, port: str, channel: Channel, link: Link, dtype: np.dtype[Any]) -> None:
        """See Participant. What an OutPort sends is one input of the chip, however many links it has."""
        key = f"{self._names[link.src_process]}.{link.src_port}"
        self._sources.setdefault(key, []).append(channel)

    def add_out(self, process: int, port: str, channel: Channel, link: Link) -> None:
        """See Participant."""
        self._targets[f"{self._names[process]}.{port}"].append(channel)

    def out_dtype(self, process: int, port: str) -> np.dtype[Any]:
        """See Participant."""
        return self._outputs[f"{self._names[process]}.{port}"].dtype

    def prepare(self) -> None:
        """Open the device and load the image."""
        self._open()
        assert self._session is not None
        if self.ahead:
            self.worker.block_steps = BLOCK_STEPS
            # Messages for the chip are taken this many steps before those of the chip are delivered. No
            # channel may stop a source earlier: the reader of one that is full may wait for the chip.
            for channel in self.worker.channels:
                channel.set_capacity(max(channel.capacity, BLOCKS * BLOCK_STEPS))
        for key in self._sources:
            stages = [p.stage for p in self._session.ports(key) if p.stage is not None]
            if stages:
                self._early.setdefault(min(stages), []).append(key)
            else:
                self._late.append(key)

    def _open(self) -> None:
        cfg, chip = self._cfg, self.image.chip
        if cfg.device == "golden":
            refused = [n for n in ("rtl_dir", "check", "trace") if getattr(cfg, n) is not None]
            if refused:
                raise RunError(
                    f'HwRunCfg: {refused[0]} needs device="verilator"; golden interprets the image.'
                )
            self._device = Device.open("golden", chip, progress=cfg.progress)
            self._session = self._device.load(self.image)
        else:
            options: dict[str, Any] = {"build": cfg.build, "rtl_dir": cfg.rtl_dir, "trace": cfg.trace}
            if cfg.check is not None:
                # It has no name in any directory, so it is gone with this process, however that ends.
                self._record = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
                options["record"] = f"/proc/{os.getpid()}/fd/{self._record.fileno()}"
            self._device = Device.open("verilator", chip, progress=cfg.progress, **options)
            self._session = self._device.load(self.image)
            if cfg.check is not None:
                self._session = CheckedSession(self._device, self._session, options, cfg.waveforms)

    @property
    def session(self) -> Session | CheckedSession:
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
            self._run_blocks(first_step)
        else:
            self._run_steps(first_step)

    def _run_steps(self, step: int) -> None:
        session, worker = self.session, self.worker
        stages = sorted({*session.closes, *session.ends})
        while worker.may_start(self, step):
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

    def _run_blocks(self, step: int) -> None:
        session, worker = self.session, self.worker
        assert not isinstance(session, CheckedSession)
        most = self._steps_of_a_block(session)
        under_way: deque[Block] = deque()
        while True:
            # With blocks under way nobody waits at the gate: what they send is still to be delivered.
            while len(under_way) < BLOCKS:
                granted = worker.may_start(self, step, most, wait=not under_way)
                if not granted:
                    break
                under_way.append(session.start_block(granted, self._gather(granted)))
                step += granted
            if not under_way:
                return
            block = under_way.popleft()
            self._wait_block(session, block)
            for name, rows in session.finish_block(block).items():
                for channel in self._targets[name]:
                    channel.send_block(rows)

    @staticmethod
    def _steps_of_a_block(session: Session) -> int:
        """A function of the network alone, as the counters of the chip depend on it."""
        shapes = [port.shape for port in session.inputs.values()]
        shapes += [port.shape for port in session.outputs.values()]
        elements = sum(int(np.prod(shape, dtype=np.int64)) for shape in shapes)
        return max(1, min(BLOCK_STEPS, _BLOCK_ELEMENTS // max(1, elements)))

    def _gather(self, steps: int) -> dict[str, Array]:
        """Messages of the next steps, [steps, *shape] by input."""
        messages = {}
        for key, (first, *others) in self._sources.items():
            messages[key] = first.recv_block(steps)
            for channel in others:
                channel.recv_block(steps)
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
            self.worker.wait_external(poll, session.block, f"for the chip to end step {step}, stage {stage}")
        assert come is not None
        return come

    def _wait_paused(self) -> None:
        session = self.session
        session.sync()
        if not session.poll_paused():
            self.worker.wait_external(
                session.poll_paused, session.block, f"for the chip to complete step {session.limit}"
            )

    def _wait_block(self, session: Session, block: Block) -> None:
        def poll() -> bool:
            return session.poll_block(block)

        if not poll():
            self.worker.wait_external(poll, session.block, f"for the chip to complete step {block.last}")

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
        return self._vars[process][name].shape

    def read_var(self, process: int, name: str) -> Any:
        """See Participant. Weights are raw until the first step clips and truncates them, as in Python."""
        if (process, name) in self._answers:
            return self._answers[process, name].copy()
        if self._session is not None and self._session.limit == 0 and self._is_weights(process, name):
            raw = self._raw.get((process, name))
            return np.trunc(np.array(self._vars[process][name].init)) if raw is None else raw.copy()
        key = f"{self._names[process]}.{name}"
        self._reach(f"{key} cannot be read")
        return self.session.read_vars([key])[key]

    def write_var(self, process: int, name: str, value: Array) -> None:
        """See Participant.

        Raises
        ------
        ValueRefused
            If the chip cannot hold the value exactly.
        """
        truncated = np.trunc(value) if value.dtype.kind == "f" else value
        self._kept.pop((process, name), None)
        self._converted.discard((process, name))
        if (process, name) in self._answers:
            # After an error the device may be anywhere in a step; the next thing that it does is a reset.
            self._answers[process, name] = truncated.copy()
            return
        self._reach(f"{self._names[process]}.{name} cannot be set")
        self.session.write_vars({f"{self._names[process]}.{name}": truncated})
        if self.session.step == 0 and self._is_weights(process, name):
            self._raw[process, name] = truncated.copy()

    def take_var(self, process: int, name: str) -> Any:
        """See Participant."""
        is_converted = self.session.step > 0 or (process, name) in self._converted
        return self.read_var(process, name), is_converted

    def give_var(self, process: int, name: str, taken: Any) -> None:
        """See Participant."""
        value, is_converted = taken
        key = f"{self._names[process]}.{name}"
        if not (is_converted and self._is_weights(process, name)):
            self.write_var(process, name, value)
            return
        self.session.keep_weights({key: value})
        self._raw[process, name] = value.copy()
        self._converted.add((process, name))

    def _is_weights(self, process: int, name: str) -> bool:
        entry = self.image.manifest["vars"].get(f"{self._names[process]}.{name}")
        return entry is not None and entry["store"]["kind"] == "weights"

    def keep(self, step: int) -> None:
        """See Participant. Weights, which steps do not change, are read where they are unknown."""
        for process, variables in self._vars.items():
            for name in variables:
                if step < 2 or (process, name) not in self._kept or not self._is_weights(process, name):
                    try:
                        self._kept[process, name] = self.read_var(process, name)
                    except DeviceError as error:
                        add_note(error, f"after {self.where()}, where the values of that step are kept")
                        raise

    def go_back(self) -> None:
        """See Participant."""
        self._answers, self._kept = self._kept, {}

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
        self._raw.clear()
        self._converted.clear()
        self._kept, self._answers = {}, {}

    def close(self) -> None:
        """See Participant."""
        session, self._session = self._session, None
        if isinstance(session, CheckedSession):
            session.close()
        if self._device is not None:
            self._device.close()
        if self._record is not None:
            self._record.close()
        self._device = self._record = None
