"""A compiled network before it has a runtime (Lava's path)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from lava_hw.magma.core.model.model import AbstractProcessModel
    from lava_hw.magma.core.process.process import AbstractProcess
    from lava_hw.magma.core.run_config_base import RunConfig

__all__ = ["Executable"]


class _ExecutedProcess(Protocol):
    @property
    def process(self) -> AbstractProcess: ...
    @property
    def model_class(self) -> type[AbstractProcessModel]: ...


class _FlatNetwork(Protocol):
    """What is looked at here of a `lava_hw.graph.Flat`."""

    @property
    def processes(self) -> Sequence[_ExecutedProcess]:
        """The processes that are executed."""

    @property
    def parents(self) -> Sequence[tuple[str, AbstractProcess]]:
        """The processes that stand for networks of others."""


@dataclass
class Executable:
    """A network whose models are selected: what a runtime is built from.

    Attributes
    ----------
    flat : lava_hw.graph.Flat
        Processes, their initial values, and the links between them.
    run_cfg : RunConfig
        What chose the models.
    compile_config : dict
        Options of the runtime.
    """

    flat: _FlatNetwork
    run_cfg: RunConfig
    compile_config: dict[str, Any] = field(default_factory=dict)

    @property
    def process_list(self) -> list[AbstractProcess]:
        """The processes that are executed, in the order of the graph."""
        return [process.process for process in self.flat.processes]

    @property
    def processes(self) -> list[AbstractProcess]:
        """All processes, those that stand for a network of others included."""
        return [*self.process_list, *(parent for _, parent in self.flat.parents)]

    def has(self, process: object) -> bool:
        """Whether a process is one of this network."""
        return any(other is process for other in self.processes)

    @property
    def proc_builders(self) -> dict[AbstractProcess, type[AbstractProcessModel]]:
        """The model of each process that is executed."""
        return {process.process: process.model_class for process in self.flat.processes}

    def assign_runtime_to_all_processes(self, runtime: Any) -> None:
        """Let each process know its runtime."""
        for process in self.processes:
            process.runtime = runtime
