"""Layouts of flits, memory words, instructions and registers, generated from rtl/regs/lava_hw.rdl."""

from lava_hw.regs._generated import *  # noqa: F403 - generated names are the public names
from lava_hw.regs.word import Field, Word

__all__ = ["Field", "Word"]
