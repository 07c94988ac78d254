"""From a flat network to the image of a chip: lower, legalise, partition, place, schedule, route, encode.

Start reading in `pipeline`. `types` has the values between the passes.
"""

from lava_hw.compiler.choose import choose_models
from lava_hw.compiler.errors import (
    CompileError,
    DoesNotFit,
    NotOnChip,
    ParameterRefused,
    PlacementError,
    UnfitProcesses,
    ZeroLatencyLoop,
)
from lava_hw.compiler.pipeline import compile_flat, compile_network
from lava_hw.compiler.report import report

__all__ = [
    "CompileError",
    "DoesNotFit",
    "NotOnChip",
    "ParameterRefused",
    "PlacementError",
    "UnfitProcesses",
    "ZeroLatencyLoop",
    "choose_models",
    "compile_flat",
    "compile_network",
    "report",
]
