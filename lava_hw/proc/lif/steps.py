"""A step of LIF neurons, and several at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.proc.batches import received, send_rows
from lava_hw.proc.compiled import Steps

__all__ = ["AbstractLifModel", "CompiledLif"]

Array = npt.NDArray[Any]

_OF_A_STEP = ("subthr_dynamics", "spiking_activation", "reset_voltage")


class AbstractLifModel(PyLoihiProcessModel):
    """What a step of the LIF family consists of; a subclass defines dynamics and spikes.

    Attributes
    ----------
    s_out_buff : np.ndarray
        Spikes of the last step.
    """

    constant_vars = (
        "du",
        "dv",
        "bias_mant",
        "bias_exp",
        "vth",
        "vth_hi",
        "vth_lo",
        "reset_interval",
        "reset_offset",
    )
    a_in: Any = None
    s_out: Any = None
    v: Any = None

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.s_out_buff: Any = None
        self._changed = True

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Advance u and v."""
        raise NotImplementedError(f"{type(self).__name__} must define subthr_dynamics().")

    def spiking_activation(self) -> Array:
        """Spikes of the present voltage."""
        raise NotImplementedError(f"{type(self).__name__} must define spiking_activation().")

    def reset_voltage(self, spike_vector: Array) -> None:
        """Clear v where there are spikes."""
        self.v[spike_vector] = 0

    def run_spk(self) -> None:
        """One step."""
        activation = self.a_in.recv()
        self._prepare()
        spikes = self.s_out_buff = self._spikes(activation)
        self.s_out.send(spikes)

    def run_batch(self, steps: int) -> None:
        """Several steps, as many at a time as there are messages for."""
        end = self.time_step + steps
        self._changed = True
        while self.time_step < end:
            rows = received(self.a_in, end - self.time_step)
            # The user may have set a Var while this one waited.
            if self._changed:
                self._prepare()
                self._changed = False
            spikes = self._spikes_of(rows)
            self.s_out_buff = spikes[-1]
            send_rows(self.s_out, self._as_sent(spikes))

    def on_var_update(self) -> None:
        """Remember that what follows from Vars is to be computed anew."""
        super().on_var_update()
        self._changed = True

    def _as_sent(self, spikes: Array) -> Array:
        """Spikes in the type of the port, where they certainly fit; the port would look whether they do."""
        port = type(self).s_out
        return spikes.astype(port.d_type) if spikes.dtype == bool and port is not None else spikes

    def _prepare(self) -> None:
        """Compute what follows from Vars that do not change in a step."""

    def _spikes(self, activation: Array) -> Array:
        """Spikes of a step, after which u and v are those of its end."""
        self.subthr_dynamics(activation_in=activation)
        spikes = self.spiking_activation()
        self.reset_voltage(spike_vector=spikes)
        return spikes

    def _spikes_of(self, rows: Array) -> Array:
        """Spikes of some steps, [steps, *shape]; counts the steps."""
        spikes = []
        for row in rows:
            spikes.append(self._spikes(row))
            self.time_step += 1
        return np.stack(spikes)


class CompiledLif(AbstractLifModel):
    """Has its steps done in C++ where that can be; a parent of the class that says what LIF is.

    A subclass of that class which does something else in a step does it in Python.
    """

    _as_lif: ClassVar[bool] = False
    _steps: Steps | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        lif = next(parent for parent in reversed(cls.__mro__) if CompiledLif in parent.__bases__)
        cls._as_lif = all(getattr(cls, name) is getattr(lif, name) for name in _OF_A_STEP)

    def _prepare(self) -> None:
        """See AbstractLifModel."""
        super()._prepare()
        self._steps = self._compiled() if self._as_lif else None

    def _spikes(self, activation: Array) -> Array:
        """See AbstractLifModel."""
        spikes = None if self._steps is None else self._steps(activation[None])
        return super()._spikes(activation) if spikes is None else spikes[0]

    def _spikes_of(self, rows: Array) -> Array:
        """See AbstractLifModel."""
        spikes = None if self._steps is None else self._steps(rows)
        if spikes is None:
            return super()._spikes_of(rows)
        self.time_step += len(rows)
        return spikes

    def _compiled(self) -> Steps | None:
        """Steps with the present Vars, if C++ can do them."""
        raise NotImplementedError(f"{type(self).__name__} must define _compiled().")
