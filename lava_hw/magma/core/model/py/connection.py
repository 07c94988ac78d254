"""Parents of Python models of connections that learn (Lava's path)."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.learning.constants import W_ACCUMULATOR_U, W_SYN_VAR_U, GradedSpikeCfg
from lava_hw.magma.core.learning.learning_rule import Loihi3FLearningRule, LoihiLearningRule
from lava_hw.magma.core.learning.learning_rule_applier import (
    AbstractLearningRuleApplier,
    LearningRuleApplierBitApprox,
    LearningRuleApplierFloat,
)
from lava_hw.magma.core.learning.random import ConnVarRandom, TraceRandom
from lava_hw.magma.core.learning.string_symbols import SYNAPTIC_VARIABLE_VAR_MAPPING
from lava_hw.magma.core.learning.synapses import VARIABLES, Epoch, MatrixSynapses
from lava_hw.magma.core.learning.traces import FixedTraces, FloatTraces
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort
from lava_hw.magma.core.model.py.type import LavaPyType

__all__ = [
    "AbstractLearningConnection",
    "LearningConnectionModelBitApproximate",
    "LearningConnectionModelFloat",
    "PyLearningConnection",
]

Array = npt.NDArray[Any]

_TRACES = {"x": ("x1", "x2"), "y": ("y1", "y2", "y3")}
_EQUATIONS = {f"d{short}": var for short, var in SYNAPTIC_VARIABLE_VAR_MAPPING.items()}
# SignMode of lava_hw.utils.weightutils.
_MIXED, _INHIBITORY = 1, 3


class AbstractLearningConnection:
    """Ports and Vars of a connection that learns; a subclass declares their types."""

    s_in_bap: Any = None
    s_in_y1: Any = None
    s_in_y2: Any = None
    s_in_y3: Any = None
    weights: Any
    tag_1: Any = None
    tag_2: Any = None
    x0: Any = None
    tx: Any = None
    x1: Any = None
    x2: Any = None
    y0: Any = None
    ty: Any = None
    y1: Any = None
    y2: Any = None
    y3: Any = None
    dw: Any = LavaPyType(str, str)
    dd: Any = LavaPyType(str, str)
    dt: Any = LavaPyType(str, str)
    # Not truncated in fixed point either: an impulse may have a fraction.
    x1_tau: Any = LavaPyType(np.ndarray, float)
    x1_impulse: Any = LavaPyType(np.ndarray, float)
    x2_tau: Any = LavaPyType(np.ndarray, float)
    x2_impulse: Any = LavaPyType(np.ndarray, float)
    y1_tau: Any = LavaPyType(np.ndarray, float)
    y1_impulse: Any = LavaPyType(np.ndarray, float)
    y2_tau: Any = LavaPyType(np.ndarray, float)
    y2_impulse: Any = LavaPyType(np.ndarray, float)
    y3_tau: Any = LavaPyType(np.ndarray, float)
    y3_impulse: Any = LavaPyType(np.ndarray, float)


class PyLearningConnection(AbstractLearningConnection, PyLoihiProcessModel, ABC):
    """What a connection does to learn, in each step and at the end of each epoch.

    A subclass has the connection as its second parent: ports, weights, and `_integrate`, what an input adds
    up to. The equations are given in docs/learning.md.
    """

    s_in: Any
    a_out: Any
    a_buff: Any
    num_message_bits: Any
    _integrate: Any
    _applier: ClassVar[type[AbstractLearningRuleApplier]]

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        params = self.proc_params
        self._learning_rule: LoihiLearningRule = params["learning_rule"]
        self._shape: tuple[int, ...] = params["shape"]
        self._graded_spike_cfg = GradedSpikeCfg(params["graded_spike_cfg"])
        self.sign_mode: int = params.get("sign_mode", None) or _MIXED
        self._third_factor = isinstance(self._learning_rule, Loihi3FLearningRule)
        self._synapses: MatrixSynapses | None = None
        self._take_rule()

    def _take_rule(self) -> None:
        """Prepare what follows from the rule."""
        rule = self._learning_rule
        self._appliers = {
            _EQUATIONS[target]: self._applier(series) for target, series in rule.active_product_series.items()
        }
        for side, names in _TRACES.items():
            impulses = np.array([getattr(rule, f"{name}_impulse") for name in names], float)
            taus = np.array([getattr(rule, f"{name}_tau") for name in names], float)
            setattr(self, f"_traces_{side}", self._make_traces(impulses, taus))

    @abstractmethod
    def _make_traces(self, impulses: Array, taus: Array) -> Any:
        """Arithmetic of the traces of one side."""

    def on_var_update(self) -> None:
        """Make what a user has changed of the rule a part of it.

        Raises
        ------
        ValueError, AttributeError
            See LoihiLearningRule; the Var has its former value again.
        """
        super().on_var_update()
        rule = self._learning_rule
        for target in ("dw", "dd", "dt"):
            before = getattr(rule, f"{target}_str") or ""
            if getattr(self, target) != before:
                try:
                    setattr(rule, f"{target}_str", getattr(self, target) or None)
                except Exception:
                    setattr(self, target, before)
                    raise
        for trace in (*_TRACES["x"], *_TRACES["y"]):
            for name in (f"{trace}_impulse", f"{trace}_tau"):
                held, before = getattr(self, name), getattr(rule, name)
                if held[0] != before:
                    try:
                        setattr(rule, name, held[0].item())
                    except Exception:
                        held[0] = before
                        raise
        self._take_rule()

    # -- in each step --
    def run_spk(self) -> None:
        """One step of the connection, then what learning needs."""
        self.a_out.send(self.a_buff)
        s_in = self.s_in.recv()
        if self.num_message_bits.item() <= 0:
            s_in = s_in != 0
        self.a_buff = self._integrate(s_in)
        self.recv_traces(s_in)

    def recv_traces(self, s_in: Array) -> None:
        """Take the spikes of this step in, of the sources and of the targets.

        Parameters
        ----------
        s_in : array, shape (n_in,)
            What the connection has received.
        """
        time = (self.time_step - 1) % self._learning_rule.t_epoch + 1
        self._process_pre_spikes(s_in, time)
        self._advance_randoms()
        spiking = self.s_in_bap.recv().nonzero()[0]
        # A rule with two factors takes no notice of it, but a sender must not be left waiting.
        received = [getattr(self, f"s_in_{name}").recv() for name in _TRACES["y"]]
        if len(spiking):
            self.y0[spiking] = True
            if not self._third_factor:
                again = spiking[self.ty[spiking] > 0]
                if len(again):
                    self._spike_again(again)
            self.ty[spiking] = time
        if self._third_factor:
            for name, values in zip(_TRACES["y"], received, strict=True):
                getattr(self, name)[...] = values
        self._advance_randoms()

    @abstractmethod
    def _process_pre_spikes(self, s_in: Array, time: int) -> None:
        """Sources have spiked."""

    @abstractmethod
    def _spike_again(self, targets: Array) -> None:
        """Targets have spiked before in this epoch."""

    def _advance_randoms(self) -> None:
        """Draw random numbers, if there are any."""

    # -- at the end of each epoch --
    def lrn_guard(self) -> bool:
        """Whether an epoch ends."""
        return self.time_step % self._learning_rule.t_epoch == 0

    def run_lrn(self) -> None:
        """Advance the traces over the epoch, and add the equations."""
        rule = self._learning_rule
        before_x, before_y = (np.stack([getattr(self, name) for name in _TRACES[side]]) for side in "xy")
        history_x, history_y = self._histories(before_x, before_y, rule.t_epoch)
        k = rule.decimate_exponent
        u = int(k is not None and (self.time_step // rule.t_epoch) % (1 << k) == 0)
        epoch = Epoch(self.tx, self.ty, history_x, history_y, u)
        if self._synapses is None:
            self._synapses = self._make_synapses()
        synapses = self._synapses
        arguments = synapses.arguments(epoch, {name: getattr(self, name) for name in VARIABLES})
        new = {
            name: self._updated(name, applier, synapses.values(getattr(self, name)), arguments)
            for name, applier in self._appliers.items()
        }
        for name, values in new.items():
            synapses.values(getattr(self, name))[...] = values
        for name, values in zip(_TRACES["x"], history_x[-1], strict=True):
            getattr(self, name)[...] = values
        if not self._third_factor:
            for name, values in zip(_TRACES["y"], history_y[-1], strict=True):
                getattr(self, name)[...] = values
        for name in ("x0", "y0", "tx", "ty"):
            getattr(self, name)[...] = 0

    def _make_synapses(self) -> MatrixSynapses:
        return MatrixSynapses()

    @abstractmethod
    def _histories(self, x: Array, y: Array, steps: int) -> tuple[Array, Array]:
        """Traces of sources and targets over the epoch, from what they were at its start."""

    @abstractmethod
    def _updated(
        self, name: str, applier: AbstractLearningRuleApplier, values: Array, arguments: dict[str, Any]
    ) -> Array:
        """New values of a variable of the synapses."""


class LearningConnectionModelBitApproximate(PyLearningConnection):
    """In fixed point. Equal to Lava bit for bit; to Loihi only nearly, hence the name."""

    _applier = LearningRuleApplierBitApprox
    _traces_x: FixedTraces
    _traces_y: FixedTraces

    s_in_bap: Any = LavaPyType(PyInPort.VEC_DENSE, bool, precision=1)
    s_in_y1: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=7)
    s_in_y2: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=7)
    s_in_y3: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=7)
    x0: Any = LavaPyType(np.ndarray, bool)
    tx: Any = LavaPyType(np.ndarray, int, precision=6)
    x1: Any = LavaPyType(np.ndarray, int, precision=7)
    x2: Any = LavaPyType(np.ndarray, int, precision=7)
    y0: Any = LavaPyType(np.ndarray, bool)
    ty: Any = LavaPyType(np.ndarray, int, precision=6)
    y1: Any = LavaPyType(np.ndarray, int, precision=7)
    y2: Any = LavaPyType(np.ndarray, int, precision=7)
    y3: Any = LavaPyType(np.ndarray, int, precision=7)
    tag_2: Any = LavaPyType(np.ndarray, int, precision=6)
    tag_1: Any = LavaPyType(np.ndarray, int, precision=8)
    weights_set: bool
    _set_weights: Any

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        seed = self._learning_rule.rng_seed
        self._x_random = TraceRandom(seed, seed + 1)
        self._y_random = TraceRandom(seed + 2, seed + 3)
        self._conn_var_random = ConnVarRandom()

    def run_spk(self) -> None:
        """See PyLearningConnection."""
        if not self.weights_set:
            self._set_weights()
        super().run_spk()

    def _make_traces(self, impulses: Array, taus: Array) -> FixedTraces:
        return FixedTraces(impulses, taus)

    def _advance_randoms(self) -> None:
        self._x_random.advance()
        self._y_random.advance()

    def _process_pre_spikes(self, s_in: Array, time: int) -> None:
        spiking = s_in.nonzero()[0]
        again = spiking[self.tx[spiking] > 0]
        if self._graded_spike_cfg == GradedSpikeCfg.USE_REGULAR_IMPULSE:
            self._add_impulse(self.x1, 0, again)
        else:
            # A payload is halved to even, in 8 bits.
            halves = np.rint(s_in / 2).astype(np.int64) & 255
            if self._graded_spike_cfg == GradedSpikeCfg.OVERWRITE:
                self.x1[spiking] = halves[spiking]
            else:
                sums = (self.x1 + halves) & 255
                over = sums > 127
                if self._graded_spike_cfg == GradedSpikeCfg.ADD_WITH_SATURATION:
                    self.x1[...] = np.minimum(sums, 127)
                else:
                    self.x1[...] = np.where(over, sums - 127, sums)
                    spiking, again = spiking[over[spiking]], again[over[again]]
        self._add_impulse(self.x2, 1, again)
        self.tx[spiking] = time

    def _add_impulse(self, trace: Array, number: int, neurons: Array) -> None:
        """Add the impulse of a trace of sources that spike again."""
        if len(neurons):
            trace[neurons] = self._traces_x.add_to_one(number, trace[neurons], 0)

    def _spike_again(self, targets: Array) -> None:
        number = self._y_random.random_impulse_addition
        for place, trace in enumerate((self.y1, self.y2, self.y3)):
            trace[targets] = self._traces_y.add_to_one(place, trace[targets], number)

    def run_lrn(self) -> None:
        """See PyLearningConnection."""
        self._conn_var_random.advance()
        super().run_lrn()

    def _histories(self, x: Array, y: Array, steps: int) -> tuple[Array, Array]:
        found = []
        for traces, now, times, random in (
            (self._traces_x, x, self.tx, self._x_random),
            (self._traces_y, y, self.ty, self._y_random),
        ):
            number, impulse = random.random_trace_decay, random.random_impulse_addition
            found.append(traces.history(now, times, steps, number, impulse))
        return found[0], found[1]

    def _updated(
        self, name: str, applier: AbstractLearningRuleApplier, values: Array, arguments: dict[str, Any]
    ) -> Array:
        bits = W_ACCUMULATOR_U - W_SYN_VAR_U[name]
        # What is far outside of the accumulator ends at its limit whatever is added.
        acc = np.clip(values, -(1 << 10), 1 << 10).astype(np.int32, copy=False)
        acc = applier.apply(acc << np.int32(bits), **arguments)
        low, high = self._limits(name)
        # The signs that are allowed count before rounding.
        if low == 0:
            np.maximum(acc, np.int32(0), out=acc)
        elif high == 0:
            np.minimum(acc, np.int32(0), out=acc)
        # Up where the fraction exceeds the random number: floor(acc / 2^bits + 1 - random), exactly.
        random = math.floor(self._conn_var_random.random_stochastic_round * (1 << bits))
        acc += np.int32((1 << bits) - 1 - random)
        acc >>= np.int32(bits)
        return np.clip(acc, low, high, out=acc)

    def _limits(self, name: str) -> tuple[int, int]:
        """Range of a variable."""
        most = (1 << W_SYN_VAR_U[name]) - 1
        if name == "tag_1":
            return -most - 2, most
        if name == "tag_2":
            return 0, most
        if self.sign_mode == _INHIBITORY:
            return -most, 0
        return (-most - 1 if self.sign_mode == _MIXED else 0), most


class LearningConnectionModelFloat(PyLearningConnection):
    """In floating point: nothing is rounded, and only the signs of weights and of tag_2 are bounded.

    ADD_WITH_SATURATION and ADD_WITHOUT_SATURATION both add half of the payload to x1, without bounds, and all
    spikes count for the rule.
    """

    _applier = LearningRuleApplierFloat
    _traces_x: FloatTraces
    _traces_y: FloatTraces

    s_in_bap: Any = LavaPyType(PyInPort.VEC_DENSE, bool)
    s_in_y1: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_in_y2: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_in_y3: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    x0: Any = LavaPyType(np.ndarray, bool)
    tx: Any = LavaPyType(np.ndarray, int, precision=6)
    x1: Any = LavaPyType(np.ndarray, float)
    x2: Any = LavaPyType(np.ndarray, float)
    y0: Any = LavaPyType(np.ndarray, bool)
    ty: Any = LavaPyType(np.ndarray, int, precision=6)
    y1: Any = LavaPyType(np.ndarray, float)
    y2: Any = LavaPyType(np.ndarray, float)
    y3: Any = LavaPyType(np.ndarray, float)
    tag_2: Any = LavaPyType(np.ndarray, float)
    tag_1: Any = LavaPyType(np.ndarray, float)

    def _make_traces(self, impulses: Array, taus: Array) -> FloatTraces:
        return FloatTraces(impulses, taus)

    def _process_pre_spikes(self, s_in: Array, time: int) -> None:
        spiking = s_in.nonzero()[0]
        again = spiking[self.tx[spiking] > 0]
        impulses = self._traces_x.impulses
        if self._graded_spike_cfg == GradedSpikeCfg.USE_REGULAR_IMPULSE:
            self.x1[again] += impulses[0]
        elif self._graded_spike_cfg == GradedSpikeCfg.OVERWRITE:
            self.x1[spiking] = s_in[spiking] / 2
        else:
            self.x1[spiking] += s_in[spiking] / 2
        self.x2[again] += impulses[1]
        self.tx[spiking] = time

    def _spike_again(self, targets: Array) -> None:
        for name, impulse in zip(_TRACES["y"], self._traces_y.impulses, strict=True):
            getattr(self, name)[targets] += impulse

    def _histories(self, x: Array, y: Array, steps: int) -> tuple[Array, Array]:
        return self._traces_x.history(x, self.tx, steps), self._traces_y.history(y, self.ty, steps)

    def _updated(
        self, name: str, applier: AbstractLearningRuleApplier, values: Array, arguments: dict[str, Any]
    ) -> Array:
        new = applier.apply(values, **arguments)
        if name == "tag_1" or (name == "weights" and self.sign_mode == _MIXED):
            return new
        inhibitory = name == "weights" and self.sign_mode == _INHIBITORY
        return np.minimum(new, 0) if inhibitory else np.maximum(new, 0)
