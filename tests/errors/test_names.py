"""A process has one name in messages, reports and images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import (
    LIF,
    Dense,
    HwRunCfg,
    InPort,
    Loihi2SimCfg,
    Monitor,
    OutPort,
    RunSteps,
    Sink,
    Source,
    Var,
    compile_network,
)
from lava_hw.graph import flatten
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.magma.core.sync.domain import SyncDomain
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.io.injector import Injector

CFG = Loihi2SimCfg(select_tag="fixed_pt")


def chain(**names: str) -> list[Any]:
    """source → dense → cells → sink, with the names that are given."""
    parts = [
        Source(data=np.ones((2, 3)), name=names.get("source")),
        Dense(weights=np.full((2, 2), 4), name=names.get("dense")),
        LIF(shape=(2,), name=names.get("cells")),
        Sink(shape=(2,), buffer=3, name=names.get("sink")),
    ]
    parts[0].s_out.connect(parts[1].s_in)
    parts[1].a_out.connect(parts[2].a_in)
    parts[2].s_out.connect(parts[3].a_in)
    return parts


def test_the_label_is_the_class_before_there_is_a_network() -> None:
    source, dense, cells, sink = chain(cells="cells")
    assert [p.label for p in (source, dense, cells, sink)] == ["Source", "Dense", "cells", "Sink"]
    assert source.s_out.path == "Source.s_out"
    assert (cells.a_in.described, dense.a_out.described) == ("cells.a_in (LIF)", "Dense.a_out")


def test_then_it_is_the_name_in_the_network_and_the_image() -> None:
    parts = chain(cells="cells")
    image = compile_network(parts[0], "test8", HwRunCfg(device="golden"))
    wanted = ["Source_0", "Dense_1", "cells", "Sink_3"]
    assert [p.label for p in parts] == wanted == [p.name for p in flatten(parts[2], CFG).processes]
    assert set(image.manifest.inputs) == {"Source_0.s_out"}
    assert parts[0].name.startswith("Process_"), "Lava's name stays"
    parts[1].name = "weights"
    assert parts[1].label == "weights"


def test_two_of_a_name_get_a_suffix() -> None:
    parts = chain(source="x", dense="x", cells="LIF_2")
    flatten(parts[0], CFG)
    assert [p.label for p in parts] == ["x", "x_1", "LIF_2", "Sink_3"]
    assert [p.name for p in parts[:3]] == ["x", "x", "LIF_2"]


def test_subclasses_are_called_by_their_own_class() -> None:
    class Pixels(Source):  # type: ignore[valid-type, misc]
        pass

    assert Pixels(data=np.ones((2, 3))).label == "Pixels"


def test_a_process_may_have_a_var_called_label() -> None:
    class Labelled(AbstractProcess):
        def __init__(self) -> None:
            super().__init__(name="mine")
            self.label = Var((2,))

    process = Labelled()
    assert process.label.path == "mine.label"
    assert process.vars.label is process.label


def test_sub_processes_have_their_place_in_the_name() -> None:
    class Pair(AbstractProcess):
        def __init__(self) -> None:
            super().__init__()
            self.inp, self.out = InPort((2,)), OutPort((2,))

    class PairModel(AbstractSubProcessModel):
        implements_process = Pair

        def __init__(self, proc: Any) -> None:
            super().__init__(proc)
            self.first, self.second = LIF(shape=(2,)), LIF(shape=(2,), name="second")
            proc.inp.connect(self.first.a_in)
            self.first.s_out.connect(self.second.a_in)
            self.second.s_out.connect(proc.out)

    pair = Pair()
    flatten(pair, Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map={Pair: PairModel}))
    assert sorted(p.label for p in pair.procs) == ["Pair_0.first", "Pair_0.second"]
    assert pair.procs.first.v.path == "Pair_0.first.v"


def _stopped(what: str) -> Any:
    parts = chain()
    parts[2].run(RunSteps(1), CFG)
    parts[2].stop()
    return {
        "get": lambda: parts[2].v.get(),
        "set": lambda: parts[2].v.set(1),
        "run": lambda: parts[2].run(RunSteps(1)),
    }[what]


def _twice() -> Any:
    parts = chain()
    parts[0].create_runtime(CFG)
    return lambda: parts[3].create_runtime(CFG)


def _domains() -> Any:
    parts = chain()
    domains = [SyncDomain(name, LoihiProtocol(), [parts[0]]) for name in "ab"]
    return lambda: parts[0].run(RunSteps(1), Loihi2SimCfg(custom_sync_domains=domains))


def _no_model() -> Any:
    parts = chain()
    return lambda: parts[0].run(RunSteps(1), Loihi2SimCfg(select_tag="nonsense"))


def _aside() -> Any:
    class Nothing(RunConfig):
        def select(self, process: Any, proc_models: Any) -> Any:
            return None

    parts = chain()
    return lambda: parts[2].run(RunSteps(1), Nothing())


def _unbuilt() -> Any:
    return lambda: LIF(shape=(2,)).v.set(3)


def _shapes() -> Any:
    return lambda: LIF(shape=(2,)).s_out.connect(LIF(shape=(3,), name="b").a_in)


def _monitor() -> Any:
    monitor = Monitor()
    return lambda: monitor.probe(LIF(shape=(2,)).v, 0)


def _injector() -> Any:
    return lambda: Injector(shape=(2,)).send(np.ones(2))


def _collection() -> Any:
    return lambda: LIF(shape=(2,)).vars.nothing


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (lambda: _stopped("get"), "LIF_2.v"),
        (lambda: _stopped("set"), "LIF_2.v"),
        (lambda: _stopped("run"), "'LIF_2'"),
        (_twice, "'Sink_3'"),
        (_domains, "'Source_0'"),
        (_no_model, "'Source_0'"),
        (_aside, "'Source_0'"),
        (_unbuilt, "LIF.v"),
        (_shapes, "b.a_in (LIF)"),
        (_monitor, "Monitor"),
        (_injector, "'Injector'"),
        (_collection, "'LIF'"),
    ],
)
def test_messages_call_processes_so(case: Any, said: str) -> None:
    call = case()
    with pytest.raises(Exception) as caught:
        call()
    assert said in str(caught.value)
    assert "Process_" not in str(caught.value)
