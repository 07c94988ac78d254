"""Delta encoder (Lava's path)."""

from __future__ import annotations

from enum import Enum, unique
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.parameters import plain_number
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.io.compression import pack_dense, pack_distances, sparse, unpack_distances
from lava_hw.proc.population import AbstractPopulation

__all__ = [
    "AbstractPyDeltaEncoderModel",
    "Compression",
    "DeltaEncoder",
    "PyDeltaEncoderModelDense",
    "PyDeltaEncoderModelSparse",
]

Array = npt.NDArray[Any]


@unique
class Compression(Enum):
    """Format of the messages of an encoder.

    DENSE sends all values. The others need a sparse InPort at the other end: SPARSE sends the values that are
    not zero and their flat indices; PACKED_4 all values as bytes, four in a word; DELTA_SPARSE_8 the values
    that are not zero, and the distances between them, as bytes (see `lava_hw.proc.io.compression`). Of what
    goes into a byte, the low 8 bits are sent: `num_bits` and `spike_exp` together must be 8 at most.
    """

    DENSE = 0
    SPARSE = 1
    PACKED_4 = 2
    DELTA_SPARSE_8 = 3


class DeltaEncoder(AbstractPopulation):
    """Sends changes of its input that exceed a threshold.

    Equations::

        send what the last step has computed
        x = a_in * 2^spike_exp
        d = x - act + residue
        s = d where |d| >= vth * 2^spike_exp, else 0
        s clipped to [-2^(num_bits - 1), 2^(num_bits - 1) - 1] * 2^spike_exp        (if num_bits is given)
        residue = d - s;  act = x

    What is sent is not divided by 2^spike_exp. The models compute in integers (floats truncate), 32 bits of
    each value are sent.

    Parameters
    ----------
    shape : tuple of int
        Shape of input and output.
    vth : int or float
        Threshold; it truncates to an integer after scaling.
    spike_exp : int, default 0
        Scale of the messages.
    num_bits : int, optional
        Bits of a message, before scaling.
    compression : Compression, default DENSE
        Format of the messages.

    Raises
    ------
    ValueError
        If `spike_exp` is negative or `num_bits` below 1.
    TypeError
        If `compression` is none.
    """

    var_ranges = table(
        {
            **{name: VarRange("int64") for name in ("vth", "act", "residue", "a_min", "a_max")},
            "spike_exp": VarRange("int64", low=0, high=24),
        }
    )

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        vth: float,
        spike_exp: int = 0,
        num_bits: int | None = None,
        compression: Compression = Compression.DENSE,
    ) -> None:
        vth, spike_exp, num_bits = plain_number(vth), plain_number(spike_exp), plain_number(num_bits)
        if spike_exp < 0:
            raise ValueError(f"DeltaEncoder: spike_exp must not be negative, got {spike_exp}.")
        if num_bits is not None and num_bits < 1:
            raise ValueError(f"DeltaEncoder: num_bits must be at least 1, got {num_bits}.")
        if not isinstance(compression, Compression):
            raise TypeError(f"DeltaEncoder: compression must be a Compression, got {compression!r}.")
        super().__init__(shape=shape, vth=vth, cum_error=False, spike_exp=spike_exp, state_exp=0)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.vth = Var(shape=(1,), init=vth * (1 << spike_exp))
        self.act = Var(shape=shape, init=0)
        self.residue = Var(shape=shape, init=0)
        self.spike_exp = Var(shape=(1,), init=spike_exp)
        # -1 in both says that there is no limit.
        half = 0 if num_bits is None else 1 << (num_bits - 1)
        self.a_min = Var(shape=(1,), init=-half << spike_exp if half else -1)
        self.a_max = Var(shape=(1,), init=(half - 1) << spike_exp if half else -1)
        self.proc_params["compression"] = compression


@requires(CPU)
class AbstractPyDeltaEncoderModel(PyLoihiProcessModel):
    """Common part of the models of DeltaEncoder."""

    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    s_out: Any = None
    vth: Any = LavaPyType(np.ndarray, np.int64, precision=24)
    act: Any = LavaPyType(np.ndarray, np.int64, precision=24)
    residue: Any = LavaPyType(np.ndarray, np.int64, precision=24)
    spike_exp: Any = LavaPyType(np.ndarray, np.int64, precision=3)
    a_min: Any = LavaPyType(np.ndarray, np.int64, precision=24)
    a_max: Any = LavaPyType(np.ndarray, np.int64, precision=24)

    _formats: tuple[Compression, ...] = ()

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.compression: Compression = self.proc_params["compression"]
        if self.compression not in self._formats:
            raise RuntimeError(
                f"{type(self).__name__} sends {' or '.join(f.name for f in self._formats)}, but the "
                f"encoder's compression is {self.compression.name}. Leave the choice of the model to the run "
                "configuration."
            )

    @classmethod
    def fits(cls, proc: AbstractProcess) -> bool:
        """Whether the model sends in the format of the process."""
        return proc.proc_params["compression"] in cls._formats

    def encode_delta(self, act_new: Array) -> Array:
        """What is sent for a scaled input."""
        delta = act_new - self.act + self.residue
        out = np.where(np.abs(delta) >= self.vth, delta, 0)
        if self.a_max.item() >= 0:
            out = np.clip(out, self.a_min, self.a_max)
        self.residue = delta - out
        self.act = act_new
        return out

    def encode_delta_of(self, received: Array) -> Array:
        """What is sent for an input; floats truncate."""
        with np.errstate(invalid="ignore"):
            return self.encode_delta(received.astype(np.int64) << self.spike_exp)


@implements(proc=DeltaEncoder, protocol=LoihiProtocol)
@tag("dense_out", "fixed_pt")
class PyDeltaEncoderModelDense(AbstractPyDeltaEncoderModel):
    """Encoder with dense messages."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    _formats = (Compression.DENSE,)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.s_out_buf: Array = np.zeros(self.proc_params["shape"], np.int64)

    def run_spk(self) -> None:
        """One step."""
        self.s_out.send(self.s_out_buf)
        # What the shift has carried beyond 32 bits wraps, as in Lava.
        self.s_out_buf = self.encode_delta_of(self.a_in.recv()).astype(np.int32)


@implements(proc=DeltaEncoder, protocol=LoihiProtocol)
@tag("sparse_out", "fixed_pt")
class PyDeltaEncoderModelSparse(AbstractPyDeltaEncoderModel):
    """Encoder with sparse or packed messages; see Compression."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_SPARSE, np.int32, precision=24)
    _formats = (Compression.SPARSE, Compression.PACKED_4, Compression.DELTA_SPARSE_8)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.data: Array = np.zeros(1, np.int64)
        self.idx: Array = np.zeros(1, np.int64)

    def encode_sparse(self, s_out: Array) -> tuple[Array, Array]:
        """Values that are not zero, and their flat indices; one zero at index 0 if there are none."""
        return sparse(s_out)

    def encode_packed_4(self, s_out: Array) -> tuple[Array, Array]:
        """All values as bytes, eight in a pair of words: four in `data`, four in the index."""
        return pack_dense(s_out)

    def encode_delta_sparse_8(self, s_out: Array) -> tuple[Array, Array]:
        """Values that are not zero, and the distances of their indices, as bytes, four in a word."""
        return pack_distances(s_out)

    def decode_encode_delta_sparse_8(self, packed_data: Array, packed_idx: Array) -> tuple[Array, Array]:
        """Bytes (0 to 255) and flat indices of what `encode_delta_sparse_8` has packed."""
        return unpack_distances(packed_data, packed_idx)

    def run_spk(self) -> None:
        """One step."""
        self.s_out.send(self.data, self.idx, packed=self.compression is not Compression.SPARSE)
        out = self.encode_delta_of(self.a_in.recv()).astype(np.int32)  # wraps, as in Lava
        if self.compression is Compression.SPARSE:
            self.data, self.idx = self.encode_sparse(out)
        elif self.compression is Compression.PACKED_4:
            self.data, self.idx = self.encode_packed_4(out)
        else:
            self.data, self.idx = self.encode_delta_sparse_8(out)
