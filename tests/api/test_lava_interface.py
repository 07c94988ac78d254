"""What programs for Lava ask of processes, ports and models beside running them."""

from __future__ import annotations

import gc
import pickle

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AbstractProcess,
    AbstractSubProcessModel,
    AsyncProtocol,
    Dense,
    InPort,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyLoihiProcessModel,
    RefPort,
    RunSteps,
    Sink,
    Source,
    Var,
    VarPort,
    implements,
)
from lava_hw.magma.compiler.compiler import Compiler
from lava_hw.magma.compiler.compiler_graphs import find_processes
from lava_hw.magma.compiler.executable import Executable
from lava_hw.magma.core.process.message_interface_enum import ActorType
from lava_hw.magma.core.process.ports.connection_config import ConnectionConfig
from lava_hw.magma.core.process.process import Collection, LogConfig, ProcessServer
from lava_hw.magma.core.process.variable import VarServer

FIXED = Loihi2SimCfg(select_tag="fixed_pt")


class Plain(AbstractProcess):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.v = Var(shape=(2,), init=3)
        self.other = Var(shape=(2,), init=4)


def network(seed=1):
    rng = np.random.default_rng(seed)
    source = Source(data=rng.integers(0, 2, (5, 20)))
    dense = Dense(weights=2 * rng.integers(-25, 45, (4, 5)))
    lif = LIF(shape=(4,), vth=60, du=900, dv=100)
    sink = Sink(shape=(4,), buffer=20)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    lif.s_out.connect(sink.a_in)
    return lif, sink


# -------------------------------------------------------------------------------- numbers and names
def test_processes_and_variables_are_numbered_from_0_after_a_reset():
    ProcessServer().reset_server()
    VarServer().reset_server()
    first, second = Plain(), Plain(name="named")
    assert (first.id, second.id) == (0, 1)
    assert (first.name, second.name) == ("Process_0", "named")
    assert (first.v.id, first.other.id, second.v.id) == (0, 1, 2)
    assert ProcessServer().processes == [first, second]


def test_the_register_keeps_no_process_alive():
    ProcessServer().reset_server()
    kept = Plain()
    for _ in range(300):
        Plain()
    gc.collect()
    assert ProcessServer().processes == [kept]
    assert len(ProcessServer()._objects) < 200


def test_networks_are_told_apart_although_numbers_repeat():
    """Nothing inside goes by the numbers that users may start anew."""
    ProcessServer().reset_server()
    rng = np.random.default_rng(0)
    source = Source(data=rng.integers(0, 2, (5, 20)))
    ProcessServer().reset_server()
    dense = Dense(weights=2 * rng.integers(-25, 45, (4, 5)))
    ProcessServer().reset_server()
    sink = Sink(shape=(4,), buffer=20)
    assert source.id == dense.id == sink.id == 0
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(sink.a_in)
    with dense:
        dense.run(RunSteps(5), FIXED)
        assert sink.data.get().any()


def test_a_variable_without_a_name():
    assert Var(shape=(1,)).name == "Unnamed variable"
    assert Var(shape=(1,), name="given").name == "given"


def test_log_to_a_file_without_a_name():
    with pytest.raises(ValueError, match="logs_to_file needs the name of a file"):
        LogConfig(file="", logs_to_file=True)


def test_collections_take_members_in():
    collection = Collection(Plain(name="owner"), "thing")
    assert collection.is_empty()
    collection.add_members({"b": 1, "a": 2})
    assert (collection.name, collection.member_names, collection.members) == ("thing", ["a", "b"], [2, 1])
    with pytest.raises(AssertionError, match=r"'owner'.* has no thing named 'c'"):
        collection.c  # noqa: B018


# -------------------------------------------------------------------------------- hierarchy
def test_sub_processes_are_registered():
    parent, child, grandchild = Plain(), Plain(), Plain()
    child.register_sub_procs({"below": grandchild})
    parent.register_sub_procs({"one": child})
    assert parent.procs.members == [child]
    assert child.parent_proc is parent
    assert grandchild.is_sub_proc_of(parent)
    assert not parent.is_sub_proc_of(child)
    with pytest.raises(AssertionError, match="cannot be a sub process"):
        parent.register_sub_procs({"no": 3})


def test_an_alias_must_be_of_a_sub_process():
    parent, child, stranger = Plain(name="parent"), Plain(), Plain(name="stranger")
    parent.register_sub_procs({"child": child})
    parent.v.alias(child.v)
    parent.validate_var_aliases()
    parent.other.alias(stranger.v)
    with pytest.raises(AssertionError, match=r"'other' of process 'parent' is an alias of stranger\.v"):
        parent.validate_var_aliases()


def test_sub_process_models_are_made_by_their_classes():
    with pytest.raises(TypeError, match="abstract"):
        AbstractSubProcessModel(Plain())

    class Model(AbstractSubProcessModel):
        def __init__(self, proc):
            self.a, self.b = Plain(), Plain()

    model = Model(Plain())
    assert list(model.find_sub_procs().values()) == [model.a, model.b]


def test_phases_of_one_protocol_are_not_those_of_another():
    @implements(proc=Plain, protocol=LoihiProtocol)
    class Model(PyLoihiProcessModel):
        pass

    with pytest.raises(AssertionError, match="Again inherits from a model that runs by LoihiProtocol"):

        @implements(protocol=AsyncProtocol)
        class Again(Model):
            pass


# -------------------------------------------------------------------------------- ports
def test_ends_of_chains():
    a, b, c = OutPort((2,)), OutPort((2,)), OutPort((2,))
    x, y, z = InPort((2,)), InPort((2, 1)), InPort((2,))
    c.connect_from([a, b])
    c.connect(x)
    x.reshape((2, 1)).connect(y)
    x.connect(z)
    assert a.get_dst_ports() == [y, z]
    assert y.get_src_ports() == [a, b]
    assert OutPort((1,)).get_dst_ports() == []


def test_reference_to_a_variable_of_no_process_yet():
    var, ref = Var(shape=(2,)), RefPort((2,))
    ref.connect_var(var)
    (port,) = ref.get_dst_ports()
    assert isinstance(port, VarPort)
    assert port.var is var
    assert port.name == "_Unnamed variable_implicit_port"
    assert ref.get_dst_vars() == [var]


def test_options_of_a_connection_are_known_at_both_ends():
    a, x, y = OutPort((2,)), InPort((2,)), InPort((2,))
    one, two = ConnectionConfig(num_probes=8), ConnectionConfig(ethernet_packet_len=16)
    a.connect([x, y], [one, two])
    assert (a.connection_configs[x], y.connection_configs[a]) == (one, two)
    process, ref, config = Plain(), RefPort((2,)), ConnectionConfig()
    ref.connect_var(process.v, config)
    (port,) = process.var_ports.members
    assert ref.connection_configs[port] is port.connection_configs[ref] is config


# -------------------------------------------------------------------------------- executables
def test_an_executable_runs_as_its_network_does():
    lif, sink = network()
    lif.run(RunSteps(20), FIXED)
    expected = sink.data.get()
    lif.stop()
    assert expected.any()

    lif, sink = network()
    executable = lif.compile(FIXED)
    assert isinstance(executable, Executable)
    assert len(executable.proc_builders) == len(executable.process_list) == 4
    assert lif.runtime is None
    lif.create_runtime(executable=executable)
    with lif:
        lif.run(RunSteps(20))
        assert np.array_equal(sink.data.get(), expected)


def test_an_executable_survives_being_stored():
    lif, _ = network()
    loaded = pickle.loads(pickle.dumps(Compiler(compile_config={"pypy_channel_size": 4}).compile(lif, FIXED)))
    process = loaded.process_list[0]
    process.create_runtime(executable=loaded)
    with process:
        process.run(RunSteps(20))
        (sink,) = [p for p in loaded.process_list if isinstance(p, Sink)]
        found = sink.data.get()
    lif, sink = network()
    with lif:
        lif.run(RunSteps(20), FIXED)
        assert np.array_equal(found, sink.data.get())


def test_what_was_stored_is_not_taken_for_what_it_was_stored_from():
    first, second = Plain(), Plain()
    copy, other = pickle.loads(pickle.dumps((first, second)))
    assert len({p.serial for p in (first, second, copy, other)}) == 4
    assert copy.v.process is copy
    assert copy.v.serial != first.v.serial


def test_connected_processes_and_variables_by_number():
    lif, sink = network()
    assert {type(p) for p in find_processes(sink)} == {Source, Dense, LIF, Sink}
    with lif:
        lif.run(RunSteps(3), FIXED)
        assert np.array_equal(lif.runtime.get_var(lif.v.id), lif.v.get())
        lif.runtime.set_var(lif.v.id, np.arange(4))
        assert lif.v.get().tolist() == [0, 1, 2, 3]
        with pytest.raises(RuntimeError, match="No Var of this network has the id -1"):
            lif.runtime.get_var(-1)


def test_an_executable_of_another_network_is_refused():
    lif, _ = network()
    other, _ = network()
    with pytest.raises(ValueError, match="is not in the executable"):
        other.create_runtime(executable=lif.compile(FIXED))


def test_state_of_a_runtime_by_lavas_names():
    lif, _ = network()
    lif.create_runtime(FIXED)
    runtime = lif.runtime
    assert (runtime._is_initialized, runtime._is_started, runtime._is_running) == (True, False, False)
    lif.run(RunSteps(2))
    assert (runtime._is_started, runtime._is_running) == (True, False)
    lif.stop()
    assert lif.runtime is runtime
    assert runtime.is_stopped
    assert not runtime._is_started
    assert ActorType.MultiProcessing


def test_names_that_lavas_libraries_use():
    config = LogConfig(level=10)
    assert Plain(log_config=config)._log_config is config
    lif, _ = network()
    with lif:
        lif.run(RunSteps(1), FIXED)
        participant = lif.runtime._participants[lif.runtime.flat.by_name("LIF_2").index]
        assert participant.model.py_ports == [participant.model.a_in, participant.model.s_out]
