"""Loihi1HwCfg and Loihi2HwCfg: Lava's arguments, our chip."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from lava_hw import LIF, Dense, HwRunCfg, RunSteps, Sink, Source
from lava_hw.graph import flatten
from lava_hw.magma.core.run_configs import (
    AbstractLoihiHWRunCfg,
    AbstractLoihiRunCfg,
    AbstractLoihiSimRunCfg,
    Loihi1HwCfg,
    Loihi1SimCfg,
    Loihi2HwCfg,
    Loihi2SimCfg,
)
from lava_hw.proc.dense.hw_models import HwDense
from lava_hw.proc.dense.models import PyDenseModelBitAcc, PyDenseModelFloat
from lava_hw.proc.io.sink import PyReceiveModelFixed
from lava_hw.proc.io.source import PySendModelFixed, PySendModelFloat
from lava_hw.proc.lif.hw_models import HwLif
from lava_hw.proc.lif.models import PyLifModelBitAcc, PyLifModelFloat
from lava_hw.proc.s4d.models import PySigmaS4dDeltaModelFloat, SubDenseLayerModel
from lava_hw.proc.s4d.process import SigmaS4dDelta, SigmaS4dDeltaLayer
from lava_hw.proc.spiker.models import SpikerModel
from lava_hw.proc.spiker.process import Spiker

BOTH = pytest.mark.parametrize("cls", [Loihi1HwCfg, Loihi2HwCfg])


class Net:
    def __init__(self, message_bits: int = 0) -> None:
        self.source = Source(data=np.arange(20).reshape(2, 10) % 3 == 0)
        self.dense = Dense(weights=np.array([[40, -6], [8, 30], [0, 22]]), num_message_bits=message_bits)
        self.lif, self.sink = LIF(shape=(3,), du=300, dv=40, vth=20), Sink(shape=(3,), buffer=10)
        self.source.s_out.connect(self.dense.s_in)
        self.dense.a_out.connect(self.lif.a_in)
        self.lif.s_out.connect(self.sink.a_in)

    def run(self, run_cfg) -> list:
        with self.lif as lif:
            lif.run(RunSteps(10), run_cfg=run_cfg)
            return [self.sink.data.get().tolist(), lif.v.get().tolist()]

    def models(self, run_cfg) -> list[type]:
        flatten(self.lif, run_cfg)
        return [p.model_class for p in (self.source, self.dense, self.lif, self.sink)]


@BOTH
def test_without_a_device_nothing_is_chosen(cls: type) -> None:
    with pytest.raises(TypeError, match=rf'{cls.__name__}\(device="golden"\) .*\(device="verilator"\)'):
        cls()
    with pytest.raises(TypeError, match="Loihi2SimCfg runs all in Python"):
        cls(select_tag="fixed_pt")
    with pytest.raises(ValueError, match="no device 'loihi'"):
        cls(device="loihi")
    with pytest.raises(TypeError, match="unexpected keyword argument 'devise'"):
        cls(device="golden", devise="golden")


@BOTH
def test_the_arguments_are_lavas_and_those_of_the_chip(cls: type) -> None:
    assert list(inspect.signature(cls).parameters)[:7] == [
        "custom_sync_domains",
        "select_tag",
        "select_sub_proc_model",
        "exception_proc_model_map",
        "loglevel",
        "callback_fxs",
        "embedded_allocation_order",
    ]
    cfg = cls([], "fixed_pt", True, {LIF: PyLifModelBitAcc}, 10, None, -1, device="golden", chip="tiny")
    assert (cfg.select_tag, cfg.select_sub_proc_model, cfg.loglevel) == ("fixed_pt", True, 10)
    assert cfg.exception_proc_model_map == {LIF: PyLifModelBitAcc}
    assert (cfg.device, cfg.chip, cfg.callback_fxs, cfg.embedded_allocation_order) == (
        "golden",
        "tiny",
        [],
        -1,
    )
    with pytest.raises(NotImplementedError, match=r"runtime\.counters"):
        cls(device="golden", callback_fxs=[print])


def test_kinds() -> None:
    assert issubclass(Loihi2HwCfg, (AbstractLoihiHWRunCfg, HwRunCfg))
    assert issubclass(AbstractLoihiHWRunCfg, AbstractLoihiRunCfg)
    assert issubclass(AbstractLoihiSimRunCfg, AbstractLoihiRunCfg)
    assert not issubclass(Loihi1SimCfg, AbstractLoihiHWRunCfg)


@BOTH
def test_the_chip_computes_what_it_has_models_for(cls: type) -> None:
    net = Net()
    answer = net.run(cls(device="golden", chip="test8"))
    assert [p.model_class for p in (net.source, net.dense, net.lif, net.sink)] == [
        PySendModelFixed,
        HwDense,
        HwLif,
        PyReceiveModelFixed,
    ]
    assert answer == Net().run(Loihi2SimCfg(select_tag="fixed_pt"))
    assert np.any(answer[0])


def test_a_tag_chooses_among_all_models() -> None:
    fixed, floating = (Loihi2HwCfg(device="golden", select_tag=f"{t}_pt") for t in ("fixed", "floating"))
    assert Net().models(fixed)[1:3] == [HwDense, HwLif]
    assert Net().models(floating)[:3] == [PySendModelFloat, PyDenseModelFloat, PyLifModelFloat]
    with pytest.raises(AssertionError, match="No ProcessModels found with tag 'none_such'"):
        Net().models(Loihi2HwCfg(device="golden", select_tag="none_such"))


@pytest.mark.parametrize("message_bits", [0, 8])
def test_what_a_model_of_the_chip_can_do_is_left_to_it(message_bits: int) -> None:
    for run_cfg in (Loihi2HwCfg(device="golden"), HwRunCfg(device="golden")):
        assert Net(message_bits=message_bits).models(run_cfg)[1:3] == [HwDense, HwLif]


def test_exceptions_come_first() -> None:
    net = Net()
    cfg = Loihi2HwCfg(device="golden", exception_proc_model_map={net.dense: PyDenseModelBitAcc})
    assert net.models(cfg)[1:3] == [PyDenseModelBitAcc, HwLif]


def test_processes_without_a_choice() -> None:
    cfg = Loihi2HwCfg(device="golden", select_tag="fixed_pt")
    assert cfg.select(Spiker(shape=(2,), period=3), [SpikerModel]) is SpikerModel
    s4d = {"shape": (2,), "vth": 1, "a": 1.0, "b": 1.0, "c": 1.0}
    with pytest.raises(AssertionError, match="No ProcessModels found with tag 'fixed_pt'"):
        cfg.select(SigmaS4dDelta(**s4d), [PySigmaS4dDeltaModelFloat])
    with pytest.raises(AssertionError, match="No ProcessModels exist"):
        cfg.select(Spiker(shape=(2,), period=3), [])


def test_networks_of_processes() -> None:
    layer = SigmaS4dDeltaLayer(shape=(2,), vth=1, a=1.0, b=1.0, c=1.0)
    models = [PySigmaS4dDeltaModelFloat, SubDenseLayerModel]
    cfg = Loihi2HwCfg(device="golden")
    assert cfg.select(layer, models[1:]) is SubDenseLayerModel
    assert cfg.select(layer, models) is PySigmaS4dDeltaModelFloat
    assert Loihi2HwCfg(device="golden", select_sub_proc_model=True).select(layer, models) is models[1]
