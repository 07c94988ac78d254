"""Part of connection processes that learn (Lava's path)."""

from __future__ import annotations

from typing import Any, ClassVar

from lava_hw.magma.core.learning.learning_rule import LoihiLearningRule
from lava_hw.magma.core.process.ports.ports import InPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var

__all__ = ["LearningConnectionProcess"]


class LearningConnectionProcess(AbstractProcess):
    """Ports and Vars of a connection that learns; a mixin before the class of the connection.

    Ports, all (n_out,): s_in_bap (spikes of the targets on their way back), s_in_y1, s_in_y2, s_in_y3 (traces
    of the targets, for rules with three factors). Ports that are not connected read zeros.

    Vars of the sources (n_in,): x0 (has spiked in the epoch), tx (step of its last spike in the epoch, from
    1; 0 for none), x1, x2 (traces). Of the targets (n_out,): y0, ty, y1, y2, y3. Of the synapses: tag_1,
    tag_2. Of the rule: dw, dd, dt (text, "" if there is no such equation), and (1,) each x1_tau, x1_impulse
    and so on for x2, y1, y2, y3.

    Parameters
    ----------
    shape : tuple of int
        (n_out, n_in).
    learning_rule : LoihiLearningRule
        The rule.
    tag_1, tag_2 : array, default 0
        Initial tags.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.

    Raises
    ------
    TypeError
        If there is no learning rule.
    """

    tag_1: Var
    tag_2: Var

    _model_parameters: ClassVar[dict[str, Any]] = {"tag_1": None, "tag_2": None}

    def __init__(
        self,
        shape: tuple[int, ...],
        learning_rule: LoihiLearningRule | None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(learning_rule, LoihiLearningRule):
            raise TypeError(
                f"{type(self).__name__} needs a learning_rule, such as STDPLoihi(...) or "
                f"Loihi2FLearningRule(dw=...), got {learning_rule!r}. Without learning use Dense or Sparse."
            )
        tags = {name: 0 if kwargs.get(name) is None else kwargs[name] for name in ("tag_1", "tag_2")}
        super().__init__(shape=shape, learning_rule=learning_rule, **kwargs)
        self._learning_rule = learning_rule
        n_out, n_in = shape
        for name in ("s_in_bap", "s_in_y1", "s_in_y2", "s_in_y3"):
            setattr(self, name, InPort(shape=(n_out,)))
        for name in ("x0", "tx", "x1", "x2"):
            setattr(self, name, Var(shape=(n_in,), init=0))
        for name in ("y0", "ty", "y1", "y2", "y3"):
            setattr(self, name, Var(shape=(n_out,), init=0))
        for name, init in tags.items():
            setattr(self, name, Var(shape=shape, init=init))
        for name in ("dw", "dd", "dt"):
            setattr(self, name, Var(shape=(256,), init=getattr(learning_rule, f"{name}_str") or ""))
        for trace in ("x1", "x2", "y1", "y2", "y3"):
            for name in (f"{trace}_tau", f"{trace}_impulse"):
                setattr(self, name, Var(shape=(1,), init=getattr(learning_rule, name)))
