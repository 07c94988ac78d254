"""The golden model: an interpreter of the chip in numpy, at the level of flits.

It follows docs/chip.md and knows register layouts and chip configurations only. That it shares nothing with
the compiler and the process models is what makes it a reference.
"""

from lava_hw.golden.chip import GoldenChip

__all__ = ["GoldenChip"]
