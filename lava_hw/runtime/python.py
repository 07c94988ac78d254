"""A Python model as a participant of a run."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lava_hw.compiler.value_check import defined
from lava_hw.graph.flat import FlatProcess, Link, RefLink, private_copy
from lava_hw.magma.core.model.py.model import PyAsyncProcessModel, PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort, PyRefPort, PyVarPort, Source
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.parameters import ProcessParameters
from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase
from lava_hw.runtime.errors import ModelError
from lava_hw.runtime.last_step import KeptVars
from lava_hw.runtime.own_thread import OwnThread, ThreadChannel
from lava_hw.runtime.participant import Participant
from lava_hw.runtime.phases import AFTER_LEARNING, WISHES
from lava_hw.runtime.run_ahead import runs_blocks
from lava_hw.runtime.sparse_values import fitted

if TYPE_CHECKING:
    from lava_hw.runtime.channel import Channel
    from lava_hw.runtime.phases import References
    from lava_hw.runtime.scheduler import Worker

__all__ = ["PythonParticipant"]


class PythonParticipant(Participant):
    """Holds one model object, its Vars and its ports.

    Parameters
    ----------
    worker : Worker
        Owner of its greenlets.
    spec : FlatProcess
        The process and its model class.
    loglevel : int
        Level of the model's logger.
    """

    model: Any
    runs_user_code = True
    readable_within_step = True
    in_python = True

    def __init__(self, worker: Worker, spec: FlatProcess, loglevel: int) -> None:
        super().__init__(worker, spec.name)
        # Without the live process, so that a network that nobody holds any more can be freed.
        self.spec = replace(spec, process=None)  # type: ignore[arg-type]
        self.index = spec.index
        self.phases: References | None = None
        self.managed = False
        self.own: OwnThread | None = None
        self._written: set[str] = set()
        self._kept: KeptVars | None = None
        self._blocks = False
        self._wish = ""
        self._asked_for_end = False
        self._loglevel = loglevel
        self._sources: dict[str, list[Source]] = {name: [] for name in spec.in_ports}
        self._targets: dict[str, list[Channel]] = {name: [] for name in spec.out_ports}
        self._refs: dict[str, RefLink] = {}

    # -- building --
    def have_thread(self) -> None:
        """Run the model in a thread of its own. Called before the channels are known."""
        self.own = OwnThread(self.worker, self.name)

    def _seen(self, channel: Channel) -> Channel:
        """A channel as the model's ports see it."""
        return channel if self.own is None else ThreadChannel(channel, self.own)  # type: ignore[return-value]

    def _called(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """What the model may call, wherever it runs."""
        return function if self.own is None else self.own.wrap(function)

    def add_in(self, process: int, port: str, channel: Channel, link: Link, dtype: np.dtype[Any]) -> None:
        """See Participant."""
        self._sources[port].append(
            Source(self._seen(channel), link.src_index, link.dst_index, dtype, owned=False)
        )

    def add_out(self, process: int, port: str, channel: Channel, link: Link) -> None:
        """See Participant."""
        self._targets[port].append(self._seen(channel))

    def add_ref(self, link: RefLink, phases: References) -> None:
        """Be told what a RefPort ends at."""
        self._refs[link.port] = link
        self.phases = phases

    def add_written(self, name: str) -> None:
        """Be told that RefPorts may write a Var."""
        self._written.add(name)

    def own_messages(self, port: str) -> None:
        """Be told that nobody else receives the messages of the only source of a port."""
        (source,) = self._sources[port]
        self._sources[port] = [replace(source, owned=True)]

    def out_dtype(self, process: int, port: str) -> np.dtype[Any]:
        """See Participant."""
        return np.dtype(self.spec.types[port].d_type)

    def prepare(self) -> None:
        """Make the model object with initial values and ports."""
        spec = self.spec
        rng = self.worker.rng
        if rng is not None:
            rng.enter(self)
        try:
            memo: dict[int, Any] = {}  # what is given twice is copied once
            model: Any = spec.model_class(
                ProcessParameters({k: private_copy(v, memo) for k, v in spec.params.items()})
            )
            if not isinstance(model, (PyLoihiProcessModel, PyAsyncProcessModel)) and not callable(
                getattr(model, "run_async", None)
            ):
                raise TypeError(
                    f"Model {spec.model_class.__name__} of process '{self.name}' must derive from "
                    "PyLoihiProcessModel or PyAsyncProcessModel."
                )
            if "proc_params" not in vars(model):
                raise TypeError(
                    f"{spec.model_class.__name__}.__init__ must call super().__init__(proc_params)."
                )
            model.log.setLevel(self._loglevel)
            for name, lava_type in spec.types.items():
                setattr(model, name, self._member(name, lava_type))
            model.model_id = self.index
            model._check_command = self._called(self._check_command)
            model._wait_outside = self._called(self._wait_outside)
        finally:
            if rng is not None:
                rng.leave(self)
        self.model = model
        self._kept = None

    def _member(self, name: str, lava_type: LavaPyType) -> Any:
        """A port or the initial value of a Var."""
        cls, d_type, spec = lava_type.cls, lava_type.d_type, self.spec
        if not isinstance(cls, type):
            raise TypeError(
                f"LavaPyType of '{name}' of {spec.model_class.__name__} needs a class, got {cls!r}."
            )
        if issubclass(cls, PyInPort):
            return cls(spec.in_ports[name], d_type, self._sources[name])
        if issubclass(cls, PyOutPort):
            return cls(spec.out_ports[name], d_type, self._targets[name], f"'{self.name}.{name}'")
        if issubclass(cls, PyRefPort):
            make: Any = cls
            shape = spec.ref_ports[name]
            link, phases = self._refs.get(name), self.phases
            if link is None or phases is None:
                return make(shape, d_type)
            read, write = partial(phases.read, link, shape), partial(phases.write, link)
            return make(shape, d_type, self._called(read), self._called(write))
        if issubclass(cls, PyVarPort):
            return cls(spec.var_ports[name], d_type)
        var = spec.vars[name]
        if cls is np.ndarray:
            value = np.zeros(var.shape, d_type)
            try:
                value[...] = np.asarray(var.init)
            except (ValueError, TypeError) as err:
                raise type(err)(
                    f"Initial value of Var '{name}' of process '{self.name}' does not fit: shape {var.shape} "
                    f"and type {value.dtype} are declared, got shape {np.shape(var.init)}. Give one "
                    f"number, or an array of this shape. ({err})"
                ) from err
            return value
        if hasattr(var.init, "tocsr"):
            matrix = var.init.tocsr(copy=True)
            matrix.sum_duplicates()
            with np.errstate(invalid="ignore"):
                return matrix.astype(d_type)
        return private_copy(var.init)

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
        own = self.own
        self._blocks = own is None and not domain.lockstep and not managed and runs_blocks(type(model))
        if self._blocks:
            while granted := worker.may_start(self, step, worker.block_steps):
                model.time_step = step
                model.run_block(granted)
                step += granted
                model.time_step = step - 1
            return
        while step <= domain.gate or worker.may_start(self, step):
            self.step = step
            model.time_step = step
            if managed:
                model.phase = Phase.SPK
            if own is None:
                model.run_spk()
            else:
                own.run(model.run_spk)
            if model._req_pause or model._req_stop:
                self._look_at_requests(model)
            step += 1

    @property
    def reached(self) -> int:
        """See Participant. A model that runs blocks counts the steps itself."""
        return int(self.model.time_step) if self._blocks else self.step

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
        """Be told that a phase begins."""
        self.model.phase = phase
        self._asked_for_end = False

    def run_phase(self, method: str) -> None:
        """Run one management phase."""
        self._execute(getattr(self.model, method))
        self._look_at_requests(self.model)

    def _execute(self, function: Callable[[], None]) -> None:
        """Call a method of the model where the model runs."""
        if self.own is None:
            function()
        else:
            self.own.run(function)

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

    # -- Vars --
    def var_shape(self, process: int, name: str) -> tuple[int, ...]:
        """See Participant."""
        return self.spec.vars[name].shape

    def read_var(self, process: int, name: str) -> Any:
        """See Participant."""
        value = getattr(self.model, name)
        return value.copy() if isinstance(value, np.ndarray) or hasattr(value, "tocsr") else value

    def write_var(self, process: int, name: str, value: np.ndarray[Any, Any]) -> None:
        """See Participant."""
        self._assign(name, value)

    def is_sparse(self, name: str) -> bool:
        """Whether the model holds a Var as a sparse matrix."""
        return hasattr(getattr(self.model, name), "tocsr")

    def set_var(self, process: int, name: str, value: Any) -> None:
        """Change a Var on behalf of the user, and tell the model."""
        self._assign(name, value)
        self.model.on_var_update()

    def take_var(self, process: int, name: str) -> Any:
        """See Participant."""
        value = getattr(self.model, name)
        if isinstance(value, np.ndarray):
            value = value.copy(order="K")  # which sums are fast, and how floats are added, may depend on it
        elif hasattr(value, "tocsr"):
            value = value.copy()
        flag = self.model.converted_vars.get(name)
        return value, flag is not None and bool(getattr(self.model, flag, False))

    def give_var(self, process: int, name: str, taken: Any) -> None:
        """See Participant."""
        value, is_converted = taken
        model = self.model
        setattr(model, name, value)
        if is_converted:
            setattr(model, model.converted_vars[name], True)
        model.on_var_update()

    def _assign(self, name: str, value: Any) -> None:
        model = self.model
        if self._kept is not None:
            self._kept.forget()
        now = getattr(model, name)
        if hasattr(now, "tocsr"):
            setattr(model, name, fitted(now, value, f"{self.name}.{name}"))
        elif isinstance(value, str):
            setattr(model, name, value)
        else:
            self._assign_numbers(name, now, value)

    def _assign_numbers(self, name: str, now: Any, value: Any) -> None:
        model, lava_type = self.model, self.spec.types[name]
        array = np.asarray(value)
        if not isinstance(now, np.ndarray) or now.dtype != array.dtype:
            array = defined(self.spec, name, array)
        if isinstance(now, np.ndarray) and now.shape == array.shape and now.flags.writeable:
            with np.errstate(invalid="ignore"):
                now[...] = array
        elif lava_type.cls is np.ndarray:
            with np.errstate(invalid="ignore"):
                setattr(model, name, array.astype(lava_type.d_type))
        else:
            # A scalar class keeps a Python number, so that the model's arithmetic stays what it was.
            setattr(model, name, array.reshape(-1)[0].item() if array.size == 1 else array.copy())

    def keep(self, step: int) -> None:
        """See Participant."""
        if self._kept is None:
            self._kept = KeptVars(self.model, list(self.spec.vars), self._written)
        self._kept.keep(step)

    def go_back(self) -> None:
        """See Participant."""
        if self._kept is not None:
            if self.own is not None:
                # A thread that was left to itself may still write into what it has.
                self.model = copy(self.model)
            self._kept.go_back(self.model)

    def reset(self) -> None:
        """See Participant."""
        self.prepare()

    def close(self) -> None:
        """See Participant."""
        if self.own is not None:
            self.own.close()
