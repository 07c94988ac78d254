"""Several workers: the same answers for every placement and timing, and clear ends of every kind."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lava_hw import (
    LIF,
    Dense,
    HwRunCfg,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    RunSteps,
    Sink,
    Source,
    implements,
)
from lava_hw.proc.io.injector import Injector
from lava_hw.runtime.errors import RunError
from tests.runtime.processes import Adder, AdderModel, Counter, Toucher

ROOT = Path(__file__).resolve().parents[2]


def config(**options):
    return Loihi2SimCfg(select_tag="fixed_pt", **options)


def dawdle(model):
    """Take a while, not always the same."""
    time.sleep(random.choice([0, 0, 0.0005, 0.002]))


class Slow(Adder):
    pass


@implements(proc=Slow, protocol=LoihiProtocol)
class SlowModel(AdderModel):
    def run_spk(self):
        dawdle(self)
        super().run_spk()
        dawdle(self)


def network(seed=3, n=9, steps=20):
    """Source and counter into layers, with a loop, a monitor, a RefPort that reads and one that writes."""
    rng = np.random.default_rng(seed)
    source = Source(data=rng.integers(0, 2, (n, steps)), name="source")
    first = Dense(weights=2 * rng.integers(-25, 60, (n, n)), name="first")
    one = LIF(shape=(n,), du=300, dv=100, vth=30, name="one")
    second = Dense(weights=2 * rng.integers(-25, 60, (1, n)), name="second")
    back = Dense(weights=2 * rng.integers(-10, 20, (n, n)), name="back")
    adder, slow = Adder(name="adder"), Slow(name="slow")
    counter = Counter(action=dawdle, name="counter")
    sink = Sink(shape=(n,), buffer=steps, name="sink")
    reader = Toucher(post=lambda model: model.note(), name="reader")
    writer = Toucher(
        post=lambda model: model.ref.write(np.array([model.time_step])) if model.time_step % 5 == 0 else None,
        name="writer",
    )
    monitor = Monitor(name="monitor")
    source.s_out.connect(first.s_in)
    first.a_out.connect(one.a_in)
    back.a_out.connect(one.a_in)
    one.s_out.connect([second.s_in, back.s_in, sink.a_in])
    second.a_out.connect(adder.inp)
    counter.out.connect([adder.inp, slow.inp])
    reader.ref.connect_var(adder.total)
    writer.ref.connect_var(slow.total)
    monitor.probe(one.v, steps)
    watched = (one.v, one.u, adder.total, slow.total, sink.data, reader.seen, counter.state)
    return one, watched, monitor


def answers(steps=(7, 1, 12), **options):
    process, watched, monitor = network()
    found = []
    with process:
        for count in steps:
            process.run(RunSteps(count), config(**options))
            found.extend(np.array(var.get()) for var in watched)
        found.append(monitor.get_data()["one"]["v"])
    return found


NAMES = [
    *("source", "first", "one", "second", "back", "adder", "slow"),
    *("counter", "sink", "reader", "writer", "monitor"),
]


def test_every_placement_and_any_timing_give_the_same(request):
    expected = answers()
    places = random.Random(request.config.getoption("randomly_seed", None) or 11)
    placements = [{"workers": 2}, {"workers": 4}, {"worker_placement": dict.fromkeys(NAMES, 1)}]
    for _ in range(6):
        where = {name: places.choice([0, 1, 2, "thread"]) for name in NAMES}
        placements.append({"worker_placement": where})
    for placement in placements:
        for here, there in zip(expected, answers(**placement), strict=True):
            np.testing.assert_array_equal(here, there, err_msg=str(placement))


def test_free_running_library_models_on_several_workers():
    def run(steps, **options):
        rng = np.random.default_rng(5)
        n = 40
        source = Source(data=rng.integers(0, 2, (n, 200)))
        dense = Dense(weights=2 * rng.integers(-30, 60, (n, n)))
        lif, sink = LIF(shape=(n,), du=400, dv=200, vth=40), Sink(shape=(n,), buffer=200)
        source.s_out.connect(dense.s_in)
        dense.a_out.connect(lif.a_in)
        lif.s_out.connect(sink.a_in)
        with lif:
            for count in steps:
                lif.run(RunSteps(count), config(**options))
            return lif.v.get(), sink.data.get()

    expected = run([200])
    assert expected[1].sum() > 1000
    for workers in (2, 3):
        for here, there in zip(expected, run([150, 49, 1], workers=workers), strict=True):
            np.testing.assert_array_equal(here, there)


def test_classes_and_hierarchical_processes_can_be_placed():
    where = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    counter, adder = Counter(), Adder()
    counter.out.connect(adder.inp)
    before = len(where.read_text().split())
    with adder:
        adder.run(RunSteps(4), config(worker_placement={Counter: 1, adder: "process"}))
        assert len(where.read_text().split()) == before + 2
        assert adder.total.get() == [10]
        assert counter.state.get() == [4]
    assert len(where.read_text().split()) == before


@pytest.mark.parametrize(
    ("placement", "text"),
    [
        ({"nobody": 1}, r"'nobody' is no process of this network; it has: .*adder"),
        ({"injector": 1}, r"'injector' hands objects to the program around the network .* not in 1"),
        ({"injector": "thread"}, "program's own worker, 0, not in 'thread'"),
    ],
)
def test_what_cannot_be_placed(placement, text):
    injector, adder = Injector(shape=(1,)), Adder(name="adder")
    injector.name = "injector"
    injector.out_port.connect(adder.inp)
    with pytest.raises(RunError, match=text):
        adder.create_runtime(config(worker_placement=placement))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"workers": 0}, ValueError),
        ({"workers": 1.5}, ValueError),
        ({"worker_placement": {"a": -1}}, ValueError),
        ({"worker_placement": {"a": "moon"}}, ValueError),
        ({"worker_placement": [1]}, TypeError),
    ],
)
def test_places_that_do_not_exist(options, error):
    with pytest.raises(error, match="Loihi2SimCfg: worker"):
        Loihi2SimCfg(**options)


def test_the_chip_stays_with_the_program():
    def run(**options):
        rng = np.random.default_rng(2)
        source, dense = (
            Source(data=rng.integers(0, 2, (20, 30))),
            Dense(weights=2 * rng.integers(-4, 49, (8, 20))),
        )
        lif, sink = (
            LIF(shape=(8,), du=400, dv=200, vth=40, name="lif"),
            Sink(shape=(8,), buffer=30, name="sink"),
        )
        source.s_out.connect(dense.s_in)
        dense.a_out.connect(lif.a_in)
        lif.s_out.connect(sink.a_in)
        with lif:
            for count in (11, 19):
                lif.run(RunSteps(count), HwRunCfg(device="golden", chip="test8", **options))
            return lif.v.get(), sink.data.get()

    expected = run()
    assert expected[1].sum() > 20
    for options in ({"workers": 3}, {"worker_placement": {"sink": 1}}):
        for here, there in zip(expected, run(**options), strict=True):
            np.testing.assert_array_equal(here, there)
    with pytest.raises(RunError, match="process 'lif' runs on the chip and has no worker"):
        run(worker_placement={"lif": 1})


# -- what only a process of its own gives --
COUNTED = 0


class Counted(Counter):
    pass


@implements(proc=Counted, protocol=LoihiProtocol)
class CountedModel(AdderModel):
    inp = None
    total = None
    from tests.runtime.processes import CounterModel as _Parent

    out = _Parent.out
    state = _Parent.state
    isolation = "process"

    def run_spk(self):
        global COUNTED
        COUNTED += 1
        self.state[:] = COUNTED
        self.out.send(np.array([os.getpid() != self.proc_params["program"]]))


def test_a_model_that_wants_a_process_of_its_own_has_names_of_its_own():
    one, two, adder = Counted(program=os.getpid()), Counted(program=os.getpid()), Adder()
    one.out.connect(adder.inp)
    two.out.connect(adder.inp)
    with adder:
        adder.run(RunSteps(5), config())
        assert one.state.get() == [5]
        assert two.state.get() == [5]
        assert adder.total.get() == [10]
    assert COUNTED == 0


def test_numbers_of_numpys_generator_do_not_depend_on_the_placement():
    def draw(model):
        model.state[:] = np.random.randint(1 << 30)  # noqa: NPY002

    def run(**options):
        np.random.seed(7)  # noqa: NPY002
        one, two = Counter(action=draw, name="one"), Counter(action=draw, name="two")
        adder = Adder()
        one.out.connect(adder.inp)
        two.out.connect(adder.inp)
        with adder:
            drawn = []
            for _ in range(3):
                adder.run(RunSteps(1), config(**options))
                drawn.append((one.state.get()[0], two.state.get()[0]))
            return drawn, np.random.randint(1 << 30)  # noqa: NPY002

    expected = run()
    assert expected[0][0] != expected[0][1] or expected[0][0][0] == expected[0][0][1]
    for options in ({"workers": 2}, {"workers": 3}, {"worker_placement": {"one": 1}}):
        assert run(**options) == expected


def test_the_tests_of_one_worker_pass_on_several():
    """Phases, references, models, domains, errors: what was written for one worker, on three."""
    files = ["test_phases.py", "test_references.py", "test_models.py", "test_hierarchy.py", "test_errors.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.several_workers", "-n0"]
        + [str(Path(__file__).parent / name) for name in files],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "WORKERS": "3"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
