"""How a process is run, and what it asks of whoever runs it.

`RunnableProcess` only passes on. The runtime builds upon processes, so it is not imported here: it registers
itself with `RUNNER`, and what processes use of it is said by the protocols.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lava_hw.magma.compiler.exceptions import ProcessAlreadyCompiled
from lava_hw.magma.core.hooks import Hook
from lava_hw.magma.core.process.identity import NamedProcess
from lava_hw.tracebacks import shorten

if TYPE_CHECKING:
    from lava_hw.image import Image
    from lava_hw.magma.compiler.executable import Executable
    from lava_hw.magma.core.run_conditions import AbstractRunCondition
    from lava_hw.magma.core.run_config_base import RunConfig
    from lava_hw.report.types import Report

__all__ = ["RUNNER", "NetworkRunner", "NetworkRuntime", "RunnableProcess"]

_P = TypeVar("_P", bound="RunnableProcess")


class NetworkRuntime(Protocol):
    """A network that can run, as its processes see it; `lava_hw.runtime.runtime.Runtime` describes it."""

    run_cfg: RunConfig

    @property
    def num_steps(self) -> int:
        """Steps that were executed."""

    @property
    def is_running(self) -> bool:
        """Whether a run is in progress."""

    @property
    def is_stopped(self) -> bool:
        """Whether everything was freed."""

    @property
    def failure(self) -> BaseException | None:
        """What ended the last run, None if nothing did."""

    @property
    def image(self) -> Image:
        """The image on the chip."""

    def check(self) -> None:
        """Raise if the runtime was stopped."""

    def start(self, condition: AbstractRunCondition) -> None:
        """Run."""

    def wait(self) -> None:
        """Wait until the run is done."""

    def pause(self) -> None:
        """End the run at a step boundary; another may follow."""

    def stop(self, patient: bool = True) -> None:
        """End the run at a step boundary and free everything."""

    def reset(self, keep: Iterable[Any] = ()) -> None:
        """Be as freshly loaded, but for the Vars to keep."""

    def get_var(self, var: Any) -> Any:
        """Value of a Var at a step boundary."""

    def set_var(self, var: Any, value: Any) -> None:
        """Change a Var at a step boundary."""

    def counters(self) -> dict[str, Any]:
        """Counters of the chip."""

    def report(self) -> Report:
        """Say what runs where."""

    def place_of(self, process: Any) -> str:
        """Say where a process runs."""

    def __exit__(self, *exc: object) -> None:
        """Stop, whatever happened."""


class NetworkRunner(Protocol):
    """What builds the runtimes of networks."""

    def compile(
        self,
        process: RunnableProcess | Sequence[RunnableProcess],
        run_cfg: RunConfig,
        compile_config: dict[str, Any] | None,
    ) -> Executable:
        """Select the models of all connected processes, and build nothing."""

    def build(
        self, process: RunnableProcess, run_cfg: RunConfig, compile_config: dict[str, Any] | None
    ) -> None:
        """Build a runtime of all connected processes, and let each of them know it."""

    def build_compiled(self, executable: Executable, compile_config: dict[str, Any] | None) -> None:
        """Build a runtime of what `compile` made, and let each of its processes know it."""


RUNNER: Hook[NetworkRunner] = Hook("run networks")


class RunnableProcess(NamedProcess):
    """The calls of a process that run its network; parent of AbstractProcess."""

    _runtime: NetworkRuntime | None
    _stopped: bool

    @property
    def runtime(self) -> NetworkRuntime | None:
        """The runtime that executes this process, None before the first run."""
        runtime: NetworkRuntime | None = self.__dict__.get("_runtime")
        return runtime

    @runtime.setter
    def runtime(self, value: NetworkRuntime | None) -> None:
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
        return RUNNER.get().compile(self, run_cfg, compile_config)

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
            RUNNER.get().build_compiled(executable, compile_config)
            return
        if run_cfg is None:
            raise ValueError("The first run needs run_cfg, for example Loihi2SimCfg().")
        RUNNER.get().build(self, run_cfg, compile_config)

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
