"""A Python model as a participant of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lava_hw.graph.flat import FlatProcess, Link, RefLink
from lava_hw.magma.core.model.py.ports import Source
from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase
from lava_hw.runtime.errors import ModelError
from lava_hw.runtime.executor import ThreadChannel, ThreadExecutor
from lava_hw.runtime.guards import AFTER_LEARNING, WISHES
from lava_hw.runtime.model_build import ModelPorts, make_model
from lava_hw.runtime.model_vars import ModelVars
from lava_hw.runtime.run_ahead import batch_method

if TYPE_CHECKING:
    from lava_hw.runtime.barrier import Barriers
    from lava_hw.runtime.channel import PortChannel
    from lava_hw.runtime.domain import ReferenceService

__all__ = ["PythonParticipant"]


class PythonParticipant(ModelVars):
    """Holds one model object, its Vars and its ports, and runs the model.

    Parameters
    ----------
    worker : Barriers
        Owner of its greenlets.
    spec : FlatProcess
        The process and its model class.
    loglevel : int
        Level of the model's logger.
    """

    runs_user_code = True
    readable_within_step = True
    in_python = True

    def __init__(self, worker: Barriers, spec: FlatProcess, loglevel: int) -> None:
        super().__init__(worker, spec)
        self.index = spec.index
        self.managed = False
        self._in_batches = False
        self._wish = ""
        self._asked_for_end = False
        self._loglevel = loglevel
        self._sources: dict[str, list[Source]] = {name: [] for name in spec.in_ports}
        self._targets: dict[str, list[PortChannel]] = {name: [] for name in spec.out_ports}
        self._references: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {}

    # -- building --
    def use_thread(self) -> None:
        """Run the model in a thread of its own. Called before the channels are known."""
        self.executor = ThreadExecutor(self.worker, self.name)

    def _seen(self, channel: PortChannel) -> PortChannel:
        """Give a channel as the model's ports see it."""
        if self.executor is None:
            return channel
        return ThreadChannel(channel, self.executor)  # type: ignore[return-value]

    def _called(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give a function as the model may call it, wherever it runs."""
        return function if self.executor is None else self.executor.wrap(function)

    def add_in(self, process: int, port: str, channel: PortChannel, link: Link, dtype: np.dtype[Any]) -> None:
        """See Participant."""
        self._sources[port].append(
            Source(self._seen(channel), link.src_index, link.dst_index, dtype, owned=False)
        )

    def add_out(self, process: int, port: str, channel: PortChannel, link: Link) -> None:
        """See Participant."""
        self._targets[port].append(self._seen(channel))

    def add_ref(self, link: RefLink, service: ReferenceService) -> None:
        """Take the link of a RefPort, and the service that reads and writes for it."""
        shape = self.spec.ref_ports[link.port]
        read, write = partial(service.read, link, shape), partial(service.write, link)
        self._references[link.port] = self._called(read), self._called(write)

    def own_messages(self, port: str) -> None:
        """Note that nobody else receives the messages of the only source of a port."""
        (source,) = self._sources[port]
        self._sources[port] = [replace(source, owned=True)]

    def out_dtype(self, process: int, port: str) -> np.dtype[Any]:
        """See Participant."""
        return np.dtype(self.spec.types[port].d_type)

    def prepare(self) -> None:
        """Make the model object with initial values and ports."""
        rng = self.worker.rng
        if rng is not None:
            rng.enter(self)
        try:
            ports = ModelPorts(self._sources, self._targets, self._references)
            model = make_model(self.spec, ports, self._loglevel)
            model._check_command = self._called(self._check_command)
            model._wait_outside = self._called(self._wait_outside)
        finally:
            if rng is not None:
                rng.leave(self)
        self.model = model
        self._checkpoint = None

    # -- running --
    def body(self, first_step: int, n_steps: int) -> None:
        """See Participant."""
        model = self.model
        if self.domain is None:
            model.num_steps = n_steps
            self._execute(model.run_async)
            self._look_at_requests(model)
            return
        domain, worker, managed = self.domain, self.worker, self.managed
        step = first_step
        self._asked_for_end = False
        executor = self.executor
        at_once = executor is None and not domain.lockstep and not managed
        method = batch_method(type(model)) if at_once else ""
        self._in_batches = method != ""
        if self._in_batches:
            run_batch = getattr(model, method)
            while granted := worker.acquire(self, step, worker.batch_steps):
                model.time_step = step
                run_batch(granted)
                step += granted
                model.time_step = step - 1
            return
        while step <= domain.barrier or worker.acquire(self, step):
            self.step = step
            model.time_step = step
            if managed:
                model.phase = Phase.SPK
            if executor is None:
                model.run_spk()
            else:
                executor.run(model.run_spk)
            if model._req_pause or model._req_stop:
                self._look_at_requests(model)
            step += 1

    @property
    def reached(self) -> int:
        """See Participant. A model that runs step batches counts the steps itself."""
        return int(self.model.time_step) if self._in_batches else self.step

    def asks(self, guard: str) -> bool:
        """Whether a guard of the model is true, or it has a wish; see `phases`.

        All wishes follow from the first question: `lrn_guard`, then `pre_guard` if it is true; unless both
        are, `lrn_guard` once more; and `post_guard` if that is false.
        """
        if guard == WISHES[0]:
            self._wish = self._wish_after_spiking()
        if guard in WISHES:
            return self._wish == guard
        if guard == AFTER_LEARNING:
            return not self._has_asked_for_end() and self._guard("post_guard")
        return self._guard(guard)

    def _wish_after_spiking(self) -> str:
        if self._has_asked_for_end():
            return ""
        if self._guard("lrn_guard") and self._guard("pre_guard"):
            return WISHES[0]
        if self._guard("lrn_guard"):
            return WISHES[1]
        return WISHES[2] if self._guard("post_guard") else ""

    def _has_asked_for_end(self) -> bool:
        """Whether the model has asked for the end of the run in the phase that has ended."""
        has, self._asked_for_end = self._asked_for_end, False
        return has

    def _guard(self, guard: str) -> bool:
        try:
            return bool(getattr(self.model, guard)())
        except Exception as err:
            raise ModelError(
                f"Process '{self.name}' failed in {self.where()}, {guard}: {type(err).__name__}: {err}"
            ) from err

    def enter_phase(self, phase: Phase) -> None:
        """Note that a phase begins."""
        self.model.phase = phase
        self._asked_for_end = False

    def run_phase(self, method: str) -> None:
        """Run one management phase."""
        self._execute(getattr(self.model, method))
        self._look_at_requests(self.model)

    def _execute(self, function: Callable[[], None]) -> None:
        """Call a method of the model where the model runs."""
        if self.executor is None:
            function()
        else:
            self.executor.run(function)

    def _look_at_requests(self, model: Any) -> None:
        if model._req_pause or model._req_stop:
            self.worker.end_run(stop=model._req_stop)
            model._req_pause = model._req_stop = False
            self._asked_for_end = True

    def _check_command(self, kind: str) -> bool:
        if self.worker.current is None:
            return False
        self.worker.yield_now()
        return self.worker.stopping if kind == "stop" else self.worker.pausing and not self.worker.stopping

    def _wait_outside(self, happened: Callable[[], bool], block: Callable[[float], None], what: str) -> bool:
        worker = self.worker
        worker.wait_external(lambda: happened() or worker.called_off, block, f"for {what}", for_program=True)
        return happened()

    def where(self) -> str:
        """See Participant."""
        if self.domain is None:
            return "run_async"
        return f"step {self.reached}"

    def reset(self) -> None:
        """See Participant."""
        self.prepare()

    def close(self) -> None:
        """See Participant."""
        if self.executor is not None:
            self.executor.close()
