"""Neurons with several in ports, several out ports and several channels are the same everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Dense, HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source
from lava_hw.ir import Constant, FlatProcess, KeptVar, NeuronInput, NeuronOutput, Neurons, NeuronState, filled
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

N, STEPS = 41, 24  # no multiple of the lanes


class Balance(AbstractProcess):
    """Neurons that weigh two inputs against each other.

    level = level + 4 * plus - minus
    up, down = level > 60, level < -60;  level = level - level / 2 where one of them is true
    sent = level where up
    """

    def __init__(self, *, shape: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(shape=shape, **kwargs)
        self.plus = InPort(shape=shape)
        self.minus = InPort(shape=shape)
        self.up = OutPort(shape=shape)
        self.down = OutPort(shape=shape)
        self.sent = OutPort(shape=shape)
        self.level = Var(shape=shape, init=0)


@implements(proc=Balance, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyBalance(PyLoihiProcessModel):
    """See `Balance`."""

    plus = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    minus = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    up = LavaPyType(PyOutPort.VEC_DENSE, bool)
    down = LavaPyType(PyOutPort.VEC_DENSE, bool)
    sent = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    level = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        """One step."""
        plus, minus = self.plus.recv().astype(np.int32), self.minus.recv().astype(np.int32)
        level = self.level + (plus << 2) - minus
        up, down = level > 60, level < -60
        self.up.send(up)
        self.down.send(down)
        self.sent.send(np.where(up, level, 0))
        self.level = np.where(up | down, level - (level >> 1), level)


@implements(proc=Balance, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwBalance(AbstractHwProcessModel):
    """The same as a population: two inputs in r0 and r1, three channels."""

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """Describe the process in integers."""
        shape = process.out_ports["up"]
        level = filled(process.name, "level", process.vars["level"].init, shape, "int32")
        return Neurons(
            name=process.name,
            process=process.name,
            size=len(level),
            body=(
                "mov r2, [level]",
                "add r2, r2, r0",
                "sub r2, r2, r1",
                "cmp p0, r2 > {high}",
                "cmp p1, r2 < {low}",
                "emitm ch0 if p0",
                "emitm ch1 if p1",
                "mov r3, #0",
                "mov r3, r2 if p0",
                "emitg ch2, r3",
                "mov r4, r2",
                "shv r4, r4, #-1",
                "mov r5, r2",
                "sub r5, r2, r4 if p0",
                "sub r5, r2, r4 if p1",
                "st [level], r5",
            ),
            inputs=(NeuronInput("plus", shift=2), NeuronInput("minus")),
            outputs=(NeuronOutput("up"), NeuronOutput("down", channel=1), NeuronOutput("sent", "graded", 2)),
            states=(NeuronState("level", level),),
            constants=(Constant("high", 60), Constant("low", -60)),
            variables=(KeptVar("level", shape, "int32", "state", "level"),),
        )


def run(run_cfg: Any) -> dict[str, Any]:
    """Run a network in which everything reaches both inputs; outputs go to the chip and outside."""
    rng = np.random.default_rng(6)

    def dense(rows: int, columns: int, **given: Any) -> Dense:
        return Dense(weights=2 * rng.integers(-20, 21, (rows, columns)), **given)

    source = Source(data=rng.integers(0, 2, (N, STEPS)))
    first, second = dense(N, N), dense(N, N, weight_exp=-1)
    cells = LIF(shape=(N,), vth=3, du=200, dv=100, bias_mant=rng.integers(0, 40, N), bias_exp=2)
    balance = Balance(shape=(N,))
    onward, after = dense(30, N), LIF(shape=(30,), vth=2, du=4095, dv=0)
    sinks = {name: Sink(shape=(N,), buffer=STEPS) for name in ("up", "down", "sent")}
    end = Sink(shape=(30,), buffer=STEPS)
    source.s_out.connect(first.s_in)
    source.s_out.connect(second.s_in)
    first.a_out.connect(balance.plus)
    second.a_out.connect(balance.minus)
    first.a_out.connect(balance.minus)  # the same sums into both inputs
    cells.s_out.connect(balance.plus)  # in the same step
    cells.s_out.connect(balance.minus)
    balance.down.connect(onward.s_in)
    onward.a_out.connect(after.a_in)
    after.s_out.connect(end.a_in)
    for name, sink in sinks.items():
        getattr(balance, name).connect(sink.a_in)
    with balance:
        balance.run(RunSteps(STEPS // 2), run_cfg=run_cfg)
        balance.level.set(np.arange(N))
        balance.run(RunSteps(STEPS - STEPS // 2))
        found = {name: sink.data.get() for name, sink in sinks.items()}
        return found | {"end": end.data.get(), "level": balance.level.get(), "sums": first.a_buff.get()}


@pytest.mark.parametrize("device", ["golden", "verilator"])
def test_every_port_and_channel_is_equal(device: str) -> None:
    on_chip = run(HwRunCfg(device=device, chip="test8", build="checked" if device == "verilator" else None))
    in_python = run(Loihi2SimCfg(select_tag="fixed_pt"))
    for name, values in in_python.items():
        np.testing.assert_array_equal(on_chip[name], values, err_msg=name)
        assert np.any(values), f"{name}: nothing happened"


def test_channels_must_differ() -> None:
    class HwTwice(HwBalance):
        @classmethod
        def lower(cls, process: FlatProcess) -> Neurons:
            found = HwBalance.lower(process)
            return Neurons(
                name=found.name,
                process=found.process,
                size=found.size,
                body=found.body,
                inputs=found.inputs,
                outputs=(NeuronOutput("up"), NeuronOutput("down"), NeuronOutput("sent", "graded", 2)),
                states=found.states,
                constants=found.constants,
                variables=found.variables,
            )

    balance = Balance(shape=(4,))
    with pytest.raises(
        ValueError, match=r"HwTwice\.lower: the outputs up, down, sent have the channels 0, 0, 2"
    ):
        balance.run(
            RunSteps(1), run_cfg=HwRunCfg(device="golden", exception_proc_model_map={Balance: HwTwice})
        )
