"""`run_samples`: each sample finds a network that equals a freshly built one, on every device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AbstractProcess,
    Dense,
    HwRunCfg,
    LearningDense,
    Loihi2SimCfg,
    RunConfig,
    RunSteps,
    Sink,
    Source,
    STDPLoihi,
    Var,
    run_samples,
)
from lava_hw.errors import ValueChangedWarning

STEPS = 12
FIXED = Loihi2SimCfg(select_tag="fixed_pt")
RNG = np.random.default_rng(5)
WEIGHTS = 2 * RNG.integers(-60, 64, (4, 6))
SAMPLES = RNG.integers(0, 2, (5, 6, STEPS))

DEVICES = [
    pytest.param(lambda: Loihi2SimCfg(select_tag="fixed_pt"), id="python"),
    pytest.param(
        lambda: Loihi2SimCfg(select_tag="fixed_pt", workers=3, worker_placement={"source": 1, "dense": 2}),
        id="workers",
    ),
    pytest.param(lambda: HwRunCfg(device="golden", chip="tiny"), id="golden"),
    pytest.param(lambda: HwRunCfg(device="verilator", chip="tiny"), id="rtl", marks=pytest.mark.rtl),
]


class Net:
    """Source, Dense, LIF, Sink."""

    def __init__(self, data: Any = None, buffer: int = STEPS, weights: Any = WEIGHTS) -> None:
        self.source = Source(data=np.zeros((6, 1)) if data is None else data, name="source")
        self.dense = Dense(weights=weights, name="dense")
        self.lif = LIF(shape=(4,), du=2000, dv=100, vth=300, name="lif")
        self.sink = Sink(shape=(4,), buffer=buffer, name="sink")
        self.source.s_out.connect(self.dense.s_in)
        self.dense.a_out.connect(self.lif.a_in)
        self.lif.s_out.connect(self.sink.a_in)


def alone(sample: Any, run_cfg: RunConfig) -> Any:
    """The answer of a network that is built for this sample."""
    net = Net(sample)
    with net.lif:
        net.lif.run(RunSteps(num_steps=STEPS), run_cfg=run_cfg)
        return net.sink.data.get()


@pytest.fixture(scope="module")
def wanted() -> Any:
    return np.stack([alone(sample, FIXED) for sample in SAMPLES])


@pytest.mark.parametrize("make", DEVICES)
def test_answers_are_those_of_networks_built_anew(make: Callable[[], RunConfig], wanted: Any) -> None:
    net = Net()
    with net.lif:
        answers = run_samples(net.lif, SAMPLES, STEPS, make())
        assert answers.dtype == np.int32
        assert answers.any()
        assert np.array_equal(answers, wanted)
        # The network goes on to be usable, and what was done with it leaves no trace.
        net.lif.run(RunSteps(num_steps=7))
        net.lif.v.set(np.full(4, 5))
        assert np.array_equal(run_samples(net.lif, SAMPLES, STEPS), wanted)


@pytest.mark.parametrize("make", DEVICES)
def test_one_stream(make: Callable[[], RunConfig]) -> None:
    whole = Net(np.concatenate(SAMPLES, axis=-1), buffer=STEPS * len(SAMPLES))
    with whole.lif:
        whole.lif.run(RunSteps(num_steps=STEPS * len(SAMPLES)), run_cfg=FIXED)
        wanted = whole.sink.data.get()
    for buffer in (STEPS, 5, 2 * STEPS + 1):
        net = Net(buffer=buffer)
        with net.lif:
            answers = run_samples(net.lif, SAMPLES, STEPS, make(), reset=False)
            assert net.lif.runtime.num_steps == STEPS * len(SAMPLES)  # type: ignore[union-attr]
        assert np.array_equal(np.concatenate(answers, axis=-1), wanted)


def test_forms_of_samples(wanted: Any) -> None:
    """Arrays, generators, samples of several lengths, samples without an axis of steps."""
    net = Net()

    def generated() -> Iterator[Any]:
        yield from SAMPLES

    with net.lif:
        assert np.array_equal(run_samples(net.lif, generated(), STEPS, FIXED), wanted)
        assert np.array_equal(run_samples([net.dense], list(SAMPLES), STEPS), wanted)
        assert np.array_equal(run_samples(net.lif, {net.source: SAMPLES}, STEPS), wanted)
        assert run_samples(net.lif, SAMPLES[:0], STEPS).shape == (0, 4, STEPS)

        short = SAMPLES[:3, :, :4]
        padded = np.pad(short, ((0, 0), (0, 0), (0, STEPS - 4)))
        assert np.array_equal(run_samples(net.lif, short, STEPS), [alone(s, FIXED) for s in padded])
        held = SAMPLES[:2, :, 0]
        expected = [alone(np.repeat(s[:, None], STEPS, axis=1), FIXED) for s in held]
        assert np.array_equal(run_samples(net.lif, held, STEPS), expected)
        mixed = [SAMPLES[0], short[1], held[1]]
        expected = [wanted[0], alone(padded[1], FIXED), expected[1]]
        assert np.array_equal(run_samples(net.lif, mixed, STEPS), expected)


@pytest.mark.parametrize("make", DEVICES)
def test_vars_as_source_and_sink(make: Callable[[], RunConfig]) -> None:
    net = Net()
    biases = np.array([[1, 2, 3, 4], [0, 0, 50, -50]])
    with net.lif:
        found = run_samples(net.lif, biases, 3, make(), source=net.lif.bias_mant, sink=[net.lif.v, net.sink])
    assert list(found) == [net.lif.v, net.sink]
    for k, bias in enumerate(biases):
        fresh = LIF(shape=(4,), du=2000, dv=100, vth=300, bias_mant=bias)
        sink = Sink(shape=(4,), buffer=3)
        fresh.s_out.connect(sink.a_in)
        with fresh:
            fresh.run(RunSteps(num_steps=3), run_cfg=FIXED)
            assert np.array_equal(found[net.lif.v][k], fresh.v.get())
            assert np.array_equal(found[net.sink][k], sink.data.get())


class Two:
    """Two sources, two sinks."""

    def __init__(self) -> None:
        self.left, self.right = (Source(data=np.zeros((2, 3)), name=name) for name in ("left", "right"))
        self.lif = LIF(shape=(2,), vth=1)
        self.first, self.second = (Sink(shape=(2,), buffer=3, name=name) for name in ("first", "second"))
        self.left.s_out.connect(self.lif.a_in)
        self.right.s_out.connect([self.lif.a_in, self.second.a_in])
        self.lif.s_out.connect(self.first.a_in)


def test_several_sources_and_sinks() -> None:
    net = Two()
    ones, data = np.ones((3, 2, 3)), np.arange(18).reshape(3, 2, 3)
    with net.lif:
        found = run_samples(net.lif, {net.left: ones, net.right: data}, 3, FIXED)
        assert list(found) == [net.first, net.second]
        assert np.array_equal(found[net.second], data)
        assert found[net.first].any()
        only = run_samples(net.lif, data, 3, source=net.right, sink=net.second)
        assert np.array_equal(only, data)


def learner() -> tuple[Source, LearningDense, LIF, Sink]:
    rule = STDPLoihi(learning_rate=1, A_plus=8, A_minus=-4, tau_plus=10, tau_minus=10, t_epoch=2, rng_seed=7)
    source = Source(data=np.zeros((6, 1)))
    dense = LearningDense(weights=WEIGHTS, learning_rule=rule, name="plastic")
    lif = LIF(shape=(4,), du=2000, dv=100, vth=300)
    sink = Sink(shape=(4,), buffer=STEPS)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    lif.s_out.connect(dense.s_in_bap)
    lif.s_out.connect(sink.a_in)
    return source, dense, lif, sink


def test_learnt_weights_are_kept_to_the_last_bit() -> None:
    """Step 1 truncates initial weights to even ones; learnt ones have nine bits, and keep them."""
    _, dense, lif, _ = learner()
    with lif:
        run_samples(lif, SAMPLES[:1], STEPS, FIXED)
        learnt = dense.weights.get()
        assert (learnt % 2 != 0).any()
        lif.runtime.reset(keep=[dense.weights])  # type: ignore[union-attr]
        assert np.array_equal(dense.weights.get(), learnt)
        assert not dense.x1.get().any()
        rule_free = np.zeros((6, STEPS))
        run_samples(lif, [rule_free], STEPS, keep=[dense.weights])
        assert np.array_equal(dense.weights.get(), learnt)
        lif.runtime.reset(keep=[dense.weights])  # type: ignore[union-attr]
        lif.runtime.reset(keep=[dense.weights])  # type: ignore[union-attr]
        lif.run(RunSteps(num_steps=1))
        assert np.array_equal(dense.weights.get(), learnt)
        # Without it all is as at first.
        run_samples(lif, SAMPLES[:1], STEPS)
        assert np.array_equal(dense.weights.get(), learnt)
        run_samples(lif, [rule_free], STEPS)
        assert np.array_equal(dense.weights.get(), WEIGHTS)


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # odd weights by intent
@pytest.mark.parametrize("make", DEVICES)
def test_kept_weights_of_another_sign(make: Callable[[], RunConfig]) -> None:
    """Set before step 1 they have a sign mode of their own, with which they are kept, and not made even."""
    net = Net(weights=np.abs(WEIGHTS))
    other = WEIGHTS.copy()
    with net.lif:
        net.lif.create_runtime(make())
        net.dense.weights.set(other + 1)
        net.lif.run(RunSteps(num_steps=2))
        used = net.dense.weights.get()
        assert np.array_equal(used, other)
        net.dense.weights.set(other - 2)
        answers = run_samples(net.lif, SAMPLES, STEPS, keep=[net.dense.weights])
        assert np.array_equal(net.dense.weights.get(), other - 2)
    fresh = Net(weights=other - 2)
    with fresh.lif:
        assert np.array_equal(answers, run_samples(fresh.lif, SAMPLES, STEPS, FIXED))


class Around(AbstractProcess):
    """Nothing but a Var."""

    def __init__(self) -> None:
        super().__init__()
        self.x = Var((1,))


def errors() -> Iterator[Any]:
    net, two = Net(), Two()
    lif = LIF(shape=(1,))
    data = np.zeros((1, 2, 3))
    for name, call, text in [
        (
            "steps",
            lambda: run_samples(net.lif, SAMPLES, 0, FIXED),
            r"steps must be an int of at least 1, got 0",
        ),
        (
            "no run_cfg",
            lambda: run_samples(Net().lif, SAMPLES, 3),
            r"has not been built yet, so it needs run_cfg",
        ),
        (
            "no network",
            lambda: run_samples(3, SAMPLES, 3, FIXED),
            r"must be a process or a list of them, got 3",
        ),
        (
            "shape",
            lambda: run_samples(net.lif, [SAMPLES[0], SAMPLES[1, :5]], STEPS, FIXED),
            r"sample 1 for 'source' has shape \(5, 12\); needed is \(6, 12\), one column for each of the 12 "
            r"steps \(fewer are followed by zeros\), or \(6,\)",
        ),
        (
            "too long",
            lambda: run_samples(net.lif, SAMPLES, STEPS - 1, FIXED),
            r"sample 0 for 'source' has shape \(6, 12\); needed is \(6, 11\)",
        ),
        (
            "text",
            lambda: run_samples(net.lif, ["abc"], STEPS, FIXED),
            r"sample 0 for 'source' must be an array of numbers, got str",
        ),
        (
            "shape of a Var",
            lambda: run_samples(net.lif, [np.zeros(3)], 2, FIXED, source=net.lif.v),
            r"sample 0 for Var 'lif.v' has shape \(3,\); the Var has \(4,\)",
        ),
        (
            "not a number",
            lambda: run_samples(net.lif, [SAMPLES[0], np.full((6,), np.nan)], STEPS, FIXED),
            r"sample 1 for 'source' holds nan at \(0, 0\); its model holds integers from -2147483648 to",
        ),
        (
            "too large",
            lambda: run_samples(net.lif, [np.array([0, 0, 2**31, 0, 0, 0])], STEPS, FIXED),
            r"sample 0 for 'source' holds 2147483648 at \(2, 0\)",
        ),
        ("no source", lambda: run_samples(lif, [1], 1, FIXED), r"has no Source for the samples"),
        ("no sink", lambda: run_samples(lif, [[1]], 1, FIXED, source=lif.v), r"has no Sink for the answers"),
        (
            "several",
            lambda: run_samples(two.lif, data, 3, FIXED),
            r"several sources: 'left', 'right'. Name one",
        ),
        (
            "not a source",
            lambda: run_samples(two.lif, data, 3, FIXED, source=two.first),
            r"'first' is no Source of this network; sources of it: 'left', 'right'",
        ),
        (
            "not a sink",
            lambda: run_samples(two.lif, {two.left: data}, 3, FIXED, sink=two.lif),
            r"is no Sink of this network; sinks of it: 'first', 'second'",
        ),
        (
            "uneven",
            lambda: run_samples(two.lif, {two.left: np.zeros((2, 2, 3)), two.right: data}, 3, FIXED),
            r"'right' has no sample 1, but 'left' has one",
        ),
        (
            "named twice",
            lambda: run_samples(two.lif, {two.left: data}, 3, FIXED, source=two.left),
            r"a mapping, which names the sources; leave source out",
        ),
        (
            "keep in a stream",
            lambda: run_samples(net.lif, SAMPLES, STEPS, FIXED, reset=False, keep=[net.lif.v]),
            r"with reset=False none is",
        ),
        (
            "keep another's",
            lambda: run_samples(net.lif, SAMPLES, STEPS, FIXED, keep=[Around().x]),
            r"Var .*x.* does not belong to this network",
        ),
    ]:
        yield pytest.param(call, text, id=name)


@pytest.mark.parametrize(("call", "text"), list(errors()))
def test_errors(call: Callable[[], object], text: str) -> None:
    with pytest.raises((ValueError, TypeError, RuntimeError), match=text):
        call()


def test_a_stopped_network_is_refused() -> None:
    net = Net()
    run_samples(net.lif, SAMPLES[:1], STEPS, FIXED)
    net.lif.stop()
    with pytest.raises(RuntimeError, match="was stopped; a stopped network cannot run again"):
        run_samples(net.lif, SAMPLES, STEPS, FIXED)


def test_fractions_are_cut_off_with_one_warning() -> None:
    net = Net()
    halves = np.full((3, 6), 1.5)
    with net.lif:
        with pytest.warns(
            ValueChangedWarning, match="samples for 'source' have fractions, the first"
        ) as given:
            answers = run_samples(net.lif, halves, STEPS, FIXED)
        assert len(given) == 1
        assert np.array_equal(answers, run_samples(net.lif, np.ones((3, 6)), STEPS))
    strict = Net()
    with strict.lif, pytest.raises(ValueChangedWarning, match="the first of them sample 0"):
        run_samples(strict.lif, halves, STEPS, Loihi2SimCfg(select_tag="fixed_pt", strict=True))
    floats = Net()
    with floats.lif:
        run_samples(floats.lif, halves, STEPS, Loihi2SimCfg(select_tag="floating_pt"))
