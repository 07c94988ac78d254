"""RefPorts in the phases of a step: what a read sees, when a write takes effect."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AbstractProcess,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    PyInPort,
    PyLoihiProcessModel,
    PyRefPort,
    RefPort,
    RunSteps,
    Var,
    implements,
)
from lava_hw.runtime.errors import DeadlockError, ModelError
from tests.runtime.processes import Adder, Counter, Toucher, ToucherModel

CFG = Loihi2SimCfg()
FIXED = Loihi2SimCfg(select_tag="fixed_pt")


def test_read_sees_the_end_of_the_step():
    counter = Counter()
    toucher = Toucher(post=lambda model: model.note())
    toucher.ref.connect_var(counter.state)
    with toucher:
        toucher.run(RunSteps(4), CFG)
        assert toucher.seen.get()[:5].tolist() == [1, 2, 3, 4, -1]


def test_write_is_used_from_the_next_step_on():
    adder, counter = Adder(), Counter()
    counter.out.connect(adder.inp)

    def post(model):
        if model.time_step == 2:
            model.ref.write(np.array([100]))
        model.note()  # its own write is seen at once

    toucher = Toucher(post=post)
    toucher.ref.connect_var(adder.total)
    with toucher:
        toucher.run(RunSteps(3), CFG)
        assert toucher.seen.get()[:3].tolist() == [1, 100, 103]
        assert adder.total.get() == [103]


def test_write_keeps_the_type_of_the_var():
    adder = Adder()
    toucher = Toucher(post=lambda model: model.ref.write(np.array([5])))
    toucher.ref.connect_var(adder.total)
    with toucher:
        toucher.run(RunSteps(1), CFG)
        index = adder.runtime.flat.by_name("Adder_0").index
        assert adder.runtime._participants[index].model.total.dtype == np.int32
        assert adder.total.get() == [5]


def test_a_write_that_the_var_cannot_hold_is_refused():
    adder = Adder()
    toucher = Toucher(post=lambda model: model.ref.write(np.array([2**32 + 5])))
    toucher.ref.connect_var(adder.total)
    with toucher, pytest.raises(RuntimeError, match=r"Adder_\d\.total: .* is 4294967301; integers from"):
        toucher.run(RunSteps(1), CFG)


def test_writes_apply_in_order_of_the_processes():
    adder = Adder()
    touchers = [
        Toucher(post=lambda model, k=k: (model.ref.write(np.array([k])), model.note())) for k in (1, 2, 3)
    ]
    for toucher in reversed(touchers):
        toucher.ref.connect_var(adder.total)
    with adder:
        adder.run(RunSteps(1), CFG)
        assert adder.total.get() == [3]
        assert [toucher.seen.get()[0] for toucher in touchers] == [1, 2, 3]


class Changer(Toucher):
    """Adds 10 to its state at the end of each step, before or after what `params['post']` does."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.state = Var((1,), init=0)


@implements(proc=Changer, protocol=LoihiProtocol)
class ChangerModel(ToucherModel):
    state: np.ndarray = LavaPyType(np.ndarray, int)

    def run_post_mgmt(self):
        if self.proc_params.get("first"):
            self.state += 10
        self.proc_params.get("post", lambda model: None)(self)
        if not self.proc_params.get("first"):
            self.state += 10

    def post_guard(self):
        return True


def test_a_read_sees_what_the_owner_of_the_var_does_in_the_phase():
    first, changer, last = Toucher(post=lambda m: m.note()), Changer(), Toucher(post=lambda m: m.note())
    first.ref.connect_var(changer.state)
    last.ref.connect_var(changer.state)
    with first:
        first.run(RunSteps(3), CFG)
        assert first.seen.get()[:3].tolist() == [10, 20, 30]
        assert last.seen.get()[:3].tolist() == [10, 20, 30]


def test_a_chain_of_reads_is_answered_from_its_end():
    chain = [Changer(post=lambda m: (m.note(), m.state.__iadd__(m.seen[m.time_step - 1]))) for _ in range(3)]
    source = Changer()
    for reader, owner in zip(chain, [*chain[1:], source], strict=True):
        reader.ref.connect_var(owner.state)
    with source:
        source.run(RunSteps(2), CFG)
        assert source.state.get().tolist() == [20]
        assert chain[2].seen.get()[:2].tolist() == [10, 20]
        assert chain[1].seen.get()[:2].tolist() == [20, 50]
        assert chain[0].seen.get()[:2].tolist() == [30, 90]


def test_who_reads_from_each_other_gets_what_is_there():
    """In Lava they wait for each other for ever."""
    one = Changer(post=lambda m: m.note(), first=True)
    two = Changer(post=lambda m: m.note(), first=True)
    one.ref.connect_var(two.state)
    two.ref.connect_var(one.state)
    with one:
        one.run(RunSteps(2), CFG)
        assert one.seen.get()[:2].tolist() == [10, 20]
        assert two.seen.get()[:2].tolist() == [10, 20]


def test_an_owner_that_waits_for_a_message_of_its_reader_is_named():
    class Waiter(Changer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inp = InPort((1,))

    @implements(proc=Waiter, protocol=LoihiProtocol)
    class WaiterModel(ChangerModel):
        inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, int)

        def run_spk(self):
            pass

        def run_post_mgmt(self):
            self.inp.recv()
            self.inp.recv()

    waiter = Waiter(name="waiter")
    reader = Toucher(post=lambda m: (m.note(), m.out.send(np.array([1]))), name="reader")
    reader.ref.connect_var(waiter.state)
    reader.out.connect(waiter.inp)
    with waiter, pytest.raises(DeadlockError) as caught:
        waiter.run(RunSteps(1), CFG)
    assert "'waiter' has not ended the phase in which RefPort 'ref' reads" in str(caught.value)
    assert "waiter.inp needs a message of reader.out" in str(caught.value)


def test_read_in_the_spiking_phase_is_an_error():
    adder = Adder()
    toucher = Toucher(spk=lambda model: model.ref.read())
    toucher.ref.connect_var(adder.total)
    with toucher, pytest.raises(ModelError, match="outside of a management phase; read in run_pre_mgmt"):
        toucher.run(RunSteps(1), CFG)


@pytest.mark.parametrize("runs", [[5], [1] * 5])
def test_write_in_the_spiking_phase_takes_effect_at_the_end_of_the_step(runs):
    adder, counter = Adder(), Counter()
    counter.out.connect(adder.inp)
    toucher = Toucher(spk=lambda model: model.ref.write(np.array([1000])) if model.time_step == 2 else None)
    toucher.ref.connect_var(adder.total)
    with toucher:
        for steps in runs:
            toucher.run(RunSteps(steps), CFG)
        assert adder.total.get() == [1000 + 3 + 4 + 5]


def test_unconnected_ref_port():
    toucher = Toucher(post=lambda model: (model.note(), model.ref.write(np.array([1]))))
    with toucher:
        toucher.run(RunSteps(1), CFG)
        assert toucher.seen.get()[0] == 0


def test_views_of_ref_ports():
    class Wide(AbstractProcess):
        def __init__(self):
            super().__init__()
            self.ref = RefPort((3, 2))
            self.seen = Var((3, 2))

    @implements(proc=Wide, protocol=LoihiProtocol)
    class WideModel(PyLoihiProcessModel):
        ref: PyRefPort = LavaPyType(PyRefPort.VEC_DENSE, float)
        seen: np.ndarray = LavaPyType(np.ndarray, float)

        def post_guard(self):
            return True

        def run_post_mgmt(self):
            self.seen[:] = self.ref.read()
            self.ref.write(self.seen + np.array([[0, 100]]))

    start = np.array([[1, 2, 3], [4, 5, 6]])
    lif, wide = LIF(shape=(2, 3), u=start, vth=131071), Wide()
    wide.ref.transpose().connect_var(lif.u)
    with wide:
        wide.run(RunSteps(1), CFG)
        np.testing.assert_array_equal(wide.seen.get(), start.T)
        np.testing.assert_array_equal(lif.u.get(), start + np.array([[0, 0, 0], [100, 100, 100]]))
