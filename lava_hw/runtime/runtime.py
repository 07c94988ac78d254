"""The runtime: a user runs, reads and ends a network by it.

One thread owns all greenlets of a runtime; calls are handed to it.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from lava_hw.compiler import choose_models
from lava_hw.compiler.uses import Summary
from lava_hw.graph import Flat
from lava_hw.magma.compiler.exceptions import ProcessAlreadyCompiled
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.run_conditions import AbstractRunCondition, RunContinuous, RunSteps
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.runtime.checkpoint import keeps_checkpoints
from lava_hw.runtime.errors import RunError
from lava_hw.runtime.launch import fill_worker, launch_workers
from lava_hw.runtime.participant import Participant
from lava_hw.runtime.placement import place
from lava_hw.runtime.plan import NetworkPlan, read_options
from lava_hw.runtime.reporting import Reporting, say_nothing_on_chip
from lava_hw.runtime.run_ahead import run_ahead_allowed
from lava_hw.runtime.run_bar import RunBar
from lava_hw.runtime.slow_models import LOOK_SECONDS, SlowModelWatchdog
from lava_hw.runtime.variables import Variables
from lava_hw.runtime.worker import Worker
from lava_hw.runtime.worker_thread import Request, WorkerThread
from lava_hw.runtime.wraps import Buffers
from lava_hw.tracebacks import shorten

__all__ = ["Runtime", "build", "build_for"]


class Runtime(Reporting):
    """A network that can run.

    Parameters
    ----------
    flat : Flat
        The network.
    run_cfg : RunConfig
        Says the domains and the chip.
    compile_config : dict, optional
        `pypy_channel_size`: messages that a channel holds (64).
    """

    def __init__(self, flat: Flat, run_cfg: RunConfig, compile_config: dict[str, Any] | None = None) -> None:
        capacity = read_options(compile_config)
        self.flat = flat
        self.run_cfg = run_cfg
        checkpoints = keeps_checkpoints(flat, run_cfg)
        self.can_run_ahead = run_ahead_allowed(flat) and not checkpoints
        self._lock = threading.RLock()
        self._run: Request | None = None
        self._bar: RunBar | None = None
        self._failed: BaseException | None = None
        self._stopped = False
        self._begun = False
        self._steps = 0
        self._placement = place(flat, run_cfg)
        plan = NetworkPlan(flat, run_cfg, capacity, self._placement, checkpoints)
        worker = self._worker = launch_workers(plan)
        thread = self._thread = WorkerThread(worker)
        try:
            self._participants: dict[int, Participant] = thread.call(partial(fill_worker, worker, plan))
        except BaseException:
            thread.end()
            raise
        self._variables = Variables(flat, self._participants, thread.call, run_cfg.strict)
        self._buffers = Buffers(flat, run_cfg.strict)
        for participant in self._participants.values():
            if participant.image is not None:
                self._image, self._summary = participant.image, participant.summary or Summary()

    def check(self) -> None:
        """Raise RunError if the runtime was stopped."""
        if self._stopped:
            raise RunError("The runtime was stopped; a stopped network cannot run again. Build it anew.")

    @property
    def num_steps(self) -> int:
        """Steps that were executed, at the last step boundary; after an error also those that were begun."""
        return max((domain.step for domain in self._worker.domains), default=self._steps)

    @property
    def is_running(self) -> bool:
        """Whether a run is in progress."""
        run = self._run
        return run is not None and not run.done.is_set()

    @property
    def is_stopped(self) -> bool:
        """Whether everything was freed; a stopped runtime cannot run again."""
        return self._stopped

    def __repr__(self) -> str:
        """Say how much is on the chip, and how far the run is."""
        idle = "failed" if self.failure is not None else "waiting"
        state = "stopped" if self._stopped else "running" if self.is_running else idle
        return self._short(self.num_steps, state)

    # Lava's names for the state of a runtime, which programs for it look at.
    @property
    def _is_initialized(self) -> bool:
        return True

    @property
    def _is_started(self) -> bool:
        return self._begun and not self._stopped

    @property
    def _is_running(self) -> bool:
        return self.is_running

    @property
    def failure(self) -> BaseException | None:
        """The error that ended the last run, None if none did."""
        run = self._run
        if run is not None and run.done.is_set() and run.error is not None:
            return run.error
        return self._failed

    # -- running --
    def start(self, condition: AbstractRunCondition) -> None:
        """Run.

        Parameters
        ----------
        condition : AbstractRunCondition
            RunSteps or RunContinuous.

        Raises
        ------
        RunError
            If the runtime was stopped, a run is in progress, or an earlier one failed.
        ModelError, DeadlockError, DeviceError
            If an exception of a model (the cause), processes that wait for one another, or the chip end it.
        """
        if not isinstance(condition, (RunSteps, RunContinuous)):
            raise TypeError(f"A run needs RunSteps or RunContinuous, got {type(condition).__name__}.")
        with self._lock:
            self.check()
            if self._thread.is_current:
                raise RunError("A model cannot run its own network.")
            if self.is_running:
                raise RunError("A run is in progress; wait() for it or pause() it before the next one.")
            self._collect()
            if self._failed is not None:
                raise RunError(
                    f"An earlier run failed ({type(self._failed).__name__}); call runtime.reset() or stop()."
                ) from self._failed
            if condition.num_steps == 0:
                return
            if isinstance(condition, RunSteps):
                self._buffers.check(self.num_steps, condition.num_steps, self._variables.columns)
            self._begun = True
            worker, steps = self._worker, condition.num_steps
            worker.pausing = worker.called_off = False
            self._bar = RunBar(worker, condition, self.run_cfg.progress)
            run = self._run = Request(lambda: worker.run(steps))
            self._thread.put(run)
        if condition.blocking:
            self.wait()

    def _collect(self) -> None:
        """Take the result of a run that is done; raises what ended it."""
        run = self._run
        if run is None or not run.done.is_set():
            return
        self._run = None
        self._worker.pausing = False
        if run.error is not None:
            self._failed = run.error
            raise shorten(run.error)
        if self._worker.stopping and not self._stopped:
            self.stop()

    def wait(self) -> None:
        """Wait until the run is done. Ctrl-C ends it at a step boundary; a second one does not wait for that.

        If it lasts, a bar shows steps, rate and time left (`progress` of the run configuration).

        Raises
        ------
        ModelError, DeadlockError, DeviceError
            If it failed; see `start`.
        """
        run = self._run
        if run is None:
            return
        bar, self._bar = self._bar, None  # of several threads that wait one shows it
        try:
            watchdog = SlowModelWatchdog(self._worker)
            while not run.done.wait(LOOK_SECONDS):
                watchdog.look()
                if bar is not None:
                    bar.look()
        except KeyboardInterrupt:
            self._ask_to_pause(run)
            run.done.wait()
            self._collect_from(run)
            raise
        finally:
            if bar is not None:
                bar.close()
        self._collect_from(run)

    def _collect_from(self, run: Request) -> None:
        with self._lock:
            if self._run is run:
                self._collect()

    def _ask_to_pause(self, run: Request) -> None:
        if not run.done.is_set():
            self._worker.pausing = self._worker.called_off = True
            self._worker.request_yield()

    def pause(self) -> None:
        """End the run at a step boundary; another may follow."""
        run = self._run
        if run is None:
            return
        if self._thread.is_current:
            raise RunError("A model cannot pause its own network this way; set self._req_pause = True.")
        self._ask_to_pause(run)
        self.wait()

    def stop(self, patient: bool = True) -> None:
        """End the run at a step boundary and free everything. A second call does nothing.

        Parameters
        ----------
        patient : bool, default True
            Whether to wait for a model as long as its step takes; else RunCancelled is raised out of it after
            five seconds.
        """
        if self._thread.is_current:
            raise RunError("A model cannot stop its own network this way; set self._req_stop = True.")
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
        run = self._run
        unsaid = run is not None and self._failed is None
        try:
            self._thread.end(patient)
        finally:
            self._run = None
            self._let_go()
            for process in self._processes():
                process._stopped = True
        if unsaid and run is not None and run.error is not None:
            warnings.warn(f"The run had failed: {run.error}", stacklevel=2)

    def _let_go(self) -> None:
        """Keep nothing of what ran: the processes keep this object, and models and devices hold memory."""
        self._steps = self.num_steps
        self._failed = None  # its traceback reaches all of them
        self._participants.clear()
        self._thread.release()
        self._worker = Worker()
        self._worker.stopping = True

    def _processes(self) -> list[AbstractProcess]:
        return [p.process for p in self.flat.processes] + [parent for _, parent in self.flat.parents]

    def reset(self, keep: Iterable[Var] = ()) -> None:
        """Go back to step 0 and the loaded state, also after a failed run; a dead simulator starts anew.

        Parameters
        ----------
        keep : iterable of Var, optional
            Vars that go on with the values that they have, such as weights that were learnt. The first step
            does not convert them again.

        Raises
        ------
        RunError
            If a run is in progress or the runtime was stopped, or `keep` has a Var of another network.
        """
        kept = tuple(keep)
        with self._lock:
            self.check()
            if self.is_running:
                raise RunError("A run is in progress; pause() it before reset().")
            self._run = None
            self._thread.call(self._variables.keeping(kept, self._worker.reset))
            self._failed = None

    def counters(self) -> dict[str, Any]:
        """Counters of the chip since the last reset; see `Device.counters`.

        Raises
        ------
        RunError
            If no process of the network runs on the chip, or the runtime was stopped.
        """
        self.check()
        for participant in self._participants.values():
            if participant.image is not None:
                counted: dict[str, Any] = self._thread.call(participant.counters)
                return counted
        raise RunError("No process of this network runs on the chip, so there are no counters.")

    def __enter__(self) -> Runtime:
        return self

    def __exit__(self, *exc: object) -> None:
        # After a time-out or an interrupt nobody may be there to end the wait for a model that never returns.
        self.stop(patient=exc[0] is None)

    # -- Vars --
    def get_var(self, var: Var | int) -> Any:
        """Give the value of a Var, or of the one with that id, at a step boundary; see Var.get."""
        self.check()
        return self._variables.get(var)

    def set_var(self, var: Var | int, value: Any) -> None:
        """Change a Var, or the one with that id, at a step boundary; see Var.set."""
        self.check()
        self._variables.set(var, value)


def build(flat: Flat, run_cfg: RunConfig, compile_config: dict[str, Any] | None = None) -> Runtime:
    """Make a runtime for a flat network whose processes do not belong to one yet.

    Raises
    ------
    ProcessAlreadyCompiled
        If one of the processes belongs to a runtime.
    """
    runtime_processes = [p.process for p in flat.processes] + [parent for _, parent in flat.parents]
    for process in runtime_processes:
        if process.is_compiled:
            raise ProcessAlreadyCompiled(f"Process '{process._shown}' belongs to a runtime already.")
    say_nothing_on_chip(flat, run_cfg)
    runtime = Runtime(flat, run_cfg, compile_config)
    for process in runtime_processes:
        process.runtime = runtime
    return runtime


def build_for(
    process: AbstractProcess | Sequence[AbstractProcess],
    run_cfg: RunConfig,
    compile_config: dict[str, Any] | None = None,
) -> Runtime:
    """Make a runtime for everything that is connected with a process."""
    return build(choose_models(process, run_cfg), run_cfg, compile_config)
