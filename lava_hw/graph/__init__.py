"""From connected processes to a flat description of the network.

`flatten(process, run_cfg)` walks the connections, names the processes, chooses a model for each, expands
sub-process models, folds views of ports into index tables and gives a `Flat`.
"""

from lava_hw.graph.flat import Flat, FlatProcess, FlatVar, Link, RefLink
from lava_hw.graph.flatten import flatten

__all__ = ["Flat", "FlatProcess", "FlatVar", "Link", "RefLink", "flatten"]
