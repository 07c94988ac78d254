"""Guards: the questions to a model whether it wants a management phase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase

__all__ = ["AFTER_LEARNING", "GUARDS", "WISHES", "ask_models", "has_guards"]

GUARDS = ("pre_guard", "lrn_guard", "post_guard")
WISHES = ("pre_management", "learning", "post_management")
"""What a model may ask for when it has ended the spiking phase: the first phase that it needs."""
AFTER_LEARNING = "post_guard after learning"
"""Asked of a model that has ended the learning phase, unless it has asked for the end of the run there."""


def has_guards(model_class: type) -> bool:
    """Whether a model class overrides a guard, so that it may ask for phases."""
    return issubclass(model_class, PyLoihiProcessModel) and any(
        getattr(model_class, guard) is not getattr(PyLoihiProcessModel, guard) for guard in GUARDS
    )


def ask_models(models: list[Any], guards: Sequence[str], phase: Phase | None = None) -> list[list[Any]]:
    """Give for each guard those models of this worker for which it is true.

    Parameters
    ----------
    models : list of PythonParticipant
        The models, in order of processes.
    guards : sequence of str
        Names of guards, WISHES or AFTER_LEARNING.
    phase : Phase, optional
        The phase that the models enter first.
    """
    if phase is not None:
        for model in models:
            model.enter_phase(phase)
    return [[model for model in models if model.asks(guard)] for guard in guards]
