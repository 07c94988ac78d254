"""What ends a run early, and what is left then."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from lava_hw import LIF, Loihi2SimCfg, RunSteps, Source
from lava_hw.errors import ShapeMismatchWarning
from lava_hw.runtime.errors import DeadlockError, ModelError, RunError
from tests.runtime.processes import Adder, Counter

CFG = Loihi2SimCfg()


def test_exception_of_a_model():
    def action(model):
        if model.time_step == 3:
            raise KeyError("lost")

    counter, adder = Counter(name="count", action=action), Adder()
    counter.out.connect(adder.inp)
    with counter:
        with pytest.raises(ModelError, match=r"Process 'count' failed in step 3: KeyError: 'lost'") as caught:
            counter.run(RunSteps(10), CFG)
        assert isinstance(caught.value.__cause__, KeyError)
        assert isinstance(caught.value, RuntimeError)
        # Step 3, in which it had set 3 already, was not completed.
        assert counter.state.get() == [2]
        assert adder.total.get() == [3]
        with pytest.raises(RunError, match="earlier run failed"):
            counter.run(RunSteps(1))
        counter.runtime.reset()
        counter.run(RunSteps(2))
        assert adder.total.get() == [3]


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_not_even_these_get_through(error):
    def action(model):
        raise error("now")

    with Counter(action=action) as counter:
        with pytest.raises(ModelError) as caught:
            counter.run(RunSteps(1), CFG)
        assert type(caught.value.__cause__) is error


def test_exception_of_a_run_that_does_not_wait():
    def action(model):
        raise ValueError("bad")

    counter = Counter(action=action)
    counter.run(RunSteps(5, blocking=False), CFG)
    with pytest.raises(ModelError, match="ValueError: bad"):
        counter.wait()
    counter.stop()
    other = Counter(action=action)
    other.run(RunSteps(5, blocking=False), CFG)
    other.runtime._run.done.wait()
    with pytest.warns(UserWarning, match="ValueError: bad"):
        other.stop()


def test_exception_while_building():
    with pytest.warns(ShapeMismatchWarning):
        lif = LIF(shape=(3,), u=np.zeros(2))
    with pytest.raises(ValueError, match=r"Var 'u' of process 'LIF_0' does not fit: shape \(3,\)"):
        lif.run(RunSteps(1), CFG)
    assert lif.runtime is None


def test_sending_the_wrong_shape():
    counter = Counter(name="count", action=lambda model: model.out.send(np.zeros(2)))
    counter.out.connect(Adder().inp)
    with (
        counter,
        pytest.raises(ModelError, match=r"'count.out' has shape \(1,\), but an array of shape \(2,\)"),
    ):
        counter.run(RunSteps(1), CFG)


def test_float_source_into_a_fixed_point_neuron():
    source, lif = Source(data=np.ones((2, 3))), LIF(shape=(2,))
    source.s_out.connect(lif.a_in)
    from lava_hw.proc.io.source import PySendModelFloat

    cfg = Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map={source: PySendModelFloat})
    with lif, pytest.raises(ModelError, match="float64 values; the fixed-point model needs integers"):
        lif.run(RunSteps(1), cfg)


def test_deadlock_names_process_port_and_step():
    one, two = LIF(shape=(2,), name="one"), LIF(shape=(2,), name="two")
    one.s_out.connect(two.a_in)
    two.s_out.connect(one.a_in)
    with one, pytest.raises(DeadlockError) as caught:
        one.run(RunSteps(5), CFG)
    text = str(caught.value)
    assert "Process 'one' waits in step 1: one.a_in needs a message of two.s_out (step 1" in text
    assert "Process 'two' waits in step 1: two.a_in needs a message of one.s_out (step 1" in text


def test_deadlock_of_a_sender():
    def flood(model):
        for _ in range(70):
            model.out.send(model.state)

    counter, adder = Counter(name="many", action=flood), Adder(name="one")
    counter.out.connect(adder.inp)
    with counter, pytest.raises(DeadlockError) as caught:
        counter.run(RunSteps(3), CFG)
    assert "'many' waits in step 1: many.out has 64 messages that one.inp (step 1) has not received" in str(
        caught.value
    )


def test_a_sender_that_fits_after_one_message_was_received():
    def flood(model):
        for _ in range(64 if model.time_step == 1 else -1):
            model.out.send(model.state)

    counter, adder = Counter(action=flood), Adder()
    counter.out.connect(adder.inp)
    with counter:
        counter.run(RunSteps(1), CFG)
        assert adder.total.get() == [1]


def test_seventy_messages_within_a_step():
    def flood(model):
        for _ in range(69):
            model.out.send(model.state)

    class Greedy(Adder):
        pass

    from lava_hw import LoihiProtocol, implements
    from tests.runtime.processes import AdderModel

    @implements(proc=Greedy, protocol=LoihiProtocol)
    class GreedyModel(AdderModel):
        def run_spk(self):
            for _ in range(70):
                self.total[:] += self.inp.recv()

    counter, greedy = Counter(action=flood), Greedy()
    counter.out.connect(greedy.inp)
    with counter:
        counter.run(RunSteps(2), CFG)
        assert greedy.total.get() == [70 * 1 + 70 * 2]


def test_a_source_that_sends_nothing():
    class Mute(Counter):
        pass

    from lava_hw import LoihiProtocol, implements
    from tests.runtime.processes import CounterModel

    @implements(proc=Mute, protocol=LoihiProtocol)
    class MuteModel(CounterModel):
        def run_spk(self):
            if self.time_step < 3:
                self.out.send(self.state)

    mute, adder = Mute(name="mute"), Adder(name="adder")
    mute.out.connect(adder.inp)
    with (
        mute,
        pytest.raises(DeadlockError, match=r"'adder' waits in step 3: adder.inp needs .* mute.out .*ended"),
    ):
        mute.run(RunSteps(5), CFG)


def test_a_model_must_not_call_its_own_network():
    counter = Counter(action=lambda model: counter.state.get())
    with counter, pytest.raises(ModelError, match="cannot call get"):
        counter.run(RunSteps(1), CFG)


def test_pause_and_stop_after_an_error_return_at_once():
    def action(model):
        raise ValueError

    counter = Counter(action=action)
    with pytest.raises(ModelError):
        counter.run(RunSteps(2), CFG)
    counter.pause()
    counter.stop()
    assert counter.runtime.is_stopped


def run_script(text, **kwargs):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)], capture_output=True, text=True, timeout=60, **kwargs
    )


def test_the_interpreter_ends_without_stop():
    done = run_script(
        """
        from lava_hw import LIF, Loihi2SimCfg, RunContinuous, RunSteps
        a, b, c = LIF(shape=(1,)), LIF(shape=(1,)), LIF(shape=(1,), u="words")
        a.run(RunContinuous(), Loihi2SimCfg())
        b.run(RunSteps(3), Loihi2SimCfg())
        try:
            c.run(RunSteps(1), Loihi2SimCfg())
        except ValueError:
            print("refused")
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "refused\n", "")


def test_ctrl_c_stops_at_a_step_boundary():
    done = run_script(
        """
        import os, signal, threading
        from lava_hw import LIF, Loihi2SimCfg, RunSteps
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in background
        lif = LIF(shape=(1,), bias_mant=1, vth=131071)
        lif.run(RunSteps(1), Loihi2SimCfg())
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            lif.run(RunSteps(10**9))
        except KeyboardInterrupt:
            steps = lif.runtime.num_steps
            assert steps > 1
            lif.run(RunSteps(5))
            assert lif.runtime.num_steps == steps + 5
            assert lif.u.get() == [0]
            lif.stop()
            print("stopped")
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")


def test_processes_and_models_in_the_program_itself(tmp_path):
    """A script without a main guard, whose models stand in the script, is executed once."""
    script = tmp_path / "program.py"
    script.write_text(
        textwrap.dedent(
            """
            import numpy as np
            from lava_hw import *

            print("executed")

            class Echo(AbstractProcess):
                def __init__(self, **kwargs):
                    super().__init__(**kwargs)
                    self.value = Var((2,), init=1)

            @implements(proc=Echo, protocol=LoihiProtocol)
            @requires(CPU)
            class PyEcho(PyLoihiProcessModel):
                value: np.ndarray = LavaPyType(np.ndarray, int)

                def run_spk(self):
                    self.value += 1

            echo = Echo()
            echo.run(RunSteps(3), Loihi2SimCfg())
            print(echo.value.get())
            echo.stop()
            """
        )
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "executed\n[4. 4.]\n", "")


def test_models_in_a_module_beside_a_script(tmp_path):
    (tmp_path / "echo_process.py").write_text(
        "from lava_hw import AbstractProcess, Var\n"
        "class Echo(AbstractProcess):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.value = Var((1,))\n"
    )
    (tmp_path / "echo_models.py").write_text(
        "import numpy as np\n"
        "from lava_hw import LavaPyType, LoihiProtocol, PyLoihiProcessModel, implements\n"
        "from echo_process import Echo\n"
        "print('models')\n"
        "@implements(proc=Echo, protocol=LoihiProtocol)\n"
        "class PyEcho(PyLoihiProcessModel):\n"
        "    value: np.ndarray = LavaPyType(np.ndarray, int)\n"
        "    def run_spk(self):\n"
        "        self.value += 1\n"
    )
    (tmp_path / "unrelated.py").write_text(
        "raise SystemExit('executed although it has nothing to do with it')\n"
    )
    (tmp_path / "program.py").write_text(
        "from lava_hw import Loihi2SimCfg, RunSteps\n"
        "from echo_process import Echo\n"
        "with Echo() as echo:\n"
        "    echo.run(RunSteps(2), Loihi2SimCfg())\n"
        "    print(echo.value.get())\n"
    )
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py")], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "models\n[2.]\n", "")


def test_chip_processes_need_the_chip_runtime(monkeypatch):
    from lava_hw import HwRunCfg

    monkeypatch.setitem(sys.modules, "lava_hw.runtime.chip", None)
    lif = LIF(shape=(2,), name="on_chip")
    with pytest.raises(RunError, match=r"'on_chip' are to run on the chip"):
        lif.run(RunSteps(1), HwRunCfg(device="golden"))
