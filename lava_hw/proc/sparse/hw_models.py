"""Chip models of Sparse and DelaySparse. What the values are is said by the Python models of `models`."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from lava_hw.ir import Delays, FlatProcess, Ints, Pattern, SparseConnection, filled
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.dense.hw_delays import check_delays, longest, shifted_apart
from lava_hw.proc.dense.hw_weights import Common, common, stored_numbers
from lava_hw.proc.sparse.process import DelaySparse, Sparse, canonical

__all__ = ["HwDelaySparse", "HwSparse"]


class _Synapses(TypedDict):
    """Those fields of a `SparseConnection` that follow from the pattern of a matrix."""

    size_in: int
    size_out: int
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    stored: npt.NDArray[np.int16]
    pattern: Pattern


@implements(proc=Sparse, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwSparse(AbstractHwProcessModel):
    """Sparse as a connection of the chip, for spikes and for values; only what is stored takes memory."""

    @classmethod
    def lower(cls, process: FlatProcess) -> SparseConnection:
        """See `AbstractHwProcessModel.lower`."""
        of, synapses = _synapses(process)
        return SparseConnection(**of, **synapses)


@implements(proc=DelaySparse, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwDelaySparse(AbstractHwProcessModel):
    """DelaySparse as a connection of the chip, with delays of 0 to 62.

    With a negative weight_exp, what comes with each delay is added and shifted apart, as in Python.
    """

    @classmethod
    def lower(cls, process: FlatProcess) -> SparseConnection:
        """See `AbstractHwProcessModel.lower`."""
        of, synapses = _synapses(process)
        delays, pattern = _matrix(process, "delays")
        most = longest(process)
        check_delays(process.name, delays, most, lambda k: _place(pattern, k))
        # A weight without a stored delay has delay 0, and a delay without a weight is only a number.
        columns = synapses["size_in"]
        keys = pattern.rows * columns + pattern.columns
        wanted = synapses["target"].astype(np.int64) * columns + synapses["source"]
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        elements: Ints = np.full(len(wanted), -1, np.int64)
        if len(keys):
            elements = np.where(keys[at] == wanted, at, -1)
        steps = np.append(delays, np.int32(0))[elements]
        steps[elements < 0] = 0
        shape = synapses["size_out"], columns
        return SparseConnection(
            **of,
            **synapses,
            sums_shape=(shape[0], most + 1),
            delays=Delays(steps, most, shifted_apart(of, most), elements, delays, shape, pattern),
        )


def _matrix(process: FlatProcess, name: str) -> tuple[npt.NDArray[np.int32], Pattern]:
    """Give the entries of a Var that is a sparse matrix, as a Python model fills it, and where they are."""
    matrix: Any = canonical(process.vars[name].init)
    values = filled(process.name, name, matrix.data, (matrix.nnz,), "int32")
    return values, Pattern(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64))


def _place(pattern: Pattern, k: int) -> str:
    return str((int(pattern.rows[k]), int(pattern.columns[k])))


def _synapses(process: FlatProcess) -> tuple[Common, _Synapses]:
    given, pattern = _matrix(process, "weights")
    of = common(process, given)
    return of, _Synapses(
        size_in=process.in_ports["s_in"][0],
        size_out=process.out_ports["a_out"][0],
        source=pattern.columns.astype(np.int32),
        target=pattern.rows.astype(np.int32),
        stored=stored_numbers(of, given, lambda k: _place(pattern, k)),
        pattern=pattern,
    )
