"""Processes and compiled networks go into a file and come out again."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from lava_hw import LIF, AbstractProcess, Dense, Loihi2SimCfg, Monitor, RunSteps, Sink, Source
from lava_hw.proc.sparse.process import Sparse
from lava_hw.utils.serialization import load, save

CFG = Loihi2SimCfg(select_tag="fixed_pt")


def network():
    source = Source(data=np.eye(4, dtype=int))
    dense = Dense(weights=np.arange(12).reshape(3, 4) * 9, name="middle")
    lif, sparse = LIF(shape=(3,), vth=20), Sparse(weights=np.eye(3) * 50)
    sink = Sink(shape=(3,), buffer=12)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    lif.s_out.connect(sparse.s_in)
    sparse.a_out.connect(sink.a_in)
    return [source, dense, lif, sparse, sink]


def run(sink):
    with sink:
        sink.run(RunSteps(12), CFG)
        return sink.data.get()


def test_processes(tmp_path):
    processes = network()
    save(processes, str(tmp_path / "net"))
    expected = run(processes[-1])
    assert expected.any()
    loaded, executable = load(str(tmp_path / "net.pickle"))
    assert executable is None
    assert [type(p) for p in loaded] == [type(p) for p in processes]
    assert loaded[1].name == "middle"
    np.testing.assert_array_equal(run(loaded[-1]), expected)


def test_one_process_after_a_run(tmp_path):
    """With all that are connected, without its runtime."""
    processes = network()
    expected = run(processes[-1])
    save(processes[2], str(tmp_path / "net.pickle"))
    lif, _ = load(str(tmp_path / "net.pickle"))
    assert isinstance(lif, LIF)
    monitor = Monitor()
    monitor.probe(lif.s_out, 12)
    with lif:
        lif.run(RunSteps(12), CFG)
        (spikes,) = monitor.get_data()[lif.name].values()
    np.testing.assert_array_equal(spikes[:-1].T * 50, expected[:, 1:])


def test_executable(tmp_path):
    processes = network()
    executable = processes[0].compile(run_cfg=CFG)
    save([], str(tmp_path / "net"), executable)
    nothing, loaded = load(str(tmp_path / "net.pickle"))
    assert nothing == []
    sink = loaded.process_list[-1]
    sink.create_runtime(executable=loaded)
    with sink:
        sink.run(RunSteps(12))
        np.testing.assert_array_equal(sink.data.get(), run(network()[-1]))


def test_what_was_loaded_is_not_what_is_here(tmp_path):
    """Loaded processes are others than those that exist, in their order of creation."""
    processes = network()
    save(list(reversed(processes)), str(tmp_path / "net"))
    loaded, _ = load(str(tmp_path / "net.pickle"))
    serials = [p.serial for p in reversed(loaded)]
    assert serials == sorted(serials)
    assert serials[0] > max(p.serial for p in processes)
    fresh = LIF(shape=(1,))
    assert fresh.serial > max(serials)
    twin = copy.deepcopy(fresh)
    assert twin.serial > fresh.serial
    assert pickle.loads(pickle.dumps(fresh)).u.serial > twin.u.serial
    # Both in one network.
    processes[2].s_out.connect(loaded[1].s_in)
    with processes[2]:
        processes[2].run(RunSteps(2), CFG)
        assert len(processes[2].runtime.flat.processes) == 10


class Odd(AbstractProcess):
    def __init__(self):
        super().__init__(function=lambda: 0)


def test_arguments_that_are_refused(tmp_path):
    lif, name = LIF(shape=(1,)), str(tmp_path / "x")
    for processes in (None, 3, (lif,), [lif, 1]):
        with pytest.raises(TypeError, match="<processes> must be an AbstractProcess or a list"):
            save(processes, name)
    with pytest.raises(TypeError, match="<filename> must be a str, got 1"):
        save(lif, 1)
    with pytest.raises(TypeError, match="<executable> must be an Executable, got 1"):
        save(lif, name, executable=1)
    with pytest.raises(TypeError, match="cannot be saved"):
        save(Odd(), name)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TypeError, match="<filename> must be a str, got 1"):
        load(1)
    with pytest.raises(OSError, match="could not be found"):
        load(name)
    (tmp_path / "x").write_bytes(b"no pickle")
    with pytest.raises(AssertionError, match=r"was not made by save\(\)"):
        load(name)
    (tmp_path / "x").write_bytes(pickle.dumps([1]))
    with pytest.raises(AssertionError, match="it holds a list"):
        load(name)
