"""AbstractProcess, the parent of all processes (Lava's path)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lava_hw.errors import ShapeMismatchWarning
from lava_hw.magma.core.process.collection import Collection
from lava_hw.magma.core.process.construction import ProcessPostInitCaller, ProcessServer
from lava_hw.magma.core.process.interfaces import AbstractProcessMember
from lava_hw.magma.core.process.log_config import LogConfig
from lava_hw.magma.core.process.names import NoSuchAttribute, meant
from lava_hw.magma.core.process.parameters import ProcessParameters
from lava_hw.magma.core.process.ports.ports import AbstractVirtualPort, InPort, OutPort, RefPort, VarPort
from lava_hw.magma.core.process.running import RunnableProcess
from lava_hw.magma.core.process.shapes import PLAIN, fits
from lava_hw.magma.core.process.var_range import VarRange
from lava_hw.magma.core.process.variable import Var

if TYPE_CHECKING:
    from lava_hw.magma.core.model.model import AbstractProcessModel

__all__ = [
    "AbstractProcess",
    "Collection",
    "LogConfig",
    "ProcessParameters",
    "ProcessPostInitCaller",
    "ProcessServer",
]


class AbstractProcess(RunnableProcess, metaclass=ProcessPostInitCaller):
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
                        self._check_initial_value(value)
                else:
                    value.name = name
                value.process = self
                self.__dict__.setdefault("_members", {})[name] = value
        elif name in self.__dict__.get("_members", ()):
            # Kept for the message of a model that misses it.
            self.__dict__.setdefault("_replaced", {})[name] = self.__dict__["_members"].pop(name)
        object.__setattr__(self, name, value)

    def _check_initial_value(self, var: Var) -> None:
        """Warn of a Var that this process gets, with an initial value that does not fit."""
        each = self.proc_params.get("shape") if var.name in self._one_or_each else None
        if fits(var.shape, var.init) or (isinstance(each, tuple) and fits(each, var.init)):
            return
        given = tuple(var.init.shape if hasattr(var.init, "shape") else np.shape(var.init))
        self._notice(
            ShapeMismatchWarning(
                f"{self._title}: Var '{var.name}' has shape {var.shape}, and its initial value shape "
                f"{given}. A model that keeps the Var in an array will be refused; others use the value as "
                f"it is. Give one number or an array of shape {var.shape}, or declare Var(shape={given})."
            )
        )

    if not TYPE_CHECKING:  # type checkers know what exists

        def __getattr__(self, name: str) -> Any:
            # Python found nothing, or a property raised an AttributeError, which is to be seen.
            if any(name in cls.__dict__ for cls in type(self).__mro__):
                return object.__getattribute__(self, name)
            raise NoSuchAttribute(name, lambda: self._why_no(name))

    def _why_no(self, name: str) -> str:
        """What to say to somebody who wants an attribute that there is not."""
        kind = type(self).__name__
        if "proc_params" not in self.__dict__:
            return (
                f"'{kind}' object has no attribute '{name}' yet: {kind}.__init__ must call "
                "super().__init__(**kwargs) first."
            )
        variables = self.vars.member_names
        ports = [
            each
            for kinds in (self.in_ports, self.out_ports, self.ref_ports, self.var_ports)
            for each in kinds.member_names
            if not each.startswith("_")
        ]
        others = [each for each in (*self.__dict__, *dir(type(self))) if not each.startswith("_")]
        return (
            f"Process '{self._shown}' of type {kind} has no attribute '{name}'."
            f"{meant(name, [*variables, *ports, *others])} Vars: {', '.join(variables) or 'none'}. "
            f"Ports: {', '.join(ports) or 'none'}."
        )

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

    def __repr__(self) -> str:
        """Say class and name, and once there is a runtime also the model and where it runs."""
        # While a constructor runs, or a runtime is built, not everything is there yet.
        own = self.__dict__
        text = f"{self._class_label()} {self._shown!r}"
        runtime, model = own.get("_runtime"), own.get("_model_class")
        if model is not None:
            text += f", model {model.__name__}"
        if runtime is not None and hasattr(runtime, "place_of"):
            text += f", {runtime.place_of(self)}"
        return f"<{text}>"

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
