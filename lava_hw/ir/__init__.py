"""The contract between processes, compiler and chip: what the chip model of a process says in integers.

A chip model (a subclass of `lava_hw.magma.core.model.hw.model.AbstractHwProcessModel`) defines
`lower(process)`: it gets a `FlatProcess` and gives `Neurons` or a `Connection`. Everything that it needs for
that is imported from here; `docs/adding_a_process.md` writes one from end to end.

- `Neurons` with `NeuronInput`, `NeuronOutput`, `NeuronState`, `Constant`: a population and its program.
- `DenseConnection`, `SparseConnection` (and each other subclass of `Connection`): synapses; `Delays`,
  `Pattern`: what some of them have.
- `KeptVar`: where a Var is kept. `filled`, `held`, `latched`, `computed`, `integers` make these from
  parameters and initial values, and refuse what the chip cannot hold exactly.
- `ParameterRefused`, `NotOnChip`, `CompileError`: how a model refuses.
"""

from lava_hw.graph.flat import FlatProcess
from lava_hw.ir.connections import (
    Connection,
    ConvConnection,
    Delays,
    DenseConnection,
    Pattern,
    SparseConnection,
    WeightRule,
)
from lava_hw.ir.errors import CompileError, NotOnChip, ParameterRefused
from lava_hw.ir.kept_var import Ints, KeptVar
from lava_hw.ir.neurons import PROCESS, Constant, NeuronInput, NeuronOutput, Neurons, NeuronState
from lava_hw.ir.parameters import computed, filled, follows, held, integers, latched, shown, stored_bits

__all__ = [
    "PROCESS",
    "CompileError",
    "Connection",
    "Constant",
    "ConvConnection",
    "Delays",
    "DenseConnection",
    "FlatProcess",
    "Ints",
    "KeptVar",
    "NeuronInput",
    "NeuronOutput",
    "NeuronState",
    "Neurons",
    "NotOnChip",
    "ParameterRefused",
    "Pattern",
    "SparseConnection",
    "WeightRule",
    "computed",
    "filled",
    "follows",
    "held",
    "integers",
    "latched",
    "shown",
    "stored_bits",
]
