"""Loihi's protocol: discrete steps with phases (Lava's path)."""

from __future__ import annotations

import enum
from typing import ClassVar

from lava_hw.magma.core.sync.protocol import AbstractSyncProtocol

__all__ = ["LoihiProtocol", "Phase"]


class Phase(enum.IntEnum):
    """Phases of one step, in order. HOST follows the last step of a run."""

    SPK = 1
    PRE_MGMT = 2
    LRN = 3
    POST_MGMT = 4
    HOST = 5


class LoihiProtocol(AbstractSyncProtocol):
    """Steps in which each model runs its spiking phase, then the phases that some model asks for.

    A phase belongs to the whole domain: PRE_MGMT happens when a model has both `lrn_guard` and `pre_guard`,
    LRN when one has `lrn_guard`, POST_MGMT when one has `post_guard`; in it runs each model whose own guard
    is true.
    """

    phases: ClassVar[list[Phase]] = [Phase.SPK, Phase.PRE_MGMT, Phase.LRN, Phase.POST_MGMT, Phase.HOST]
    proc_functions: ClassVar[list[str]] = [
        "run_spk",
        "run_pre_mgmt",
        "run_lrn",
        "run_post_mgmt",
        "run_host_mgmt",
    ]
