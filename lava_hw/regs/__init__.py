"""Layouts of flits, memory words, instructions and registers, generated from rtl/regs/lava_hw.rdl."""

from lava_hw.regs._generated import *  # noqa: F403 - generated names are the public names
from lava_hw.regs._generated import (
    CONNECTION0,
    CONNECTION1,
    CONNECTION2,
    CONNECTION3,
    CONNECTION4,
    CONNECTION5,
    CONNECTION6,
    CONNECTION7,
    POPULATION0,
    POPULATION1,
    POPULATION2,
    POPULATION3,
    POPULATION4,
    ROUTE0,
    ROUTE1,
)
from lava_hw.regs.word import Field, Word

__all__ = ["CONNECTION_ENTRY", "POPULATION_ENTRY", "ROUTE_ENTRY", "Field", "Word"]

# The words of an entry of each table of a core, in order; words behind them read 0.
POPULATION_ENTRY = (POPULATION0, POPULATION1, POPULATION2, POPULATION3, POPULATION4)
CONNECTION_ENTRY = (
    CONNECTION0,
    CONNECTION1,
    CONNECTION2,
    CONNECTION3,
    CONNECTION4,
    CONNECTION5,
    CONNECTION6,
    CONNECTION7,
)
ROUTE_ENTRY = (ROUTE0, ROUTE1)
