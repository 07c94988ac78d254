"""Monitor (Lava's path): records the values of Vars and OutPorts, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.process.ports.ports import InPort, OutPort, RefPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var

__all__ = ["Monitor"]


class Monitor(AbstractProcess):
    """Records Vars (value at the end of a step) and OutPorts (value sent in a step); any number of them.

    Parameters
    ----------
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.proc_params["probes"] = ()
        self._targets: list[Var | OutPort] = []

    def probe(self, target: Var | OutPort, num_steps: int) -> None:
        """Record a Var or OutPort. To be called before the first run.

        Parameters
        ----------
        target : Var or OutPort
            What to record.
        num_steps : int
            Steps to make room for; longer runs are recorded too.

        Raises
        ------
        TypeError
            If the target is something else.
        ValueError
            If it is recorded already, belongs to no process, or num_steps is below 1; or if something of the
            same name, in a process of the same name, is recorded already.
        """
        if not isinstance(target, (Var, OutPort)):
            raise TypeError(
                f"Monitor {self._shown} can probe Vars and OutPorts, got {type(target).__name__}."
            )
        if num_steps < 1:
            raise ValueError(f"Monitor {self._shown}: num_steps must be at least 1, got {num_steps}.")
        if target.process is None:
            raise ValueError(
                f"Monitor {self._shown}: the probed {type(target).__name__} belongs to no process."
            )
        if any(target is other for other in self._targets):
            raise ValueError(f"Monitor {self._shown} probes {target.path} already.")
        self._check_key(target)
        if self.is_compiled:
            raise ValueError(f"Monitor {self._shown}: probe() must be called before the first run.")
        k = len(self._targets)
        if isinstance(target, Var):
            ref = RefPort(target.shape)
            ref.connect_var(target)
            setattr(self, f"probe_{k}", ref)
        else:
            port = InPort(target.shape)
            target.connect(port)
            setattr(self, f"probe_{k}", port)
        setattr(self, f"data_{k}", Var(shape=(num_steps, *target.shape), init=0.0))
        self._targets.append(target)
        kinds = self.proc_params["probes"]
        self.proc_params.overwrite("probes", (*kinds, "var" if isinstance(target, Var) else "port"))

    def _check_key(self, target: Var | OutPort) -> None:
        """Refuse a target that `get_data` could not tell from one that is recorded already."""
        process = target.process
        assert process is not None
        for other in self._targets:
            assert other.process is not None
            if (other.process.name, other.name) == (process.name, target.name):
                first, second = other.process._class_label(), process._class_label()
                raise ValueError(
                    f"Monitor {self._shown} records {type(other).__name__} {other.path} of a {first} "
                    f"already, and cannot record {type(target).__name__} {target.path} of a {second} "
                    f"beside it: get_data() would hold both as ['{process.name}']['{target.name}']. Give the "
                    f"two processes different names ({second}(..., name=...)), or use a Monitor for each."
                )

    def get_data(self) -> dict[str, dict[str, Any]]:
        """What was recorded.

        Returns
        -------
        dict
            Name of the process -> name of the target -> float64 array of shape (steps,) + shape of the
            target.

        Raises
        ------
        ValueError
            If processes were given the same name after `probe`.
        """
        data: dict[str, dict[str, Any]] = {}
        for k, target in enumerate(self._targets):
            assert target.process is not None
            if target.name in data.get(target.process.name, ()):
                raise ValueError(
                    f"Monitor {self._shown}: two of the recorded processes were given the name "
                    f"'{target.process.name}' after probe(); give them different ones."
                )
            value = np.asarray(getattr(self, f"data_{k}").get(), dtype=np.float64)
            if value.ndim == 0:  # before a runtime exists, get() gives the initial scalar
                value = np.zeros(getattr(self, f"data_{k}").shape)
            data.setdefault(target.process.name, {})[target.name] = value
        return data

    def plot(self, ax: Any, target: Var | OutPort, *args: Any, **kwargs: Any) -> None:
        """Draw what was recorded of one target.

        Parameters
        ----------
        ax : matplotlib Axes
            Where to draw.
        target : Var or OutPort
            A probed target.
        """
        assert target.process is not None
        ax.plot(self.get_data()[target.process.name][target.name], *args, **kwargs)
        ax.set_xlabel("time step")
        ax.set_title(f"{target.process.name}.{target.name}")
