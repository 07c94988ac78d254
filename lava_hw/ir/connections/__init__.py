"""Connection kinds, one module each: a sum type whose cases are the subclasses of `Connection`."""

from lava_hw.ir.connections.base import Connection
from lava_hw.ir.connections.conv import ConvConnection
from lava_hw.ir.connections.delays import Delays
from lava_hw.ir.connections.dense import DenseConnection
from lava_hw.ir.connections.pattern import Pattern
from lava_hw.ir.connections.sparse import SparseConnection
from lava_hw.ir.connections.weighted import WeightedConnection, WeightRule

__all__ = [
    "Connection",
    "ConvConnection",
    "Delays",
    "DenseConnection",
    "Pattern",
    "SparseConnection",
    "WeightRule",
    "WeightedConnection",
]
