"""Parents of Python process models (Lava's path)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.model.py.ref_ports import AbstractPyPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol, Phase

if TYPE_CHECKING:
    from lava_hw.magma.core.process.process import AbstractProcess

__all__ = [
    "AbstractPyProcessModel",
    "PyAsyncProcessModel",
    "PyLoihiModelToPyAsyncModel",
    "PyLoihiProcessModel",
]


class AbstractPyProcessModel(AbstractProcessModel):
    """Parent of models in Python. Class attributes of type LavaPyType declare its Vars and ports.

    Vars and ports are attached after `__init__`.

    Parameters
    ----------
    proc_params : mapping, optional
        The parameters of the process, a copy of its own.

    Attributes
    ----------
    isolation : {None, "thread", "process"}
        Whether the model wants a thread or a process of the operating system of its own, unless the run
        configuration says otherwise (`worker_placement`). "thread" is for models that wait for a camera or a
        socket, "process" also for those that compute for long, or draw.
    with_program : bool
        Whether the model exchanges objects with the program around the network and must run in its process.
    converted_vars : dict of str to str
        Vars that the first step converts into the form in which they are used, each with the attribute that
        says that it has. A value that is kept over a reset (`run_samples`) is not converted again.
    constant_vars : tuple of str
        Vars that no step changes in place; a `checkpoint` need not copy them. Believed only of a
        class that itself says `run_ahead = True`.
    """

    isolation: ClassVar[str | None] = None
    with_program: ClassVar[bool] = False
    constant_vars: ClassVar[tuple[str, ...]] = ()
    converted_vars: ClassVar[dict[str, str]] = {}

    def __init__(self, proc_params: Any = None, loglevel: int = logging.WARNING) -> None:
        super().__init__(proc_params if proc_params is not None else {}, loglevel)
        self.model_id: int = -1
        self._req_pause: bool = False
        self._req_stop: bool = False
        # Set by the runtime; it makes the checks below switching points.
        self._check_command: Callable[[str], bool] | None = None
        # Set by the runtime; other models run while this one waits.
        self._wait_outside: Callable[..., bool] | None = None

    @classmethod
    def lava_types(cls, proc: AbstractProcess) -> dict[str, LavaPyType]:
        """The declared Vars and ports. A model whose ports depend on the process overrides this."""
        found: dict[str, LavaPyType] = {}
        for klass in reversed(cls.__mro__):
            if klass in _DECLARE_NOTHING:
                continue
            own = vars(klass)
            if found:  # what a subclass puts in the place of a declaration takes it away
                for name in found.keys() & own.keys():
                    if not isinstance(own[name], LavaPyType):
                        del found[name]
            for name, value in own.items():
                if isinstance(value, LavaPyType):
                    found[name] = value
        return found

    @classmethod
    def recorded_along(cls, name: str) -> int | None:
        """Axis of a Var along which step t writes only place (t - 1) modulo its length, if there is one.

        Believed only of a class that itself says `run_ahead = True`.
        """
        return None

    @classmethod
    def writes_integers(cls, proc: AbstractProcess, port: str) -> bool:
        """Whether a RefPort only writes, and integers only, so that a port of integers loses nothing."""
        return False

    def wait_outside(
        self, happened: Callable[[], bool], block: Callable[[float], None], what: str = "the program"
    ) -> bool:
        """Wait for something outside of the network; other models run meanwhile.

        It is no deadlock, and ends when the user pauses or stops the run. A model that waits in any other way
        holds up all of its network.

        Parameters
        ----------
        happened : callable
            Whether it has happened. Cheap; called often.
        block : callable
            Waits at most the given seconds for it, without holding the interpreter's lock. Called when no
            model can run.
        what : str
            What is waited for, for messages.

        Returns
        -------
        bool
            False if it has not happened and the user wants the run to end: complete the step without it.
        """
        if self._wait_outside is not None:
            return self._wait_outside(happened, block, what)
        while not happened():
            block(0.02)
        return True

    @property
    def py_ports(self) -> list[AbstractPyPort]:
        """The ports of this model, in the order in which they are declared."""
        return [value for value in vars(self).values() if isinstance(value, AbstractPyPort)]

    def on_var_update(self) -> None:
        """Called after each Var.set."""

    def check_for_stop_cmd(self) -> bool:
        """Whether stop() was called; other models may run meanwhile."""
        return self._check_command("stop") if self._check_command is not None else False

    def check_for_pause_cmd(self) -> bool:
        """Whether pause() was called; other models may run meanwhile."""
        return self._check_command("pause") if self._check_command is not None else False


# Networks are built often: the many attributes of these need not be looked at each time.
_DECLARE_NOTHING = frozenset(AbstractPyProcessModel.__mro__)


class PyLoihiProcessModel(AbstractPyProcessModel):
    """Model that runs by Loihi's protocol: a subclass overrides phases and guards.

    Attributes
    ----------
    time_step : int
        0 before the first step, 1 in it; goes on over several runs.
    phase : Phase
        The phase that runs.
    """

    implements_protocol = LoihiProtocol

    def __init__(self, proc_params: Any = None, loglevel: int = logging.WARNING) -> None:
        super().__init__(proc_params, loglevel)
        self.time_step: int = 0
        self.phase: Phase = Phase.SPK

    def run_spk(self) -> None:
        """Spiking phase, in every step."""

    def pre_guard(self) -> bool:
        """Whether `run_pre_mgmt` runs in this step, before learning. Must have no side effect."""
        return False

    def run_pre_mgmt(self) -> None:
        """Management before learning."""

    def lrn_guard(self) -> bool:
        """Whether `run_lrn` runs in this step. Must have no side effect."""
        return False

    def run_lrn(self) -> None:
        """Learning phase."""

    def post_guard(self) -> bool:
        """Whether `run_post_mgmt` runs in this step. Must have no side effect."""
        return False

    def run_post_mgmt(self) -> None:
        """Management at the end of a step."""

    def host_guard(self) -> bool:
        """Exists in Lava's protocol; nothing calls it."""
        return False

    def run_host_mgmt(self) -> None:
        """Exists in Lava's protocol; nothing calls it."""


class PyAsyncProcessModel(AbstractPyProcessModel):
    """Model without steps.

    Attributes
    ----------
    num_steps : int
        Steps that the run asked for.
    """

    implements_protocol = AsyncProtocol

    def __init__(self, proc_params: Any = None, loglevel: int = logging.WARNING) -> None:
        super().__init__(proc_params, loglevel)
        self.num_steps: int = 0

    def run_async(self) -> None:
        """Runs once per run() and decides itself how much it does."""
        raise NotImplementedError(f"{type(self).__name__} must define run_async().")


def PyLoihiModelToPyAsyncModel(py_loihi_model: type[PyLoihiProcessModel]) -> type[PyAsyncProcessModel]:
    """Asynchronous twin of a model with steps: it runs as many steps as the run asks for, in a loop.

    Order in a step: pre-management if its guard is true, spiking, post-management if its guard is true.
    """
    if not (isinstance(py_loihi_model, type) and issubclass(py_loihi_model, PyLoihiProcessModel)):
        raise TypeError(f"PyLoihiModelToPyAsyncModel needs a PyLoihiProcessModel, got {py_loihi_model!r}.")

    def run_async(self: Any) -> None:
        for _ in range(self.num_steps):
            self.time_step += 1
            if self.pre_guard():
                self.run_pre_mgmt()
            self.run_spk()
            if self.post_guard():
                self.run_post_mgmt()
            if self.check_for_stop_cmd() or self.check_for_pause_cmd():
                return

    def init(self: Any, proc_params: Any = None) -> None:
        py_loihi_model.__init__(self, proc_params)
        self.num_steps = 0

    namespace = {
        "__init__": init,
        "run_async": run_async,
        "implements_process": py_loihi_model.implements_process,
        "implements_protocol": AsyncProtocol,
        "required_resources": list(py_loihi_model.required_resources),
        "tags": list(py_loihi_model.tags),
    }
    return type(f"{py_loihi_model.__name__}Async", (py_loihi_model, PyAsyncProcessModel), namespace)
