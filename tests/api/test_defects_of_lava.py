"""What is broken in Lava 0.10 and works here; docs/test_map.md says where more of it is tested."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AbstractProcess,
    Dense,
    InPort,
    LavaPyType,
    Loihi1SimCfg,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    Read,
    RunSteps,
    Source,
    Var,
    implements,
)
from lava_hw.graph.flatten import offered_models
from lava_hw.proc.io.encoder import Compression, DeltaEncoder
from lava_hw.proc.io.extractor import Extractor
from lava_hw.proc.io.injector import Injector
from lava_hw.proc.lif.process import LIFRefractory
from lava_hw.runtime.errors import ModelError

ROOT = Path(__file__).resolve().parents[2]
FLOAT, FIXED = Loihi2SimCfg(), Loihi2SimCfg(select_tag="fixed_pt")


# ------------------------------------------------------------------------- Vars
def test_a_var_that_is_a_python_float():
    """In Lava get() of such a Var never answers; here it is a float64 array of the Var's shape."""
    with LIF(shape=(2,), du=0.5, dv=0.25, vth=7.5, bias_mant=4.0) as lif:
        lif.run(RunSteps(1), FLOAT)
        for var, value in ((lif.du, 0.5), (lif.dv, 0.25), (lif.vth, 7.5)):
            assert (var.get().dtype, var.get().shape, var.get()[0]) == (np.float64, (1,), value)
        lif.dv.set(np.array([0.5]))
        lif.run(RunSteps(1))
        assert lif.dv.get().tolist() == [0.5]
        assert lif.v.get().tolist() == [4.0 * 0.5 + 4.0] * 2


# 2048.9 is changed, and says so.
@pytest.mark.filterwarnings("ignore::lava_hw.errors.ValueChangedWarning")
@pytest.mark.parametrize("value", [2048, 2048.0, np.array([2048]), np.array([2048.9]), np.int16(2048)])
def test_a_var_that_is_a_python_int(value):
    """In Lava set() makes it a float, on which shifts of the fixed-point model fail; here it stays an int."""
    with LIF(shape=(1,), du=4095, dv=0, v=1000, vth=131071) as lif:
        lif.create_runtime(FIXED)
        lif.dv.set(value)
        lif.run(RunSteps(2))
        assert lif.dv.get().tolist() == [2048]
        assert lif.v.get().tolist() == [250]  # half of it twice


def test_a_number_for_a_whole_var():
    """In Lava set() of a number breaks the runtime, so that the next call hangs; here it fills the Var."""
    with LIF(shape=(2, 3), du=4095, vth=131071) as lif:
        lif.create_runtime(FIXED)
        lif.v.set(5)
        assert lif.v.get().tolist() == [[5] * 3] * 2
        lif.run(RunSteps(2))
        assert lif.v.get().tolist() == [[5] * 3] * 2


@pytest.mark.parametrize("shape", [(1,), (2,), (4,), (1, 4), (3, 3), (100,)])
def test_a_value_of_another_size(shape):
    """Lava takes surplus values for commands; here the value is refused, and nothing else happens."""
    with LIF(shape=(3,), du=4095, v=[1, 2, 3], vth=131071, name="lif") as lif:
        lif.create_runtime(FIXED)
        with pytest.raises(ValueError, match=r"Cannot set lif\.v of shape \(3,\) to a value of shape"):
            lif.v.set(np.full(shape, 3.0))
        lif.run(RunSteps(2))
        assert lif.v.get().tolist() == [1, 2, 3]
        assert lif.runtime.num_steps == 2


def test_one_element_of_a_var():
    """In Lava set(value, idx) indexes the new value instead of the Var; here idx says where it is written."""
    with LIF(shape=(4,), du=4095, v=[1, 2, 3, 4], vth=131071) as lif:
        lif.create_runtime(FIXED)
        lif.v.set(50, 2)
        lif.v.set(np.array([7, 8]), slice(0, 2))
        assert lif.v.get().tolist() == [7, 8, 50, 4]
        assert lif.v.get(slice(1, 3)).tolist() == [8, 50]


# ------------------------------------------------------------------------- ports
class Looking(AbstractProcess):
    """Looks twice before it receives."""

    def __init__(self, shape=(2,)):
        super().__init__()
        self.inp = InPort(shape)
        self.seen = Var((3, 6), init=-1)


@implements(proc=Looking, protocol=LoihiProtocol)
class LookingModel(PyLoihiProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, int)
    seen: np.ndarray = LavaPyType(np.ndarray, int)

    def run_spk(self):
        looks = [self.inp.peek(), self.inp.peek()]
        looks[0][:] = 0  # who looks gets a copy
        looks.append(self.inp.recv())
        self.seen[1:, self.time_step - 1] = [a[0] for a in looks[1:]]
        self.seen[0, self.time_step - 1] = self.inp.probe()


@pytest.mark.parametrize("sources", [1, 2])
def test_a_look_leaves_the_message(sources):
    """In Lava peek() takes the message, so that recv() gives the next one; here both give the same."""
    looking = Looking()
    for k in range(sources):
        Source(data=np.arange(1, 7) * 10**k + np.zeros((2, 1))).s_out.connect(looking.inp)
    with looking:
        looking.run(RunSteps(6), FIXED)
        expected = [t * (1 if sources == 1 else 11) for t in range(1, 7)]
        assert looking.seen.get()[1:].tolist() == [expected, expected]


def test_a_look_at_a_sparse_port():
    """In Lava peek() of a sparse port gives nothing; here it gives what recv() gives next."""

    class Sender(AbstractProcess):
        def __init__(self):
            super().__init__()
            self.out = OutPort((5,))

    class Receiver(Looking):
        pass

    @implements(proc=Sender, protocol=LoihiProtocol)
    class SenderModel(PyLoihiProcessModel):
        out: PyOutPort = LavaPyType(PyOutPort.VEC_SPARSE, int)

        def run_spk(self):
            self.out.send(np.array([10 * self.time_step, 7]), np.array([4, 1]))

    @implements(proc=Receiver, protocol=LoihiProtocol)
    class ReceiverModel(PyLoihiProcessModel):
        inp: PyInPort = LavaPyType(PyInPort.VEC_SPARSE, int)
        seen: np.ndarray = LavaPyType(np.ndarray, int)

        def run_spk(self):
            for take in (self.inp.peek, self.inp.peek, self.inp.recv):
                data, index = take()
                assert data.tolist() == [10 * self.time_step, 7]
                assert index.tolist() == [4, 1]
            self.seen[0, self.time_step - 1] = data[0]

    sender, receiver = Sender(), Receiver((5,))
    sender.out.connect(receiver.inp)
    with sender:
        sender.run(RunSteps(3), FLOAT)
        assert receiver.seen.get()[0].tolist() == [10, 20, 30, -1, -1, -1]


@pytest.mark.parametrize("kind", ["SCALAR_DENSE", "SCALAR_SPARSE"])
@pytest.mark.parametrize("end", ["in", "out"])
def test_a_port_that_does_nothing_says_so(kind, end):
    """Lava's scalar ports lose what is sent and receive None; here a message says what to use instead."""

    class Scalar(AbstractProcess):
        def __init__(self):
            super().__init__(name="scalar")
            self.port = InPort((1,)) if end == "in" else OutPort((1,))

    @implements(proc=Scalar, protocol=LoihiProtocol)
    class ScalarModel(PyLoihiProcessModel):
        port = LavaPyType(getattr(PyInPort if end == "in" else PyOutPort, kind), int)

        def run_spk(self):
            if end == "in":
                self.port.recv()
            else:
                self.port.send(3, *([0] if kind == "SCALAR_SPARSE" else []))

    with Scalar() as scalar, pytest.raises(ModelError, match=f"{kind} ports are not supported; use VEC_"):
        scalar.run(RunSteps(1), FLOAT)


# ------------------------------------------------------------------------- choice of models
class Untagged(AbstractProcess):
    """Two models, none with a tag."""


@implements(proc=Untagged, protocol=LoihiProtocol)
class FirstModel(PyLoihiProcessModel):
    pass


@implements(proc=Untagged, protocol=LoihiProtocol)
class SecondModel(PyLoihiProcessModel):
    pass


MODELS = {
    "Untagged": (Untagged, "FirstModel"),
    "Injector": (lambda: Injector((1,)), "PyLoihiInjectorModel"),
    "Extractor": (lambda: Extractor((1,)), "PyLoihiExtractorModel"),
    "LIFRefractory": (lambda: LIFRefractory(shape=(1,)), "PyLifRefractoryModelFixed"),
    "dense encoder": (lambda: DeltaEncoder(shape=(1,), vth=1), "PyDeltaEncoderModelDense"),
    "sparse encoder": (
        lambda: DeltaEncoder(shape=(1,), vth=1, compression=Compression.SPARSE),
        "PyDeltaEncoderModelSparse",
    ),
}


@pytest.mark.parametrize("cls", [Loihi1SimCfg, Loihi2SimCfg])
@pytest.mark.parametrize("kind", MODELS)
def test_processes_whose_models_have_no_tag_go_with_fixed_point(kind, cls):
    """Lava refuses these processes if select_tag is "fixed_pt"; here untagged models go with every tag."""
    make, expected = MODELS[kind]
    process, cfg = make(), cls(select_tag="fixed_pt")
    assert cfg.select(process, offered_models(process, cfg, "p")).__name__ == expected
    with process:
        process.create_runtime(cfg)
        assert process.model_class.__name__ == expected


def test_a_tag_that_no_model_has_is_an_error_nevertheless():
    """What is tagged otherwise is not taken: as in Lava."""
    with pytest.raises(AssertionError, match="No ProcessModels found with tag 'fixed_point'"):
        LIF(shape=(1,)).run(RunSteps(1), Loihi2SimCfg(select_tag="fixed_point"))


PROGRAM = """
import warnings
from lava_hw import Loihi2SimCfg, RunSteps
from package.process import Base, Child

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for cls in (Base, Child):
        with cls() as process:
            process.run(RunSteps(2), Loihi2SimCfg())
            print(cls.__name__, process.value.get(), process.model_class.__name__)
print([str(w.message).partition(" (")[0] for w in caught])
"""


def test_what_lies_beside_a_process_does_no_harm(tmp_path):
    """Lava executes all modules beside a process, a second time too; here only those with its models, once.

    One that cannot be imported leaves the other models as they are, and is named.
    """
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "process.py").write_text(
        "from lava_hw import AbstractProcess, Var\n"
        "print('process')\n"
        "class Base(AbstractProcess):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.value = Var((1,))\n"
        "class Child(Base):\n"
        "    pass\n"
    )
    models = (
        "import numpy as np\n"
        "from lava_hw import LavaPyType, LoihiProtocol, PyLoihiProcessModel, implements\n"
        "from package.process import Base\n"
        "print('models')\n"
        "@implements(proc=Base, protocol=LoihiProtocol)\n"
        "class BaseModel(PyLoihiProcessModel):\n"
        "    value: np.ndarray = LavaPyType(np.ndarray, int)\n"
        "    def run_spk(self):\n"
        "        self.value += 1\n"
    )
    (package / "models.py").write_text(models)
    (package / "more_models.py").write_text("import a_package_that_is_not_there\n" + models)
    for name in ("a_script", "setup", "z_tool"):
        (package / f"{name}.py").write_text("raise SystemExit('executed')\n")
    (package / "broken.py").write_text("this is no Python\n")
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py")],
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == textwrap.dedent(
        """\
        process
        models
        Base [2.] BaseModel
        Child [2.] BaseModel
        ["Models of 'Base' in package.more_models"]
        """
    )


# ------------------------------------------------------------------------- monitors
def test_a_monitor_of_everything_that_runs_on():
    """Lava's Monitor has one probe, and fails beyond its num_steps; here it has any number and grows."""
    source, dense, lif = Source(data=np.eye(3)), Dense(weights=np.eye(3) * 4), LIF(shape=(3,), vth=131071)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    dense.name, lif.name = "dense", "lif"
    monitor = Monitor()
    for target in (dense.a_buff, lif.u, lif.v, lif.s_out, dense.a_out):
        monitor.probe(target, 2)
    with lif:
        lif.run(RunSteps(2), FIXED)
        lif.run(RunSteps(7))
        data = monitor.get_data()
        assert {(p, k): a.shape for p, d in data.items() for k, a in d.items()} == dict.fromkeys(
            [("dense", "a_buff"), ("dense", "a_out"), ("lif", "s_out"), ("lif", "u"), ("lif", "v")], (9, 3)
        )
        assert data["dense"]["a_buff"].tolist() == (4 * np.tile(np.eye(3), (3, 1))).tolist()
        assert data["dense"]["a_out"][1:].tolist() == data["dense"]["a_buff"][:-1].tolist()
        assert data["lif"]["v"][-1].tolist() == lif.v.get().tolist()


def test_a_read_goes_on_at_its_start():
    """A buffer of Read is overwritten from its start, as that of a sink: kept, as programs count on it."""
    lif, read = LIF(shape=(1,), du=4095, bias_mant=1, vth=131071), Read(buffer=4)
    read.connect_var(lif.v)
    with lif:
        lif.run(RunSteps(6), FIXED)
        assert read.data.get().tolist() == [[5, 6, 3, 4]]
