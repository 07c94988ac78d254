"""AbstractProcess, the parent of all processes (Lava's path)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from lava_hw.errors import LavaHwWarning, notify
from lava_hw.magma.core.process.collection import Collection
from lava_hw.magma.core.process.construction import Label, ProcessPostInitCaller, ProcessServer
from lava_hw.magma.core.process.interfaces import AbstractProcessMember, IdGeneratable
from lava_hw.magma.core.process.log_config import LogConfig
from lava_hw.magma.core.process.names import NoSuchAttribute
from lava_hw.magma.core.process.parameters import ProcessParameters
from lava_hw.magma.core.process.ports.ports import AbstractVirtualPort, InPort, OutPort, RefPort, VarPort
from lava_hw.magma.core.process.shapes import PLAIN, check_initial_value
from lava_hw.magma.core.process.text import described
from lava_hw.magma.core.process.var_range import VarRange
from lava_hw.magma.core.process.variable import Var
from lava_hw.tracebacks import shorten

if TYPE_CHECKING:
    from lava_hw.magma.compiler.executable import Executable
    from lava_hw.magma.core.model.model import AbstractProcessModel
    from lava_hw.magma.core.run_conditions import AbstractRunCondition
    from lava_hw.magma.core.run_configs import RunConfig
    from lava_hw.runtime.runtime import Runtime

__all__ = [
    "AbstractProcess",
    "Collection",
    "LogConfig",
    "ProcessParameters",
    "ProcessPostInitCaller",
    "ProcessServer",
]

_P = TypeVar("_P", bound="AbstractProcess")


class AbstractProcess(IdGeneratable, metaclass=ProcessPostInitCaller):
    """A process: named variables and ports; what it does is said by its process models.

    A subclass makes its Vars and ports in its constructor and assigns them to attributes.

    Parameters
    ----------
    name : str, optional
        Name for messages, probes and images; by default `Process_<id>`.
    log_config : LogConfig, optional
        Logging of this process.
    **kwargs
        Parameters for the process models, found in `proc_params`.

    Attributes
    ----------
    var_ranges : dict of str to VarRange
        Of the class: what its fixed-point models hold in its Vars, by name.
    """

    # What takes the place of the class's name in labels; counts for this very class only.
    _shown_as: ClassVar[str | None] = None
    # The name in the network, from the time that it was flattened.
    _network_name: str | None = None

    label = Label()

    # Signatures of subclasses end here.
    _is_root_of_processes = True
    # What models find in `proc_params` and the constructor does not name, with the default of the models.
    _model_parameters: ClassVar[dict[str, Any]] = {}
    # Vars of shape (1,) that may have a value for each element of a population of proc_params["shape"].
    _one_or_each: ClassVar[frozenset[str]] = frozenset()
    # Parameters of parents that the constructor gives by itself.
    _set_by_itself: ClassVar[tuple[str, ...]] = ()

    var_ranges: ClassVar[Mapping[str, VarRange]] = {}

    def __init__(
        self, *, name: str | None = None, log_config: LogConfig | None = None, **kwargs: Any
    ) -> None:
        super().__init__()
        self.id = ProcessServer().add(self)
        if name is not None and (not isinstance(name, str) or not name):
            raise TypeError(f"The name of a process must be a non-empty str, got {name!r}.")
        self._name: str | None = name
        self.log_config: LogConfig = log_config if log_config is not None else LogConfig()
        self.proc_params = ProcessParameters(kwargs)
        self._init_runtime_state()

    # What a process without a runtime holds; types for checkers.
    _notices: list[LavaHwWarning]
    _runtime: Runtime | None
    _stopped: bool
    _model_class: type[AbstractProcessModel] | None
    _sub_model: Any
    _sub_procs: dict[str, AbstractProcess]
    parent_proc: AbstractProcess | None

    def _init_runtime_state(self) -> None:
        own = self.__dict__
        # Warnings that were given when the process was made; a strict run raises them.
        own.setdefault("_notices", [])
        # Past __setattr__, which looks for Vars and ports.
        own.update(
            _runtime=None, _stopped=False, _model_class=None, _sub_model=None, _sub_procs={}, parent_proc=None
        )

    def _remark(self, name: str, value: Any) -> str:
        """What the user should know of a value of a Var that is taken all the same; "" if nothing."""
        return ""

    def _post_init(self) -> None:
        if "proc_params" not in self.__dict__:
            raise TypeError(f"{type(self).__name__}.__init__ must call super().__init__(**kwargs).")

    # -- members --
    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, AbstractProcessMember) and not isinstance(value, AbstractVirtualPort):
            # A member of another process that is merely remembered here stays where it is.
            if value.process is None or value.process is self:
                if isinstance(value, Var):
                    if value._name is None:
                        value.name = name
                    if type(value.init) not in PLAIN and value.process is None:
                        check_initial_value(self, value)
                else:
                    value.name = name
                value.process = self
                self.__dict__.setdefault("_members", {})[name] = value
        elif name in self.__dict__.get("_members", ()):
            # Kept for the message of a model that misses it.
            self.__dict__.setdefault("_replaced", {})[name] = self.__dict__["_members"].pop(name)
        object.__setattr__(self, name, value)

    if not TYPE_CHECKING:  # type checkers know what exists

        def __getattr__(self, name: str) -> Any:
            # Python found nothing, or a property raised an AttributeError, which is to be seen.
            if any(name in cls.__dict__ for cls in type(self).__mro__):
                return object.__getattribute__(self, name)
            raise NoSuchAttribute(self, name)

    def _collect(self, kind: str, cls: type[AbstractProcessMember]) -> Collection:
        members: dict[str, Any] = self.__dict__.get("_members", {})
        found = {m.name: m for m in members.values() if isinstance(m, cls)}
        return Collection(self, kind, dict(sorted(found.items())) if len(found) > 1 else found)

    @property
    def vars(self) -> Collection:
        """The Vars."""
        return self._collect("Var", Var)

    @property
    def in_ports(self) -> Collection:
        """The InPorts."""
        return self._collect("InPort", InPort)

    @property
    def out_ports(self) -> Collection:
        """The OutPorts."""
        return self._collect("OutPort", OutPort)

    @property
    def ref_ports(self) -> Collection:
        """The RefPorts."""
        return self._collect("RefPort", RefPort)

    @property
    def var_ports(self) -> Collection:
        """The VarPorts."""
        return self._collect("VarPort", VarPort)

    @property
    def procs(self) -> Collection:
        """The sub processes, once a sub-process model was chosen."""
        return Collection(self, "sub process", dict(sorted(self._sub_procs.items())))

    @property
    def name(self) -> str:
        """Name of the process."""
        name: str | None = self.__dict__.get("_name")
        return name if name is not None else f"Process_{self.__dict__.get('id', '?')}"

    @name.setter
    def name(self, value: str) -> None:
        self._name, self._network_name = value, None

    @property
    def _shown(self) -> str:
        # What `label` gives, also where a process has a Var or a text of that name.
        own = self.__dict__
        return own.get("_network_name") or own.get("_name") or self._class_label()

    @property
    def _title(self) -> str:
        # For messages that say nothing else about the class.
        name, kind = self._shown, self._class_label()
        return kind if name == kind else f"{kind} '{name}'"

    def _notice(self, warning: LavaHwWarning) -> None:
        # Kept first: the warning may be an error by a filter.
        self.__dict__.setdefault("_notices", []).append(warning)
        notify(warning)

    @classmethod
    def _class_label(cls) -> str:
        """What processes of this class are called if they have no name."""
        return cls.__dict__.get("_shown_as") or cls.__name__

    def __repr__(self) -> str:
        """Say class and name, and once there is a runtime also the model and where it runs."""
        return described(self)

    @property
    def _log_config(self) -> LogConfig:
        """Lava's name of `log_config`, which its libraries use."""
        return self.log_config

    @property
    def logger(self) -> logging.Logger:
        """Logger of this process, set up by `log_config`."""
        logger = logging.getLogger(f"lava_hw.{self.name}")
        if not logger.handlers and self.log_config.logs_to_file and self.log_config.file:
            handler = logging.FileHandler(self.log_config.file)
            handler.setLevel(self.log_config.level)
            logger.addHandler(handler)
        logger.setLevel(min(self.log_config.level, self.log_config.level_console))
        return logger

    @property
    def model_class(self) -> type[AbstractProcessModel] | None:
        """The process model that the run configuration chose, None before."""
        return self._model_class

    def register_sub_procs(self, procs: Mapping[str, AbstractProcess]) -> None:
        """Make processes sub processes of this one. A sub-process model does it by itself.

        Raises
        ------
        AssertionError
            If one of them is no process.
        """
        for name, proc in procs.items():
            if not isinstance(proc, AbstractProcess):
                raise AssertionError(f"'{name}' cannot be a sub process of '{self._shown}': it is {proc!r}.")
            self._sub_procs[name] = proc
            proc.parent_proc = self

    def validate_var_aliases(self) -> None:
        """Make sure that each Var with an alias stands for a Var of a sub process.

        Raises
        ------
        AssertionError
            If one does not.
        """
        for var in self.vars:
            target = var.aliased_var
            if target is not None and (target.process is None or not target.process.is_sub_proc_of(self)):
                raise AssertionError(
                    f"Var '{var.name}' of process '{self._shown}' is an alias of {target.path}, which "
                    "belongs to none of its sub processes."
                )

    def is_sub_proc_of(self, proc: AbstractProcess) -> bool:
        """Whether this process lies somewhere below `proc`."""
        parent = self.parent_proc
        while parent is not None:
            if parent is proc:
                return True
            parent = parent.parent_proc
        return False

    # -- running --
    @property
    def runtime(self) -> Runtime | None:
        """The runtime that executes this process, None before the first run."""
        runtime: Runtime | None = self.__dict__.get("_runtime")
        return runtime

    @runtime.setter
    def runtime(self, value: Runtime | None) -> None:
        self._runtime = value

    @property
    def is_compiled(self) -> bool:
        """Whether the process belongs to a runtime, or did before it was stopped."""
        return self._runtime is not None

    def compile(self, run_cfg: RunConfig, compile_config: dict[str, Any] | None = None) -> Executable:
        """Select models and describe the network of all connected processes, without building anything.

        Returns
        -------
        Executable
            For `create_runtime(executable=...)` and `lava_hw.utils.serialization`.
        """
        from lava_hw.magma.compiler.compiler import Compiler

        return Compiler(compile_config).compile(self, run_cfg)

    def create_runtime(
        self,
        run_cfg: RunConfig | None = None,
        executable: Executable | None = None,
        compile_config: dict[str, Any] | None = None,
    ) -> None:
        """Build the runtime of all connected processes without running.

        Parameters
        ----------
        run_cfg : RunConfig, optional
            How; not needed with an executable.
        executable : Executable, optional
            What `compile` made of this network.
        compile_config : dict, optional
            See `run`.

        Raises
        ------
        ValueError
            If there is neither a run configuration nor an executable, or it is one of another network.
        ProcessAlreadyCompiled
            If one of the processes belongs to a runtime already.
        """
        from lava_hw.magma.compiler.exceptions import ProcessAlreadyCompiled
        from lava_hw.runtime.runtime import build, build_for

        if self._stopped:
            raise RuntimeError(
                f"Process '{self._shown}' was stopped; a stopped network cannot run again. "
                "Build a new network, or use runtime.reset() instead of stop() to start over."
            )
        if self._runtime is not None:
            raise ProcessAlreadyCompiled(f"Process '{self._shown}' belongs to a runtime already.")
        if executable is not None:
            if not executable.has(self):
                raise ValueError(f"Process '{self._shown}' is not in the executable; compile() it first.")
            build(executable.flat, executable.run_cfg, compile_config or executable.compile_config)
            return
        if run_cfg is None:
            raise ValueError("The first run needs run_cfg, for example Loihi2SimCfg().")
        build_for(self, run_cfg, compile_config)

    def run(
        self,
        condition: AbstractRunCondition,
        run_cfg: RunConfig | None = None,
        compile_config: dict[str, Any] | None = None,
    ) -> None:
        """Run all processes that are connected with this one.

        Parameters
        ----------
        condition : AbstractRunCondition
            How long, and whether the call waits.
        run_cfg : RunConfig
            Needed by the first run; later runs go on with the runtime that the first one made.
        compile_config : dict, optional
            `pypy_channel_size`: messages that a channel holds (64).
        """
        try:
            if self._runtime is None or self._stopped:
                self.create_runtime(run_cfg, compile_config=compile_config)
            assert self._runtime is not None
            self._runtime.start(condition)
        except Exception as error:
            raise shorten(error)  # noqa: B904 - the same error

    def wait(self) -> None:
        """Wait until a run that was started without waiting is done."""
        if self._runtime is not None:
            try:
                self._runtime.wait()
            except Exception as error:
                raise shorten(error)  # noqa: B904 - the same error

    def pause(self) -> None:
        """End a run at a step boundary."""
        if self._runtime is not None:
            try:
                self._runtime.pause()
            except Exception as error:
                raise shorten(error)  # noqa: B904 - the same error

    def stop(self) -> None:
        """End a run at a step boundary and free everything. A second call does nothing."""
        if self._runtime is not None:
            self._runtime.stop()

    def __enter__(self: _P) -> _P:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._runtime is not None:
            self._runtime.__exit__(*exc)

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state.update(_runtime=None, _stopped=False)
        return state
