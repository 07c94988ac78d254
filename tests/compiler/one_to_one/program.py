"""A process with one-to-one connections, and networks of it in Python and on golden; run on a copied tree."""

from __future__ import annotations

import numpy as np
from lava_hw.ir.connections.one_each import OneToOneConnection

from lava_hw import LIF, Dense, Sink, Source
from lava_hw.chip import Chip
from lava_hw.ir import FlatProcess, filled
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU, NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from tests.compiler.equality import hold_equal


class OneToOne(AbstractProcess):
    """A weight for each element: an even number from -256 to 254."""

    def __init__(self, *, weights: np.ndarray, **kwargs: object) -> None:
        super().__init__(weights=weights, **kwargs)
        shape = weights.shape
        self.s_in = InPort(shape=shape)
        self.a_out = OutPort(shape=shape)
        self.weights = Var(shape=shape, init=weights)
        self.a_buff = Var(shape=shape, init=0)


@implements(proc=OneToOne, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyOneToOne(PyLoihiProcessModel):
    """What is sent acts one step later, as in a Dense."""

    s_in = LavaPyType(PyInPort.VEC_DENSE, bool, precision=1)
    a_out = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    weights = LavaPyType(np.ndarray, np.int32)
    a_buff = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        """One step."""
        self.a_out.send(self.a_buff)
        self.a_buff = self.weights * self.s_in.recv().astype(bool)


@implements(proc=OneToOne, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwOneToOne(AbstractHwProcessModel):
    """The same on the chip."""

    @classmethod
    def lower(cls, process: FlatProcess) -> OneToOneConnection:
        """Describe the process in integers."""
        shape = process.out_ports["a_out"]
        weights = filled(process.name, "weights", process.vars["weights"].init, shape, "int32")
        return OneToOneConnection(
            name=process.name,
            process=process.name,
            in_port="s_in",
            out_port="a_out",
            stored=(weights // 2).astype(np.int8),
            sums="a_buff",
        )


def even(n: int, seed: int) -> np.ndarray:
    """Random weights."""
    return 2 * np.random.default_rng(seed).integers(-100, 100, n)


def cells(n: int, seed: int, name: str | None = None) -> LIF:
    """Neurons that spike now and then by themselves."""
    bias = np.random.default_rng(seed).integers(-20, 40, n)
    return LIF(shape=(n,), vth=3, du=200, dv=100, bias_mant=bias, bias_exp=2, name=name)


def main() -> None:
    """Hold networks equal, step by step, with a new value of the weights on the way."""
    n = 90
    spikes = np.random.default_rng(1).integers(0, 2, (n, 12))
    source, one, a, two, b = (
        Source(data=spikes),
        OneToOne(weights=even(n, 2)),
        cells(n, 3),
        None,
        cells(n, 5, "b"),
    )
    two = OneToOne(weights=even(n, 4), name="two")
    front, back, dense = cells(50, 6), cells(40, 7), Dense(weights=2 * np.eye(n, dtype=int))
    three, sink = OneToOne(weights=even(n, 8)), Sink(shape=(n,), buffer=12)
    source.s_out.connect(one.s_in)
    one.a_out.connect(a.a_in)
    a.s_out.connect(two.s_in)  # two senders meet in a merge
    source.s_out.connect(two.s_in)
    two.a_out.connect(b.a_in)
    back.s_out.concat_with([front.s_out], 0).connect(three.s_in)  # sources side by side, in another order
    three.a_out.reshape((9, 10)).transpose((1, 0)).flatten().connect(b.a_in)
    b.s_out.connect(dense.s_in)
    dense.a_out.connect(sink.a_in)
    new = even(n, 9)
    for chip, placement in (("test32", None), ("mesh16", {"b": list(Chip.load("mesh16").cores[:3])})):
        image = hold_equal(
            [source, front],
            chip,
            steps=12,
            placement=placement,
            sets=lambda step: {"two.weights": new} if step == 5 else {},
        )
        assert image.check() == []
        print(chip, len(image.manifest.processes["b"].cores))


if __name__ == "__main__":
    main()
