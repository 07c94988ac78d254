"""What a program in algebraic notation needs, in one place (Lava's path)."""

from __future__ import annotations

from lava_hw.magma.core.run_conditions import RunContinuous, RunSteps
from lava_hw.magma.core.run_configs import Loihi2HwCfg, Loihi2SimCfg
from lava_hw.networks.gradedvecnetwork import (
    GradedDense,
    GradedSparse,
    GradedVec,
    InputVec,
    LIFVec,
    NormalizeNet,
    OutputVec,
    ProductVec,
)
from lava_hw.networks.resfire import ResFireVec

__all__ = [
    "GradedDense",
    "GradedSparse",
    "GradedVec",
    "InputVec",
    "LIFVec",
    "Loihi2HwCfg",
    "Loihi2SimCfg",
    "NormalizeNet",
    "OutputVec",
    "ProductVec",
    "ResFireVec",
    "RunContinuous",
    "RunSteps",
]
