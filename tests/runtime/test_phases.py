"""Phases of a step, RefPorts, monitors."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AbstractProcess,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    OutPort,
    PyLoihiProcessModel,
    Read,
    RunSteps,
    Sink,
    Source,
    Var,
    implements,
)
from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase
from lava_hw.runtime.errors import ModelError, RunError
from tests.runtime.processes import Adder, Counter, Toucher, ToucherModel

CFG = Loihi2SimCfg()
FIXED = Loihi2SimCfg(select_tag="fixed_pt")


class Phased(AbstractProcess):
    """Writes down what it runs. `params['guards']` gives the guards."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.log = Var((100,), init=0)


@implements(proc=Phased, protocol=LoihiProtocol)
class PhasedModel(PyLoihiProcessModel):
    log: np.ndarray = LavaPyType(np.ndarray, int)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        self.count = 0

    def note(self, code):
        assert int(self.phase) == code
        self.log[self.count] = 10 * self.time_step + code
        self.count += 1

    def pre_guard(self):
        return self.proc_params["pre"](self.time_step)

    def lrn_guard(self):
        return self.proc_params["lrn"](self.time_step)

    def post_guard(self):
        return self.proc_params["post"](self.time_step)

    def run_spk(self):
        self.note(Phase.SPK)

    def run_pre_mgmt(self):
        self.note(Phase.PRE_MGMT)

    def run_lrn(self):
        self.note(Phase.LRN)

    def run_post_mgmt(self):
        self.note(Phase.POST_MGMT)


def logged(process):
    return [int(code) for code in process.log.get() if code]


def test_phases_of_a_step():
    """The example of the fact sheet: 1 spk lrn post; 2 spk pre lrn post; 3 spk post."""
    phased = Phased(pre=lambda t: t % 2 == 0, lrn=lambda t: t != 3, post=lambda t: True)
    with phased:
        phased.run(RunSteps(3), CFG)
        assert logged(phased) == [11, 13, 14, 21, 22, 23, 24, 31, 34]


def test_pre_management_needs_both_guards_in_one_model():
    never, always = (lambda t: False), (lambda t: True)
    one = Phased(pre=always, lrn=never, post=never)
    two = Phased(pre=never, lrn=always, post=never)
    link(one, two)
    with one:
        one.run(RunSteps(1), CFG)
        assert logged(one) == [11]
        assert logged(two) == [11, 13]


def test_phase_belongs_to_the_whole_domain():
    """A third model has both guards, so the first one's pre-management runs too."""
    never, always = (lambda t: False), (lambda t: True)
    one = Phased(pre=always, lrn=never, post=never)
    two = Phased(pre=always, lrn=always, post=never)
    link(one, two)
    with one:
        one.run(RunSteps(1), CFG)
        assert logged(one) == [11, 12]
        assert logged(two) == [11, 12, 13]


def link(*processes):
    """Connect processes into one network by a monitor."""
    monitor = Monitor()
    for process in processes:
        monitor.probe(process.log, 1)
    return monitor


def test_exception_in_a_management_phase():
    def post(model):
        raise ValueError("in management")

    toucher = Toucher(name="toucher", post=post)
    with (
        toucher,
        pytest.raises(ModelError, match="Process 'toucher' failed in step 1, run_post_mgmt: ValueError"),
    ):
        toucher.run(RunSteps(1), CFG)


@pytest.mark.parametrize("guard", ["pre", "lrn", "post"])
@pytest.mark.parametrize("other", [True, False])
def test_exception_in_a_guard(guard, other):
    def bad(step):
        if step == 2:
            raise ValueError("in the guard")
        return False

    guards = {name: lambda step: other for name in ("pre", "lrn", "post")} | {guard: bad}
    if guard == "pre" and not other:
        guards["lrn"] = lambda step: True  # else it is not asked
    with Phased(name="phased", **guards) as phased:
        with pytest.raises(
            ModelError, match=f"'phased' failed in step 2, {guard}_guard: ValueError: in the guard"
        ):
            phased.run(RunSteps(5), Loihi2SimCfg(keep_last_step=False))
        assert logged(phased)[-1] // 10 == 2
        phased.runtime.reset()
        phased.run(RunSteps(1))


@pytest.mark.parametrize(("attribute", "tag"), [("_req_pause", None), ("_req_stop", None)])
def test_requests_from_a_management_phase(attribute, tag):
    def post(model):
        if model.time_step == 3:
            setattr(model, attribute, True)

    counter, adder = Counter(), Adder()
    counter.out.connect(adder.inp)
    toucher = Toucher(post=post)
    toucher.ref.connect_var(adder.total)
    toucher.run(RunSteps(10), CFG)
    if attribute == "_req_pause":
        assert adder.total.get() == [6]
    else:
        with pytest.raises(RuntimeError, match="stopped"):
            adder.total.get()
    toucher.stop()


def test_ports_work_in_management_phases():
    """What one model sends in a phase another receives in the same phase."""

    class Giver(Toucher):
        pass

    @implements(proc=Giver, protocol=LoihiProtocol)
    class GiverModel(ToucherModel):
        def run_spk(self):
            pass

        def post_guard(self):
            return True

        def run_post_mgmt(self):
            self.out.send(np.array([7 * self.time_step]))

    class Taker(Adder):
        pass

    from tests.runtime.processes import AdderModel

    @implements(proc=Taker, protocol=LoihiProtocol)
    class TakerModel(AdderModel):
        def run_spk(self):
            pass

        def post_guard(self):
            return True

        def run_post_mgmt(self):
            self.total[:] += self.inp.recv()

    taker, giver = Taker(), Giver()  # the receiver runs first
    giver.out.connect(taker.inp)
    with giver:
        giver.run(RunSteps(3), CFG)
        assert taker.total.get() == [7 + 14 + 21]


def test_monitor_of_several_vars_and_ports():
    lif = LIF(shape=(2,), du=0, dv=0, vth=5, bias_mant=[400, 3], name="lif")
    other = Counter(name="counter")
    monitor = Monitor()
    monitor.probe(lif.v, 4)
    monitor.probe(lif.s_out, 4)
    monitor.probe(other.state, 4)
    monitor.probe(lif.u, 4)
    with lif:
        lif.run(RunSteps(4), FIXED)
        data = monitor.get_data()
    assert list(data) == ["lif", "counter"]
    assert data["lif"]["v"].tolist() == [[0, 3], [0, 6], [0, 9], [0, 12]]
    assert data["lif"]["s_out"].tolist() == [[1, 0]] * 4
    assert data["lif"]["u"].shape == (4, 2)
    assert data["lif"]["u"].dtype == np.float64
    assert data["counter"]["state"].ravel().tolist() == [1, 2, 3, 4]


def test_monitor_of_a_longer_and_of_a_shorter_run():
    counter, monitor = Counter(name="c"), Monitor()
    monitor.probe(counter.state, 3)
    monitor.probe(counter.out, 3)
    assert monitor.get_data()["c"]["state"].tolist() == [[0]] * 3
    with counter:
        for steps, expected in ((2, [1, 2, 0]), (1, [1, 2, 3]), (1, [1, 2, 3, 4]), (9, list(range(1, 14)))):
            counter.run(RunSteps(steps), CFG)
            for target in ("state", "out"):
                assert monitor.get_data()["c"][target].ravel().tolist() == expected
        counter.runtime.reset()
        counter.run(RunSteps(1))
        assert monitor.get_data()["c"]["state"].ravel().tolist() == [1, 0, 0]


def test_monitor_refuses():
    counter, monitor = Counter(), Monitor()
    with pytest.raises(TypeError, match="InPort"):
        monitor.probe(Adder().inp, 3)
    with pytest.raises(ValueError, match="num_steps"):
        monitor.probe(counter.state, 0)
    with pytest.raises(ValueError, match="belongs to no process"):
        monitor.probe(Var((1,)), 2)
    monitor.probe(counter.state, 3)
    with pytest.raises(ValueError, match="already"):
        monitor.probe(counter.state, 3)
    with counter:
        counter.run(RunSteps(1), CFG)
        with pytest.raises(ValueError, match="before the first run"):
            monitor.probe(counter.out, 3)


def test_read_process():
    counter, read = Counter(), Read(buffer=3, interval=2, offset=1)
    read.connect_var(counter.state)
    with read:
        read.run(RunSteps(9), FIXED)
        assert read.data.get().tolist() == [[8, 4, 6]]
        assert (read.interval.get(), read.offset.get()) == ([2], [1])
        read.interval.set(5)  # as in Lava, where both are Vars
        read.run(RunSteps(11))
        assert read.data.get().tolist() == [[8, 12, 17]]


def test_free_running_network_with_a_port_monitor_equals_one_with_var_monitors():
    """A Var monitor forces lock step; nothing changes."""

    def net(probe_var):
        rng = np.random.default_rng(1)
        source = Source(data=rng.integers(-50, 90, (6, 30)))
        lif, sink, monitor = LIF(shape=(6,), du=300, dv=50, vth=40), Sink(shape=(6,), buffer=30), Monitor()
        source.s_out.connect(lif.a_in)
        lif.s_out.connect(sink.a_in)
        monitor.probe(lif.v if probe_var else lif.s_out, 30)
        with lif:
            lif.create_runtime(FIXED)
            assert lif.runtime.can_run_ahead is not probe_var
            lif.run(RunSteps(30))
            return sink.data.get(), lif.v.get(), lif.u.get()

    for a, b in zip(net(True), net(False), strict=True):
        np.testing.assert_array_equal(a, b)


def test_hierarchical_var_without_alias():
    from lava_hw import AbstractSubProcessModel

    class Outer(AbstractProcess):
        def __init__(self):
            super().__init__()
            self.out = OutPort((1,))
            self.mine = Var((1,), init=5)
            self.state = Var((1,), init=0)

    @implements(proc=Outer)
    class OuterModel(AbstractSubProcessModel):
        def __init__(self, proc):
            super().__init__(proc)
            self.counter = Counter()
            self.counter.out.connect(proc.out)
            proc.vars.state.alias(self.counter.vars.state)

    outer, adder, monitor = Outer(), Adder(), Monitor()
    outer.name = "outer"
    outer.out.connect(adder.inp)
    monitor.probe(outer.state, 3)
    with outer:
        outer.run(RunSteps(3), CFG)
        assert outer.state.get() == [3]
        assert adder.total.get() == [6]
        assert monitor.get_data()["outer"]["state"].ravel().tolist() == [1, 2, 3]
        outer.state.set(9)
        assert outer.procs.counter.state.get() == [9]
        with pytest.raises(RunError, match="'mine' of the hierarchical process 'outer'"):
            outer.mine.get()


def _asks(model):
    for _ in range(3):
        model.check_for_stop_cmd()


def _waits_outside(model):
    polls = iter([False, False, False])
    model.wait_outside(lambda: next(polls, True), lambda seconds: None)


@pytest.mark.parametrize("wait", [_asks, _waits_outside])
def test_a_step_lasts_until_its_management_phases_have_ended(wait):
    """Also if a model lets others run in them: nobody is in the next step then."""

    def look(model):
        wait(model)
        model.note()

    counter, toucher = Counter(), Toucher(post=look)
    toucher.ref.connect_var(counter.state)
    with counter:
        counter.run(RunSteps(5), CFG)
        assert toucher.seen.get()[:5].tolist() == [1, 2, 3, 4, 5]
